#include "config_phones.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include <fmt/format.h>

#include "net/address.hpp"
#include "sip/codec/uri.hpp"

namespace cord::app {
namespace {

using namespace std::chrono_literals;

// A phone's password is typed once and guessed at for ever.
constexpr std::size_t password_bytes_min = 8;
constexpr std::size_t number_bytes_max = 64;

/// A text that has its place between the quotes of a digest header.
std::string quotable(TableReader& table, std::string_view key) {
  const auto text = table.text(key);
  if (!text || sip::is_plain_quotable(*text)) return text.value_or("");
  table.problem(key, "has a quotation mark, a backslash or a control character; allowed: none");
  return {};
}

bool is_part_of_number(std::string_view text) {
  return text.size() <= number_bytes_max &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 ||
                  std::string_view("+*#-._").find(static_cast<char>(c)) != std::string_view::npos;
         });
}

std::string number_part(TableReader& table, std::string_view key) {
  // An empty one is wanted here, and text() takes none.
  const std::string text = table.text_or_empty(key).value_or("");
  if (!table.has(key)) {
    table.problem(key, "is missing; it must be the beginning of a number, or \"\"");
  } else if (!is_part_of_number(text)) {
    table.problem(key, fmt::format("\"{}\" is no part of a number; allowed: at most {} letters, "
                                   "digits and +*#-._",
                                   text, number_bytes_max));
  }
  return text;
}

std::vector<drivers::RewriteRule> read_rules(TableReader& table, std::string_view key) {
  std::vector<drivers::RewriteRule> rules;
  for (auto& rule : table.tables(key)) {
    std::string prefix = number_part(rule, "prefix");
    std::string becomes = number_part(rule, "becomes");
    const bool is_reached = std::none_of(rules.begin(), rules.end(), [&](const auto& before) {
      return prefix.starts_with(before.prefix);
    });
    if (!is_reached) {
      rule.problem("prefix", fmt::format("\"{}\" is never reached: a rule before it fits all such "
                                         "numbers; allowed: the longer prefix first",
                                         prefix));
    }
    rule.finish();
    rules.push_back({std::move(prefix), std::move(becomes)});
  }
  if (rules.size() > drivers::rewrite_rules_max) {
    table.problem(key, fmt::format("has {} rules; allowed: at most {}", rules.size(),
                                   drivers::rewrite_rules_max));
  }
  return rules;
}

// The account answers challenges; with `register` it is what we register as, too.
void read_account(TableReader& table, drivers::Trunk& trunk) {
  trunk.account.user = quotable(table, "user");
  trunk.account.password = table.text("password").value_or("");
  trunk.account.realm = quotable(table, "realm");
  if (table.has("user") != table.has("password")) {
    const bool has_user = table.has("user");
    table.problem(has_user ? "user" : "password",
                  fmt::format("needs {} beside it; allowed: both, or neither",
                              has_user ? "password" : "user"));
  }
  trunk.registers = table.boolean("register").value_or(false);
  if (trunk.registers && !table.has("user")) {
    table.problem("register", "needs user and password beside it");
  }
  if (trunk.registers && trunk.peers.empty()) table.problem("register", "needs a peer");
  if (const auto where = table.text("registrar")) {
    if (const auto at = drivers::parse_peer(*where); !at) {
      table.problem("registrar", at.error().detail);
    } else {
      trunk.registrar = *where;
    }
  }
  for (const char* key : {"registrar", "expires", "realm"}) {
    const bool is_of_use = key == std::string_view("realm") ? table.has("user") : trunk.registers;
    if (table.has(key) && !is_of_use) {
      table.problem(key, key == std::string_view("realm") ? "needs user and password beside it"
                                                          : "needs register = true");
    }
  }
  trunk.expires = table.duration("expires", 1min, 1h).value_or(trunk.expires);
}

}  // namespace

void read_registrar(TableReader table, sip::RegistrarConfig& registrar) {
  if (table.has("realm")) registrar.realm = quotable(table, "realm");
  registrar.expires_min = table.duration("expires-min", 10s, 1h).value_or(registrar.expires_min);
  registrar.expires_max = table.duration("expires-max", 10s, 24h)
                              .value_or(std::max(registrar.expires_max, registrar.expires_min));
  if (registrar.expires_max < registrar.expires_min) {
    table.problem("expires-max", "is less than expires-min");
  }
  registrar.check_every = table.duration("check", 0s, 1h).value_or(registrar.check_every);
  const auto digest = table.texts("digest");
  if (table.has("digest")) registrar.algorithms.clear();
  for (const auto& it : digest) {
    if (it.value == "sha-256") {
      registrar.algorithms.push_back(sip::DigestAlgorithm::sha256);
    } else if (it.value == "md5") {
      registrar.algorithms.push_back(sip::DigestAlgorithm::md5);
    } else {
      table.problem("digest", fmt::format("\"{}\" is none of its values; allowed: \"sha-256\", "
                                          "\"md5\"",
                                          it.value));
    }
  }
  if (table.has("digest") && digest.empty()) {
    table.problem("digest", "names no algorithm; allowed: \"sha-256\", \"md5\"");
  }
  table.finish();
}

