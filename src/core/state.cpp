#include "core/state.hpp"

#include <algorithm>

namespace cord::core {

bool waits_for_platform(DeadlineKind kind) {
  switch (kind) {
    case DeadlineKind::activation:
    case DeadlineKind::media_offer:
    case DeadlineKind::dial:
    case DeadlineKind::monitor:
    case DeadlineKind::operation:
      return true;
    case DeadlineKind::session_start:
    case DeadlineKind::detached_rest:
    case DeadlineKind::detached_grace:
    case DeadlineKind::overdue:
    case DeadlineKind::media_wait:
    case DeadlineKind::ring:
    case DeadlineKind::far_ring:
    case DeadlineKind::wrapup:
    case DeadlineKind::queue_wait:
    case DeadlineKind::refusal_rest:
      return false;
  }
  return false;
}

State::State(const Directory& directory)
    : directory_(&directory), queues_(directory.queues.size()) {}

const Session* State::session_of(AgentIndex agent) const {
  const SessionId* id = find_in(agents_, agent);
  return id == nullptr ? nullptr : find(*id);
}

const Session* State::session_of(ConnectionId connection) const {
  const SessionId* id = find_in(connections_, connection);
  return id == nullptr ? nullptr : find(*id);
}

const Session* State::session_named(const std::string& name) const {
  const SessionId* id = find_in(session_names_, name);
  return id == nullptr ? nullptr : find(*id);
}

bool State::has_lost_session(ConnectionId connection) const {
  const SessionId* id = find_in(connections_, connection);
  return id != nullptr && find(*id) == nullptr;
}

ObjectPath State::path_of(const Session& session) const {
  return ObjectPath{.session = session.name};
}

ObjectPath State::path_of(const Channel& channel) const {
  return ObjectPath{
      .session = at(channel.session).name, .group = channel.group, .channel = channel.id};
}

ObjectPath State::path_of(const Interaction& interaction) const {
  ObjectPath path = path_of(at(interaction.channel));
  path.interaction = interaction.id;
  return path;
}

namespace {

// The rest of a target, walked from the left.
class Segments {
 public:
  explicit Segments(const std::vector<TargetSegment>& all) : all_(all) {}

  [[nodiscard]] bool is_at_end() const { return next_ == all_.size(); }

  // The next segment's number if it is of this kind; the walk then goes on behind it.
  std::optional<std::uint64_t> take(ObjectKind kind) {
    if (is_at_end() || all_[next_].kind != kind) return std::nullopt;
    return all_[next_++].number;
  }

 private:
  const std::vector<TargetSegment>& all_;
  std::size_t next_ = 0;
};

ObjectKind kind_of(const ObjectPath& path) {
  if (path.conversation) return ObjectKind::conversation;
  if (path.interaction) return ObjectKind::interaction;
  if (path.channel) return ObjectKind::channel;
  return path.group ? ObjectKind::group : ObjectKind::session;
}

const char* name_of(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::session:
      return "a session";
    case ObjectKind::group:
      return "a channel group";
    case ObjectKind::channel:
      return "a channel";
    case ObjectKind::interaction:
      return "an interaction";
    case ObjectKind::conversation:
      return "a conversation";
  }
  return "an object";
}

// Fills `path` as far as the segments name children of each other; false at the first that does
// not exist there.
bool walk(const State& state, const Session& session, Segments& rest, ObjectPath& path) {
  if (const auto number = rest.take(ObjectKind::group)) {
    const ChannelGroup* group = state.find(GroupId{*number});
    if (group == nullptr || group->session != session.id) return false;
    path.group = group->id;
  }
  if (const auto number = rest.take(ObjectKind::channel)) {
    const Channel* channel = state.find(ChannelId{*number});
    if (channel == nullptr || channel->session != session.id) return false;
    if (path.group && channel->group != path.group) return false;
    path.channel = channel->id;
    path.group = channel->group;
  }
  if (const auto number = path.channel ? rest.take(ObjectKind::interaction) : std::nullopt) {
    const Interaction* interaction = state.find(InteractionId{*number});
    if (interaction == nullptr || interaction->channel != path.channel) return false;
    path.interaction = interaction->id;
  }
  if (const auto number = path.interaction ? rest.take(ObjectKind::conversation) : std::nullopt) {
    const Conversation* conversation = state.find(ConversationId{*number});
    if (conversation == nullptr || conversation->interaction != path.interaction) return false;
    path.conversation = conversation->id;
  }
  return rest.is_at_end();
}

}  // namespace

