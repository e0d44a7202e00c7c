// State::dump: for tests that compare a replayed state with the live one, and for people.
#include <algorithm>
#include <iterator>
#include <limits>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/state.hpp"

namespace cord::core {

namespace {

using Out = std::back_insert_iterator<std::string>;
constexpr auto no_queue = std::numeric_limits<QueueIndex>::max();

std::string text(const Timer& timer) {
  if (!timer.runs()) return "-";
  return fmt::format("{}@{}", timer.number, timer.due.time_since_epoch().count());
}

template <class Enum>
int number(Enum value) {
  return static_cast<int>(value);
}

std::string text(const CallData& data) {
  std::string all;
  for (const auto& [key, value] : data) {
    fmt::format_to(std::back_inserter(all), "{}={}{};", key, value.is_json ? "json:" : "",
                   value.text);
  }
  return all;
}

std::int64_t us(Instant time) {
  return time.time_since_epoch().count();
}

void print(Out out, const Session& it) {
  fmt::format_to(out, "session {} agent {} state {} {} {} connection {} overdue {} furnished {} ",
                 it.id, it.agent, number(it.state), it.name, it.resume_token, it.connection,
                 it.overdue, it.is_furnished);
  fmt::format_to(out, "since {} groups {} channels {} lifetime {} rest {}\n", us(it.since),
                 fmt::join(it.groups, ","), fmt::join(it.channels, ","), text(it.lifetime),
                 text(it.rest));
}

void print(Out out, const ChannelGroup& it) {
  fmt::format_to(out, "group {} session {} {}\n", it.id, it.session, it.name);
}

void print(Out out, const Channel& it) {
  fmt::format_to(out, "channel {} session {} group {} agent {} at {} {} queues {} state {} ", it.id,
                 it.session, it.group, it.agent, number(it.type), it.endpoint,
                 fmt::join(it.queues, ","), number(it.state));
  fmt::format_to(out, "since {} ", us(it.since));
  fmt::format_to(out, "agent state {} '{}' pending {} '{}' idle {} taken {} interaction {} leg {}",
                 number(it.agent_state), it.reason, it.pending ? number(*it.pending) : -1,
                 it.pending_reason, us(it.idle_since), it.taken, it.interaction, it.leg);
  if (it.activation) {
    fmt::format_to(out, " activation {}/{} queue {} of group {} {}", it.activation->request,
                   it.activation->connection, it.activation->queue.value_or(no_queue),
                   it.activation->is_of_group, text(it.activation->timer));
  }
  if (it.dial) {
    fmt::format_to(out, " dial {}/{} {} leg {} {}", it.dial->request, it.dial->connection,
                   it.dial->number, it.dial->leg, text(it.dial->timer));
  }
  if (it.monitoring) {
    const Monitoring& monitoring = *it.monitoring;
    fmt::format_to(out, " monitors {} mode {} wish {} set {} {}/{} {}", monitoring.agent_channel,
                   number(monitoring.mode), number(monitoring.wish), monitoring.is_set,
                   monitoring.request, monitoring.connection, text(monitoring.timer));
  }
  if (it.media_request) {
    fmt::format_to(out, " media {}/{} leg {} {}", it.media_request->request,
                   it.media_request->connection, it.media_request->leg,
                   text(it.media_request->timer));
  }
  for (const Instant at : it.media_offers) fmt::format_to(out, " offer {}", us(at));
  if (it.media_wait.runs()) fmt::format_to(out, " no media {}", text(it.media_wait));
  if (!it.monitors.empty()) fmt::format_to(out, " monitored by {}", fmt::join(it.monitors, ","));
  *out++ = '\n';
}

void print(Out out, const Interaction& it) {
  fmt::format_to(
      out, "interaction {} type {} channel {} call {} conversation {} state {} recording {}/{} ",
      it.id, number(it.type), it.channel, it.call, it.conversation, number(it.state),
      number(it.recording_state), it.recording);
  fmt::format_to(out, "direction {} since {} answered {} timer {} data {}", number(it.direction),
                 us(it.since), us(it.answered_at), text(it.timer), text(it.data));
  fmt::format_to(out, " consult {}/{} focus {}", it.consult_call, it.consult, it.focus);
  if (it.operation) {
    const Operation& operation = *it.operation;
    fmt::format_to(out, " operation {} {}/{} cause {} about {} {} leg {} {}",
                   number(operation.kind), operation.request, operation.connection,
                   number(operation.cause), operation.conversation, operation.number, operation.leg,
                   text(operation.timer));
  }
  for (const PartedLeg& parted : it.parted) {
    fmt::format_to(out, " parted {} {}", parted.leg, parted.call_id);
  }
  *out++ = '\n';
}

void print(Out out, const Conversation& it) {
  fmt::format_to(out, "conversation {} interaction {} state {} muted {} by phone {} wish {}", it.id,
                 it.interaction, number(it.state), it.muted, it.held_by_phone,
                 it.phone_hold_wish ? number(*it.phone_hold_wish) : -1);
  for (const Member& member : it.members) {
    fmt::format_to(out, " member {} {} '{}' {} leg {}", member.id, member.address, member.name,
                   number(member.role), member.leg);
  }
  if (it.inviting) fmt::format_to(out, " inviting {}", it.inviting);
  *out++ = '\n';
}

void print(Out out, const Call& it) {
  fmt::format_to(out, "call {} type {} leg {} origin {} queue {} from {} '{}' to {} {} arrived {} ",
                 it.id, number(it.type), it.leg, it.origin, it.queue.value_or(no_queue), it.caller,
                 it.caller_name, it.called, it.call_id, us(it.arrived));
  fmt::format_to(out, "queued {} interaction {} ringing {} partner {} ", us(it.queued),
                 it.interaction, fmt::join(it.ringing, ","), it.partner);
  if (it.transfer) {
    fmt::format_to(out, "transferred by {} home {} request {} ", it.transfer->channel,
                   it.transfer->home.value_or(no_queue), it.transfer->request);
  }
  if (it.joins) fmt::format_to(out, "joins {} ", it.joins);
  for (const LegId leg : it.conference) fmt::format_to(out, "with {} ", leg);
  fmt::format_to(out, "wait {} rest {} data {}", text(it.wait), text(it.rest), text(it.data));
  for (const Refusal& refusal : it.refusals) {
    fmt::format_to(out, " refused by {} until {}", refusal.agent, us(refusal.until));
  }
  *out++ = '\n';
}

void print(Out out, const Leg& it) {
  fmt::format_to(out, "leg {} call {} channel {} answered {}\n", it.id, it.call, it.channel,
                 it.is_answered);
}

template <class Id, class T>
void print_all(Out out, const std::unordered_map<Id, T>& table) {
  std::vector<Id> ids;
  for (const auto& entry : table) ids.push_back(entry.first);
  std::sort(ids.begin(), ids.end());
  for (const Id id : ids) print(out, table.at(id));
}

void print(Out out, QueueKey key, const QueueTable& it) {
  fmt::format_to(out, "queue {}/{} fresh", key.queue, number(key.type));
  for (const CallId call : it.fresh) fmt::format_to(out, " {}", call);
  fmt::format_to(out, " refused");
  for (const CallId call : it.refused) fmt::format_to(out, " {}", call);
  fmt::format_to(out, " ready");
  for (const ReadyKey& place : it.ready) {
    fmt::format_to(out, " {}@{}/{}", place.channel, place.rank, place.unskilled);
  }
  fmt::format_to(out, " staff {}", fmt::join(it.staff, ","));
  if (it.last_offered) fmt::format_to(out, " turn {}", *it.last_offered);
  *out++ = '\n';
}

}  // namespace

std::string State::dump() const {
  std::string all;
  const Out out(all);
  print_all(out, sessions_);
  print_all(out, groups_);
  print_all(out, channels_);
  print_all(out, interactions_);
  print_all(out, conversations_);
  print_all(out, calls_);
  print_all(out, legs_);
  const std::map<RecordingId, InteractionId> recordings(recordings_.begin(), recordings_.end());
  for (const auto& [id, owner] : recordings) {
    fmt::format_to(out, "recording {} interaction {}\n", id, owner);
  }
  const std::map<ConnectionId, SessionId> connections(connections_.begin(), connections_.end());
  for (const auto& [id, session] : connections) {
    fmt::format_to(out, "connection {} session {}\n", id, session);
  }
  const std::map<AgentIndex, SessionId> agents(agents_.begin(), agents_.end());
  for (const auto& [agent, session] : agents) {
    fmt::format_to(out, "agent {} session {}\n", agent, session);
  }
  const std::map<std::string, CallId> tasks(task_keys_.begin(), task_keys_.end());
  for (const auto& [key, call] : tasks) fmt::format_to(out, "task '{}' call {}\n", key, call);
  fmt::format_to(out, "tasks {} ended", task_count_);
  for (const std::string& key : ended_task_keys_) fmt::format_to(out, " '{}'", key);
  all += '\n';
  for (QueueIndex index = 0; index < queues_.size(); ++index) {
    for (std::size_t type = 0; type < media_type_count; ++type) {
      print(out, {index, static_cast<MediaType>(type)}, queues_[index][type]);
    }
  }
  for (const QueueKey& key : matchable_) {
    fmt::format_to(out, "matchable {}/{}\n", key.queue, number(key.type));
  }
  fmt::format_to(out, "last {} {} {} {} {} {} {} {} {} timer {} of {}\n", last_.session,
                 last_.group, last_.channel, last_.interaction, last_.conversation, last_.member,
                 last_.call, last_.recording, last_.leg, last_timer_, wheel_.size());
  return all;
}

}  // namespace cord::core