core::PhoneMode read_phone_mode(TableReader& table) {
  return table
      .choice<core::PhoneMode>("phone-mode", {{"on-answer", core::PhoneMode::on_answer},
                                              {"persistent", core::PhoneMode::persistent},
                                              {"ring", core::PhoneMode::ring},
                                              {"browser", core::PhoneMode::browser}})
      .value_or(core::PhoneMode::on_answer);
}

std::string read_browser(TableReader& table, const std::string& extension) {
  for (const char* key : {"phone", "sip-password", "srtp"}) {
    if (table.has(key)) {
      table.problem(key, "has no use with phone-mode = \"browser\"; allowed: none");
      static_cast<void>(table.text(key));
    }
  }
  return drivers::browser_phone(extension);
}

std::string read_phone(TableReader& table, const std::string& extension,
                       std::vector<sip::Subscriber>& subscribers) {
  constexpr std::string_view allowed =
      "\"registered\", or a SIP URI with an IPv4 address, \"sip:1001@127.0.0.1:5071\"";
  const auto phone = table.required_text("phone", allowed);
  const std::string password = table.text("sip-password").value_or("");
  if (!phone) return {};
  if (*phone != "registered") {
    if (table.has("sip-password")) {
      table.problem("sip-password",
                    "needs phone = \"registered\"; a phone with an address does "
                    "not register");
    }
    const auto uri = sip::parse_uri(*phone);
    // The value is not shown: a URI can hold a password.
    if (!uri || uri->scheme != "sip" || !uri->password.empty() || !net::parse_ip(uri->host)) {
      table.problem("phone", fmt::format("is not usable; allowed: {} (no name is looked up, no "
                                         "password)",
                                         allowed));
    }
    return *phone;
  }
  if (password.size() < password_bytes_min) {
    table.problem(table.has("sip-password") ? "sip-password" : "phone",
                  fmt::format("{} at least {} characters",
                              table.has("sip-password") ? "is too short; allowed:"
                                                        : "\"registered\" needs a sip-password of",
                              password_bytes_min));
  }
  const auto known = std::find_if(subscribers.begin(), subscribers.end(),
                                  [&](const auto& it) { return it.user == extension; });
  if (known == subscribers.end()) {
    subscribers.push_back({extension, password});
  } else if (known->password != password) {
    table.problem("sip-password", fmt::format("differs from that of another agent with extension "
                                              "\"{}\"; allowed: one for the phone they share",
                                              extension));
  }
  return drivers::registered_phone(extension);
}

std::vector<sip::Codec> read_codecs(TableReader& table) {
  constexpr std::array<std::pair<std::string_view, sip::Codec>, 4> names{
      {{"pcmu", sip::Codec::pcmu},
       {"pcma", sip::Codec::pcma},
       {"g722", sip::Codec::g722},
       {"opus", sip::Codec::opus}}};
  constexpr std::string_view allowed = R"(allowed: "pcmu", "pcma", "g722", "opus")";
  if (!table.has("codecs")) return sip::all_codecs();
  std::vector<sip::Codec> codecs;
  for (const auto& it : table.texts("codecs")) {
    const auto found = std::find_if(names.begin(), names.end(),
                                    [&](const auto& name) { return name.first == it.value; });
    if (found == names.end()) {
      table.problem("codecs", fmt::format("\"{}\" is none of its values; {}", it.value, allowed));
    } else if (std::find(codecs.begin(), codecs.end(), found->second) != codecs.end()) {
      table.problem("codecs", fmt::format("names \"{}\" twice", it.value));
    } else {
      codecs.push_back(found->second);
    }
  }
  if (codecs.empty()) table.problem("codecs", fmt::format("names no codec; {}", allowed));
  return codecs;
}

void read_trunk(TableReader& table, drivers::Trunk& trunk, Problems& problems) {
  for (const auto& [text, line] : table.texts("peers")) {
    if (const auto peer = drivers::parse_peer(text); !peer) {
      problems.add(line, table.name("peers"), peer.error().detail);
    } else {
      trunk.peers.push_back(text);
    }
  }
  if (!table.has("peers")) table.problem("peers", "is missing; it must be a list of addresses");
  read_account(table, trunk);
  if (const auto domain = table.text("domain")) {
    if (sip::parse_uri("sip:" + *domain)) {
      trunk.domain = *domain;
    } else {
      table.problem("domain", fmt::format("\"{}\" is no host name", *domain));
    }
  }
  if (const auto n = table.integer("calls-max", 1, 100'000)) trunk.calls = std::uint32_t(*n);
  if (const auto n = table.integer("calls-per-second", 1, 10'000)) {
    trunk.calls_per_second = std::uint32_t(*n);
  }
  trunk.codecs = read_codecs(table);
  trunk.rewrite_called = read_rules(table, "rewrite-called");
  trunk.rewrite_dialled = read_rules(table, "rewrite-dialled");
  table.finish();
}

}  // namespace cord::app
