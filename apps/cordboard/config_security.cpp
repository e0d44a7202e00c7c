#include "config_security.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <unistd.h>

#include "net/stream_sockets.hpp"

namespace cord::app {
namespace {

bool listens_on_tls(const drivers::SipConfig& sip) {
  return std::any_of(sip.listen.begin(), sip.listen.end(), [](const std::string& it) {
    return drivers::parse_listen(it)->transport == sip::Transport::tls;
  });
}

/// Whether they are what they should be, and the key is the certificate's.
void check_files(TableReader& table, const drivers::SipTlsFiles& files) {
  const auto checked = net::check_stream_tls({.certificate_file = files.certificate,
                                              .key_file = files.key,
                                              .ca_file = files.ca,
                                              .client_ca_file = files.client_ca});
  if (checked) return;
  table.problem(fmt::format("tls-{}", checked.error().where),
                fmt::format("{}; allowed: PEM files, a key without a pass phrase that is that of "
                            "the certificate",
                            checked.error().detail));
}

}  // namespace

std::string readable_file(TableReader& table, std::string_view key) {
  auto file = table.text(key);
  if (!file) return {};
  if (::access(file->c_str(), R_OK) != 0) {
    table.problem(key, fmt::format("\"{}\" cannot be read; it must be a PEM file", *file));
    return {};
  }
  return *file;
}

sip::SrtpPolicy read_srtp(TableReader& table) {
  return table
      .choice<sip::SrtpPolicy>("srtp", {{"off", sip::SrtpPolicy::off},
                                        {"optional", sip::SrtpPolicy::optional},
                                        {"required", sip::SrtpPolicy::required}})
      .value_or(sip::SrtpPolicy::optional);
}

void read_trunk_security(TableReader& table, drivers::Trunk& trunk, Problems& warnings) {
  trunk.srtp = read_srtp(table);
  trunk.tls_verify = table.boolean("tls-verify").value_or(true);
  if (trunk.tls_verify) return;
  warnings.add(table.line("tls-verify"), table.name("tls-verify"),
               "lets anybody who stands between be the carrier");
}

void read_sip_tls(TableReader& table, drivers::SipConfig& sip) {
  sip.tls.certificate = readable_file(table, "tls-certificate");
  sip.tls.key = readable_file(table, "tls-key");
  sip.tls.ca = readable_file(table, "tls-ca");
  sip.tls.client_ca = readable_file(table, "tls-client-ca");
  if (!listens_on_tls(sip)) {
    for (const char* key : {"tls-certificate", "tls-key", "tls-ca", "tls-client-ca"}) {
      if (table.has(key)) table.problem(key, "needs a \"tls:ADDRESS:PORT\" in listen");
    }
    return;
  }
  if (!table.has("tls-certificate") || !table.has("tls-key")) {
    table.problem("listen", "has a \"tls:\" listener, which needs tls-certificate and tls-key");
  } else if (!sip.tls.certificate.empty() && !sip.tls.key.empty()) {
    check_files(table, sip.tls);
  }
}

}  // namespace cord::app
