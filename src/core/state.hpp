// Everything the server knows about sessions, calls and who waits for what. Changed by `apply`
// only (decide.hpp); looked up in constant time, however many conversations live.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/assert.hpp"
#include "base/instant.hpp"
#include "base/result.hpp"
#include "base/timer_wheel.hpp"
#include "core/directory.hpp"
#include "core/events.hpp"
#include "core/ids.hpp"
#include "core/states.hpp"
#include "core/values.hpp"

namespace cord::core {

/// What a deadline ends. Each belongs to one object, named by `Deadline::subject`.
enum class DeadlineKind : std::uint8_t {
  session_start,   ///< session: prepared and never started
  detached_rest,   ///< session: detached, takes no more offers
  detached_grace,  ///< session: detached, logged out
  overdue,         ///< session: its last live call has ended after the grace
  activation,      ///< channel: the persistent phone does not answer
  media_offer,     ///< channel: the platform does not answer the browser's offer
  media_wait,      ///< channel: the browser's audio does not come, or not come back
  dial,            ///< channel: the platform does not say that the call is on its way
  monitor,         ///< channel: the platform does not say that the supervisor listens
  ring,            ///< interaction: the offer, or what was dialled, is not answered
  far_ring,        ///< call: dialled for a consult, a transfer or a conference, and not answered
  operation,       ///< interaction: the platform does not report
  wrapup,          ///< interaction: completed by itself
  queue_wait,      ///< call: nobody answers it
  refusal_rest,    ///< call: may be offered again to who refused it
};

struct Deadline {
  DeadlineKind kind = DeadlineKind::session_start;
  std::uint64_t subject = 0;
  std::uint64_t number = 0;  ///< tells it from an earlier one of the same object
};

/// Whether it is the platform that is waited for, and not people or the passing of time. After a
/// restart nothing is: what the platform was asked died with the process.
[[nodiscard]] bool waits_for_platform(DeadlineKind kind);

/// A deadline has passed. One that no longer runs is stale: it gives an empty decision.
struct DeadlineReached {
  Deadline deadline;
};

/// A running deadline, as its owner keeps it.
struct Timer {
  TimerHandle handle{};
  Instant due{};
  DeadlineKind kind = DeadlineKind::session_start;
  std::uint64_t number = 0;  ///< 0: does not run
  [[nodiscard]] bool runs() const { return number != 0; }
};

struct Session {
  SessionId id{};
  AgentIndex agent = 0;
  SessionState state = SessionState::initializing;
  std::string name{};
  std::string resume_token{};
  ConnectionId connection{};  ///< zero: detached
  Instant since{};            ///< of its state, and of its being detached or not
  bool overdue = false;       ///< logged out as soon as no call of it lives
  bool is_furnished = false;  ///< what the agent has from the beginning was opened, here or before
  std::vector<GroupId> groups{};      ///< in the order of their making, at most Limits::groups_max
  std::vector<ChannelId> channels{};  ///< those in groups included; likewise, Limits::channels_max
  Timer lifetime{};                   ///< session_start, detached_grace or overdue
  Timer rest{};                       ///< detached_rest
};

struct ChannelGroup {
  GroupId id{};
  SessionId session{};
  std::string name{};
};

/// A persistent phone is being called for channel.activate, or for activateall of its group.
struct Activation {
  RequestId request{};
  ConnectionId connection{};
  std::optional<QueueIndex> queue{};  ///< the only one to serve; none: all of the agent's
  bool is_of_group = false;
  Timer timer{};
};

/// A browser's offer is with the platform.
struct MediaRequest {
  RequestId request{};
  ConnectionId connection{};
  LegId leg{};  ///< the phone's, or one that is going to be
  Timer timer{};
};

/// A number is being dialled; clients have not been told yet that there is a call.
struct Dial {
  RequestId request{};
  ConnectionId connection{};
  std::string number{};
  LegId leg{};  ///< the number's; zero: the phone is called first
  Timer timer{};
};

/// A supervisor's part in another agent's calls.
struct Monitoring {
  ChannelId agent_channel{};
  MonitorMode mode = MonitorMode::monitor;  ///< as it is, once it `is_set`
  MonitorMode wish = MonitorMode::monitor;  ///< as it is going to be, while the timer runs
  bool is_set = false;
  RequestId request{};
  ConnectionId connection{};
  Timer timer{};
};

struct Channel {
  ChannelId id{};
  SessionId session{};
  GroupId group{};
  AgentIndex agent = 0;
  MediaType type = MediaType::telephony;
  std::string endpoint{};
  std::vector<QueueIndex> queues{};
  ChannelState state = ChannelState::inactive;
  AgentState agent_state = AgentState::not_ready;
  std::string reason{};
  std::optional<AgentState> pending{};
  std::string pending_reason{};
  Instant since{};  ///< of both states
  Instant idle_since{};
  std::uint64_t taken = 0;      ///< from queues, since the agent logged in
  InteractionId interaction{};  ///< the one that is not completed; zero: the agent is free
  LegId leg{};                  ///< of the phone: persistent, or for the present call
  std::optional<Activation> activation{};
  std::optional<Dial> dial{};
  std::optional<Monitoring> monitoring{};  ///< of another agent, by this one
  std::vector<ChannelId> monitors{};       ///< by whom; at most Limits::monitors_max
  std::optional<MediaRequest> media_request{};
  std::vector<Instant> media_offers{};  ///< the last ones came; at most Limits::media_offers_max
  Timer media_wait{};                   ///< runs while the browser's audio is not there
};

/// An order that is out for an interaction.
struct Operation {
  OperationKind kind = OperationKind::answer;
  RequestId request{};  ///< zero: nobody waits for the reply
  ConnectionId connection{};
  Cause cause = Cause::request;
  ConversationId conversation{};  ///< that it is about
  std::string number{};           ///< consult, blind_transfer: whom to call
  LegId leg{};                    ///< of that number, until its call is on its way
  Timer timer{};
};

/// The far end of a call of an interaction, which has ended for the agent: the platform is still to
/// say how it was.
struct PartedLeg {
  LegId leg{};
  std::string call_id{};  ///< the platform's, of the call
};
inline constexpr std::size_t parted_legs_max = 4;  ///< of one interaction; then the oldest is left

struct Interaction {
  InteractionId id{};
  ChannelId channel{};
  CallId call{};                  ///< zero once the call has ended
  ConversationId conversation{};  ///< zero once it is disposed
  CallId consult_call{};          ///< beside `call`; zero: none
  ConversationId consult{};  ///< the part in it. Left alone it takes the place of `conversation`
  ConversationId focus{};    ///< which one the phone has; zero: there has been one only
  MediaType type = MediaType::telephony;
  Direction direction = Direction::inbound;
  InteractionState state = InteractionState::alerting;
  Instant since{};  ///< of that state
  RecordingState recording_state = RecordingState::none;
  RecordingId recording{};  ///< zero: no recorder is ordered
  CallData data{};
  Instant answered_at{};
  std::optional<Operation> operation{};
  Timer timer{};  ///< ring or wrapup; of a dialled call, if it is on a leg of its own
  std::vector<PartedLeg> parted{};
};

struct Conversation {
  ConversationId id{};
  InteractionId interaction{};
  ConversationType type = ConversationType::primary;
  ConversationState state = ConversationState::alerting;
  bool muted = false;
  bool held_by_phone = false;
  std::optional<bool> phone_hold_wish{};  ///< the hold key, pressed during another operation
  CallId inviting{};                      ///< whoever is being called to join in; zero: nobody
  std::vector<Member> members{};
};

/// An agent who was offered a call and did not take it.
struct Refusal {
  AgentIndex agent = 0;
  Instant until{};
};

/// A call that its agent has given away, until somebody takes it.
struct Transfer {
  ChannelId channel{};               ///< the agent's
  std::optional<QueueIndex> home{};  ///< the queue it had come from
  RequestId request{};               ///< of the phone that has asked for it; zero: none has
};

/// One call. From outside or to it: on `leg`, and `origin` is zero. From one agent to another: it
/// has no leg, `origin` is the caller's interaction. Or a task, a chat or an e-mail: it has
/// neither. Likewise one that is to join another, unless it is on a leg; and a conference, which
/// has `conference` instead. Waits in its queue, if it has one, exactly while `interaction` and
/// `partner` are zero: also while it rings at several agents, of whom nobody has answered.
struct Call {
  CallId id{};
  MediaType type = MediaType::telephony;
  LegId leg{};
  InteractionId origin{};  ///< who called a colleague or a queue, as an agent
  std::optional<QueueIndex> queue{};
  std::string caller{};
  std::string caller_name{};
  std::string called{};
  std::string call_id{};  ///< the platform's; of a task the submitter's
  Instant arrived{};
  Instant queued{};  ///< when it came into the queue, or to the agent, it is with
  CallData data{};
  InteractionId interaction{};           ///< of the agent it reached, or who dialled out
  std::vector<InteractionId> ringing{};  ///< of agents who are offered it and may all take it
  CallId partner{};                      ///< the call it is joined to, or is going to be
  std::optional<Transfer> transfer{};
  ConversationId joins{};           ///< of the agent who has it called to join in
  std::vector<LegId> conference{};  ///< all who talk, phones too, at most conference_legs_max
  std::vector<Refusal> refusals{};  ///< oldest first, at most Limits::refusals_max
  Timer wait{};                     ///< queue_wait; far_ring of a dialled one
  Timer rest{};
};

/// One of our legs: that of a call from outside or to it (`call`), or one of `channel`: its
/// phone's, or that of the number it dials.
struct Leg {
  LegId id{};
  CallId call{};
  ChannelId channel{};
  bool is_answered = false;  ///< of a phone, or of who was dialled for a consult or a transfer
};

/// A ready channel's place in a queue, as the queue's strategy has it: the first is the next one,
/// but with round_robin, where it is the one behind whose turn it was.
struct ReadyKey {
  std::int64_t rank = 0;       ///< what the strategy goes by
  std::int64_t unskilled = 0;  ///< among equals who is better at what the queue asks for
  Instant idle_since{};        ///< and then who is idle longest
  ChannelId channel{};
  friend auto operator<=>(const ReadyKey&, const ReadyKey&) = default;
};

/// A queue as far as one medium is concerned: media do not mix.
struct QueueKey {
  QueueIndex queue = 0;
  MediaType type = MediaType::telephony;
  friend auto operator<=>(const QueueKey&, const QueueKey&) = default;
};

/// Who waits for whom in one queue, of one medium. Calls are in order of arrival, which is that of
/// their ids.
struct QueueTable {
  std::set<CallId> fresh;    ///< waiting, refused by nobody
  std::set<CallId> refused;  ///< waiting, resting for some agents
  std::set<ReadyKey> ready;
  std::optional<AgentIndex> last_offered;  ///< whose turn it was
  /// Active channels, by the state of their agents.
  std::array<std::size_t, agent_state_count> staff{};
  [[nodiscard]] std::size_t waiting_count() const { return fresh.size() + refused.size(); }
  /// The one that came first. Somebody must wait.
  [[nodiscard]] CallId oldest() const;
};

/// The last number given to each kind of object.
struct LastIds {
  SessionId session{};
  GroupId group{};
  ChannelId channel{};
  InteractionId interaction{};
  ConversationId conversation{};
  MemberId member{};
  CallId call{};
  RecordingId recording{};
  LegId leg{};
};

class State {
 public:
  template <class K, class V>
  using Table = std::unordered_map<K, V>;

