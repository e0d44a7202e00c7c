// What a client knows of its session, from the events alone. Each event must fit what was before.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "core/values.hpp"

namespace cord::sim {

struct Node {
  core::ObjectKind kind = core::ObjectKind::session;
  std::string state;                           ///< empty: not told yet
  std::string agent_state;                     ///< of a channel
  std::string recording;                       ///< of an interaction
  std::string data;                            ///< of an interaction, serialized
  bool muted = false;                          ///< of a conversation
  bool initialized = false;                    ///< nothing is asked of it before
  std::map<std::string, std::string> members;  ///< of a conversation: id and role
};

class SessionModel {
 public:
  /// Forgets everything: another session begins.
  void begin(const std::string& session);

  /// What happened meanwhile is lost: everything is told anew, with numbers that go on.
  void start_over();

  /// Takes one objectEvent. Throws Violation if its seq or its content does not fit.
  void apply(const boost::json::object& event);

  [[nodiscard]] std::uint64_t last_seq() const { return last_seq_; }
  [[nodiscard]] bool has_ended() const { return has_ended_; }
  [[nodiscard]] bool is_initialized() const { return is_initialized_; }
  [[nodiscard]] const std::string& session() const { return session_; }

  /// By target; parents come before their children.
  [[nodiscard]] const std::map<std::string, Node>& nodes() const { return nodes_; }
  [[nodiscard]] const Node* find(const std::string& target) const;

  /// In a few words that begin with the state: "ACTIVE/READY" (channel), "STARTED/PAUSED"
  /// (interaction), "HELD", "LOGGED_IN/idle" (no interaction) or "LOGGED_IN/busy".
  [[nodiscard]] std::string mood_of(const Node& node) const;

  /// Everything as text, for comparison and for people.
  [[nodiscard]] std::string dump() const;

 private:
  using Object = boost::json::object;

  void number(const Object& event);
  void create(const std::string& parent, std::string_view key, core::ObjectKind kind,
              const Object& data);
  void dispose(const std::string& target);
  void update_state(Node& node, const Object& data);
  [[nodiscard]] Node& at(const std::string& target);
  [[nodiscard]] bool has_children(const std::string& target) const;

  std::string session_;
  std::map<std::string, Node> nodes_;
  std::uint64_t last_seq_ = 0;
  bool has_ended_ = false;
  bool is_initialized_ = false;
  bool has_gap_ = false;
};

}  // namespace cord::sim
