// One call of the user agent as data: RFC 3261 §13 and §14 seen from one side. Internal to the
// user agent; what moves it is user_agent_*.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/timer_wheel.hpp"
#include "sip/dialog.hpp"
#include "sip/transfer_subscription.hpp"
#include "sip/user_agent.hpp"

namespace cord::sip {

enum class CallPhase : std::uint8_t {
  incoming,   ///< their INVITE has no final answer
  outgoing,   ///< our INVITE has none
  confirmed,  ///< 2xx sent or received
  ended,      ///< told above; only protocol duties are left
};

/// A 2xx of ours that waits for its ACK: RFC 3261 §13.3.1.4.
struct AwaitedAck {
  TransactionId transaction;
  std::uint32_t cseq = 0;
  bool holds_offer = false;  ///< the answer is expected in the ACK
  Duration interval{};       ///< to the next repetition
  Instant give_up{};
  TimerHandle timer;
};

/// An ACK of ours, kept as long as its 2xx may come again.
struct SentAck {
  TransactionId transaction;
  std::string remote_tag;
  Message ack;
  Flow flow;
};

/// A provisional response of ours that waits for its PRACK: RFC 3262 §3.
struct ReliableResponse {
  Message message;
  std::uint32_t rseq = 0;
  bool holds_offer = false;  ///< the answer is expected in the PRACK
  Duration interval{};       ///< to the next repetition
  Instant give_up{};
  TimerHandle timer;  ///< none after a final response: no repetition, but the PRACK is welcome
};

/// A dialog made by a provisional response, which may come to nothing.
struct EarlyDialog {
  Dialog dialog;
  LocalSession session;                ///< what we said in it last, our offer to begin with
  std::string sdp = {};                ///< the first body: the answer, if the 2xx has none
  std::optional<Negotiated> agreed{};  ///< answered reliably: no later answer counts
  std::uint32_t rseq = 0;              ///< of the last reliable response; 0: there was none
};

/// A re-INVITE of ours, wanted or under way.
struct Reinvite {
  LocalMedia media;
  bool is_refresh = false;      ///< of the session timer: nobody above has asked for it
  TransactionId transaction{};  ///< none: not sent yet
  std::uint32_t tries = 0;
  TimerHandle backoff;
};

/// When the session ends by itself unless it is refreshed: RFC 4028.
struct SessionTimer {
  std::uint32_t interval_s = 0;  ///< 0: none agreed
  std::uint32_t min_s = 0;       ///< the largest Min-SE we were told in a 422
  bool is_ours = false;          ///< we refresh
  Instant expires{};             ///< with the time a BYE needs taken off
  TransactionId update{};        ///< the UPDATE that refreshes; none: none is under way
  TimerHandle timer;
};

/// Where else a call of ours may go after a 3xx.
struct Targets {
  std::vector<Endpoint> allowed{};
  std::vector<NameAddr> next{};  ///< most wanted first
  std::vector<Uri> tried{};
};

struct InviteSession {
  CallHandle handle;
  bool is_inbound = false;
  CallPhase phase = CallPhase::incoming;
  Message invite;           ///< the initial one, theirs or ours
  std::string merge_key;    ///< inbound: of that INVITE
  TransactionId initial{};  ///< its transaction
  std::string local_tag;
  Flow flow;  ///< where the far end was heard last
  std::optional<Dialog> dialog;
  std::vector<EarlyDialog> early;

  LocalSession session;
  LocalMedia media;
  std::optional<SessionDescription> offer;  ///< theirs, of the initial INVITE

  bool is_pinned = false;              ///< requests go to `flow`, not where the Contact says
  std::optional<DigestClient> digest;  ///< answers challenges; none: they end the call
  std::optional<Negotiated> agreed;    ///< what MediaAgreed told last
  bool rang = false;                   ///< outbound: CallRinging was told
  bool has_answered_offer = false;     ///< inbound: a 183 of ours carried the answer
  bool is_settled = false;             ///< inbound: offer and answer were exchanged reliably
  std::optional<Message> provisional;  ///< inbound: repeated every minute
  std::uint32_t last_rseq = 0;         ///< inbound: 0: no reliable response yet
  std::optional<ReliableResponse> reliable;
  std::optional<Message> provisional_next;  ///< inbound: waits for the PRACK of `reliable`
  bool is_answer_wanted = false;            ///< inbound: our 2xx waits for it
  std::optional<AwaitedAck> awaited;
  bool bye_when_acked = false;
  std::vector<SentAck> acks;
  std::optional<Reinvite> reinvite;
  SessionTimer session_timer;
  bool takes_update = false;  ///< the far end lists UPDATE in Allow
  TimerHandle check;          ///< the next OPTIONS that asks whether the dialog is still known
  Targets targets;            ///< outbound
  std::uint32_t interval_tries = 0;             ///< outbound: 422s to the initial INVITE
  TimerHandle silence;                          ///< outbound: until the first response
  TimerHandle patience;                         ///< outbound: ring_max; inbound: next provisional
  std::vector<TransferSubscription> transfers;  ///< REFERs of theirs, until all is told
  bool has_referred = false;                    ///< there was one
  TimerHandle transfer_timer;                   ///< of the one that is due first
  std::size_t transactions = 0;                 ///< living ones that are ours to follow
};

/// Whether `session` owns nothing any more that SIP could ask for.
[[nodiscard]] inline bool is_spent(const InviteSession& session) {
  return session.phase == CallPhase::ended && session.transactions == 0 && !session.awaited &&
         session.transfers.empty();
}

/// "486 Busy Here"
[[nodiscard]] std::string status_line(const Message& response);

/// The body of `message` as a session description. Errors: malformed, bad_version, too_long.
[[nodiscard]] Result<SessionDescription> sdp_of(const Message& message);

/// Those of our codecs that `offer` has; empty if it cannot be answered at all.
[[nodiscard]] std::vector<Codec> common_codecs(const SessionDescription& offer);

/// How long to wait after a 491: RFC 3261 §14.1. `owns_call_id`: we sent the first INVITE.
[[nodiscard]] Duration glare_delay(bool owns_call_id, IdSource& ids);

}  // namespace cord::sip