  /// `directory` is borrowed and must outlive the state.
  explicit State(const Directory& directory);

  [[nodiscard]] const Directory& directory() const { return *directory_; }

  /// Each: the object, or null if there is none of that id (any more).
  [[nodiscard]] const Session* find(SessionId id) const { return find_in(sessions_, id); }
  [[nodiscard]] const ChannelGroup* find(GroupId id) const { return find_in(groups_, id); }
  [[nodiscard]] const Channel* find(ChannelId id) const { return find_in(channels_, id); }
  [[nodiscard]] const Interaction* find(InteractionId id) const {
    return find_in(interactions_, id);
  }
  [[nodiscard]] const Conversation* find(ConversationId id) const {
    return find_in(conversations_, id);
  }
  [[nodiscard]] const Call* find(CallId id) const { return find_in(calls_, id); }
  [[nodiscard]] const Leg* find(LegId id) const { return find_in(legs_, id); }
  [[nodiscard]] const InteractionId* find(RecordingId id) const { return find_in(recordings_, id); }

  /// As find, for an id that the state itself holds: its object exists.
  template <class Id>
  [[nodiscard]] const auto& at(Id id) const {
    const auto* it = find(id);
    CORD_ASSERT(it != nullptr);
    return *it;
  }

  [[nodiscard]] const Session* session_of(AgentIndex agent) const;
  [[nodiscard]] const Session* session_of(ConnectionId connection) const;
  [[nodiscard]] const Session* session_named(const std::string& name) const;
  /// True if `connection` had a session that has ended, and has none now.
  [[nodiscard]] bool has_lost_session(ConnectionId connection) const;

