// An agent's session as a client keeps it: log-in, requests and their answers, events in order, and
// the way back after a lost connection. It prints nothing and reads no terminal.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "agent/agent_link.hpp"
#include "agent/words.hpp"
#include "client/session_model.hpp"

namespace cord::app {

/// What is told as it happens. Texts are messages as they came or went, secrets masked.
class AgentListener {
 public:
  virtual ~AgentListener() = default;
  virtual void on_sent(const std::string& text) = 0;
  virtual void on_event(const Event& event, const std::string& text) = 0;
  virtual void on_answer(const Answer& answer, const std::string& text) = 0;
  /// In plain words: the connection is lost, is back, ...
  virtual void on_note(const std::string& text) = 0;
};

class AgentSession {
 public:
  enum class State : std::uint8_t {
    connecting,
    asked_to_take_over,  ///< the agent has a session: take_over(), or end
    logging_in,
    open,
    lost,  ///< and trying to come back
    over,  ///< why_over() tells
  };
  struct Credentials {
    std::string agent, password;
    bool takes_over = false;
  };

  /// All of it must outlive the session.
  AgentSession(AgentLink& link, Credentials credentials, AgentListener& listener);

  void start();
  void take_over();
  /// Handles what has come, and what is due. To be called when the link is readable and every
  /// tenth of a second.
  void pump();

  /// Sends a request, or will as soon as the connection is back; its number. The session has been
  /// open.
  std::uint64_t ask(TypedRequest request);
  /// The answer of a request that take_answer() has not given yet; none: it has not come.
  [[nodiscard]] std::optional<Answer> take_answer(std::uint64_t id);
  /// The oldest event that was not taken. At most unseen_max are kept, the newest.
  [[nodiscard]] std::optional<Event> take_event();
  static constexpr std::size_t unseen_max = 10'000;

  void drop() { link_.drop(); }
  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] const std::string& why_over() const { return why_over_; }
  [[nodiscard]] const SessionModel& model() const { return model_; }
  [[nodiscard]] const std::string& agent() const { return credentials_.agent; }

 private:
  void take(const LinkNews& news);
  void on_opened();
  void on_text(const std::string& text);
  void on_ended(const std::string& why);
  void on_event(Event event, const std::string& text);
  void on_answer(const Answer& answer, const std::string& text);
  void on_binding_answer(const std::string& command, const Answer& answer);
  std::uint64_t send(TypedRequest request, bool is_ours);
  void end(std::string why);

  AgentLink& link_;
  Credentials credentials_;
  AgentListener& listener_;
  SessionModel model_;
  State state_ = State::connecting;
  std::string token_, why_over_;
  std::uint64_t last_id_ = 0;
  struct Pending {
    std::string text;
    std::string command;
    bool is_ours = false;  ///< prepareSession, session.start, session.resume: never sent again
  };
  std::map<std::uint64_t, Pending> pending_;  ///< bounded by the server: 256 of a connection
  std::map<std::uint64_t, Answer> answers_;   ///< not taken; the newest unseen_max
  std::deque<Event> unseen_;
  std::size_t tries_ = 0;
  std::optional<std::int64_t> connect_at_ms_;
};

}  // namespace cord::app
