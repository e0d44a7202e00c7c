#include "sim/network.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "sim/violation.hpp"
#include "wire/event.hpp"
#include "wire/reply.hpp"

namespace cord::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t unread_max = 1'000;  // docs/protocol.md, section 1: slow client.
constexpr std::uint16_t too_slow = 4008;
constexpr std::uint16_t broken = 1006;

}  // namespace

Network::Network(Surroundings& world, const WorldOptions& options)
    : world_(world),
      options_(options),
      prng_(stream(options.seed, "network")),
      names_(stream(options.seed, "names")) {}

Network::Line* Network::find(core::ConnectionId connection) {
  const auto it = lines_.find(connection);
  return it == lines_.end() ? nullptr : &it->second;
}

core::ConnectionId Network::connect(Terminal& client) {
  const core::ConnectionId id{++last_connection_};
  Line& line = lines_[id];
  line.client = &client;
  line.latency_max = draw(prng_, 0ms, 20ms);
  if (options_.has(Fault::lag) && !is_calm_) {
    line.latency_max = draw(prng_, 0ms, 900ms);
    if (chance(prng_, 200)) line.pause_max = draw(prng_, 1s, 60s);
  }
  line.is_open = world_.is_up();
  if (!line.is_open) tell_closed(id, world_.now(), broken);
  return id;
}

void Network::send(core::ConnectionId connection, const std::string& text) {
  Line* line = find(connection);
  if (line == nullptr || line->client == nullptr) return;
  line->last_up = std::max(line->last_up, world_.now() + draw(prng_, 0ms, line->latency_max));
  ++line->up;
  world_.agenda().at(line->last_up, [this, connection, text] { arrive(connection, text); });
}

void Network::hang_up(core::ConnectionId connection) {
  Line* line = find(connection);
  if (line == nullptr || line->client == nullptr) return;
  line->client = nullptr;
  // A reset is noticed when it arrives, a line that is dead by its missing pongs.
  const bool is_silent = !is_calm_ && chance(prng_, 300);
  const Duration until_noticed =
      is_silent ? draw(prng_, 20s, 40s) : draw(prng_, 0ms, line->latency_max);
  world_.agenda().at(std::max(line->last_up, world_.now() + until_noticed),
                     [this, connection] { notice_loss(connection); });
}

void Network::notice_loss(core::ConnectionId connection) {
  Line* line = find(connection);
  if (line == nullptr || !line->is_open) return;
  line->is_open = false;
  if (line->engine_knows) world_.submit(core::ConnectionLost{connection});
  forget_if_over(connection);
}

void Network::forget_if_over(core::ConnectionId connection) {
  const Line* line = find(connection);
  if (line != nullptr && line->client == nullptr && !line->is_open) lines_.erase(connection);
}

void Network::process_died() {
  unanswered_.clear();
  for (auto& [id, line] : lines_) {
    line.is_open = false;
    line.pending.clear();
    tell_closed(id, std::max(line.last_down, world_.now() + draw(prng_, 0ms, 500ms)), broken);
  }
}

void Network::tell_closed(core::ConnectionId connection, Instant when, std::uint16_t code) {
  world_.agenda().at(when, [this, connection, code] {
    Line* line = find(connection);
    if (line == nullptr) return;
    if (Terminal* client = std::exchange(line->client, nullptr)) client->on_close(connection, code);
    forget_if_over(connection);
  });
}

std::size_t Network::in_flight(core::ConnectionId connection) const {
  const auto it = lines_.find(connection);
  return it == lines_.end() ? 0 : it->second.up + it->second.down;
}

std::string Network::random_name() {
  return fmt::format("{:016x}{:016x}", names_.next(), names_.next());
}

core::RequestId Network::other_system_asks() {
  const core::RequestId id{++last_request_};
  unanswered_.emplace(id, world_.now());
  return id;
}

// --- To the engine -------------------------------------------------------------------------------

void Network::arrive(core::ConnectionId connection, const std::string& text) {
  Line* line = find(connection);
  if (line == nullptr) return;
  --line->up;
  if (!line->is_open) return;
  if (world_.is_tracing()) world_.trace(fmt::format("-> {} {}", connection, text));
  auto request = wire::parse_request(text);
  if (!request) {
    return down(connection, wire::print_failure(request.error().echo, request.error().error));
  }
  take(connection, *line, std::move(*request));
}