  /// The objects in no particular order.
  [[nodiscard]] const Table<SessionId, Session>& sessions() const { return sessions_; }
  [[nodiscard]] const Table<GroupId, ChannelGroup>& groups() const { return groups_; }
  [[nodiscard]] const Table<ChannelId, Channel>& channels() const { return channels_; }
  [[nodiscard]] const Table<InteractionId, Interaction>& interactions() const {
    return interactions_;
  }
  [[nodiscard]] const Table<ConversationId, Conversation>& conversations() const {
    return conversations_;
  }
  [[nodiscard]] const Table<CallId, Call>& calls() const { return calls_; }
  [[nodiscard]] const Table<LegId, Leg>& legs() const { return legs_; }
  /// Whose call the leg had, if its quality is awaited; zero if it is not.
  [[nodiscard]] InteractionId parted_from(LegId leg) const;
  [[nodiscard]] std::size_t parted_count() const { return parted_.size(); }
  /// By connection; zero: its session has ended.
  [[nodiscard]] const Table<ConnectionId, SessionId>& connections() const { return connections_; }
  [[nodiscard]] const Table<RecordingId, InteractionId>& recordings() const { return recordings_; }

  /// Walks the tree from the session down. A channel in a group is found with and without the
  /// group; the path has it. Errors: target_not_found (also for what is another session's).
  [[nodiscard]] Result<ObjectPath> resolve(const Target& target, const Session& bound) const;
  /// As above; moreover invalid_target if the object exists and is of another kind.
  [[nodiscard]] Result<ObjectPath> resolve(const Target& target, const Session& bound,
                                           ObjectKind expected) const;

