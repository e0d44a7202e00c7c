#include "drivers/sip/config.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "net/address.hpp"
#include "sip/codec/uri.hpp"

namespace cord::drivers {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

Result<void> check(std::string_view field, Duration value, Duration min, Duration max) {
  if (value >= min && value <= max) return {};
  const auto ms = [](Duration it) { return std::chrono::duration_cast<milliseconds>(it).count(); };
  return refuse(Errc::invalid_request, field,
                fmt::format("{} ms is not between {} ms and {} ms", ms(value), ms(min), ms(max)));
}

Result<void> check(std::string_view field, std::size_t value, std::size_t max) {
  if (value >= 1 && value <= max) return {};
  return refuse(Errc::invalid_request, field,
                fmt::format("{} is not between 1 and {}", value, max));
}

constexpr std::string_view registered_host = "registered.invalid";
constexpr std::string_view browser_host = "browser.invalid";

// RFC 3696 §2: the last label of a name is not of digits only; that would be a mistyped address.
bool is_name(std::string_view host) {
  const std::string_view last = host.substr(host.rfind('.') + 1);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return host.front() != '[' && !std::all_of(last.begin(), last.end(), is_digit);
}

Result<void> check_transport(const SipConfig& config, const Peer& peer) {
  if (!peer.server.transport) return {};
  const auto has_it = [&](const std::string& it) {
    return parse_listen(it).value().transport == *peer.server.transport;
  };
  if (std::any_of(config.listen.begin(), config.listen.end(), has_it)) return {};
  return refuse(Errc::invalid_request, "trunk.peers",
                fmt::format("{} needs a \"{}:\" listener", peer.server.host,
                            sip::uri_name(*peer.server.transport)));
}

Result<void> check_tls(const SipConfig& config) {
  const auto is_tls = [](const std::string& it) {
    return parse_listen(it).value().transport == sip::Transport::tls;
  };
  const bool needs_files = std::any_of(config.listen.begin(), config.listen.end(), is_tls);
  if (!needs_files || (!config.tls.certificate.empty() && !config.tls.key.empty())) return {};
  return refuse(Errc::invalid_request, "sip.tls-certificate",
                "a \"tls:\" listener needs tls-certificate and tls-key");
}

Result<void> check_name_servers(const std::vector<std::string>& servers) {
  if (servers.size() > name_servers_max) {
    return refuse(Errc::invalid_request, "sip.name-servers",
                  fmt::format("{} entries; at most {}", servers.size(), name_servers_max));
  }
  for (const std::string& it : servers) {
    if (const auto parsed = net::parse_address(it); !parsed) {
      return refuse(Errc::invalid_request, "sip.name-servers", parsed.error().detail);
    }
  }
  return {};
}

Result<void> check_trunk(const Trunk& trunk) {
  if (trunk.name.empty()) return refuse(Errc::invalid_request, "trunk.name", "is missing");
  for (const std::string& it : trunk.peers) {
    if (auto parsed = parse_peer(it); !parsed) return tl::make_unexpected(parsed.error());
  }
  if (trunk.registers && (trunk.account.user.empty() || trunk.peers.empty())) {
    return refuse(Errc::invalid_request, "trunk.register", "needs a user and a peer");
  }
  if (!trunk.registrar.empty()) {
    if (auto parsed = parse_peer(trunk.registrar); !parsed) {
      return refuse(Errc::invalid_request, "trunk.registrar", parsed.error().detail);
    }
  }
  for (const auto* rules : {&trunk.rewrite_called, &trunk.rewrite_dialled}) {
    if (rules->size() <= rewrite_rules_max) continue;
    return refuse(Errc::invalid_request, "trunk.rewrite",
                  fmt::format("{} rules; at most {}", rules->size(), rewrite_rules_max));
  }
  return check("trunk.expires", trunk.expires, minutes(1), hours(1));
}

Result<void> check_registrar(const sip::RegistrarConfig& it) {
  if (it.algorithms.empty()) {
    return refuse(Errc::invalid_request, "registrar.digest", "names no algorithm");
  }
  return check("registrar.expires-min", it.expires_min, seconds(10), hours(1))
      .and_then(
          [&] { return check("registrar.expires-max", it.expires_max, it.expires_min, hours(24)); })
      .and_then([&] { return check("registrar.check", it.check_every, Duration{}, hours(1)); });
}

Result<void> check_sessions(const SipConfig& config) {
  constexpr auto least = seconds(90);  // RFC 4028 §5
  if (auto done = check("sip.dialog-check", config.dialog_check, Duration{}, hours(1)); !done) {
    return done;
  }
  if (config.session_expires == Duration{}) return {};
  return check("sip.session-expires", config.session_expires, least, hours(24)).and_then([&] {
    return check("sip.min-se", config.min_se, least, config.session_expires);
  });
}

}  // namespace

std::string rewrite(const std::vector<RewriteRule>& rules, std::string_view number) {
  for (const RewriteRule& rule : rules) {
    if (!number.starts_with(rule.prefix)) continue;
    return rule.becomes + std::string(number.substr(rule.prefix.size()));
  }
  return std::string(number);
}

std::string registered_phone(std::string_view user) {
  return sip::print(sip::sip_uri(user, registered_host));
}

std::optional<std::string> registered_user(const sip::Uri& uri) {
  if (uri.host != registered_host) return std::nullopt;
  return uri.user_text();
}

std::string browser_phone(std::string_view extension) {
  return sip::print(sip::sip_uri(extension, browser_host));
}

std::size_t transactions_busy(const SipConfig& config) {
  return config.transactions_max - config.transactions_max / 5;
}

