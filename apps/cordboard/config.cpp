#include "config.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include <fmt/format.h>

#include "base/log_level_names.hpp"
#include "config_desktop.hpp"
#include "config_names.hpp"
#include "config_phones.hpp"
#include "config_queues.hpp"
#include "config_security.hpp"
#include "config_sessions.hpp"
#include "config_sounds.hpp"
#include "config_table.hpp"
#include "front/http_pages.hpp"
#include "sip/codec/uri.hpp"

namespace cord::app {
namespace {

using namespace std::chrono_literals;

/// Names that may come once only, with the line of their first use.
class Unique {
 public:
  explicit Unique(std::string_view what) : what_(what) {}

  /// False, with a problem, if `value` was there before.
  bool add(TableReader& table, std::string_view key, const Located<std::string>& value,
           Problems& problems) {
    const auto [at, is_new] = first_.try_emplace(value.value, value.line);
    if (is_new) return true;
    problems.add(
        value.line, table.name(key),
        fmt::format("{} \"{}\" is given twice, first in line {}", what_, value.value, at->second));
    return false;
  }

 private:
  std::string_view what_;
  std::map<std::string, std::uint32_t> first_;
};

bool is_word(std::string_view text) {
  return text.size() <= 64 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.' || c == '@';
         });
}

bool is_number(std::string_view text) {
  return text.size() <= 64 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 ||
                  std::string_view("+*#-._").find(static_cast<char>(c)) != std::string_view::npos;
         });
}

class Reader {
 public:
  explicit Reader(const toml::table& root) : root_(root, "", 1, problems_) {}

  tl::expected<LoadedConfig, ConfigErrors> read(const std::string& file) {
    read_server(root_.table("server"));
    read_sip(root_.table("sip"));
    read_registrar(root_.table("registrar"), config_.sip.registrar);
    read_media(root_.table("media"));
    read_storage(root_.table("recording"), root_.table("journal"));
    read_log(root_.table("log"));
    read_token(root_.table("token"));
    config_.platform = read_platform(root_.table("platform"));
    read_tasks(root_.table("interactions"));
    config_.history = read_history(root_.table("history"), config_.journal_path);
    config_.front.history.file = config_.history.file;
    config_.front.history.token = config_.history.token;
    read_admin(root_.table("admin"));
    read_queues();
    read_agents();
    add_simulated_agents(config_.platform, config_.directory, config_.front.agents);
    read_trunks();
    read_routes();
    queue_rules_.resolve(config_.directory);
    config_.front.queues.token = read_wallboard(root_.table("wallboard"));
    config_.front.desktop = read_desktop(root_.table("desktop"));
    read_choices();
    root_.finish();
    if (!problems_.empty()) return tl::make_unexpected(problems_.print(file));
    return LoadedConfig{std::move(config_), warnings_.print(file)};
  }

 private:
  /// Whether the room that knows could read it; what it says is reported if not.
  template <class Parsed>
  bool accept(const Result<Parsed>& parsed, TableReader& table, std::string_view key,
              std::uint32_t line) {
    if (!parsed) problems_.add(line, table.name(key), parsed.error().detail);
    return parsed.has_value();
  }