  [[nodiscard]] ObjectPath path_of(const Session& session) const;
  [[nodiscard]] ObjectPath path_of(const Channel& channel) const;
  [[nodiscard]] ObjectPath path_of(const Interaction& interaction) const;

  /// The task submitted under `key`, also one that ended lately; null if there is none, and for an
  /// empty key.
  [[nodiscard]] const CallId* find_task(const std::string& key) const {
    return find_in(task_keys_, key);
  }
  /// By their keys, tasks that ended lately included; and the keys of those, the oldest first.
  [[nodiscard]] const Table<std::string, CallId>& task_keys() const { return task_keys_; }
  [[nodiscard]] const std::deque<std::string>& ended_task_keys() const { return ended_task_keys_; }
  /// Chats and e-mails that have not ended.
  [[nodiscard]] std::size_t task_count() const { return task_count_; }
  /// Those that ended lately and whose keys are remembered.
  [[nodiscard]] std::size_t ended_task_count() const { return ended_task_keys_.size(); }
  /// Telephone calls: all but those.
  [[nodiscard]] std::size_t phone_call_count() const { return calls_.size() - task_count_; }

  /// The channels with this endpoint, whoever's.
  [[nodiscard]] const std::vector<ChannelId>& channels_at(const Endpoint& endpoint) const;
  [[nodiscard]] const std::vector<ChannelId>& channels_at(const Channel& channel) const {
    return channels_at({channel.type, channel.endpoint});
  }
  /// True if another channel with the endpoint of `channel` is active, or about to be.
  [[nodiscard]] bool is_endpoint_taken(const Channel& channel) const;

