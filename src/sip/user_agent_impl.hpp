// The inside of the user agent, for user_agent*.cpp only.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/timer_wheel.hpp"
#include "sip/invite_session.hpp"
#include "sip/user_agent.hpp"

namespace cord::sip {

struct Replaces;

class UserAgent::Impl {
 public:
  Impl(UserAgentConfig config, std::vector<Listener> listeners, IdSecret secret);

  void receive(std::string_view bytes, const Flow& flow, Instant now);
  void transport_failed(const Flow& flow, Instant now);
  void on_timer(Instant now);
  [[nodiscard]] std::optional<Instant> next_due() const;
  [[nodiscard]] std::vector<UserAgentOutput> take_outputs();

  void ring(CallHandle handle, Instant now);
  void progress(CallHandle handle, const LocalMedia& media, Instant now);
  void answer(CallHandle handle, const LocalMedia& media, Instant now);
  [[nodiscard]] Result<CallHandle> invite(const OutgoingCall& outgoing, Instant now);
  void hang_up(CallHandle handle, std::uint16_t status, Instant now);
  void reinvite(CallHandle handle, const LocalMedia& media, Instant now);
  void accept_transfer(TransferHandle handle, Instant now);
  void end_transfer(TransferHandle handle, std::uint16_t status, Instant now);
  void drain(Instant now);
  void set_busy(bool busy) { is_busy_ = busy; }
  void set_callers(std::vector<Endpoint> callers) { callers_ = std::move(callers); }
  void set_registrars(std::string_view registration, std::vector<NextHop> registrars);
  [[nodiscard]] const Registrar* registrar() const { return registrar_ ? &*registrar_ : nullptr; }
  [[nodiscard]] std::size_t unregistered() const;

  [[nodiscard]] std::size_t live_calls() const { return live_; }
  [[nodiscard]] std::string call_id(CallHandle handle);
  [[nodiscard]] std::size_t held_calls() const { return calls_.size(); }
  [[nodiscard]] std::size_t byes() const { return byes_; }
  [[nodiscard]] const UserAgentCounters& counters() const { return counters_; }
  [[nodiscard]] const TransactionLayer& transactions() const { return transactions_; }

 private:
  enum class Role : std::uint8_t {
    invite_server,
    invite_client,
    reinvite_client,
    update_client,
    prack_client,
    check_client,
    notify_client,
    bye_client,
    bye_answered
  };
  struct Followed {
    CallHandle call;
    Role role;
  };
  /// What an INVITE offers, or why it is refused.
  struct ReadOffer {
    std::optional<Message> refusal;
    std::optional<SessionDescription> sdp;  ///< none: no offer was made
    std::vector<Codec> codecs;              ///< of ours, that can be agreed on
  };
  enum class TimerKind : std::uint8_t {
    provisional,
    ring_over,
    silence_over,
    success_again,
    reinvite_again,
    reliable_again,
    session_due,
    check_due,
    transfers_due
  };
  /// A request of ours outside any call: an OPTIONS to a phone, or a REGISTER.
  struct Errand {
    BindingId binding;             ///< none: a REGISTER
    std::size_t registration = 0;  ///< index
  };
  struct Rest {
    Endpoint remote;
    Instant until;
  };
  /// Where a request inside a dialog belongs.
  struct Place {
    InviteSession* call = nullptr;
    Dialog* dialog = nullptr;      ///< null: nowhere
    EarlyDialog* early = nullptr;  ///< null: it is that of the call
  };
  struct Timer {
    CallHandle call;
    TimerKind kind = TimerKind::provisional;
  };

