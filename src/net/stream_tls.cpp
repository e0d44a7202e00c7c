#include "net/detail/stream_tls.hpp"

#include <algorithm>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <strings.h>

namespace cord::net::detail {
namespace {

constexpr std::string_view sip_scheme = "sip:";

Result<void> trust(asio::ssl::context& tls, std::string_view what, const std::string& ca_file) {
  boost::system::error_code error;
  if (ca_file.empty()) {
    tls.set_default_verify_paths(error);
  } else {
    tls.load_verify_file(ca_file, error);
  }
  if (error) return bad_tls(what, ca_file, error);
  return {};
}

std::string text_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

// Of a URI "sip:HOST", with nothing else: a user is no identity of a domain (RFC 5922 §7.1).
std::string sip_domain(const std::string& uri) {
  const bool is_domain = uri.starts_with(sip_scheme) && uri.find_first_of("@;?") == uri.npos;
  return is_domain ? uri.substr(sip_scheme.size()) : std::string();
}

std::string common_name(const X509* certificate) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const int place = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (place < 0) return {};
  return text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, place)));
}

struct Alternatives {
  std::vector<std::string> domains, names, addresses;
};

void take(Alternatives& out, const GENERAL_NAME& it) {
  if (it.type == GEN_URI) {
    const std::string domain = sip_domain(text_of(it.d.uniformResourceIdentifier));
    if (!domain.empty()) out.domains.push_back(domain);
  } else if (it.type == GEN_DNS) {
    out.names.push_back(text_of(it.d.dNSName));
  } else if (it.type == GEN_IPADD) {
    const std::string bytes = text_of(it.d.iPAddress);
    if (bytes.size() != 4) return;
    std::uint32_t ip = 0;
    for (const char byte : bytes) ip = ip << 8 | static_cast<unsigned char>(byte);
    out.addresses.push_back(ip_to_string(ip));
  }
}

bool is_same_domain(const std::string& a, const std::string& b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

Result<StreamTlsContexts> load_stream_tls(const StreamTls& files) {
  auto server =
      make_tls_context(asio::ssl::context::tls_server, files.certificate_file, files.key_file);
  if (!server) return tl::make_unexpected(server.error());
  if (!files.client_ca_file.empty()) {
    if (auto done = trust(**server, "client-ca", files.client_ca_file); !done) {
      return tl::make_unexpected(done.error());
    }
    boost::system::error_code ignored;
    (*server)->set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert,
                               ignored);
  }
  auto client =
      make_tls_context(asio::ssl::context::tls_client, files.certificate_file, files.key_file);
  if (!client) return tl::make_unexpected(client.error());
  if (auto done = trust(**client, "ca", files.ca_file); !done) {
    return tl::make_unexpected(done.error());
  }
  return StreamTlsContexts{std::move(*server), std::move(*client)};
}

std::vector<std::string> identities_of(const X509* certificate) {
  using Names = std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)>;
  const Names found(static_cast<GENERAL_NAMES*>(
                        X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
                    GENERAL_NAMES_free);
  if (!found) return {common_name(certificate)};
  Alternatives them;
  for (int i = 0; i < sk_GENERAL_NAME_num(found.get()); ++i) {
    take(them, *sk_GENERAL_NAME_value(found.get(), i));
  }
  std::vector<std::string> out = them.domains.empty() ? them.names : them.domains;
  out.insert(out.end(), them.addresses.begin(), them.addresses.end());
  return out;
}

bool is_for(const X509* certificate, const TlsPeer& peer, const Address& address) {
  const std::vector<std::string> identities = identities_of(certificate);
  const auto is_one = [&](const std::string& wanted) {
    return std::any_of(identities.begin(), identities.end(),
                       [&](const std::string& it) { return is_same_domain(it, wanted); });
  };
  if (peer.names.empty()) return is_one(ip_to_string(address.ip));
  return std::any_of(peer.names.begin(), peer.names.end(), is_one);
}

void prepare_handshake(SSL* connection, const TlsPeer& peer) {
  SSL_set_verify(connection, peer.is_verified ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  const auto domain = std::find_if(peer.names.begin(), peer.names.end(),
                                   [](const std::string& it) { return !parse_ip(it); });
  if (domain != peer.names.end()) SSL_set_tlsext_host_name(connection, domain->c_str());
}

}  // namespace cord::net::detail