  [[nodiscard]] const QueueTable& queue(QueueKey key) const {
    return queues_[key.queue][static_cast<std::size_t>(key.type)];
  }
  /// The queues in which somebody waits and somebody is ready.
  [[nodiscard]] const std::set<QueueKey>& matchable_queues() const { return matchable_; }
  /// The place of `channel` among those who are ready for `queue`.
  [[nodiscard]] ReadyKey ready_key(const Channel& channel, QueueIndex queue) const;
  /// True if `call` rings at `agent` now, as at others.
  [[nodiscard]] bool rings_at(const Call& call, AgentIndex agent) const;
  /// True if `channel` may be offered calls at all: active, ready, and its session sees it.
  [[nodiscard]] bool takes_offers(const Channel& channel) const;
  /// The call that `conversation` is the agent's part in.
  [[nodiscard]] const Call& call_of(const Conversation& conversation) const;
  /// The part of `interaction` in `call`, which must be one of its calls.
  [[nodiscard]] const Conversation& part_in(const Interaction& interaction, CallId call) const;
  /// The conversation that the agent's phone has, or had last.
  [[nodiscard]] const Conversation& focus_of(const Interaction& interaction) const;
  /// The other one of two conversations of an interaction; null if there is one only.
  [[nodiscard]] const Conversation* find_other(const Conversation& conversation) const;
  /// The other agent's part, if `conversation` is one end of a call between agents that has reached
  /// both; else null.
  [[nodiscard]] const Conversation* find_colleague(const Conversation& conversation) const;
  /// The leg at the other end: of the call, or a colleague's phone. Zero: none yet, or many.
  [[nodiscard]] LegId far_leg(const Conversation& conversation) const;
  /// All legs of a call that is talked on, phones too.
  [[nodiscard]] std::vector<LegId> legs_of(const Call& call) const;
  /// The part of an agent, on whose phone `leg` is, in a call that is talked on; null: it is
  /// outside.
  [[nodiscard]] const Conversation* part_on(LegId leg, CallId call) const;
  /// Whoever is called to join in, as a member of the conversation of who has it called.
  [[nodiscard]] const Member& invited_member(const Call& call) const;
  /// True if `agent` refused `call` so recently that it is not offered again.
  [[nodiscard]] static bool is_resting(const Call& call, AgentIndex agent, Instant now);

  /// A lower bound for the next deadline, or none. To be called again after take_due.
  [[nodiscard]] std::optional<Instant> next_due() const { return wheel_.next_due(); }
  /// Takes one deadline that has passed, in order; call until none. What it means is decided by
  /// decide(); the journal needs no trace of the taking.
  [[nodiscard]] std::optional<DeadlineReached> take_due(Instant now);
  /// True if `deadline` still runs: its object exists and has not restarted or ended it.
  [[nodiscard]] bool is_current(const Deadline& deadline) const;

  /// Deadlines that run. All of them have an owner: a bound for tests, a level for metrics.
  [[nodiscard]] std::size_t deadline_count() const { return wheel_.size(); }

  [[nodiscard]] const LastIds& last_ids() const { return last_; }
  /// The number of the deadline that was started last.
  [[nodiscard]] std::uint64_t last_timer() const { return last_timer_; }

  /// All of it as text, in an order of its own: equal states give equal texts.
  [[nodiscard]] std::string dump() const;

 private:
  friend class StateEditor;  // apply's hands: core/state_editor.hpp

  template <class T, class Id>
  static const T* find_in(const Table<Id, T>& table, Id id) {
    const auto it = table.find(id);
    return it == table.end() ? nullptr : &it->second;
  }
  [[nodiscard]] const Timer* timer_of(const Deadline& deadline) const;

  const Directory* directory_;
  Table<SessionId, Session> sessions_;
  Table<GroupId, ChannelGroup> groups_;
  Table<ChannelId, Channel> channels_;
  Table<InteractionId, Interaction> interactions_;
  Table<ConversationId, Conversation> conversations_;
  Table<CallId, Call> calls_;
  Table<LegId, Leg> legs_;
  Table<LegId, InteractionId> parted_;
  Table<RecordingId, InteractionId> recordings_;
  // Zero session: the connection's session has ended.
  Table<ConnectionId, SessionId> connections_;
  std::unordered_map<AgentIndex, SessionId> agents_;
  std::unordered_map<std::string, SessionId> session_names_;
  std::size_t task_count_ = 0;
  Table<std::string, CallId> task_keys_;
  std::deque<std::string> ended_task_keys_;  ///< oldest first, at most Limits::task_keys_max
  std::map<Endpoint, std::vector<ChannelId>> endpoints_;
  std::vector<std::array<QueueTable, media_type_count>> queues_{};
  std::set<QueueKey> matchable_;
  TimerWheel<Deadline> wheel_;
  std::uint64_t last_timer_ = 0;
  LastIds last_;
};

}  // namespace cord::core
