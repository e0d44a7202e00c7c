#include "media/dtls.hpp"

#include <algorithm>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/srtp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/time.h>

#include "base/assert.hpp"
#include "media/big_endian.hpp"

namespace cord::media {
namespace {

constexpr const char* profiles =
    "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80:SRTP_AES128_CM_SHA1_32";
constexpr std::string_view exporter_label = "EXTRACTOR-dtls_srtp";  // RFC 5764 §4.2
constexpr long mtu_bytes = 1'200;                                   // Fits every path with IPv6.
constexpr long valid_s = 10L * 365 * 24 * 3600;
constexpr std::size_t record_header_bytes = 13;  // RFC 6347 §4.1; its last two: the length
constexpr std::uint8_t handshake_record = 22, client_hello = 1;

struct FreeKey {
  void operator()(EVP_PKEY* it) const { EVP_PKEY_free(it); }
};
struct FreeCertificate {
  void operator()(X509* it) const { X509_free(it); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using Certificate = std::unique_ptr<X509, FreeCertificate>;

// Who it is is told by the fingerprint; the names in it tell nothing.
Certificate sign_own_certificate(EVP_PKEY* key) {
  Certificate it(X509_new());
  if (!it) return nullptr;
  std::array<std::uint8_t, 8> serial{};
  fill_with_secrets(serial);
  const auto number = static_cast<std::uint64_t>(load_be32(serial, 0)) << 31 | load_be32(serial, 4);
  X509_NAME* name = X509_get_subject_name(it.get());
  const std::array<std::uint8_t, 9> common_name{'c', 'o', 'r', 'd', 'b', 'o', 'a', 'r', 'd'};
  const bool done = X509_set_version(it.get(), 2) == 1 &&
                    ASN1_INTEGER_set_uint64(X509_get_serialNumber(it.get()), number) == 1 &&
                    X509_gmtime_adj(X509_getm_notBefore(it.get()), -24L * 3600) != nullptr &&
                    X509_gmtime_adj(X509_getm_notAfter(it.get()), valid_s) != nullptr &&
                    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name.data(),
                                               static_cast<int>(common_name.size()), -1, 0) == 1 &&
                    X509_set_issuer_name(it.get(), name) == 1 &&
                    X509_set_pubkey(it.get(), key) == 1 &&
                    X509_sign(it.get(), key, EVP_sha256()) != 0;
  return done ? std::move(it) : nullptr;
}

bool read_digest(const X509* certificate, CertificateDigest& out) {
  unsigned int written = 0;
  return X509_digest(certificate, EVP_sha256(), out.data(), &written) == 1 && written == out.size();
}

std::optional<SrtpSuite> suite_of(const SRTP_PROTECTION_PROFILE* profile) {
  if (profile == nullptr) return std::nullopt;
  switch (profile->id) {
    case SRTP_AES128_CM_SHA1_80:
      return SrtpSuite::aes_cm_128_hmac_sha1_80;
    case SRTP_AES128_CM_SHA1_32:
      return SrtpSuite::aes_cm_128_hmac_sha1_32;
    case SRTP_AEAD_AES_128_GCM:
      return SrtpSuite::aead_aes_128_gcm;
    default:
      return std::nullopt;
  }
}

}  // namespace

DtlsIdentity::~DtlsIdentity() {
  SSL_CTX_free(context_);
}

Result<std::shared_ptr<const DtlsIdentity>> DtlsIdentity::make() {
  SSL_CTX* context = SSL_CTX_new(DTLS_method());
  if (context == nullptr) return refuse(Errc::io_failed, "media.dtls", "no context");
  std::shared_ptr<DtlsIdentity> it(new DtlsIdentity(context));
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate = key ? sign_own_certificate(key.get()) : nullptr;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                     [](int, X509_STORE_CTX*) { return 1; });  // finish() compares instead.
  SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  const bool done = certificate && read_digest(certificate.get(), it->fingerprint_) &&
                    SSL_CTX_use_certificate(context, certificate.get()) == 1 &&
                    SSL_CTX_use_PrivateKey(context, key.get()) == 1 &&
                    SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1 &&
                    SSL_CTX_set_tlsext_use_srtp(context, profiles) == 0;
  if (!done) return refuse(Errc::io_failed, "media.dtls", "no certificate");
  return std::shared_ptr<const DtlsIdentity>(std::move(it));
}

void DtlsAssociation::Free::operator()(SSL* ssl) const {
  SSL_free(ssl);
}

DtlsAssociation::DtlsAssociation(const DtlsIdentity& identity, const CertificateDigest& remote,
                                 bool is_client)
    : ssl_(SSL_new(identity.context())), remote_(remote), is_client_(is_client) {
  BIO* in = BIO_new(BIO_s_mem());
  BIO* out = BIO_new(BIO_s_mem());
  CORD_ASSERT(ssl_ && in != nullptr && out != nullptr);
  BIO_set_mem_eof_return(in, -1);
  BIO_set_mem_eof_return(out, -1);
  SSL_set_bio(ssl_.get(), in, out);
  SSL_set_mtu(ssl_.get(), mtu_bytes);
  is_client ? SSL_set_connect_state(ssl_.get()) : SSL_set_accept_state(ssl_.get());
}

DtlsAssociation::~DtlsAssociation() = default;
DtlsAssociation::DtlsAssociation(DtlsAssociation&&) noexcept = default;
DtlsAssociation& DtlsAssociation::operator=(DtlsAssociation&&) noexcept = default;

void DtlsAssociation::receive(std::span<const std::uint8_t> datagram) {
  if (state_ == State::failed) return;
  BIO* in = SSL_get_rbio(ssl_.get());
  static_cast<void>(BIO_reset(in));  // What a datagram leaves is not part of the next one.
  if (BIO_write(in, datagram.data(), static_cast<int>(datagram.size())) <= 0) return;
  if (state_ == State::shaking_hands) return shake_hands();
  // Their last flight again, which OpenSSL answers with ours; or an alert, which ends nothing: the
  // keys are SIP's to take back.
  std::array<std::uint8_t, 512> ignored{};
  ERR_clear_error();
  static_cast<void>(SSL_read(ssl_.get(), ignored.data(), static_cast<int>(ignored.size())));
}

void DtlsAssociation::advance() {
  if (state_ != State::shaking_hands) return;
  if (SSL_in_before(ssl_.get()) != 0) return shake_hands();
  if (DTLSv1_handle_timeout(ssl_.get()) < 0) fail("no answer");
}

std::optional<Duration> DtlsAssociation::due() const {
  if (state_ != State::shaking_hands) return std::nullopt;
  if (SSL_in_before(ssl_.get()) != 0) return is_client_ ? std::optional(Duration{}) : std::nullopt;
  timeval left{};
  if (DTLSv1_get_timeout(ssl_.get(), &left) != 1) return std::nullopt;
  return std::chrono::seconds(left.tv_sec) + Duration(left.tv_usec);
}

void DtlsAssociation::shake_hands() {
  ERR_clear_error();
  const int outcome = SSL_do_handshake(ssl_.get());
  if (outcome == 1) return finish();
  const int error = SSL_get_error(ssl_.get(), outcome);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return;
  const char* reason = ERR_reason_error_string(ERR_peek_error());
  fail(std::string("handshake refused: ") + (reason == nullptr ? "no reason" : reason));
}

void DtlsAssociation::finish() {
  const Certificate certificate(SSL_get1_peer_certificate(ssl_.get()));
  CertificateDigest digest{};
  const bool is_theirs = certificate && read_digest(certificate.get(), digest) &&
                         equal_in_constant_time(digest, remote_);
  if (!is_theirs) return fail("another certificate than in the SDP");
  const auto suite = suite_of(SSL_get_selected_srtp_profile(ssl_.get()));
  if (!suite) return fail("no common SRTP profile");
  const std::size_t salt_bytes = srtp_salt_bytes(*suite);
  std::array<std::uint8_t, 2 * (aes_key_bytes + srtp_salt_bytes_max)> bytes{};
  const std::size_t size = 2 * (aes_key_bytes + salt_bytes);
  if (SSL_export_keying_material(ssl_.get(), bytes.data(), size, exporter_label.data(),
                                 exporter_label.size(), nullptr, 0, 0) != 1) {
    return fail("no keys");
  }
  // RFC 5764 §4.2: the client's key, the server's, the client's salt, the server's.
  SrtpKey client{.suite = *suite}, server{.suite = *suite};
  std::span<const std::uint8_t> rest(bytes);
  const auto take = [&](std::span<std::uint8_t> out) {
    std::copy_n(rest.begin(), out.size(), out.begin());
    rest = rest.subspan(out.size());
  };
  take(client.key);
  take(server.key);
  take(std::span(client.salt).first(salt_bytes));
  take(std::span(server.salt).first(salt_bytes));
  keys_ = is_client_ ? SrtpKeys{client, server} : SrtpKeys{server, client};
  state_ = State::done;
}

void DtlsAssociation::fail(std::string_view why) {
  state_ = State::failed;
  failure_ = why;
  keys_.reset();
  ERR_clear_error();
}

// Each record goes as a datagram of its own: the memory BIO does not keep what was written at once.
std::vector<std::vector<std::uint8_t>> DtlsAssociation::take_output() {
  std::vector<std::vector<std::uint8_t>> out;
  BIO* from = SSL_get_wbio(ssl_.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(from, &data);
  std::span<const std::uint8_t> rest(reinterpret_cast<const std::uint8_t*>(data),
                                     static_cast<std::size_t>(std::max(0L, size)));
  while (rest.size() >= record_header_bytes) {
    const std::size_t record_bytes =
        std::min(rest.size(), record_header_bytes + load_be16(rest, record_header_bytes - 2));
    out.emplace_back(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(record_bytes));
    rest = rest.subspan(record_bytes);
  }
  static_cast<void>(BIO_reset(from));
  return out;
}

bool is_client_hello(std::span<const std::uint8_t> datagram) {
  return datagram.size() > record_header_bytes && datagram[0] == handshake_record &&
         datagram[record_header_bytes] == client_hello;
}

}  // namespace cord::media
