#include "net/detail/web_shared.hpp"

namespace cord::net::detail {
namespace {

constexpr std::size_t refusals_max = 64;  // Answered with 503 at one time; more are just closed.

/// Makes the metrics of one listener.
class Maker {
 public:
  Maker(Metrics& metrics, const std::string& listener) : metrics_(metrics), listener_(listener) {}

  Gauge& gauge(std::string_view name, std::string_view help) {
    return metrics_.gauge(fmt::format("cord_net_{}{}", listener_, name), help);
  }
  Counter& counter(std::string_view name, std::string_view help, std::string_view kind = {}) {
    return metrics_.counter(fmt::format("cord_net_{}{}", listener_, name), help, kind);
  }
  Gauge& bound(std::string_view member, std::size_t max) {
    return metrics_.bound(fmt::format("{}.{}", listener_, member), max);
  }
  Counter& refused(std::string_view why) {
    return counter("_refused_total", "Connections and requests refused by a rule", why);
  }
  Counter& closed(std::string_view why) {
    return counter("_closed_total", "WebSockets ended by a rule", why);
  }

 private:
  Metrics& metrics_;
  const std::string& listener_;
};

WebMetrics make_metrics(Maker make, const WebServerOptions& options) {
  constexpr std::string_view messages = "_messages_total";
  return {.connections = make.gauge("_connections", "Open WebSockets"),
          .sockets = make.gauge("_sockets", "Connections of any kind, handshakes included"),
          .messages_in = make.counter(messages, "WebSocket text messages", "in"),
          .messages_out = make.counter(messages, "WebSocket text messages", "out"),
          .accept_failed =
              make.counter("_accept_failed_total", "Connections the system could not accept"),
          .refused_full = make.refused("full"),
          .refused_address = make.refused("address"),
          .refused_origin = make.refused("origin"),
          .refused_header = make.refused("header_bytes"),
          .refused_malformed = make.refused("malformed"),
          .refused_timeout = make.refused("timeout"),
          .closed_not_text = make.closed("not_text"),
          .closed_not_utf8 = make.closed("not_utf8"),
          .closed_too_big = make.closed("too_big"),
          .closed_too_slow = make.closed("too_slow"),
          .closed_no_pong = make.closed("no_pong"),
          .closed_timeout = make.closed("close_timeout"),
          .sockets_used = make.bound("connections_max", options.connections_max),
          .of_address_used =
              make.bound("connections_per_address_max", options.connections_per_address_max),
          .header_bytes_used = make.bound("http_header_bytes_max", options.http_header_bytes_max),
          .body_bytes_used = make.bound("http_body_bytes_max", options.http_body_bytes_max),
          .message_bytes_used = make.bound("message_bytes_max", options.message_bytes_max),
          .queued_messages_used = make.bound("queued_messages_max", options.queued_messages_max),
          .queued_bytes_used = make.bound("queued_bytes_max", options.queued_bytes_max)};
}

}  // namespace

WebShared::WebShared(WebServerOptions o, Metrics& registry)
    : options(std::move(o)), metrics(make_metrics({registry, options.name}, options)) {}

WebShared::Admission WebShared::admit(ConnectionId& id, std::uint32_t ip) {
  const std::lock_guard lock(mutex_);
  if (is_stopped_) return Admission::no;
  const auto found = per_address_.find(ip);
  const std::size_t of_address = found == per_address_.end() ? 0 : found->second;
  const bool is_full = peers_.size() >= options.connections_max;
  const bool is_address_full = of_address >= options.connections_per_address_max;
  if (is_full || is_address_full) {
    (is_full ? metrics.refused_full : metrics.refused_address).add();
    const bool are_too_many = peers_.size() >= options.connections_max + refusals_max ||
                              of_address >= options.connections_per_address_max + refusals_max;
    if (are_too_many) return Admission::no;
  }
  id = ConnectionId{++last_id_};
  peers_.emplace(id, Place{ip, nullptr});
  metrics.of_address_used.raise(static_cast<std::int64_t>(++per_address_[ip]));
  count_sockets(1);
  return is_full || is_address_full ? Admission::full : Admission::yes;
}

void WebShared::count_sockets(std::int64_t change) {
  metrics.sockets.add(change);
  metrics.sockets_used.add(change);
}

bool WebShared::attach(ConnectionId id, std::shared_ptr<WebPeer> peer) {
  const std::lock_guard lock(mutex_);
  const auto it = peers_.find(id);
  if (is_stopped_ || it == peers_.end()) return false;
  it->second.peer = std::move(peer);
  return true;
}

void WebShared::remove(ConnectionId id) {
  // What the table held goes after the lock: a peer's destructor must not run under it.
  std::shared_ptr<WebPeer> gone;
  const std::lock_guard lock(mutex_);
  const auto it = peers_.find(id);
  if (it == peers_.end()) return;
  gone = std::move(it->second.peer);
  const auto of_address = per_address_.find(it->second.ip);
  if (--of_address->second == 0) per_address_.erase(of_address);
  peers_.erase(it);
  count_sockets(-1);
  if (peers_.empty()) is_empty_.notify_all();
}

std::shared_ptr<WebPeer> WebShared::find(ConnectionId id) const {
  const std::lock_guard lock(mutex_);
  const auto it = peers_.find(id);
  return it == peers_.end() ? nullptr : it->second.peer;
}

std::vector<std::shared_ptr<WebPeer>> WebShared::stop() {
  const std::lock_guard lock(mutex_);
  is_stopped_ = true;
  std::vector<std::shared_ptr<WebPeer>> connected;
  for (const auto& [id, place] : peers_) {
    if (place.peer) connected.push_back(place.peer);
  }
  return connected;
}

bool WebShared::wait_until_empty(std::chrono::microseconds patience) {
  std::unique_lock lock(mutex_);
  return is_empty_.wait_for(lock, patience, [this] { return peers_.empty(); });
}

void WebShared::forget() {
  std::unordered_map<ConnectionId, Place> gone;
  const std::lock_guard lock(mutex_);
  count_sockets(-static_cast<std::int64_t>(peers_.size()));
  per_address_.clear();
  gone.swap(peers_);
}

}  // namespace cord::net::detail