Result<ObjectPath> State::resolve(const Target& target, const Session& bound) const {
  if (target.session != bound.name) {
    return refuse(Errc::target_not_found, "target", "This connection has no such session.");
  }
  ObjectPath path = path_of(bound);
  Segments rest(target.below);
  if (!walk(*this, bound, rest, path)) {
    return refuse(Errc::target_not_found, "target", "The session has no such object (any more).");
  }
  return path;
}

Result<ObjectPath> State::resolve(const Target& target, const Session& bound,
                                  ObjectKind expected) const {
  Result<ObjectPath> path = resolve(target, bound);
  if (path && kind_of(*path) != expected) {
    return refuse(Errc::invalid_target, "target",
                  fmt::format("The target is {}; the command needs {}.", name_of(kind_of(*path)),
                              name_of(expected)));
  }
  return path;
}

const std::vector<ChannelId>& State::channels_at(const Endpoint& endpoint) const {
  static const std::vector<ChannelId> none;
  const auto found = endpoints_.find(endpoint);
  return found == endpoints_.end() ? none : found->second;
}

bool State::is_endpoint_taken(const Channel& channel) const {
  const std::vector<ChannelId>& all = channels_at(channel);
  return std::any_of(all.begin(), all.end(), [&](ChannelId id) {
    const Channel& other = at(id);
    const bool is_in_use = other.state == ChannelState::active || other.activation.has_value();
    return id != channel.id && is_in_use;
  });
}

CallId QueueTable::oldest() const {
  if (fresh.empty()) return *refused.begin();
  return refused.empty() ? *fresh.begin() : std::min(*fresh.begin(), *refused.begin());
}

ReadyKey State::ready_key(const Channel& channel, QueueIndex queue) const {
  const auto rank = [&]() -> std::int64_t {
    switch (directory_->queues[queue].strategy) {
      case Strategy::longest_idle:
        return channel.idle_since.time_since_epoch().count();
      case Strategy::round_robin:
        return channel.agent.value;
      case Strategy::fewest_calls:
        return static_cast<std::int64_t>(channel.taken);
      case Strategy::ring_all:
        break;
    }
    return 0;
  };
  return {rank(), -directory_->level_in(channel.agent, queue), channel.idle_since, channel.id};
}

bool State::rings_at(const Call& call, AgentIndex agent) const {
  return std::any_of(call.ringing.begin(), call.ringing.end(),
                     [&](InteractionId id) { return at(at(id).channel).agent == agent; });
}

bool State::takes_offers(const Channel& channel) const {
  return channel.state == ChannelState::active && channel.agent_state == AgentState::ready &&
         !channel.interaction && !channel.dial && !channel.monitoring &&
         !channel.media_wait.runs() && at(channel.session).state == SessionState::logged_in;
}

const Call& State::call_of(const Conversation& conversation) const {
  const Interaction& interaction = at(conversation.interaction);
  return at(conversation.id == interaction.consult ? interaction.consult_call : interaction.call);
}

const Conversation& State::part_in(const Interaction& interaction, CallId call) const {
  return at(interaction.consult_call == call ? interaction.consult : interaction.conversation);
}

const Conversation& State::focus_of(const Interaction& interaction) const {
  return at(interaction.focus ? interaction.focus : interaction.conversation);
}

const Conversation* State::find_other(const Conversation& conversation) const {
  const Interaction& interaction = at(conversation.interaction);
  return find(conversation.id == interaction.consult ? interaction.conversation
                                                     : interaction.consult);
}

const Conversation* State::find_colleague(const Conversation& conversation) const {
  const Call& call = call_of(conversation);
  if (!call.origin) return nullptr;
  const bool is_origin = call.origin == conversation.interaction;
  const Interaction* other = find(is_origin ? call.interaction : call.origin);
  return other == nullptr ? nullptr : &part_in(*other, call.id);
}

LegId State::far_leg(const Conversation& conversation) const {
  const Call& call = call_of(conversation);
  if (call.leg) return call.leg;
  const Conversation* colleague = find_colleague(conversation);
  return colleague == nullptr ? LegId{} : at(at(colleague->interaction).channel).leg;
}

