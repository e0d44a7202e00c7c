#include "wire/event.hpp"

#include <string>
#include <string_view>
#include <variant>

#include <fmt/format.h>

#include "base/utc_text.hpp"
#include "wire/interaction_data.hpp"
#include "wire/names.hpp"
#include "wire/object_text.hpp"
#include "wire/session_view.hpp"
#include "wire/target.hpp"

namespace cord::wire {
namespace {

std::string milliseconds(std::uint32_t us) {
  return fmt::format("{:.1f}", us / 1'000.0);
}

void print_path(ObjectText out, const core::SoundPath& it) {
  out.count("packets", it.packets);
  out.count("lost", it.lost);
  out.key("jitterMs") += milliseconds(it.jitter_us);
  if (it.opinion != 0) out.key("mos") += fmt::format("{:.2f}", it.opinion / 100.0);
}

/// Writes `data` of an event, one overload per payload.
class DataPrinter {
 public:
  explicit DataPrinter(std::string& out) : data_(out) {}

  void operator()(const core::SessionInitialized& it) { print_profile(data_, it); }
  void operator()(const core::SessionEnded& it) { data_.text("reason", name_of(it.reason)); }
  void operator()(const core::GroupCreated& it) {
    ObjectText group(data_.key("channelgroup"));
    group.text("id", id_text(it.id));
    group.text("name", it.name);
  }
  void operator()(const core::ChannelCreated& it) {
    ObjectText channel(data_.key("channel"));
    channel.text("id", id_text(it.id));
    channel.text("endpoint", it.endpoint);
    channel.text("type", name_of(it.type));
  }
  void operator()(const core::ChannelInfoChanged& it) {
    ObjectText channel(data_.key("channel"));
    print_channel(channel, it.channel);
  }
  void operator()(const core::ExternalDispositionsUpdated& it) {
    data_.named("dispositions", "id", it.dispositions);
  }
  void operator()(const core::InteractionCreated& it) {
    ObjectText interaction(data_.key("interaction"));
    interaction.text("id", id_text(it.id));
    interaction.text("type", name_of(it.type));
    interaction.text("direction", name_of(it.direction));
  }
  void operator()(const core::InteractionDataChanged& it) { interaction_data(it.data); }
  void operator()(const core::InteractionPreview& it) { interaction_data(it.data); }
  void operator()(const core::InteractionScreenPop& it) { interaction_data(it.data); }
  void operator()(const core::InteractionEnded& it) { data_.text("cause", name_of(it.cause)); }
  void operator()(const core::InteractionQuality& it) {
    data_.text("callId", it.call_id);
    ObjectText quality(data_.key("quality"));
    print_path(ObjectText(quality.key("received")), it.quality.received);
    if (it.quality.sent) print_path(ObjectText(quality.key("sent")), *it.quality.sent);
    if (it.quality.round_trip_us != 0) {
      quality.key("roundTripMs") += milliseconds(it.quality.round_trip_us);
    }
  }
  void operator()(const core::InteractionFocusChanged& it) {
    ObjectText(data_.key("conversation")).text("id", id_text(it.conversation));
  }
  void operator()(const core::ConversationCreated& it) {
    ObjectText conversation(data_.key("conversation"));
    conversation.text("id", id_text(it.id));
    conversation.text("type", name_of(it.type));
  }
  void operator()(const core::MemberAdded& it) { member(it.member); }
  void operator()(const core::MemberRemoved& it) { member(it.member); }

  void operator()(const core::SessionStateUpdated& it) {
    state(name_of(it.state), name_of(it.previous), it.cause);
    data_.flag("detached", it.detached);
  }
  void operator()(const core::ChannelStateUpdated& it) {
    state(name_of(it.state), name_of(it.previous), it.cause);
    data_.text("agentState", name_of(it.agent_state));
    data_.text_if_any("reason", it.reason);
    if (it.pending) data_.text("pending", name_of(*it.pending));
  }
  void operator()(const core::InteractionStateUpdated& it) {
    state(name_of(it.state), name_of(it.previous), it.cause);
    data_.text("recording", name_of(it.recording));
  }
  void operator()(const core::ConversationStateUpdated& it) {
    state(name_of(it.state), name_of(it.previous), it.cause);
    data_.flag("muted", it.muted);
  }

  // These say all by their name.
  void operator()(const core::GroupInitialized&) {}
  void operator()(const core::GroupDisposed&) {}
  void operator()(const core::ChannelInitialized&) {}
  void operator()(const core::ChannelDisposed&) {}
  void operator()(const core::InteractionInitialized&) {}
  void operator()(const core::InteractionDisposed&) {}
  void operator()(const core::ConversationInitialized&) {}
  void operator()(const core::ConversationDisposed&) {}

 private:
  void state(std::string_view now, std::string_view previous, core::Cause cause) {
    data_.text("state", now);
    data_.text("previous", previous);
    data_.text("cause", name_of(cause));
  }
  void interaction_data(const core::CallData& data) {
    append_interaction_data(data_.key("interaction-data"), data);
  }
  void member(const core::Member& it) {
    ObjectText member(data_.key("member"));
    print_member(member, it);
  }

  ObjectText data_;
};

}  // namespace

std::string print_event(const core::ClientEvent& event) {
  std::string out;
  {
    ObjectText object(out);
    object.text("messageType", "objectEvent");
    object.text("target", path_text(event.target));
    object.text("name", event_name(event.data));
    {
      DataPrinter printer(object.key("data"));
      std::visit(printer, event.data);
    }
    object.count("seq", event.seq);
    object.text("time", utc_text(event.time));
  }
  return out;
}

}  // namespace cord::wire
