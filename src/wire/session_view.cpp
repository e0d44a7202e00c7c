#include "wire/session_view.hpp"

#include "wire/interaction_data.hpp"
#include "wire/names.hpp"
#include "wire/target.hpp"

namespace cord::wire {
namespace {

void print(std::string& out, const core::ConversationView& it) {
  ObjectText conversation(out);
  conversation.text("id", id_text(it.id));
  conversation.text("type", name_of(it.type));
  conversation.text("state", name_of(it.state));
  conversation.flag("muted", it.muted);
  conversation.list("members", it.members, [&](const core::Member& member) {
    ObjectText object(out);
    print_member(object, member);
  });
}

void print(std::string& out, const core::InteractionView& it) {
  ObjectText interaction(out);
  interaction.text("id", id_text(it.id));
  interaction.text("type", name_of(it.type));
  interaction.text("direction", name_of(it.direction));
  interaction.text("state", name_of(it.state));
  interaction.text("recording", name_of(it.recording));
  append_interaction_data(interaction.key("interaction-data"), it.data);
  if (it.focus) interaction.text("focus", id_text(it.focus));
  interaction.list("conversations", it.conversations,
                   [&](const core::ConversationView& conversation) { print(out, conversation); });
}

void print(std::string& out, const core::ChannelView& it) {
  ObjectText channel(out);
  print_channel(channel, it.info);
  channel.list("interactions", it.interactions,
               [&](const core::InteractionView& interaction) { print(out, interaction); });
}

void print_monitoring(ObjectText& channel, const core::ChannelInfo& it) {
  ObjectText monitoring(channel.key("monitoring"));
  {
    ObjectText agent(monitoring.key("agent"));
    agent.text("id", it.monitored);
  }
  monitoring.text("mode", name_of(it.monitor_mode));
}

/// The channels of one group; of none if `group` is zero.
void print_channels(std::string& out, ObjectText& object, const core::SessionView& view,
                    core::GroupId group) {
  std::vector<const core::ChannelView*> channels;
  for (const core::ChannelView& channel : view.channels) {
    if (channel.group == group) channels.push_back(&channel);
  }
  object.list("channels", channels, [&](const core::ChannelView* it) { print(out, *it); });
}

}  // namespace

void print_profile(ObjectText& out, const core::SessionInitialized& it) {
  {
    ObjectText agent(out.key("agent"));
    agent.text("id", it.agent_id);
    agent.text("name", it.agent_name);
  }
  out.named("reasons", "code", it.reasons);
  out.named("dispositions", "id", it.dispositions);
  out.texts("capabilities", it.capabilities);
  out.texts("permissions", it.permissions);
}

void print_channel(ObjectText& out, const core::ChannelInfo& it) {
  out.text("id", id_text(it.id));
  out.text("endpoint", it.endpoint);
  out.text("type", name_of(it.type));
  out.text("state", name_of(it.state));
  out.text("agentState", name_of(it.agent_state));
  out.text_if_any("reason", it.reason);
  if (it.pending) out.text("pending", name_of(*it.pending));
  if (it.pending) out.text_if_any("pendingReason", it.pending_reason);
  out.texts("queues", it.queues);
  if (!it.monitored.empty()) print_monitoring(out, it);
  if (it.media) out.text("media", name_of(*it.media));
}

void print_member(ObjectText& out, const core::Member& it) {
  out.text("id", id_text(it.id));
  out.text("address", it.address);
  out.text_if_any("name", it.name);
  out.text("role", name_of(it.role));
}

std::string print_session(const core::SessionView& view) {
  std::string out;
  {
    ObjectText session(out);
    session.text("id", view.name);
    session.text("state", name_of(view.state));
    session.flag("detached", view.detached);
    print_profile(session, view.profile);
    session.list("channelgroups", view.groups, [&](const core::GroupCreated& it) {
      ObjectText group(out);
      group.text("id", id_text(it.id));
      group.text("name", it.name);
      print_channels(out, group, view, it.id);
    });
    print_channels(out, session, view, {});
  }
  return out;
}

}  // namespace cord::wire
