// Applies what happens to the process, sessions, groups, channels and phones; the rest is in
// apply_calls.cpp.
#include <algorithm>

#include "core/decide.hpp"
#include "core/state_editor.hpp"

namespace cord::core {

void apply(State& state, const Event& event, Instant time) {
  std::visit([&](const auto& it) { StateEditor(state, time).on(it); }, event);
}

void StateEditor::start(Timer& timer, DeadlineKind kind, std::uint64_t subject, Instant due) {
  stop(timer);
  timer.due = due;
  timer.kind = kind;
  timer.number = ++state_.last_timer_;
  timer.handle = state_.wheel_.start(due, Deadline{kind, subject, timer.number});
}

void StateEditor::stop(Timer& timer) {
  state_.wheel_.cancel(timer.handle);
  timer = {};
}

namespace {

/// A running timer and whose it is.
struct Running {
  Timer* timer;
  std::uint64_t subject;
};

template <class Table, class... Of>
void collect(std::vector<Running>& all, Table& table, Of... timer_of) {
  for (auto& [id, it] : table) {
    for (Timer* timer : {timer_of(it)...}) {
      if (timer != nullptr && timer->runs()) all.push_back({timer, id.value});
    }
  }
}

}  // namespace

// Started anew in the order in which they were started first: those due at one instant keep it.
void StateEditor::postpone(Duration by) {
  std::vector<Running> all;
  collect(
      all, state_.sessions_, [](Session& it) { return &it.lifetime; },
      [](Session& it) { return &it.rest; });
  collect(
      all, state_.channels_,
      [](Channel& it) { return it.activation ? &it.activation->timer : nullptr; },
      [](Channel& it) { return it.dial ? &it.dial->timer : nullptr; },
      [](Channel& it) { return it.monitoring ? &it.monitoring->timer : nullptr; },
      [](Channel& it) { return it.media_request ? &it.media_request->timer : nullptr; },
      [](Channel& it) { return &it.media_wait; });
  collect(
      all, state_.interactions_, [](Interaction& it) { return &it.timer; },
      [](Interaction& it) { return it.operation ? &it.operation->timer : nullptr; });
  collect(
      all, state_.calls_, [](Call& it) { return &it.wait; }, [](Call& it) { return &it.rest; });
  std::sort(all.begin(), all.end(),
            [](const Running& a, const Running& b) { return a.timer->number < b.timer->number; });
  for (const auto& [timer, subject] : all) {
    state_.wheel_.cancel(timer->handle);
    timer->due += by;
    timer->handle = state_.wheel_.start(timer->due, Deadline{timer->kind, subject, timer->number});
  }
}

void StateEditor::on(const ServerRestarted& event) {
  postpone(std::max(time_ - event.stopped, Duration::zero()));
  // Who would have said how they were is gone.
  for (auto& [id, interaction] : state_.interactions_) forget_parted(interaction);
}

void StateEditor::unlist_ready(const Channel& channel) {
  for (const QueueIndex queue : channel.queues) {
    table({queue, channel.type}).ready.erase(state_.ready_key(channel, queue));
    match({queue, channel.type});
  }
}

void StateEditor::list_ready(const Channel& channel) {
  if (!state_.takes_offers(channel)) return;
  for (const QueueIndex queue : channel.queues) {
    table({queue, channel.type}).ready.insert(state_.ready_key(channel, queue));
    match({queue, channel.type});
  }
}

void StateEditor::unlist_staff(const Channel& channel) {
  if (channel.state != ChannelState::active) return;
  for (const QueueIndex queue : channel.queues) {
    --table({queue, channel.type}).staff[static_cast<std::size_t>(channel.agent_state)];
  }
}

void StateEditor::list_staff(const Channel& channel) {
  if (channel.state != ChannelState::active) return;
  for (const QueueIndex queue : channel.queues) {
    ++table({queue, channel.type}).staff[static_cast<std::size_t>(channel.agent_state)];
  }
}

QueueTable& StateEditor::table(QueueKey key) {
  return state_.queues_[key.queue][static_cast<std::size_t>(key.type)];
}

void StateEditor::match(QueueKey key) {
  const QueueTable& queue = table(key);
  if (queue.ready.empty() || queue.waiting_count() == 0) {
    state_.matchable_.erase(key);
  } else {
    state_.matchable_.insert(key);
  }
}

// --- Sessions -------------------------------------------------------------------------------

void StateEditor::bind(Session session) {
  raise(state_.last_.session, session.id);
  state_.agents_[session.agent] = session.id;
  state_.connections_[session.connection] = session.id;
  state_.session_names_[session.name] = session.id;
  Session& made = state_.sessions_[session.id] = std::move(session);
  start(made.lifetime, DeadlineKind::session_start, made.id.value, time_ + limits().start_max);
}

void StateEditor::on(const SessionPrepared& event) {
  bind(Session{.id = event.session,
               .agent = event.agent,
               .name = event.name,
               .resume_token = event.resume_token,
               .connection = event.connection,
               .since = time_});
}

void StateEditor::on(const SessionReplaced& event) {
  Session& old = edit(event.old_session);
  stop(old.lifetime);
  stop(old.rest);
  if (old.connection) state_.connections_[old.connection] = SessionId{};
  bind(Session{.id = event.session,
               .agent = old.agent,
               .name = event.name,
               .resume_token = event.resume_token,
               .connection = event.connection,
               .since = time_,
               .is_furnished = old.is_furnished,
               .groups = old.groups,
               .channels = old.channels});
  hand_over(old, event.session);
  state_.session_names_.erase(old.name);
  state_.sessions_.erase(event.old_session);
}

// What the old session had asked for goes on, but nobody waits for the replies any more.
void StateEditor::hand_over(const Session& from, SessionId to) {
  for (const GroupId group : from.groups) in(state_.groups_, group).session = to;
  for (const ChannelId channel : from.channels) hand_over(edit(channel), to);
}

void StateEditor::hand_over(Channel& channel, SessionId to) {
  unlist_ready(channel);
  channel.session = to;
  list_ready(channel);
  if (channel.activation) channel.activation->request = {};
  if (channel.dial) channel.dial->request = {};
  if (channel.monitoring) channel.monitoring->request = {};
  // An offer is of the page that sent it.
  end_media_request(channel);
  if (!channel.interaction) return;
  Interaction& interaction = edit(channel.interaction);
  // What a phone has asked for is not the session's.
  const bool is_asked_here = interaction.operation && !is_of_phone(interaction.operation->request);
  if (is_asked_here) interaction.operation->request = {};
}

void StateEditor::on(const SessionStarted& event) {
  Session& session = edit(event.session);
  session.state = SessionState::logged_in;
  session.since = time_;
  session.overdue = false;
  session.is_furnished = true;
  stop(session.lifetime);
  for (const ChannelId channel : session.channels) list_ready(edit(channel));
}

void StateEditor::on(const SessionDetached& event) {
  Session& session = edit(event.session);
  state_.connections_.erase(session.connection);
  session.connection = {};
  session.since = time_;
  if (session.state != SessionState::logged_in) return;
  start(session.rest, DeadlineKind::detached_rest, session.id.value,
        time_ + limits().detached_not_ready_after);
  start(session.lifetime, DeadlineKind::detached_grace, session.id.value,
        time_ + limits().detached_grace);
}

void StateEditor::on(const SessionResumed& event) {
  Session& session = edit(event.session);
  if (session.connection) state_.connections_[session.connection] = SessionId{};
  if (!session.connection) session.since = time_;
  session.connection = event.connection;
  state_.connections_[event.connection] = session.id;
  if (event.starts_over) {
    for (const ChannelId channel : session.channels) unlist_ready(edit(channel));
    session.state = SessionState::initializing;
    start(session.lifetime, DeadlineKind::session_start, session.id.value,
          time_ + limits().start_max);
  } else if (session.state == SessionState::logged_in) {
    stop(session.lifetime);
  } else {
    return;
  }
  session.overdue = false;
  stop(session.rest);
}

void StateEditor::on(const OffersSuspended& event) {
  stop(edit(event.session).rest);
}

void StateEditor::on(const SessionOverdue& event) {
  Session& session = edit(event.session);
  session.overdue = true;
  stop(session.lifetime);
}

void StateEditor::on(const SessionClosed& event) {
  Session& session = edit(event.session);
  stop(session.lifetime);
  stop(session.rest);
  state_.agents_.erase(session.agent);
  state_.session_names_.erase(session.name);
  if (session.connection) state_.connections_[session.connection] = SessionId{};
  state_.sessions_.erase(event.session);
}

void StateEditor::on(const ConnectionForgotten& event) {
  state_.connections_.erase(event.connection);
}

void StateEditor::end_if_overdue(const Channel& channel) {
  Session& session = edit(channel.session);
  if (!session.overdue) return;
  start(session.lifetime, DeadlineKind::overdue, session.id.value, time_);
}

// --- Groups and channels --------------------------------------------------------------------

void StateEditor::on(const GroupOpened& event) {
  raise(state_.last_.group, event.group);
  state_.groups_[event.group] = {event.group, event.session, event.name};
  edit(event.session).groups.push_back(event.group);
}

void StateEditor::on(const GroupClosed& event) {
  state_.groups_.erase(event.group);
  std::erase(edit(event.session).groups, event.group);
}

void StateEditor::on(const ChannelOpened& event) {
  raise(state_.last_.channel, event.channel);
  Session& session = edit(event.session);
  session.channels.push_back(event.channel);
  state_.channels_[event.channel] = Channel{.id = event.channel,
                                            .session = event.session,
                                            .group = event.group,
                                            .agent = session.agent,
                                            .type = event.type,
                                            .endpoint = event.endpoint,
                                            .queues = event.queues,
                                            .state = event.state,
                                            .since = time_};
  state_.endpoints_[{event.type, event.endpoint}].push_back(event.channel);
}

void StateEditor::on(const QueuesChosen& event) {
  Channel& channel = edit(event.channel);
  unlist_ready(channel);
  unlist_staff(channel);
  channel.queues = event.queues;
  list_staff(channel);
  list_ready(channel);
}

void StateEditor::on(const ActivationBegun& event) {
  Channel& channel = edit(event.channel);
  channel.activation =
      Activation{event.request, event.connection, event.queue, event.is_of_group, {}};
  start(channel.activation->timer, DeadlineKind::activation, channel.id.value,
        time_ + limits().answer_timeout);
}

void StateEditor::on(const ActivationEnded& event) {
  Channel& channel = edit(event.channel);
  CORD_ASSERT(channel.activation.has_value());
  stop(channel.activation->timer);
  channel.activation.reset();
}

void StateEditor::on(const ChannelChanged& event) {
  Channel& channel = edit(event.channel);
  unlist_ready(channel);
  unlist_staff(channel);
  const bool is_as_before =
      channel.state == event.state && channel.agent_state == event.agent_state;
  if (!is_as_before) channel.since = time_;
  channel.state = event.state;
  channel.agent_state = event.agent_state;
  channel.reason = event.reason;
  channel.pending = event.pending;
  channel.pending_reason = event.pending_reason;
  channel.idle_since = event.idle_since;
  list_staff(channel);
  list_ready(channel);
}

void StateEditor::on(const ChannelClosed& event) {
  Channel& channel = edit(event.channel);
  unlist_ready(channel);
  unlist_staff(channel);
  const Endpoint endpoint{channel.type, channel.endpoint};
  std::vector<ChannelId>& sharing = in(state_.endpoints_, endpoint);
  std::erase(sharing, channel.id);
  if (sharing.empty()) state_.endpoints_.erase(endpoint);
  std::erase(edit(event.session).channels, event.channel);
  state_.channels_.erase(event.channel);
}

// --- Phones ---------------------------------------------------------------------------------

void StateEditor::on(const PhoneCalled& event) {
  raise(state_.last_.leg, event.leg);
  Channel& channel = edit(event.channel);
  CORD_ASSERT(!channel.leg);
  channel.leg = event.leg;
  state_.legs_[event.leg] = Leg{.id = event.leg, .channel = event.channel};
}

void StateEditor::on(const PhoneAnswered& event) {
  in(state_.legs_, event.leg).is_answered = true;
}

void StateEditor::on(const PhoneForgotten& event) {
  Channel& channel = edit(in(state_.legs_, event.leg).channel);
  channel.leg = {};
  state_.legs_.erase(event.leg);
  end_media_wait(channel);
}

// --- Browsers as phones ---------------------------------------------------------------------

void StateEditor::on(const MediaAsked& event) {
  raise(state_.last_.leg, event.leg);
  Channel& channel = edit(event.channel);
  CORD_ASSERT(!channel.media_request);
  std::erase_if(channel.media_offers,
                [&](Instant it) { return it + limits().media_offers_window <= time_; });
  channel.media_offers.push_back(time_);
  channel.media_request = MediaRequest{event.request, event.connection, event.leg, {}};
  start(channel.media_request->timer, DeadlineKind::media_offer, channel.id.value,
        time_ + limits().request_timeout);
}

void StateEditor::on(const MediaSettled& event) {
  end_media_request(edit(event.channel));
}

void StateEditor::end_media_request(Channel& channel) {
  if (!channel.media_request) return;
  stop(channel.media_request->timer);
  channel.media_request.reset();
}

void StateEditor::on(const MediaAwaited& event) {
  Channel& channel = edit(event.channel);
  unlist_ready(channel);
  start(channel.media_wait, DeadlineKind::media_wait, channel.id.value,
        time_ + limits().browser_grace);
  list_ready(channel);
}

void StateEditor::on(const MediaFound& event) {
  end_media_wait(edit(event.channel));
}

void StateEditor::end_media_wait(Channel& channel) {
  if (!channel.media_wait.runs()) return;
  unlist_ready(channel);
  stop(channel.media_wait);
  list_ready(channel);
}

}  // namespace cord::core