void Network::take(core::ConnectionId connection, Line& line, wire::Request&& request) {
  const core::RequestId id{++last_request_};
  line.engine_knows = true;
  if (auto* command = std::get_if<core::Command>(&request.what)) {
    line.pending.emplace(id, std::move(request.echo));
    return submit(id, core::ClientRequest{id,
                                          connection,
                                          std::move(request.target),
                                          std::move(*command),
                                          {line.pending.at(id).id, std::move(request.body)}});
  }
  if (auto* resume = std::get_if<wire::Resume>(&request.what)) {
    line.pending.emplace(id, std::move(request.echo));
    return submit(id, core::ResumeSession{id, connection, std::move(request.target.session),
                                          std::move(resume->token), resume->after});
  }
  const auto& wish = std::get<wire::LogIn>(request.what);
  const auto agent = world_.directory().find_agent(wish.agent);
  if (!agent) {
    return down(connection,
                wire::print_failure(request.echo, {Errc::authentication_failed, "sim", {}}));
  }
  line.pending.emplace(id, std::move(request.echo));
  submit(id, core::PrepareSession{id, connection, *agent, wish.takes_over, random_name(),
                                  random_name()});
}

void Network::submit(core::RequestId id, core::Input&& input) {
  unanswered_.emplace(id, world_.now());
  world_.submit(std::move(input));
}

// --- From the engine -----------------------------------------------------------------------------

void Network::deliver(std::vector<runtime::ToClient>&& batch) {
  for (const runtime::ToClient& item : batch) {
    if (const auto* answer = std::get_if<core::Reply>(&item.what)) {
      reply(item.connection, *answer);
    } else if (const auto* event = std::get_if<core::ClientEvent>(&item.what)) {
      ++event_count_;
      down(item.connection, wire::print_event(*event));
    } else if (const auto* backlog = std::get_if<runtime::Backlog>(&item.what)) {
      runtime::BacklogReader reader{runtime::Backlog(*backlog)};
      while (const auto missed = reader.next()) {
        ++event_count_;
        down(item.connection, wire::print_event(*missed));
      }
    } else {
      close(item.connection, std::get<core::CloseConnection>(item.what).code);
    }
  }
}

void Network::reply(core::ConnectionId connection, const core::Reply& reply) {
  if (unanswered_.erase(reply.request) == 0) {
    violated("every request has at most one response", "request {} on connection {}", reply.request,
             connection);
  }
  Line* line = find(connection);
  if (line == nullptr) return;
  auto node = line->pending.extract(reply.request);
  if (node.empty()) return;
  down(connection, wire::print_reply(node.mapped(), reply));
}

void Network::down(core::ConnectionId connection, std::string&& text) {
  Line* line = find(connection);
  if (line == nullptr || !line->is_open) return;
  if (line->down >= unread_max) return close(connection, too_slow);
  world_.told(text);
  Duration delay = draw(prng_, 0ms, line->latency_max);
  if (line->pause_max > 0ms && !is_calm_ && chance(prng_, 20)) {
    delay += draw(prng_, 0ms, line->pause_max);
  }
  line->last_down = std::max(line->last_down, world_.now() + delay);
  ++line->down;
  world_.agenda().at(line->last_down, [this, connection, text = std::move(text)] {
    Line* it = find(connection);
    if (it == nullptr) return;
    --it->down;
    if (it->client == nullptr) return;
    if (world_.is_tracing()) world_.trace(fmt::format("<- {} {}", connection, text));
    it->client->on_text(connection, text);
  });
}

// What was sent before is still read; the engine hears of the loss as of any other.
void Network::close(core::ConnectionId connection, std::uint16_t code) {
  Line* line = find(connection);
  if (line == nullptr || !line->is_open) return;
  tell_closed(connection, std::max(line->last_down, world_.now()), code);
  world_.agenda().at(world_.now(), [this, connection] { notice_loss(connection); });
}

}  // namespace cord::sim