  void read_server(TableReader table) {
    auto& web = config_.front.web;
    web.listen = net::loopback(8080);
    config_.front.insecure = read_listener(table, web);
    for (auto& it : table.texts("allowed-origins")) web.allowed_origins.push_back(it.value);
    if (const auto n = table.integer("connections-max", 1, 100'000)) {
      web.connections_max = web.connections_per_address_max = std::size_t(*n);
    }
    if (const auto n = table.integer("connections-per-address-max", 1, 100'000)) {
      web.connections_per_address_max = std::size_t(*n);
    }
    if (const auto n = table.integer("threads", 1, 64)) config_.io_threads = std::size_t(*n);
    config_.drain = table.duration("drain", 0s, 1h).value_or(config_.drain);
    read_flight_recorder(table);
    table.finish();
  }

  /// What both listeners have in common. True if plain text is wanted wherever it listens.
  bool read_listener(TableReader& table, net::WebServerOptions& web) {
    if (const auto text = table.text("listen")) {
      const auto parsed = net::parse_address(*text);
      if (accept(parsed, table, "listen", table.line("listen"))) web.listen = *parsed;
    }
    web.tls_certificate_file = readable_file(table, "tls-certificate");
    web.tls_key_file = readable_file(table, "tls-key");
    if (table.has("tls-certificate") != table.has("tls-key")) {
      const bool has_key = table.has("tls-key");
      table.problem(has_key ? "tls-key" : "tls-certificate",
                    fmt::format("needs {} beside it; allowed: both, or neither",
                                has_key ? "tls-certificate" : "tls-key"));
    }
    const bool is_insecure = table.boolean("insecure").value_or(false);
    if (!web.listen.is_loopback() && !table.has("tls-certificate") && !is_insecure) {
      table.problem("listen", fmt::format("{} is beyond loopback and would be plain text; allowed: "
                                          "tls-certificate and tls-key, or insecure = true",
                                          web.listen));
    }
    return is_insecure;
  }

  void read_admin(TableReader table) {
    if (!root_.has("admin")) return;
    front::OperatorConfig operators;
    if (!table.has("listen")) table.problem("listen", "is missing; it must be \"ADDRESS:PORT\"");
    operators.insecure = read_listener(table, operators.web);
    operators.token = table.text("token").value_or("");
    constexpr auto bytes_min = front::bearer_token_bytes_min;
    if (table.has("token") && operators.token.size() < bytes_min) {
      table.problem("token", fmt::format("is too short; allowed: at least {} characters, such as "
                                         "`openssl rand -hex 16` prints",
                                         bytes_min));
    }
    if (!table.has("token") && !operators.web.listen.is_loopback()) {
      table.problem("listen", fmt::format("{} is beyond loopback; allowed: with a token",
                                          operators.web.listen));
    }
    table.finish();
    config_.front.operators = std::move(operators);
  }

  void read_flight_recorder(TableReader& table) {
    auto& flight = config_.flight;
    flight.file = table.text("flight-recorder").value_or("");
    if (!flight.file.empty() &&
        !can_be_written(std::filesystem::absolute(flight.file).parent_path())) {
      table.problem("flight-recorder", fmt::format("\"{}\" cannot be written; allowed: a file in a "
                                                   "directory that this user may write",
                                                   flight.file.string()));
    }
    if (const auto n = table.integer("flight-recorder-mib", 1, 65'536)) {
      flight.bytes_max = static_cast<std::uint64_t>(*n) * 1024 * 1024;
    }
  }

  void read_token(TableReader table) {
    using Kind = front::TokenKeySource::Kind;
    auto& token = config_.front.token;
    std::string given;
    constexpr std::array<std::pair<const char*, Kind>, 3> files{
        {{"secret-file", Kind::secret}, {"key-file", Kind::pem}, {"jwks-file", Kind::jwks}}};
    for (const auto& [key, kind] : files) {
      const auto file = table.text(key);
      if (!file) continue;
      if (!given.empty()) {
        table.problem(key, fmt::format("there is a {} too; allowed: one of secret-file, key-file "
                                       "and jwks-file",
                                       given));
      }
      given = key;
      token.keys = {kind, *file};
      read_token_keys(table, key);
    }
    token.issuer = table.text("issuer").value_or("");
    token.audience = table.text("audience").value_or("");
    token.agent_claim = table.text("agent-claim").value_or(token.agent_claim);
    token.leeway = table.duration("leeway", 0s, front::token_leeway_max).value_or(token.leeway);
    if (root_.has("token")) require_token_keys(table, given);
    table.finish();
  }

  void read_token_keys(TableReader& table, std::string_view key) {
    const auto& source = config_.front.token.keys;
    if (const auto keys = front::load_token_keys(source); !keys) {
      table.problem(key, fmt::format("\"{}\": {}", source.file, keys.error().detail));
    }
    std::error_code error;
    const auto mode = std::filesystem::status(source.file, error).permissions();
    if (source.kind == front::TokenKeySource::Kind::secret && !error &&
        (mode & std::filesystem::perms::others_read) != std::filesystem::perms::none) {
      warnings_.add(table.line(key), table.name(key),
                    "can be read by everybody, and whoever can read it can log in as anybody");
    }
  }

  static void require_token_keys(TableReader& table, const std::string& given) {
    if (given.empty()) {
      table.problem("jwks-file", "is missing; allowed: one of secret-file, key-file and jwks-file");
    }
    for (const auto* key : {"issuer", "audience"}) {
      if (!table.has(key)) {
        table.problem(key, fmt::format("is missing; it must be what tokens say as {}",
                                       key == std::string_view("issuer") ? "iss" : "aud"));
      }
    }
  }

  void read_sip(TableReader table) {
    const auto listen = table.texts("listen");
    if (table.has("listen")) config_.sip.listen.clear();
    for (const auto& [text, line] : listen) {
      if (accept(drivers::parse_listen(text), table, "listen", line)) {
        config_.sip.listen.push_back(text);
      }
    }
    if (config_.sip.listen.size() > drivers::listeners_max) {
      table.problem("listen", fmt::format("has {} listeners; allowed: at most {}",
                                          config_.sip.listen.size(), drivers::listeners_max));
    } else if (table.has("listen") && listen.empty()) {
      table.problem("listen",
                    "has no listener; allowed: \"udp:ADDRESS:PORT\", "
                    "\"tcp:ADDRESS:PORT\", \"tls:ADDRESS:PORT\"");
    }
    if (const auto n = table.integer("stranger-rate", 1, 100'000)) {
      config_.sip.stranger_rate = std::uint32_t(*n);
    }
    read_name_servers(table, problems_, config_.sip);
    read_sip_tls(table, config_.sip);
    read_sessions(table, config_.sip);
    table.finish();
  }

  void read_media(TableReader table) {
    auto& media = config_.media;
    if (const auto text = table.text("address")) {
      const auto ip = net::parse_ip(*text);
      if (accept(ip, table, "address", table.line("address"))) media.address = *ip;
      if (ip && *ip == 0) {
        table.problem("address",
                      "is put into SDP as it stands; allowed: one address of this "
                      "machine");
      }
    }
    if (const auto text = table.text("ports")) read_ports(table, *text);
    media.music = read_music(table);
    auto& timeout = config_.sip.rtp_timeout;
    timeout = table.duration("rtp-timeout", 0s, 1h).value_or(timeout);
    auto& silence = config_.sip.browser_silence;
    silence = table.duration("browser-silence", 1s, 1min).value_or(silence);
    auto& grace = config_.directory.limits.browser_grace;
    grace = table.duration("browser-grace", 1s, 10min).value_or(grace);
    table.finish();
  }

  void read_ports(TableReader& table, const std::string& text) {
    unsigned first = 0, last = 0;
    const char* const end = text.data() + text.size();
    const auto one = std::from_chars(text.data(), end, first);
    const bool has_dash = one.ec == std::errc{} && one.ptr != end && *one.ptr == '-';
    const auto two = std::from_chars(has_dash ? one.ptr + 1 : end, end, last);
    // Ports from 32768 on are the system's own for outbound sockets: they would collide.
    if (!has_dash || two.ec != std::errc{} || two.ptr != end || first < 1'024 || last > 32'767 ||
        first % 2 != 0 || last < first + 3) {
      table.problem("ports", fmt::format("\"{}\" cannot be used; allowed: \"FIRST-LAST\", FIRST "
                                         "even and at least 1024, LAST at most 32767, room for "
                                         "two pairs of ports",
                                         text));
      return;
    }
    config_.media.port_first = static_cast<std::uint16_t>(first);
    config_.media.port_last = static_cast<std::uint16_t>(last);
  }

  void read_storage(TableReader recording, TableReader journal) {
    auto& directory = config_.media.recording_directory;
    directory = recording.text("directory").value_or(directory);
    if (!can_be_written(directory)) {
      recording.problem("directory", fmt::format("\"{}\" cannot be written; allowed: a directory "
                                                 "that this user may write or make",
                                                 directory));
    }
    config_.directory.record_automatically = recording.boolean("automatic").value_or(false);
    recording.finish();

    auto& path = config_.journal_path;
    path = journal.text("path").value_or(path);
    if (std::filesystem::is_directory(path) ||
        !can_be_written(std::filesystem::absolute(path).parent_path())) {
      journal.problem("path", fmt::format("\"{}\" cannot be written; allowed: a file in a "
                                          "directory that this user may write",
                                          path));
    }
    config_.journal_sync = journal
                               .choice<journal::Sync>("sync", {{"process", journal::Sync::process},
                                                               {"power", journal::Sync::power}})
                               .value_or(config_.journal_sync);
    if (const auto n = journal.integer("snapshot-records", 1'000, 1'000'000)) {
      config_.journal_snapshot_records = static_cast<std::uint64_t>(*n);
    }
    journal.finish();
  }

  void read_log(TableReader table) {
    if (const auto level = table.text("level")) {
      const auto found = find_log_level(*level);
      if (!found) {
        table.problem("level", fmt::format("\"{}\" is none of its values; allowed: \"{}\"", *level,
                                           fmt::join(log_level_names, "\", \"")));
      }
      config_.log.level = found.value_or(config_.log.level);
    }
    config_.log.format =
        table
            .choice<LogConfig::Format>(
                "format", {{"text", LogConfig::Format::text}, {"json", LogConfig::Format::json}})
            .value_or(config_.log.format);
    table.finish();
  }

  void read_tasks(TableReader table) {
    auto& tasks = config_.front.tasks;
    tasks.token = table.text("token").value_or("");
    // The value is not shown: it is a secret.
    if (table.has("token") && tasks.token.size() < front::bearer_token_bytes_min) {
      table.problem("token", fmt::format("is too short; allowed: at least {} characters",
                                         front::bearer_token_bytes_min));
    }
    if (const auto n = table.integer("rate", 1, 10'000)) {
      tasks.requests_per_second = static_cast<std::uint32_t>(*n);
      tasks.requests_burst = static_cast<std::uint32_t>(*n) * 4;
    }
    auto& limits = config_.directory.limits;
    if (const auto n = table.integer("open-max", 1, 100'000)) limits.tasks_max = std::size_t(*n);
    limits.task_wait_max =
        table.duration("wait-limit", 1s, 24h * 30).value_or(limits.task_wait_max);
    table.finish();
  }

  void read_queues() {
    Unique names("the queue"), numbers("the number");
    for (auto& table : root_.tables("queue")) {
      core::Queue queue;
      queue.name = name_of(table, "name", "the queue's name", names);
      for (const auto& number : table.texts("numbers")) {
        if (!is_number(number.value)) {
          problems_.add(number.line, table.name("numbers"),
                        fmt::format("\"{}\" is no number; allowed: letters, digits and +*#-._, the "
                                    "user part of a SIP URI",
                                    number.value));
        } else if (numbers.add(table, "numbers", number, problems_)) {
          queue.numbers.push_back(number.value);
        }
      }
      queue_rules_.read(table, queue);
      queue.waiting = table
                          .choice<core::Waiting>("waiting", {{"ringing", core::Waiting::ringing},
                                                             {"tone", core::Waiting::tone},
                                                             {"music", core::Waiting::music}})
                          .value_or(queue.waiting);
      queue.ring_timeout = table.duration("ring-timeout", 1s, 10min).value_or(queue.ring_timeout);
      queue.wait_max = table.duration("wait-limit", 1s, 24h).value_or(queue.wait_max);
      if (const auto n = table.integer("waiting-max", 1, 10'000)) {
        queue.waiting_max = std::size_t(*n);
      }
      read_sounds(table, queue, config_.media, config_.sip);
      table.finish();
      config_.directory.queues.push_back(std::move(queue));
    }
  }

  /// A required name that comes once in the file.
  std::string word_of(TableReader& table, std::string_view key, std::string_view what) {
    const auto word = table.required_text(key, what);
    if (!word || is_word(*word)) return word.value_or("");
    table.problem(key, fmt::format("\"{}\" has other characters or is too long; allowed: at most "
                                   "64 letters, digits and _-.@",
                                   *word));
    return {};
  }

  std::string name_of(TableReader& table, std::string_view key, std::string_view what,
                      Unique& unique) {
    std::string name = word_of(table, key, what);
    if (!name.empty()) unique.add(table, key, {name, table.line(key)}, problems_);
    return name;
  }

  void read_agents() {
    Unique ids("the agent");
    for (auto& table : root_.tables("agent")) {
      core::Agent agent;
      agent.id = name_of(table, "id", "the agent's name at log-in", ids);
      if (config_.platform.agents > 0 && agent.id.starts_with(simulated_agent_prefix)) {
        table.problem("id", fmt::format("\"{}\" is the name of a simulated agent ([platform] "
                                        "agents); allowed: no \"{}\" before it",
                                        agent.id, simulated_agent_prefix));
      }
      agent.name = table.text("name").value_or(agent.id);
      // Agents may share a desk: who activates the extension first has it.
      agent.extension = word_of(table, "extension", "the number of the agent's phone");
      agent.phone_mode = read_phone_mode(table);
      agent.phone = agent.phone_mode == core::PhoneMode::browser
                        ? read_browser(table, agent.extension)
                        : read_phone(table, agent.extension, config_.sip.registrar.subscribers);
      config_.sip.phones.push_back({agent.phone, read_srtp(table), read_codecs(table)});
      agent.queues = read_agent_queues(table);
      agent.skills = read_skills(table);
      for (const auto& [permission, line] : table.texts("permissions")) {
        if (permission == "supervise") {
          agent.may_supervise = true;
        } else {
          problems_.add(line, table.name("permissions"),
                        fmt::format("\"{}\" is no permission; allowed: \"supervise\"", permission));
        }
      }
      agent.channel_group = table.text("channel-group").value_or("");
      config_.front.agents.push_back(read_credential(table, agent.id));
      table.finish();
      config_.directory.agents.push_back(std::move(agent));
    }
  }

  std::vector<core::QueueIndex> read_agent_queues(TableReader& table) {
    std::vector<core::QueueIndex> queues;
    for (const auto& [name, line] : table.texts("queues")) {
      const auto index = config_.directory.find_queue(name);
      if (!index) {
        problems_.add(line, table.name("queues"),
                      fmt::format("there is no queue \"{}\"; {}", name,
                                  known_names(config_.directory.queues)));
      } else if (std::find(queues.begin(), queues.end(), *index) == queues.end()) {
        queues.push_back(*index);
      }
    }
    return queues;
  }

  front::Credential read_credential(TableReader& table, const std::string& agent) {
    front::Credential found{agent, table.text("password").value_or(""),
                            table.text("password-hash").value_or("")};
    const bool has_both = table.has("password") && table.has("password-hash");
    const bool has_none = !table.has("password") && !table.has("password-hash");
    if (has_both || (has_none && !root_.has("token"))) {
      table.problem("password",
                    fmt::format("{}; allowed: exactly one of password and password-hash",
                                has_both ? "there is a password-hash too"
                                         : "this agent has no password, and there is no [token]"));
    } else if (table.has("password-hash") && !front::is_password_hash(found.password_hash)) {
      table.problem("password-hash",
                    "is no argon2id hash; allowed: what `cordboard passwd` prints");
    } else if (table.has("password")) {
      warnings_.add(table.line("password"), table.name("password"),
                    "is kept in plain text; use password-hash, from `cordboard passwd`");
    }
    return found;
  }

  void read_trunks() {
    Unique names("the trunk");
    for (auto& table : root_.tables("trunk")) {
      drivers::Trunk trunk;
      trunk.name = name_of(table, "name", "the trunk's name", names);
      read_trunk_security(table, trunk, warnings_);
      read_trunk(table, trunk, problems_);
      if (const auto fine = drivers::check_transports(config_.sip, trunk); !fine) {
        table.problem("peers", fine.error().detail);
      }
      config_.sip.trunks.push_back(std::move(trunk));
    }
  }

  void read_routes() {
    Unique numbers("the number");
    for (auto& table : root_.tables("route")) {
      core::Route route;
      for (const auto& number : table.texts("numbers")) {
        const auto star = number.value.find('*');
        if (star != std::string::npos && star + 1 != number.value.size()) {
          problems_.add(number.line, table.name("numbers"),
                        fmt::format("\"{}\": a * may only be the last character", number.value));
        } else if (numbers.add(table, "numbers", number, problems_)) {
          route.numbers.push_back(number.value);
        }
      }
      route.trunk = table.required_text("trunk", "the name of a [[trunk]]").value_or("");
      const auto& all = config_.sip.trunks;
      if (!route.trunk.empty() && std::none_of(all.begin(), all.end(), [&](const auto& it) {
            return it.name == route.trunk;
          })) {
        table.problem("trunk",
                      fmt::format("there is no trunk \"{}\"; {}", route.trunk, known_names(all)));
      }
      table.finish();
      config_.directory.routes.push_back(std::move(route));
    }
  }

  template <class Entries>
  static std::string known_names(const Entries& all) {
    if (all.empty()) return "none is configured";
    std::string names;
    for (const auto& it : all) names += (names.empty() ? "\"" : ", \"") + it.name + "\"";
    return "allowed: " + names;
  }

  std::vector<core::Named> read_named(std::string_view key) {
    Unique ids(key);
    std::vector<core::Named> found;
    for (auto& table : root_.tables(key)) {
      core::Named entry;
      entry.id = name_of(table, "id", "the code that clients send", ids);
      entry.name = table.text("name").value_or(entry.id);
      table.finish();
      found.push_back(std::move(entry));
    }
    return found;
  }

  void read_choices() {
    auto& directory = config_.directory;
    directory.reasons = read_named("reason");
    directory.dispositions = read_named("disposition");
    auto not_ready = root_.table("not-ready");
    directory.reason_required = not_ready.boolean("reason-required").value_or(false);
    not_ready.finish();
    auto wrapup = root_.table("wrapup");
    auto& limit = directory.limits.wrapup_max;
    limit = wrapup.duration("limit", 1s, 24h).value_or(limit);
    directory.disposition_required = wrapup.boolean("disposition-required").value_or(false);
    wrapup.finish();
  }

  Config config_;
  Problems problems_, warnings_;
  TableReader root_;
  QueueRules queue_rules_{problems_};
};

}  // namespace

tl::expected<LoadedConfig, ConfigErrors> parse_config(std::string_view text,
                                                      const std::string& file) {
  try {
    const toml::table root = toml::parse(text, file);
    return Reader(root).read(file);
  } catch (const toml::parse_error& error) {
    return tl::make_unexpected(ConfigErrors{
        fmt::format("{}:{}: not TOML: {}", file, error.source().begin.line, error.description())});
  }
}

tl::expected<LoadedConfig, ConfigErrors> load_config(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (!in || std::filesystem::is_directory(file) || !(text << in.rdbuf())) {
    return tl::make_unexpected(ConfigErrors{fmt::format("{}: cannot be read", file)});
  }
  return parse_config(text.str(), file);
}

}  // namespace cord::app