  // user_agent.cpp: the plumbing.
  void pump(Instant now);
  void take(SendBytes& it, Instant now);
  void take(RequestReceived& it, Instant now);
  void take(ResponseReceived& it, Instant now);
  void take(AckReceived& it, Instant now);
  void take(TransactionTimedOut& it, Instant now);
  void take(TransportFailed& it, Instant now);
  void take(TransactionEnded& it, Instant now);
  void on_lost(TransactionId id, std::string_view why, Instant now);
  std::optional<Followed> unfollow(TransactionId id);
  void fire(const Timer& timer, Instant now);
  void sweep();
  void forget(CallHandle handle);
  InviteSession* find(CallHandle handle);
  InviteSession* find_living(CallHandle handle, CallPhase phase);
  InviteSession* find_by_tag(const std::string& local_tag);
  InviteSession& add_call(bool is_inbound, std::string local_tag);
  void follow(InviteSession& call, TransactionId id, Role role);
  void start(TimerHandle& handle, InviteSession& call, TimerKind kind, Instant due);
  void end_call(InviteSession& call, EndCause cause, std::uint16_t status, std::string detail);
  void stop_awaiting_ack(InviteSession& call);
  [[nodiscard]] Result<Flow> flow_to(const Uri& uri, const Flow* known) const;
  [[nodiscard]] Result<Flow> flow_to(const NextHop& hop) const;
  [[nodiscard]] std::optional<std::uint16_t> listener_for(Transport transport,
                                                          std::uint32_t remote) const;
  /// Where we are reached; `target`: the Request-URI of the request it is in or that is answered.
  [[nodiscard]] std::string contact(const Flow& flow, const Uri& target) const;
  void send_bye(InviteSession& call, Dialog& dialog, Instant now);
  void on_bye_answered(InviteSession& call, const Message& response, Instant now);

  // user_agent_server.cpp: requests of others.
  void on_new_request(RequestReceived& it, Instant now);
  void on_new_invite(RequestReceived& it, Instant now);
  void begin_incoming(InviteSession& call, RequestReceived& it, std::vector<Codec> codecs,
                      CallHandle replaced);
  [[nodiscard]] Place place_of(const Message& request);
  void on_dialog_request(RequestReceived& it, Instant now);
  void on_cancel(RequestReceived& it, Instant now);
  void on_bye(RequestReceived& it, const Place& place, Instant now);
  void on_reinvite(RequestReceived& it, InviteSession& call, Instant now);
  void answer_options(RequestReceived& it, Instant now);
  void on_info(RequestReceived& it, InviteSession& call, Instant now);
  void decline_overload(RequestReceived& it, Instant now);
  void decline_pending(RequestReceived& it, Instant now);
  void refuse_method(RequestReceived& it, Instant now);
  [[nodiscard]] bool knows_option(std::string_view option) const;
  [[nodiscard]] std::string supported() const;
  [[nodiscard]] std::optional<Message> refusal_of_extensions(const Message& request) const;
  [[nodiscard]] ReadOffer read_offer(const Message& request) const;
  [[nodiscard]] Message response_to(const Message& request, std::uint16_t status,
                                    std::string_view to_tag) const;
  void decline(RequestReceived& it, Message response, Instant now);
  void decline(RequestReceived& it, std::uint16_t status, Instant now);
  void refuse_call(InviteSession& call, std::uint16_t status, Instant now);
  void send_provisional(InviteSession& call, Message response, Instant now);
  void accept_call(InviteSession& call, Instant now);
  void send_success(InviteSession& call, RequestReceived& it, const SessionDescription* sdp,
                    bool holds_offer, Instant now);
  void repeat_success(InviteSession& call, Instant now);
  void take_answer_of_ack(InviteSession& call, const Message& ack, Instant now);

