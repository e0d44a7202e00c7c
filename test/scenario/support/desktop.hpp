// An agent's desktop as a test uses it: a real WebSocket, commands that wait for their response,
// and every event in the order it came.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "net/web_client.hpp"

namespace cord::scenario {

using boost::json::object;

class Desktop {
 public:
  explicit Desktop(net::Address server);

  /// Sends a command and returns its response; events that come before are kept.
  object request(std::string_view command, std::string_view target = {}, object data = {});
  /// As request(), without waiting for the response: response() fetches it.
  void send(std::string_view command, std::string_view target = {}, object data = {});
  object response();

  /// prepareSession and session.start; then `channel` is known.
  void log_in(const std::string& agent, bool takes_over = false);
  /// log_in, channel.activate, channel.ready.
  void be_ready(const std::string& agent);

  /// The next event of that name for which `matches`, counted from the last one that was awaited.
  /// Throws with what did come if it does not within the patience.
  object await(std::string_view name, const std::function<bool(const object&)>& matches = {},
               Duration patience = std::chrono::seconds(15));
  /// await of state.updated with that state and a target that ends in the same id as `target`.
  object await_state(std::string_view target, std::string_view state,
                     Duration patience = std::chrono::seconds(15));
  /// Waits for the next offer; `interaction` and `conversation` are its targets then.
  void await_offer(Duration patience = std::chrono::seconds(15));
  /// Whether an event of that name has come, awaited or not.
  [[nodiscard]] bool has_seen(std::string_view name) const;
  /// Names (with the state for state.updated) of the events after sequence number `after`.
  [[nodiscard]] std::vector<std::string> names_after(std::int64_t after) const;
  /// seq of all events goes 1, 2, 3, ...
  [[nodiscard]] bool is_contiguous() const;
  /// Starts counting anew: for long runs, whose events would fill the memory.
  void forget_events();
  /// Reads whatever comes for `span`.
  void read_for(Duration span);

  /// The number of the last event that came; 0: none.
  [[nodiscard]] std::int64_t last_seq() const;

  std::string session, resume_token, channel, interaction, conversation;

 private:
  bool read_one(Duration patience);

  net::WebClient client_;
  std::vector<object> events_, responses_;
  std::size_t awaited_ = 0;
  // Of all desktops of the program: one that resumes a session uses no id of it again.
  inline static int last_id_ = 0;
};

/// A member's text, or empty: text(event, "data", "state").
[[nodiscard]] std::string text(const object& from, std::string_view key);
[[nodiscard]] std::string text(const object& from, std::string_view outer, std::string_view key);

}  // namespace cord::scenario
