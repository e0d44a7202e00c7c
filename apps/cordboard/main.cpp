// The command line. Exit status: 0 done; 1 failed, or ended by a second signal; 2 bad usage or
// configuration.
#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "agent/agent.hpp"
#include "client/password.hpp"
#include "config.hpp"
#include "demo/demo.hpp"
#include "demo/stage.hpp"
#include "front/passwords.hpp"
#include "history.hpp"
#include "load/load.hpp"
#include "replay.hpp"
#include "serve.hpp"

namespace cord::app {
namespace {

constexpr int exit_usage = 2;

/// Prints what is wrong, or the warnings; the configuration if it can be used.
std::optional<Config> load_or_explain(const std::string& file) {
  auto loaded = load_config(file);
  if (!loaded) {
    for (const auto& error : loaded.error()) fmt::print(stderr, "error: {}\n", error);
    return std::nullopt;
  }
  for (const auto& warning : loaded->warnings) fmt::print(stderr, "warning: {}\n", warning);
  return std::move(loaded->config);
}

int check_config(const std::string& file) {
  const auto config = load_or_explain(file);
  if (!config) return exit_usage;
  fmt::print("{}: fine: {} agents, {} queues, {} trunks\n", file, config->directory.agents.size(),
             config->directory.queues.size(), config->sip.trunks.size());
  return EXIT_SUCCESS;
}

int serve(const std::string& file) {
  const auto config = load_or_explain(file);
  return config ? run_server(*config) : exit_usage;
}

int print_password_hash() {
  const std::string password = ask_silently("Password");
  if (password.empty()) {
    fmt::print(stderr, "error: the password is empty; type it, or give it on standard input\n");
    return exit_usage;
  }
  if (is_asking_a_person() && ask_silently("Once more") != password) {
    fmt::print(stderr, "error: the two are not the same\n");
    return exit_usage;
  }
  const auto hash = front::hash_password(password);
  if (!hash) {
    fmt::print(stderr, "error: {}\n", hash.error().detail);
    return EXIT_FAILURE;
  }
  fmt::print("{}\n", *hash);
  return EXIT_SUCCESS;
}

void add_seconds(CLI::App& command, const std::string& name, Duration& value,
                 const std::string& help) {
  command
      .add_option_function<std::uint32_t>(
          name, [&value](std::uint32_t seconds) { value = std::chrono::seconds(seconds); },
          fmt::format("{} (default: {})", help, value.count() / 1'000'000))
      ->check(CLI::Range(0, 86'400))
      ->type_name("SECONDS");
}

/// `cordboard load` and its options.
CLI::App* add_load(CLI::App& app, LoadOptions& options) {
  auto* const command =
      app.add_subcommand("load", "Put a server under load, and check its promises");
  command->add_option("--server", options.server, "Where it is")->capture_default_str();
  command->add_option("--ca", options.ca_file, "Whom to trust for wss (PEM)")->type_name("FILE");
  command->add_option("--agents", options.agents, "sim-1, sim-2, ...: see [platform] agents")
      ->check(CLI::Range(1, 20'000))
      ->capture_default_str();
  command->add_option("--first", options.first, "The number of the first of them")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command
      ->add_option("--password-file", options.password_file,
                   "Their password; else CORDBOARD_PASSWORD, or it is asked for")
      ->type_name("FILE");
  command->add_option("--rate", options.commands_per_second, "Commands of the mix a second")
      ->check(CLI::Range(0, 100'000))
      ->capture_default_str();
  command->add_option("--mix", options.mix, "COMMAND=WEIGHT,...")->type_name("MIX");
  add_seconds(*command, "--warm-up", options.warm_up, "Not measured");
  add_seconds(*command, "--duration", options.duration, "Measured");
  command->add_option("--storms", options.storms, "So often all drop at once and resume")
      ->check(CLI::Range(0, 100))
      ->capture_default_str();
  command->add_option("--seed", options.seed, "Of the choice of commands")->capture_default_str();
  command->add_option("--json", options.json_file, "Write the figures")->type_name("FILE");
  return command;
}

/// `cordboard agent` and its options.
CLI::App* add_agent(CLI::App& app, AgentOptions& options) {
  auto* const command = app.add_subcommand("agent", "An agent's desktop in a terminal");
  command->add_option("--server", options.server, "Where it is")->capture_default_str();
  command->add_option("--ca", options.ca_file, "Whom to trust for wss (PEM)")->type_name("FILE");
  command->add_option("--agent", options.agent, "Who you are")
      ->envname("CORDBOARD_AGENT")
      ->required()
      ->type_name("ID");
  command
      ->add_option("--password-file", options.password_file,
                   "Your password; else CORDBOARD_PASSWORD, or it is asked for")
      ->type_name("FILE");
  command->add_flag("--override", options.takes_over, "Take over a session that there is");
  command->add_flag("--json", options.prints_json, "Print messages as they come, one a line");
  command->add_option("-c", options.lines, "Carry this out instead of standard input; repeatable")
      ->type_name("LINE");
  command->add_flag("--keep-going", options.goes_on, "Also after a command that failed");
  return command;
}

/// `cordboard history` and its options.
CLI::App* add_history(CLI::App& app, HistoryCommand& options) {
  auto* const command = app.add_subcommand("history", "Show what has happened, the newest first");
  auto* const config =
      command->add_option("--config", options.config_file, "The server's configuration file")
          ->type_name("FILE");
  command->add_option("--file", options.file, "The history file itself")
      ->excludes(config)
      ->type_name("FILE");
  const auto add_filter = [&](const std::string& flag, const std::string& name,
                              const std::string& type, const std::string& help) {
    command
        ->add_option_function<std::string>(
            flag,
            [&options, name](const std::string& value) {
              options.filters.emplace_back(name, value);
            },
            help)
        ->type_name(type);
  };
  add_filter("--agent", "agent", "ID", "Only this agent's");
  add_filter("--queue", "queue", "NAME", "Only of this queue");
  add_filter("--call", "callId", "CALLID", "Only this call's");
  add_filter("--from", "from", "TIME", "Begun then or later: 2026-11-22T15:04:05Z, or a day");
  add_filter("--to", "to", "TIME", "Begun before that");
  add_filter("--limit", "limit", "N", "At most so many, 1 to 1000 (default: 100)");
  add_filter("--after", "after", "PLACE", "Go on behind a page that said so");
  command->add_flag("--json", options.prints_json, "One JSON object a line");
  return command;
}

int run(int argc, char** argv) {
  CLI::App app{"Cordboard: the interaction processor between agent desktops and telephony.",
               "cordboard"};
  app.set_version_flag("--version", "cordboard " CORD_VERSION);
  std::string file;

  auto* const serve_command = app.add_subcommand("serve", "Run the server until SIGTERM");
  serve_command->add_option("--config", file, "The configuration file")
      ->required()
      ->type_name("FILE");
  auto* const check_command =
      app.add_subcommand("check-config", "Say what is wrong with a configuration file");
  check_command->add_option("file", file, "The configuration file")->required()->type_name("FILE");
  auto* const demo_command =
      app.add_subcommand("demo", "A desktop to try in a browser, with customers who keep calling");
  bool only_checks = false;
  demo_command->add_flag("--check", only_checks, "Show and check one whole call instead");
  auto* const passwd_command = app.add_subcommand(
      "passwd", "Read a password from standard input, print its hash for password-hash");
  auto* const replay_command =
      app.add_subcommand("replay", "Decide all of a flight recording again, and compare");
  replay_command->add_option("file", file, "The recording")->required()->type_name("FILE");
  bool prints_state = false;
  replay_command->add_flag("--state", prints_state, "Print the state at its end");
  AgentOptions agent_options;
  auto* const agent_command = add_agent(app, agent_options);
  HistoryCommand history_options;
  auto* const history_command = add_history(app, history_options);
  LoadOptions load_options;
  auto* const load_command = add_load(app, load_options);
  app.footer(
      "SIGTERM or SIGINT lets calls end within [server] drain; a second one ends at once.\n"
      "Exit status: 0 done; 1 failed; 2 bad usage or configuration.");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? EXIT_SUCCESS : exit_usage;
  }
  if (serve_command->parsed()) return serve(file);
  if (check_command->parsed()) return check_config(file);
  if (demo_command->parsed()) return only_checks ? run_demo() : run_stage();
  if (replay_command->parsed()) return run_replay(file, prints_state);
  if (passwd_command->parsed()) return print_password_hash();
  if (agent_command->parsed()) return run_agent(agent_options);
  if (history_command->parsed()) return run_history(history_options);
  if (load_command->parsed()) return run_load(load_options);
  fmt::print(stderr, "error: no command is given\n\n{}", app.help());
  return exit_usage;
}

}  // namespace
}  // namespace cord::app

int main(int argc, char** argv) {
  return cord::app::run(argc, argv);
}
