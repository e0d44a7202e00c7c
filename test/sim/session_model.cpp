#include "sim/session_model.hpp"

#include <boost/json.hpp>

#include "sim/violation.hpp"

namespace cord::sim {
namespace {

namespace json = boost::json;

std::string text(const json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(key);
  if (found == nullptr || !found->is_string()) return {};
  return {found->get_string().data(), found->get_string().size()};
}

const json::object& child(const json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(key);
  if (found == nullptr || !found->is_object()) {
    violated("an event has what the protocol says", "no {} in {}", key, json::serialize(object));
  }
  return found->get_object();
}

bool flag(const json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(key);
  return found != nullptr && found->is_bool() && found->get_bool();
}

}  // namespace

void SessionModel::begin(const std::string& session) {
  *this = {};
  session_ = session;
  // Starting it is no change of state to be told of.
  nodes_[session].state = "LOGGED_IN";
}

void SessionModel::start_over() {
  nodes_.clear();
  nodes_[session_].state = "LOGGED_IN";
  is_initialized_ = false;
  has_gap_ = true;
}

const Node* SessionModel::find(const std::string& target) const {
  const auto it = nodes_.find(target);
  return it == nodes_.end() ? nullptr : &it->second;
}

Node& SessionModel::at(const std::string& target) {
  const auto it = nodes_.find(target);
  if (it == nodes_.end()) {
    violated("events are about objects that exist", "event {} about {}", last_seq_, target);
  }
  return it->second;
}

bool SessionModel::has_children(const std::string& target) const {
  const std::string below = target + ".";
  const auto next = nodes_.lower_bound(below);
  return next != nodes_.end() && next->first.starts_with(below);
}

void SessionModel::number(const Object& event) {
  const json::value* seq = event.if_contains("seq");
  const std::int64_t number = seq != nullptr && seq->is_int64() ? seq->get_int64() : -1;
  const auto next = static_cast<std::int64_t>(last_seq_) + 1;
  if (number < next || (number > next && !has_gap_)) {
    violated("seq has no hole", "session {}: {} after {}", session_, number, last_seq_);
  }
  last_seq_ = static_cast<std::uint64_t>(number);
  has_gap_ = false;
  if (has_ended_) violated("session.ended is the last event", "{} follows", number);
}

void SessionModel::apply(const Object& event) {
  number(event);
  const std::string name = text(event, "name");
  const std::string target = text(event, "target");
  const Object& data = child(event, "data");
  if (name == "channelgroup.created") {
    return create(target, "channelgroup", core::ObjectKind::group, data);
  }
  if (name == "channel.created") {
    return create(target, "channel", core::ObjectKind::channel, data);
  }
  if (name == "interaction.created") {
    return create(target, "interaction", core::ObjectKind::interaction, data);
  }
  if (name == "conversation.created") {
    return create(target, "conversation", core::ObjectKind::conversation, data);
  }
  Node& node = at(target);
  if (name == "state.updated") return update_state(node, data);
  if (name == "session.initialized") {
    is_initialized_ = node.initialized = true;
  } else if (name == "session.ended") {
    has_ended_ = true;
  } else if (name.ends_with(".initialized")) {
    node.initialized = true;
  } else if (name.ends_with(".disposed")) {
    dispose(target);
  } else if (name == "interaction.datachanged") {
    node.data = json::serialize(child(data, "interaction-data"));
  } else if (name == "conversation.member.added") {
    const Object& member = child(data, "member");
    node.members[text(member, "id")] = text(member, "role");
  } else if (name == "conversation.member.removed") {
    if (node.members.erase(text(child(data, "member"), "id")) == 0) {
      violated("only members are removed", "{} in {}", json::serialize(data), target);
    }
  }
}

void SessionModel::create(const std::string& parent, std::string_view key, core::ObjectKind kind,
                          const Object& data) {
  (void)at(parent);
  const std::string target = parent + "." + text(child(data, key), "id");
  if (!nodes_.try_emplace(target).second) {
    violated("nothing is created twice", "{} (event {})", target, last_seq_);
  }
  nodes_[target].kind = kind;
}

// A rejected interaction takes its conversation with it; all others dispose of theirs first.
void SessionModel::dispose(const std::string& target) {
  const bool is_interaction = at(target).kind == core::ObjectKind::interaction;
  if (!is_interaction && has_children(target)) {
    violated("children are disposed of first", "{}", target);
  }
  const std::string below = target + ".";
  std::erase_if(nodes_,
                [&](const auto& it) { return it.first == target || it.first.starts_with(below); });
}

void SessionModel::update_state(Node& node, const Object& data) {
  const std::string state = text(data, "state");
  const std::string previous = text(data, "previous");
  const std::string& expected = node.state.empty() ? state : node.state;
  if (previous != expected) {
    violated("previous is the state before", "event {}: {} -> {}, but it was {}", last_seq_,
             previous, state, expected);
  }
  node.state = state;
  node.agent_state = text(data, "agentState");
  node.recording = text(data, "recording");
  node.muted = flag(data, "muted");
}

std::string SessionModel::mood_of(const Node& node) const {
  switch (node.kind) {
    case core::ObjectKind::channel:
      return node.state + "/" + node.agent_state;
    case core::ObjectKind::interaction:
      return node.state + "/" + node.recording;
    case core::ObjectKind::session:
      for (const auto& [target, other] : nodes_) {
        if (other.kind == core::ObjectKind::interaction) return "LOGGED_IN/busy";
      }
      return "LOGGED_IN/idle";
    default:
      return node.state;
  }
}

std::string SessionModel::dump() const {
  std::string all;
  for (const auto& [target, node] : nodes_) {
    all += fmt::format("{} {} {} {} {}{}\n", target, node.state, node.agent_state, node.recording,
                       node.muted ? "muted " : "", node.data);
  }
  return all;
}

}  // namespace cord::sim
