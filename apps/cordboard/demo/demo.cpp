#include "demo/demo.hpp"

#include <cstdlib>

#include <fmt/format.h>
#include <sodium.h>

#include "config.hpp"
#include "demo/scratch.hpp"
#include "demo/story.hpp"
#include "log.hpp"
#include "serve.hpp"

namespace cord::app {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view queue_number = "18005550100";

/// One agent, one queue, loopback and ports of the system's choice.
Config make_config(const std::string& directory, const SoftPhone& phone,
                   const SoftPhone& customer) {
  Config config;
  config.front.web.listen = net::loopback();
  config.sip.listen = {"udp:127.0.0.1:0"};
  config.sip.trunks = {{"carrier", {net::to_string(customer.sip_address())}}};
  config.media.recording_directory = directory + "/recordings";
  config.journal_path = directory + "/journal.db";
  config.log.level = LogLevel::warn;
  core::Queue queue;
  queue.name = "support";
  queue.numbers = {std::string(queue_number)};
  config.directory.queues = {queue};
  core::Agent agent;
  agent.id = "alice";
  agent.name = "Alice";
  agent.extension = "1001";
  agent.phone = phone.uri();
  agent.queues = {0};
  config.directory.agents = {agent};
  config.directory.dispositions = {{"solved", "Solved"}};
  config.front.agents = {{"alice", "wonderland", ""}};
  return config;
}

/// What can go wrong before the story begins is told in one line.
int give_up(Transcript& transcript, std::string_view what, const Error& error) {
  transcript.check(false, fmt::format("{}: {}", what, error.detail));
  return EXIT_FAILURE;
}

int play(Transcript& transcript, const std::string& directory) {
  Metrics metrics;
  net::IoThreads io(1);
  auto phone = SoftPhone::start(io, metrics, {"1001", agent_hz});
  if (!phone) return give_up(transcript, "the agent's phone starts", phone.error());
  auto customer = SoftPhone::start(io, metrics, {"15551234567", customer_hz});
  if (!customer) return give_up(transcript, "the customer's phone starts", customer.error());

  const auto config = make_config(directory, **phone, **customer);
  StderrLog log(config.log, metrics);
  auto server = Server::start(config, log, metrics);
  if (!server) return give_up(transcript, "the server starts", server.error());
  const auto sip = (*server)->sip().front().address;
  const net::Address sip_server{sip.address, sip.port};
  transcript.note(fmt::format("the server: http {}, sip udp:{}", (*server)->http(), sip_server));
  transcript.note(fmt::format("Alice's phone: {}, says {} Hz", (*phone)->uri(), agent_hz));
  transcript.note(fmt::format("the customer: {}, says {} Hz", (*customer)->uri(), customer_hz));
  auto desktop = Desktop::connect((*server)->http(), transcript);
  if (!desktop) return give_up(transcript, "the desktop connects", desktop.error());

  Story story({**desktop, **customer, **phone, transcript, sip_server, std::string(queue_number),
               config.media.recording_directory});
  const bool went_well = story.play();
  desktop->reset();
  (*server)->drain(5s);
  return went_well ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int run_demo() {
  Transcript transcript;
  const Scratch scratch;
  const std::string& directory = scratch.path();
  if (::sodium_init() < 0 || directory.empty()) {
    transcript.check(false, "a temporary directory can be made");
    return EXIT_FAILURE;
  }
  transcript.chapter("Cordboard: one call, from log-in to log-out, on this machine alone");
  const int status = play(transcript, directory);
  transcript.chapter(fmt::format("{} claims checked, {} wrong. The recordings are kept in {}",
                                 transcript.held() + transcript.broken(), transcript.broken(),
                                 directory + "/recordings"));
  return status;
}

}  // namespace cord::app
