// A runtime, a platform and a clock in memory: runs the core as the server does, one input at a
// time, and writes down what every client would hear. For tests of the core and of routing.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/decide.hpp"
#include "support/core_text.hpp"

namespace cord::test {

using namespace std::chrono_literals;

/// Alice, Bob (rings), Carol (persistent, in a group) and Dave, who shares Alice's extension; Eve
/// works in two queues.
[[nodiscard]] core::Directory call_centre();

inline constexpr core::AgentIndex alice = 0, bob = 1, carol = 2, dave = 3, eve = 4;

using Lines = std::vector<std::string>;

/// What an agent's desktop knows of itself.
struct Client {
  core::ConnectionId connection{};
  std::string session;
  core::AgentIndex agent = 0;
  std::size_t channel = 0;  ///< which of the session's it speaks of, from 0

  /// The same desktop, speaking of another channel.
  [[nodiscard]] Client on(std::size_t other) const { return {connection, session, agent, other}; }
};

/// How the platform takes an order.
enum class Mood { prompt, silent, failing };

class World {
 public:
  explicit World(core::Directory directory = call_centre());
  ~World();
  World(World&&) = delete;
  World& operator=(World&&) = delete;

  [[nodiscard]] const core::State& state() const { return state_; }
  [[nodiscard]] const core::Directory& directory() const { return *directory_; }
  [[nodiscard]] Instant now() const { return now_; }

  Mood mood = Mood::prompt;
  /// Every order since they were asked for last.
  std::vector<core::Effect> orders;
  std::vector<std::string> ordered();
  /// Called after each decision is applied.
  std::function<void()> on_step = [] {};

  // --- Clients ------------------------------------------------------------------------------

  /// prepareSession over a new connection.
  Client prepare(core::AgentIndex agent, bool takes_over = false);

  /// session.resume of the client's session over a new connection.
  Client resume(const Client& client, const std::string& token, bool has_gap = false);
  Client resume(const Client& client, bool has_gap = false) {
    return resume(client, "token-" + client.session, has_gap);
  }

  /// Prepared and started; what was heard so far is forgotten.
  Client log_in(core::AgentIndex agent);

  /// Logged in, active and ready.
  Client log_in_ready(core::AgentIndex agent);

  /// Sends `it` at the client's own object of the kind it needs. An absent object is number 0.
  core::RequestId command(const Client& client, core::Command it);
  core::RequestId command_at(const Client& client, core::Target at, core::Command it);
  [[nodiscard]] core::Target target(const Client& client, core::ObjectKind kind) const;

  [[nodiscard]] const core::Session* session_of(const Client& client) const;
  [[nodiscard]] const core::Channel* channel_of(const Client& client) const;
  [[nodiscard]] const core::Interaction* interaction_of(const Client& client) const;
  [[nodiscard]] const core::Conversation* conversation_of(const Client& client) const;
  [[nodiscard]] core::LegId customer_leg(const Client& client) const;
  [[nodiscard]] core::LegId phone_leg(const Client& client) const;

  /// What the client heard since it was asked last, in order: replies, events, and "close CODE".
  std::vector<std::string> heard(const Client& client);

  /// The outcome of a request: its text, or "" while it is pending.
  [[nodiscard]] std::string outcome(core::RequestId request) const;
  [[nodiscard]] const std::map<core::RequestId, std::vector<core::Reply>>& outcomes() const {
    return outcomes_;
  }

  // --- The platform -------------------------------------------------------------------------

  core::LegId arrive(const std::string& called = "100", const std::string& caller = "555");

  void report(core::Report it);

  // --- Another system -----------------------------------------------------------------------

  core::RequestId submit(core::SubmitTask task);
  core::RequestId withdraw(core::CallId call);

  /// Carries out `order` as the mood says.
  void answer(const core::Effect& order);

  // --- Time and inputs ----------------------------------------------------------------------

  void advance(Duration by);
  void run(core::Input input);

  /// All events so far, with their times: the journal.
  [[nodiscard]] const std::vector<std::pair<core::Event, Instant>>& journal() const {
    return journal_;
  }
  [[nodiscard]] std::string replayed_dump() const;
  /// The last seq given to each session.
  [[nodiscard]] const std::map<core::SessionId, std::uint64_t>& seqs() const { return seqs_; }

 private:
  static constexpr std::size_t waiting_max = 32;
  static constexpr core::ConnectionId tasks_connection{1'000'000};

  core::RequestId next_request(core::ConnectionId);
  void fire_due();
  void route();
  void take(const core::Input& input);
  // Commands on one interaction run one after the other.
  void admit(const core::ClientRequest& request);
  void release_waiting();
  void decide(const core::Input& input);
  void carry_out(const core::Block& block);

  // A session's last events are said after it is gone from the state.
  void remember_connections();

  void say(const core::Reply& reply);
  void say(core::ClientEvent& event);

  // --- The platform's side of each order ----------------------------------------------------

  void later(core::Report report);
  void order_outcome(core::LegId leg, core::LegOrderFailed::Order order, core::Report success);
  void recorder_outcome(core::RecordingId recording, core::Report success);

  void platform(const core::AcceptLeg&);
  void platform(const core::ParkLeg&);
  void platform(const core::OriginateLeg& it);
  void platform(const core::AnswerOffer& it);
  void platform(const core::PlayRinging&);
  void platform(const core::StopRinging&);
  void platform(const core::DialLeg& it);
  void platform(const core::MixLegs& it);
  void platform(const core::LeaveMix&);
  void platform(const core::AcceptTransfer&);
  void platform(const core::EndTransfer&);
  void platform(const core::MonitorLeg& it);
  void platform(const core::SendDigits& it);
  void platform(const core::ReleaseLeg& it);
  void platform(const core::BridgeLegs& it);
  void platform(const core::HoldLeg& it);
  void platform(const core::RetrieveLeg& it);
  void platform(const core::MuteLeg& it);
  void platform(const core::UnmuteLeg& it);
  void platform(const core::StartRecording& it);
  void platform(const core::MoveRecording&);
  void platform(const core::PauseRecording& it);
  void platform(const core::ResumeRecording& it);
  void platform(const core::StopRecording& it);

  std::unique_ptr<core::Directory> directory_;
  core::State state_;
  // 2026-11-22T15:00:00Z.
  Instant now_{std::chrono::seconds(1'795'359'600)};
  std::deque<core::Input> inbox_;
  std::map<core::InteractionId, std::deque<core::ClientRequest>> waiting_;
  std::vector<std::pair<core::Event, Instant>> journal_;
  std::map<core::ConnectionId, std::vector<std::string>> lines_;
  std::map<core::RequestId, std::vector<core::Reply>> outcomes_;
  std::map<core::SessionId, std::uint64_t> seqs_;
  std::map<core::SessionId, core::ConnectionId> connection_of_;
  std::set<core::SessionId> ended_;
  std::uint64_t last_connection_ = 0;
  std::uint64_t last_request_ = 0;
  std::uint64_t last_inbound_ = 0;
};

}  // namespace cord::test