Result<sip::Listener> parse_listen(std::string_view text) {
  constexpr std::string_view where = "sip.listen";
  const auto expected = [&](std::string_view why) {
    return refuse(Errc::invalid_request, where,
                  fmt::format("\"{}\": {}; expected e.g. \"udp:127.0.0.1:5060\"", text, why));
  };
  const std::string_view transport = text.substr(0, text.find(':'));
  const auto known = sip::parse_transport(transport);
  if (!known) return expected("neither udp: nor tcp: nor tls:");
  if (transport.size() == text.size()) return expected("no address");
  const auto address = net::parse_address(text.substr(transport.size() + 1));
  if (!address) return expected(address.error().detail);
  if (address->ip == 0) return expected("an address that others can reach is needed");
  return sip::Listener{*known, {address->ip, address->port}};
}

Result<Peer> parse_peer(std::string_view text) {
  const auto expected = [&](std::string_view why) {
    return refuse(Errc::invalid_request, "trunk.peers",
                  fmt::format("\"{}\": {}; expected e.g. \"127.0.0.1:5080\" or "
                              "\"sip.carrier.example;transport=tcp\"",
                              text, why));
  };
  const auto uri = sip::parse_uri("sip:" + std::string(text));
  if (!uri || !uri->user.empty() || !uri->headers.empty()) return expected("no server");
  Peer peer{{uri->host, uri->port, {}}, sip::parse_ipv4(uri->host)};
  if (!peer.address && !is_name(uri->host)) return expected("neither an IPv4 address nor a name");
  const bool has_transport = uri->params.has("transport");
  if (uri->params.items.size() != (has_transport ? 1U : 0U)) return expected("unknown parameter");
  if (has_transport) {
    peer.server.transport = sip::parse_transport(uri->params.value("transport"));
    if (!peer.server.transport) return expected("unknown transport");
  }
  return peer;
}

sip::NextHop next_hop(const Peer& peer) {
  return {peer.server.transport.value_or(sip::Transport::udp),
          {peer.address.value_or(0), peer.server.port}};
}

Result<void> check_transports(const SipConfig& config, const Trunk& trunk) {
  for (const std::string& it : trunk.peers) {
    if (auto fine = check_transport(config, parse_peer(it).value()); !fine) return fine;
  }
  if (!trunk.registers || trunk.peers.empty()) return {};
  return check_transport(config, registrar_of(trunk));
}

bool names_servers(const SipConfig& config) {
  const auto is_named = [](const Peer& it) { return !it.address; };
  return std::any_of(config.trunks.begin(), config.trunks.end(), [&](const Trunk& trunk) {
    const bool has_named_peer =
        std::any_of(trunk.peers.begin(), trunk.peers.end(),
                    [&](const std::string& it) { return is_named(parse_peer(it).value()); });
    return has_named_peer || (trunk.registers && is_named(registrar_of(trunk)));
  });
}

Peer registrar_of(const Trunk& trunk) {
  return parse_peer(trunk.registrar.empty() ? trunk.peers.front() : trunk.registrar).value();
}

Result<void> SipConfig::validate() const {
  if (listen.empty() || listen.size() > listeners_max) {
    return refuse(Errc::invalid_request, "sip.listen",
                  fmt::format("{} entries; 1 to {} are allowed", listen.size(), listeners_max));
  }
  for (const std::string& it : listen) {
    if (auto parsed = parse_listen(it); !parsed) return tl::make_unexpected(parsed.error());
  }
  std::size_t peers = 0;
  for (const Trunk& trunk : trunks) {
    if (auto fine = check_trunk(trunk); !fine) return fine;
    if (auto fine = check_transports(*this, trunk); !fine) return fine;
    peers += trunk.peers.size();
  }
  if (peers > trunk_peers_max) {
    return refuse(Errc::invalid_request, "trunk.peers",
                  fmt::format("{} in all; at most {}", peers, trunk_peers_max));
  }
  if (auto fine = check_tls(*this); !fine) return fine;
  if (auto fine = check_name_servers(name_servers); !fine) return fine;
  if (auto fine = check_registrar(registrar); !fine) return fine;
  return check("sip.t1", t1, milliseconds(100), seconds(5))
      .and_then([&] { return check("sip.t2", t2, t1, seconds(30)); })
      .and_then([&] { return check("sip.rtp-timeout", rtp_timeout, Duration{}, hours(1)); })
      .and_then([&] {
        return check("sip.media-reply-max", media_reply_max, milliseconds(100), minutes(1));
      })
      .and_then([&] {
        return check("sip.recorder-reply-max", recorder_reply_max, seconds(1), minutes(10));
      })
      .and_then(
          [&] { return check("sip.browser-silence", browser_silence, seconds(1), minutes(1)); })
      .and_then([&] { return check_sessions(*this); })
      .and_then([&] { return check("sip.inputs-busy-max", inputs_busy_max, 65'536); })
      .and_then([&] { return check("sip.stranger-rate", stranger_rate, 100'000); })
      .and_then([&] { return check("sip.conference-legs-max", conference_legs_max, 32); })
      .and_then([&] { return check("sip.coded-legs-max", coded_legs_max, 4'000); })
      .and_then([&] { return check("sip.browser-legs-max", browser_legs_max, 100'000); })
      .and_then([&] { return check("sip.legs-max", legs_max, 100'000); })
      .and_then([&] { return check("sip.transactions-max", transactions_max, 1'000'000); })
      .and_then(
          [&] { return check("sip.stream-connections-max", stream_connections_max, 100'000); });
}

}  // namespace cord::drivers
