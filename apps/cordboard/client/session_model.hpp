// What a client knows of its session from the events alone, and whether any was lost or doubled on
// the way.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "client/messages.hpp"

namespace cord::app {

struct ConversationView {
  std::string target;
  std::string type;   ///< "primary", "consult"
  std::string state;  ///< as docs/protocol.md has it; empty until it is told
  bool muted = false;
  std::map<std::string, std::string> members;  ///< id, address
};

struct InteractionView {
  std::string target;
  std::string type, direction;
  std::string state;
  std::string recording;  ///< "NONE", "RECORDING", "PAUSED"
  FlatJson data;          ///< ANI, DNIS, Queue, ...
  std::string focus;      ///< the id of a conversation; empty: the only one
  std::vector<ConversationView> conversations;
};

struct ChannelView {
  std::string target;
  std::string endpoint, type;
  std::string state, agent_state, reason, pending;
  std::vector<InteractionView> interactions;
};

class SessionModel {
 public:
  /// Where an event stands in its session's numbers.
  enum class Order : std::uint8_t { next, doubled, after_a_gap };

  /// Forgets everything: another session begins.
  void begin(std::string session);
  /// Everything will be told anew, from whatever number on (docs/protocol.md, 5: resume.gap).
  void begin_anew();

  /// Takes one event in; a doubled one changes nothing.
  Order take(const Event& event);

  [[nodiscard]] const std::string& session() const { return session_; }
  [[nodiscard]] std::uint64_t last_seq() const { return last_seq_; }
  /// How many events are missing after the last one taken, if it came after a gap.
  [[nodiscard]] std::uint64_t gap() const { return gap_; }
  [[nodiscard]] bool is_initialized() const { return is_initialized_; }
  /// Why the session ended: "expired", ...; empty while it lives.
  [[nodiscard]] const std::string& ended() const { return ended_; }
  [[nodiscard]] const std::vector<ChannelView>& channels() const { return channels_; }

  [[nodiscard]] const ChannelView* find_channel(std::string_view target) const;
  [[nodiscard]] const InteractionView* find_interaction(std::string_view target) const;
  [[nodiscard]] const ConversationView* find_conversation(std::string_view target) const;

 private:
  [[nodiscard]] InteractionView* interaction_at(std::string_view target);
  [[nodiscard]] ConversationView* conversation_at(std::string_view target);
  void fold(const Event& event);
  void set_state(const Event& event);
  void set_channel(ChannelView& channel, const boost::json::object& data);
  void create(const Event& event);
  void dispose(std::string_view target);

  std::string session_;
  std::uint64_t last_seq_ = 0;
  std::uint64_t gap_ = 0;
  bool takes_any_seq_ = false;
  bool is_initialized_ = false;
  std::string ended_;
  std::vector<ChannelView> channels_;
};

/// The conversation that short words like "hold" are about: the one in focus; null: there is none.
[[nodiscard]] const ConversationView* focus_of(const InteractionView& interaction);

}  // namespace cord::app
