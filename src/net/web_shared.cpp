#include "net/detail/web_shared.hpp"

namespace cord::net::detail {
namespace {

constexpr std::size_t refusals_max = 64;  // Answered with 503 at one time; more are just closed.

Counter& refused(Metrics& metrics, std::string_view why) {
  return metrics.counter("cord_net_web_refused_total", "Requests refused by a rule", why);
}

Counter& closed(Metrics& metrics, std::string_view why) {
  return metrics.counter("cord_net_web_closed_total", "WebSockets ended by a rule", why);
}

Counter& messages(Metrics& metrics, std::string_view direction) {
  return metrics.counter("cord_net_web_messages_total", "WebSocket text messages", direction);
}

}  // namespace

WebMetrics::WebMetrics(Metrics& metrics)
    : connections(metrics.gauge("cord_net_web_connections", "Open WebSockets")),
      messages_in(messages(metrics, "in")),
      messages_out(messages(metrics, "out")),
      accept_failed(metrics.counter("cord_net_web_accept_failed_total",
                                    "Connections the system could not accept")),
      refused_full(refused(metrics, "full")),
      refused_origin(refused(metrics, "origin")),
      refused_header(refused(metrics, "header_bytes")),
      refused_malformed(refused(metrics, "malformed")),
      refused_timeout(refused(metrics, "timeout")),
      closed_not_text(closed(metrics, "not_text")),
      closed_not_utf8(closed(metrics, "not_utf8")),
      closed_too_big(closed(metrics, "too_big")),
      closed_too_slow(closed(metrics, "too_slow")),
      closed_no_pong(closed(metrics, "no_pong")),
      closed_timeout(closed(metrics, "close_timeout")) {}

WebShared::Admission WebShared::admit(ConnectionId& id) {
  const std::lock_guard lock(mutex_);
  if (is_stopped_ || peers_.size() >= options.connections_max + refusals_max) {
    return Admission::no;
  }
  const bool is_full = peers_.size() >= options.connections_max;
  id = ConnectionId{++last_id_};
  peers_.emplace(id, nullptr);
  return is_full ? Admission::full : Admission::yes;
}

bool WebShared::attach(ConnectionId id, std::shared_ptr<WebPeer> peer) {
  const std::lock_guard lock(mutex_);
  const auto it = peers_.find(id);
  if (is_stopped_ || it == peers_.end()) return false;
  it->second = std::move(peer);
  return true;
}

void WebShared::remove(ConnectionId id) {
  // What the table held goes after the lock: a peer's destructor must not run under it.
  std::shared_ptr<WebPeer> gone;
  const std::lock_guard lock(mutex_);
  const auto it = peers_.find(id);
  if (it == peers_.end()) return;
  gone = std::move(it->second);
  peers_.erase(it);
  if (peers_.empty()) is_empty_.notify_all();
}

std::shared_ptr<WebPeer> WebShared::find(ConnectionId id) const {
  const std::lock_guard lock(mutex_);
  const auto it = peers_.find(id);
  return it == peers_.end() ? nullptr : it->second;
}

std::vector<std::shared_ptr<WebPeer>> WebShared::stop() {
  const std::lock_guard lock(mutex_);
  is_stopped_ = true;
  std::vector<std::shared_ptr<WebPeer>> connected;
  for (const auto& [id, peer] : peers_) {
    if (peer) connected.push_back(peer);
  }
  return connected;
}

bool WebShared::wait_until_empty(std::chrono::microseconds patience) {
  std::unique_lock lock(mutex_);
  return is_empty_.wait_for(lock, patience, [this] { return peers_.empty(); });
}

void WebShared::forget() {
  std::unordered_map<ConnectionId, std::shared_ptr<WebPeer>> gone;
  const std::lock_guard lock(mutex_);
  gone.swap(peers_);
}

}  // namespace cord::net::detail
