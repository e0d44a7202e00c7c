#include "demo/stage.hpp"

#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <sodium.h>
#include <spawn.h>

#include "config.hpp"
#include "demo/customers.hpp"
#include "demo/scratch.hpp"
#include "demo/soft_phone.hpp"
#include "installed.hpp"
#include "media/audio_file.hpp"
#include "serve.hpp"

namespace cord::app {
namespace {

using namespace std::chrono_literals;

constexpr const char* queue_number = "18005550100";
constexpr const char* password = "wonderland";
constexpr std::size_t pause_samples = 12'000;  // 1.5 s, until a customer says it all again.

using Phones = std::vector<std::unique_ptr<SoftPhone>>;

struct Cast {
  Phones customers;
  std::unique_ptr<SoftPhone> outside;  ///< answers every number that an agent dials
};

core::Agent make_agent(std::string id, std::string name, std::string extension) {
  core::Agent it;
  it.id = std::move(id);
  it.name = std::move(name);
  it.phone = drivers::browser_phone(extension);
  it.extension = std::move(extension);
  it.phone_mode = core::PhoneMode::browser;
  it.queues = {0};
  return it;
}

core::Directory make_directory() {
  core::Directory directory;
  core::Queue queue;
  queue.name = "support";
  queue.numbers = {queue_number};
  queue.waiting = core::Waiting::music;
  directory.queues = {std::move(queue)};
  directory.agents = {make_agent("alice", "Alice", "1001"), make_agent("bob", "Bob", "1002"),
                      make_agent("sue", "Sue", "1003")};
  directory.agents.back().may_supervise = true;
  directory.routes = {{{"*"}, "outside"}};
  directory.reasons = {{"break", "Break"}, {"lunch", "Lunch"}};
  directory.dispositions = {{"solved", "Solved"}, {"callback", "Call back"}};
  return directory;
}

Config make_config(const std::string& directory, const Cast& cast) {
  Config config;
  config.front.web.listen = net::loopback();
  config.front.desktop.files = installed("desktop");
  config.sip.listen = {"udp:127.0.0.1:0"};
  drivers::Trunk carrier{.name = "carrier"};
  for (const auto& it : cast.customers) {
    carrier.peers.push_back(net::to_string(it->sip_address()));
  }
  config.sip.trunks = {std::move(carrier),
                       {.name = "outside", .peers = {net::to_string(cast.outside->sip_address())}}};
  config.media.recording_directory = directory + "/recordings";
  config.journal_path = directory + "/journal.db";
  config.log.level = LogLevel::warn;
  config.drain = 1s;
  config.directory = make_directory();
  for (const core::Agent& it : config.directory.agents) {
    config.front.agents.push_back({it.id, password, ""});
    config.front.desktop.demo.push_back({it.id, password, it.name});
    config.sip.phones.push_back({.uri = it.phone});
  }
  return config;
}

/// What a customer says, or nothing, where the program was not installed with it.
std::vector<std::int16_t> read_voice() {
  const auto voice = media::read_audio_file(installed("demo/customer.flac"));
  if (!voice) return {};
  std::vector<std::int16_t> samples = *voice;
  samples.resize(samples.size() + pause_samples);
  return samples;
}

Result<Cast> gather(net::IoThreads& io, Metrics& metrics) {
  Cast cast;
  const auto voice = read_voice();
  const std::vector<std::pair<std::string, std::string>> customers{{"15551234567", "Carol Smith"},
                                                                   {"15557654321", "Dave Jones"}};
  for (const auto& [number, name] : customers) {
    auto phone = SoftPhone::start(io, metrics, {.user = number, .voice = voice, .name = name});
    if (!phone) return tl::make_unexpected(phone.error());
    cast.customers.push_back(std::move(*phone));
  }
  auto outside = SoftPhone::start(io, metrics, {.user = "outside", .tone_hz = 440});
  if (!outside) return tl::make_unexpected(outside.error());
  cast.outside = std::move(*outside);
  return cast;
}

/// If this machine has a screen and a browser; nothing is said if it has not.
void open_in_browser(const std::string& url) {
  if (std::getenv("DISPLAY") == nullptr && std::getenv("WAYLAND_DISPLAY") == nullptr) return;
  std::string program = "xdg-open", address = url;
  std::vector<char*> arguments{program.data(), address.data(), nullptr};
  pid_t child = 0;
  ::posix_spawnp(&child, program.c_str(), nullptr, nullptr, arguments.data(), environ);
}

void welcome(const Server& server, bool has_desktop) {
  const std::string url = fmt::format("http://{}/", server.http());
  if (!has_desktop) {
    fmt::print("No desktop is installed beside this program: make build makes it.\n");
  }
  fmt::print(
      "\nThe desktop: {}\n"
      "  Log in as alice or bob (agents) or sue (a supervisor); the password of each is {}.\n"
      "  Connect the audio, go ready, and a customer is on the line; who you dial answers too.\n"
      "  Two of them at once: open a second window. Ctrl-C ends it.\n\n",
      url, password);
  std::fflush(stdout);
  if (has_desktop) open_in_browser(url);
}

int give_up(const Error& error) {
  fmt::print(stderr, "error: {}\n", error.detail);
  return 2;
}

}  // namespace

int run_stage() {
  const Scratch scratch;
  if (::sodium_init() < 0 || scratch.path().empty()) {
    fmt::print(stderr, "error: no temporary directory can be made\n");
    return 2;
  }
  Metrics metrics;
  net::IoThreads io(1);
  auto cast = gather(io, metrics);
  if (!cast) return give_up(cast.error());
  const Config config = make_config(scratch.path(), *cast);
  std::optional<Customers> calling;
  const int status = run_server(config, [&](const Server& server) {
    welcome(server, !config.front.desktop.files.empty());
    const auto sip = server.sip().front().address;
    calling.emplace(cast->customers, queue_number, net::Address{sip.address, sip.port});
  });
  calling.reset();
  fmt::print("The recordings are kept in {}\n", config.media.recording_directory);
  return status;
}

}  // namespace cord::app