  // user_agent_client.cpp: requests of ours.
  [[nodiscard]] Result<Flow> first_flow(const OutgoingCall& outgoing) const;
  void on_invite_response(InviteSession& call, ResponseReceived& it, Instant now);
  void on_provisional(InviteSession& call, const Message& response, Instant now);
  [[nodiscard]] EarlyDialog* early_dialog(InviteSession& call, const Message& response);
  [[nodiscard]] std::optional<Negotiated> answer_to_invite(InviteSession& call,
                                                           const Message& response);
  void on_invite_failure(InviteSession& call, ResponseReceived& it, Instant now);
  [[nodiscard]] bool send_invite_again(InviteSession& call, const Flow& flow, Instant now);
  void on_success(InviteSession& call, ResponseReceived& it, Instant now);
  void confirm(InviteSession& call, Dialog dialog, const Message& response, Instant now);
  bool acknowledge_again(InviteSession& call, const ResponseReceived& it);
  void acknowledge(InviteSession& call, const Dialog& dialog, const ResponseReceived& it);
  [[nodiscard]] Result<TransactionId> send_invite(InviteSession& call, Message request,
                                                  const Flow& flow, Instant now);
  void try_reinvite(InviteSession& call, Instant now);
  void on_reinvite_response(InviteSession& call, ResponseReceived& it, Instant now);
  void on_reinvite_success(InviteSession& call, ResponseReceived& it, Instant now);
  void retry_reinvite(InviteSession& call, const Message& response, Instant now);
  void end_reinvite(InviteSession& call, bool ok, std::string detail);
  void agree(InviteSession& call, const Negotiated& media);

  // user_agent_register.cpp: registration, theirs and ours.
  void on_register(RequestReceived& it, Instant now);
  void tell_registrar_events(Instant now);
  void check(const Binding& binding, Instant now);
  void run_registrations(Instant now);
  void send_registration(std::size_t index, Instant now);
  void follow_registration(std::size_t index, RegistrationStep step, Instant now);
  void on_errand_response(const ResponseReceived& it, Instant now);
  void on_check_answered(BindingId id, std::uint16_t status, Instant now);
  void on_errand_lost(TransactionId id, std::string_view why, Instant now);

  // user_agent_auth.cpp: challenges to requests of ours.
  [[nodiscard]] bool takes_challenge(InviteSession& call, const Message& response);
  void sign(InviteSession& call, Message& request);
  [[nodiscard]] Flow flow_in(const InviteSession& call, const Uri& next_hop) const;

  // user_agent_prack.cpp: RFC 3262.
  void send_reliably(InviteSession& call, Message response, Instant now);
  void repeat_reliable(InviteSession& call, Instant now);
  void on_prack(RequestReceived& it, InviteSession& call, Instant now);
  [[nodiscard]] bool answer_prack(RequestReceived& it, InviteSession& call, bool holds_offer,
                                  Instant now);
  [[nodiscard]] bool acknowledge_provisional(InviteSession& call, EarlyDialog* early,
                                             const Message& response, Instant now);

  // user_agent_update.cpp: RFC 3311.
  void on_update(RequestReceived& it, const Place& place, Instant now);
  [[nodiscard]] bool take_update_offer(RequestReceived& it, const Place& place, Message& response,
                                       Instant now);

  // user_agent_timers.cpp: RFC 4028, and OPTIONS inside a dialog.
  [[nodiscard]] std::optional<Message> refusal_of_interval(const Message& request) const;
  void grant_session_timer(InviteSession& call, const Message& request, Message& response,
                           Instant now);
  void take_session_timer(InviteSession& call, const Message& response, Instant now);
  void start_session_timer(InviteSession& call, std::uint32_t interval_s, bool is_ours,
                           Instant now);
  void ask_for_session_timer(const InviteSession& call, Message& request) const;
  void raise_interval(InviteSession& call, const Message& refusal) const;
  void session_due(InviteSession& call, Instant now);
  void refresh_session(InviteSession& call, Instant now);
  void on_update_response(InviteSession& call, ResponseReceived& it, Instant now);
  void start_check(InviteSession& call, Instant now);
  void check_dialog(InviteSession& call, Instant now);
  void on_check_response(InviteSession& call, ResponseReceived& it, Instant now);
  void lose_dialog(InviteSession& call, std::uint16_t status, std::string detail, Instant now);