InteractionId State::parted_from(LegId leg) const {
  const auto found = parted_.find(leg);
  return found == parted_.end() ? InteractionId{} : found->second;
}

std::vector<LegId> State::legs_of(const Call& call) const {
  if (!call.conference.empty()) return call.conference;
  std::vector<LegId> legs;
  if (call.leg) legs.push_back(call.leg);
  for (const InteractionId id : {call.origin, call.interaction}) {
    const Interaction* interaction = find(id);
    if (interaction != nullptr) legs.push_back(at(interaction->channel).leg);
  }
  return legs;
}

const Conversation* State::part_on(LegId leg, CallId call) const {
  const Channel* channel = find(at(leg).channel);
  return channel == nullptr ? nullptr : &part_in(at(channel->interaction), call);
}

// The last one of that leg: those who came with others later have legs of their own.
const Member& State::invited_member(const Call& call) const {
  const std::vector<Member>& members = at(call.joins).members;
  const auto found = std::find_if(members.rbegin(), members.rend(),
                                  [&](const Member& it) { return it.leg == call.leg; });
  CORD_ASSERT(found != members.rend());
  return *found;
}

bool State::is_resting(const Call& call, AgentIndex agent, Instant now) {
  return std::any_of(call.refusals.begin(), call.refusals.end(), [&](const Refusal& refusal) {
    return refusal.agent == agent && refusal.until > now;
  });
}

std::optional<DeadlineReached> State::take_due(Instant now) {
  const std::optional<Deadline> deadline = wheel_.advance(now);
  if (!deadline) return std::nullopt;
  return DeadlineReached{*deadline};
}

bool State::is_current(const Deadline& deadline) const {
  const Timer* timer = timer_of(deadline);
  return timer != nullptr && timer->runs() && timer->number == deadline.number &&
         timer->kind == deadline.kind;
}

const Timer* State::timer_of(const Deadline& deadline) const {
  switch (deadline.kind) {
    case DeadlineKind::session_start:
    case DeadlineKind::detached_grace:
    case DeadlineKind::overdue: {
      const Session* session = find(SessionId{deadline.subject});
      return session == nullptr ? nullptr : &session->lifetime;
    }
    case DeadlineKind::detached_rest: {
      const Session* session = find(SessionId{deadline.subject});
      return session == nullptr ? nullptr : &session->rest;
    }
    case DeadlineKind::activation: {
      const Channel* channel = find(ChannelId{deadline.subject});
      return channel == nullptr || !channel->activation ? nullptr : &channel->activation->timer;
    }
    case DeadlineKind::media_offer: {
      const Channel* channel = find(ChannelId{deadline.subject});
      return channel == nullptr || !channel->media_request ? nullptr
                                                           : &channel->media_request->timer;
    }
    case DeadlineKind::media_wait: {
      const Channel* channel = find(ChannelId{deadline.subject});
      return channel == nullptr ? nullptr : &channel->media_wait;
    }
    case DeadlineKind::dial: {
      const Channel* channel = find(ChannelId{deadline.subject});
      return channel == nullptr || !channel->dial ? nullptr : &channel->dial->timer;
    }
    case DeadlineKind::monitor: {
      const Channel* channel = find(ChannelId{deadline.subject});
      return channel == nullptr || !channel->monitoring ? nullptr : &channel->monitoring->timer;
    }
    case DeadlineKind::ring:
    case DeadlineKind::wrapup: {
      const Interaction* interaction = find(InteractionId{deadline.subject});
      return interaction == nullptr ? nullptr : &interaction->timer;
    }
    case DeadlineKind::operation: {
      const Interaction* it = find(InteractionId{deadline.subject});
      return it == nullptr || !it->operation ? nullptr : &it->operation->timer;
    }
    case DeadlineKind::far_ring:
    case DeadlineKind::queue_wait:
    case DeadlineKind::refusal_rest: {
      const Call* call = find(CallId{deadline.subject});
      if (call == nullptr) return nullptr;
      return deadline.kind == DeadlineKind::refusal_rest ? &call->rest : &call->wait;
    }
  }
  return nullptr;
}

}  // namespace cord::core
