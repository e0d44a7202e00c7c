#include "client/session_model.hpp"

#include <algorithm>
#include <utility>

namespace cord::app {
namespace {

namespace json = boost::json;

/// The one of `all` with that target; null: none.
template <class Views>
auto* named(Views& all, std::string_view target) {
  const auto at =
      std::find_if(all.begin(), all.end(), [&](const auto& it) { return it.target == target; });
  return at == all.end() ? nullptr : &*at;
}

std::string_view parent_of(std::string_view target) {
  const auto dot = target.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : target.substr(0, dot);
}

template <class View>
bool erase(std::vector<View>& all, std::string_view target) {
  return std::erase_if(all, [&](const View& it) { return it.target == target; }) > 0;
}

}  // namespace

void SessionModel::begin(std::string session) {
  *this = {};
  session_ = std::move(session);
}

void SessionModel::begin_anew() {
  begin(std::exchange(session_, {}));
  takes_any_seq_ = true;
}

SessionModel::Order SessionModel::take(const Event& event) {
  if (std::exchange(takes_any_seq_, false)) last_seq_ = event.seq - 1;
  if (event.seq <= last_seq_) return Order::doubled;
  gap_ = event.seq - last_seq_ - 1;
  last_seq_ = event.seq;
  fold(event);
  return gap_ == 0 ? Order::next : Order::after_a_gap;
}

const ChannelView* SessionModel::find_channel(std::string_view target) const {
  return named(channels_, target);
}

const InteractionView* SessionModel::find_interaction(std::string_view target) const {
  const ChannelView* parent = find_channel(parent_of(target));
  return parent == nullptr ? nullptr : named(parent->interactions, target);
}

const ConversationView* SessionModel::find_conversation(std::string_view target) const {
  const InteractionView* parent = find_interaction(parent_of(target));
  return parent == nullptr ? nullptr : named(parent->conversations, target);
}

InteractionView* SessionModel::interaction_at(std::string_view target) {
  ChannelView* parent = named(channels_, parent_of(target));
  return parent == nullptr ? nullptr : named(parent->interactions, target);
}

ConversationView* SessionModel::conversation_at(std::string_view target) {
  InteractionView* parent = interaction_at(parent_of(target));
  return parent == nullptr ? nullptr : named(parent->conversations, target);
}

void SessionModel::fold(const Event& event) {
  const std::string_view name = event.name;
  if (name == "session.initialized") {
    is_initialized_ = true;
  } else if (name == "session.ended") {
    ended_ = text_member(event.data, "reason");
  } else if (name == "state.updated") {
    set_state(event);
  } else if (name.ends_with(".created")) {
    create(event);
  } else if (name.ends_with(".disposed")) {
    dispose(event.target);
  } else if (name == "channel.infochanged") {
    if (auto* it = named(channels_, event.target)) {
      set_channel(*it, object_member(event.data, "channel"));
    }
  } else if (auto* interaction = interaction_at(event.target)) {
    const json::object& data = object_member(event.data, "interaction-data");
    if (!data.empty()) interaction->data = flat(data);
    if (name == "interaction.focuschanged") {
      interaction->focus = text_member(object_member(event.data, "conversation"), "id");
    }
  } else if (auto* conversation = conversation_at(event.target)) {
    const json::object& member = object_member(event.data, "member");
    const std::string id = text_member(member, "id");
    if (name == "conversation.member.added") {
      conversation->members[id] = text_member(member, "address");
    } else if (name == "conversation.member.removed") {
      conversation->members.erase(id);
    }
  }
}

void SessionModel::set_state(const Event& event) {
  const std::string state = text_member(event.data, "state");
  if (auto* channel = named(channels_, event.target)) {
    set_channel(*channel, event.data);
  } else if (auto* it = interaction_at(event.target)) {
    it->state = state;
    it->recording = text_member(event.data, "recording");
  } else if (auto* talk = conversation_at(event.target)) {
    talk->state = state;
    const json::value* muted = event.data.if_contains("muted");
    talk->muted = muted != nullptr && muted->is_bool() && muted->get_bool();
  }
}

void SessionModel::set_channel(ChannelView& channel, const json::object& data) {
  channel.state = text_member(data, "state");
  channel.agent_state = text_member(data, "agentState");
  channel.reason = text_member(data, "reason");
  channel.pending = text_member(data, "pending");
}

void SessionModel::create(const Event& event) {
  const std::string_view kind = std::string_view(event.name).substr(0, event.name.find('.'));
  const json::object& made = object_member(event.data, kind);
  const std::string target = event.target + "." + text_member(made, "id");
  if (kind == "channel") {
    ChannelView channel;
    channel.target = target;
    channel.endpoint = text_member(made, "endpoint");
    channel.type = text_member(made, "type");
    channels_.push_back(std::move(channel));
  } else if (kind == "interaction") {
    InteractionView interaction;
    interaction.target = target;
    interaction.type = text_member(made, "type");
    interaction.direction = text_member(made, "direction");
    if (auto* it = named(channels_, event.target)) it->interactions.push_back(interaction);
  } else if (kind == "conversation") {
    ConversationView conversation;
    conversation.target = target;
    conversation.type = text_member(made, "type");
    if (auto* it = interaction_at(event.target)) {
      it->conversations.push_back(conversation);
    }
  }
}

void SessionModel::dispose(std::string_view target) {
  if (erase(channels_, target)) return;
  const std::string_view parent = parent_of(target);
  if (auto* channel = named(channels_, parent)) {
    erase(channel->interactions, target);
  } else if (auto* interaction = interaction_at(parent)) {
    erase(interaction->conversations, target);
  }
}

const ConversationView* focus_of(const InteractionView& interaction) {
  for (const ConversationView& it : interaction.conversations) {
    if (it.target.ends_with("." + interaction.focus)) return &it;
  }
  return interaction.conversations.empty() ? nullptr : &interaction.conversations.front();
}

}  // namespace cord::app