  // user_agent_replaces.cpp: RFC 3891.
  [[nodiscard]] const InviteSession* find_dialog(const Replaces& wanted);
  [[nodiscard]] std::optional<Message> find_replaced(const Message& invite, CallHandle& replaced);

  // user_agent_refer.cpp: RFC 3515.
  void on_refer(RequestReceived& it, const Place& place, Instant now);
  void ask_for_transfer(InviteSession& call, RequestReceived& it, TransferAsked asked, Instant now);
  void refuse_transfer(InviteSession& call, const TransferSubscription& its, std::uint16_t status,
                       Instant now);
  void tell_transfer(InviteSession& call, TransferHandle handle, Instant now);
  void on_notify_response(InviteSession& call, const ResponseReceived& it, Instant now);
  void on_notify_lost(InviteSession& call, TransactionId id);
  void transfers_due(InviteSession& call, Instant now);
  [[nodiscard]] std::pair<InviteSession*, TransferSubscription*> find_transfer(
      TransferHandle handle);
  [[nodiscard]] static TransferHandle take_notify(InviteSession& call, TransactionId id);
  void drop_transfer(InviteSession& call, TransferHandle handle);
  void time_transfers(InviteSession& call);

  // user_agent_redirect.cpp: RFC 3261 §8.1.3.4.
  void note_targets(InviteSession& call, const Message& response) const;
  [[nodiscard]] bool try_next_target(InviteSession& call, Instant now);
  void note_rest(const Flow& flow, const Message& response, Instant now);
  [[nodiscard]] bool rests(const Flow& flow, Instant now) const;

  UserAgentConfig config_;
  std::vector<Listener> listeners_;
  IdSource ids_;
  TransactionLayer transactions_;
  TimerWheel<Timer> timers_;
  std::vector<Endpoint> callers_;
  std::vector<UserAgentOutput> outputs_;
  std::unordered_map<CallHandle, InviteSession> calls_;
  std::unordered_map<std::string, CallHandle> by_local_tag_;
  std::unordered_map<std::string, CallHandle> by_invite_;  ///< inbound: RFC 3261 §8.2.2.2
  std::unordered_map<TransactionId, Followed> followed_;
  std::vector<Rest> resting_;  ///< whom to send no new calls until then
  std::vector<CallHandle> maybe_spent_;
  std::uint64_t last_handle_ = 0;
  std::uint64_t last_transfer_ = 0;
  std::unordered_map<TransferHandle, CallHandle> by_transfer_;
  std::size_t live_ = 0;
  std::size_t byes_ = 0;  ///< followed ones, in the role bye_client
  bool is_draining_ = false;
  bool is_busy_ = false;
  std::optional<Registrar> registrar_;
  std::vector<Registration> registrations_;
  std::unordered_map<TransactionId, Errand> errands_;
  UserAgentCounters counters_;
};

/// Takes in which methods the far end says it takes: RFC 3261 §20.5. Silence leaves what is known.
void note_methods(InviteSession& call, const Message& message);

/// The key of an INVITE that opens a call, the same on all its ways to us: RFC 3261 §8.2.2.2.
[[nodiscard]] std::string merge_key(const Message& invite);

/// What we put into Allow.
inline constexpr std::string_view allowed_methods =
    "INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO, REFER";
/// Extensions, as Supported and Require name them.
inline constexpr std::string_view option_100rel = "100rel";      // RFC 3262
inline constexpr std::string_view option_timer = "timer";        // RFC 4028
inline constexpr std::string_view option_replaces = "replaces";  // RFC 3891
/// Whether who sent `request` knows the extension: RFC 3261 §20.32, §20.37.
[[nodiscard]] inline bool knows(const Message& request, std::string_view option) {
  return request.lists(header::supported, option) || request.lists(header::require, option);
}
/// Keys in INFO.
inline constexpr std::string_view key_types = "application/dtmf-relay, application/dtmf";
inline constexpr std::string_view sdp_type = "application/sdp";

}  // namespace cord::sip
