// A SIP user agent for many calls at once: dialogs (RFC 3261 §12), INVITE sessions (§13, §14),
// BYE and CANCEL (§15, §9), OPTIONS (§11), redirection (§8.1.3.4), reliable provisional responses
// (RFC 3262), UPDATE (RFC 3311), session timers (RFC 4028), Replaces (RFC 3891), REFER from the far
// end (RFC 3515), keys in INFO, with one offer/answer of G.711 audio each (RFC 3264, RFC 6337).
// Sans-I/O: bytes, orders and `now` in; bytes to send and facts out.
//
// Phones register here (registrar.hpp) and we register with others (registration.hpp); requests of
// ours that are challenged are repeated with credentials (RFC 3261 §22).
//
// Left out on purpose: authentication of calls to us; REFERs of ours; INVITEs of ours without
// offer; UPDATEs of ours that offer (a re-INVITE does it); 3xx inside a dialog; Replaces of calls
// that are not answered yet; DNS (locate.hpp: whoever has looked a name up says what came of it;
// inside a dialog a host name means "the way the far end came").
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.hpp"
#include "base/instant.hpp"
#include "base/result.hpp"
#include "sip/flow.hpp"
#include "sip/id_source.hpp"
#include "sip/message.hpp"
#include "sip/offer_answer.hpp"
#include "sip/registrar.hpp"
#include "sip/registration.hpp"
#include "sip/transaction_layer.hpp"

namespace cord::sip {

/// One call of ours, however many dialogs it forks into. Given by the user agent, never reused.
using CallHandle = Id<struct CallHandleTag>;
/// A REFER of the far end, likewise.
using TransferHandle = Id<struct TransferHandleTag>;

struct UserAgentConfig {
  TransactionConfig transactions;
  /// Who may send INVITEs outside a dialog. Port 0: from any port; another holds for UDP only.
  /// Everybody else gets 403.
  std::vector<Endpoint> callers;         ///< until set_callers()
  std::size_t calls_max = 8'000;         ///< living ones; an INVITE beyond it gets 503
  std::uint32_t retry_after_s = 5;       ///< in that 503
  std::size_t early_dialogs_max = 16;    ///< of one call of ours, when a proxy forks it
  std::uint32_t reinvite_tries_max = 5;  ///< a re-INVITE of ours that meets theirs (491)
  Duration provisional_every = std::chrono::minutes(1);  ///< 180/183 again: RFC 3261 §13.3.1.1
  /// Transactions from which on new calls get 503, while those that live have what is left.
  std::size_t transactions_busy_max = 160'000;
  /// RFC 4028: what we ask for, and grant at most; 0: no session timers. At least min_se_s.
  std::uint32_t session_expires_s = 1'800;
  std::uint32_t min_se_s = 90;  ///< a shorter interval gets 422; not below 90 (RFC 4028 §5)
  /// How often a far end without session timers is asked by OPTIONS whether it knows the dialog
  /// still; 0: never.
  Duration dialog_check = std::chrono::minutes(1);
  std::uint32_t redirects_max = 5;                  ///< INVITEs of one call after a 3xx
  std::string product = "Cordboard";                ///< in User-Agent and Server
  std::optional<RegistrarConfig> registrar{};       ///< none: a REGISTER gets 405
  std::vector<RegistrationConfig> registrations{};  ///< of ours, begun with the first timer
};

/// A call to make.
struct OutgoingCall {
  Uri to;  ///< host: an IPv4 address, but with `via` or `next_hop`; ;transport: udp if not given
  NameAddr from;                ///< without tag
  std::vector<Header> headers;  ///< further header fields of the INVITE
  LocalMedia media;             ///< offered
  Duration ring_max;            ///< without a final answer after it: cancelled, EndCause::timeout
  /// Not even a 100 after it: cancelled, EndCause::unreachable. Zero: only timer B (64*T1) ends it.
  Duration silence_max{};
  /// All requests of the call go this way, whatever `to` and the far end's Contact say: that of a
  /// registered phone, perhaps behind a NAT.
  std::optional<Flow> via{};
  std::vector<NameAddr> routes{};  ///< its Path (RFC 3327)
  /// Where the INVITE goes, if `to` does not say it in numbers.
  std::optional<NextHop> next_hop{};
  std::optional<DigestAccount> account{};  ///< answers challenges of this call
  /// Where a 3xx may lead; port 0: any. Other targets are left out. Empty: a 3xx ends the call.
  std::vector<Endpoint> redirects{};
};

/// Why a call is over.
enum class EndCause : std::uint8_t {
  request,      ///< hang_up()
  remote,       ///< BYE or CANCEL of the far end
  busy,         ///< 486, 600
  rejected,     ///< 3xx (if it leads nowhere), 401, 403, 407, 603
  unreachable,  ///< 404, 408, 410, 480, 502, 503, 504, 604; no answer at all; connection lost;
                ///< the far end does not know the call any more, or did not refresh it
  timeout,      ///< ring_max
  failed,       ///< any other answer; no ACK; nothing to agree on
};

/// What the final answer `status` to an INVITE (300 to 699) means. 480 and 408 are `unreachable`:
/// the far side says that nobody was there to ask; `timeout` is our own patience only.
[[nodiscard]] EndCause cause_of_status(std::uint16_t status);

/// A new call from a permitted caller, with an offer we could answer, or without offer. 100 has
/// been sent. Answer with ring(), progress(), answer() or hang_up().
struct CallOffered {
  CallHandle call;
  Flow flow;   ///< where it came from
  Uri target;  ///< the Request-URI: whom they call
  NameAddr from;
  std::optional<NameAddr> asserted;  ///< P-Asserted-Identity, the first
  bool wants_privacy = false;        ///< Privacy: id, user or header (RFC 3323, RFC 3325)
  std::string call_id;
  std::vector<Codec> codecs;                  ///< of ours that the offer has; without offer: all
  std::optional<OfferedSecurity> security{};  ///< of the offer; none: no offer was made
  /// The answered call whose place it is to take (RFC 3891); none: it is one of its own. Who
  /// answers it hangs up the other.
  CallHandle replaces{};
};
/// Our call rings there (the first 180 or 183).
struct CallRinging {
  CallHandle call;
};
/// Our call was answered; MediaAgreed came before.
struct CallAnswered {
  CallHandle call;
};
/// What to send where, first or anew (re-INVITE).
struct MediaAgreed {
  CallHandle call;
  Negotiated media;
};
/// A key at the far end, told in an INFO: RFC 4733 §3.2 event number 0 to 15.
struct KeyPressed {
  CallHandle call;
  std::uint8_t event;
};
/// The far end wants to be replaced in its call (RFC 3515): by `to`, or by the far end of another
/// call of ours. To be answered with accept_transfer() or end_transfer().
struct TransferAsked {
  CallHandle call;
  TransferHandle transfer;
  Uri to;
  CallHandle replaced{};  ///< the answered call named in Replaces; none: it names none
};
/// How a reinvite() ended. Not `ok`: the session is as it was.
struct ReinviteEnded {
  CallHandle call;
  bool ok;
  std::string detail;
};
/// The last word on a call; comes exactly once, hang_up() included. What SIP still wants (BYE,
/// late 2xx, ACK) goes on by itself.
struct CallEnded {
  CallHandle call;
  EndCause cause;
  std::uint16_t status = 0;  ///< of the response that ended it; 0: none
  std::string detail;        ///< "486 Busy Here", "no ACK"
};

/// What has become of a registered phone, or of its address; never Kind::check.
struct PhoneChanged {
  RegistrarEvent event;
};
/// What has become of a registration of ours; only registered, failed and left.
struct RegistrationChanged {
  std::string name;
  RegistrationStep step;
  std::string detail;
};

using UserAgentOutput =
    std::variant<SendBytes, CallOffered, CallRinging, CallAnswered, MediaAgreed, KeyPressed,
                 TransferAsked, ReinviteEnded, CallEnded, PhoneChanged, RegistrationChanged>;

/// Counts since the start, for metrics.
struct UserAgentCounters {
  std::uint64_t requests_from_strangers = 0;  ///< INVITEs answered 403
  std::uint64_t calls_over_limit = 0;         ///< INVITEs answered 503: calls_max, drain()
  std::uint64_t calls_in_overload = 0;        ///< INVITEs answered 503: transactions_busy_max, busy
  std::uint64_t requests_merged = 0;          ///< 482
  std::uint64_t requests_without_dialog = 0;  ///< 481
  std::uint64_t requests_refused = 0;         ///< any other 4xx or 5xx of ours
  std::uint64_t calls_without_ack = 0;        ///< 64*T1 after our 2xx
  std::uint64_t calls_without_prack = 0;      ///< 64*T1 after a reliable response of ours
  std::uint64_t sessions_expired = 0;         ///< calls ended because nobody refreshed them
  std::uint64_t dialogs_lost = 0;        ///< calls ended because the far end knows them no more
  std::uint64_t redirects_followed = 0;  ///< INVITEs sent after a 3xx
  std::uint64_t early_dialogs_most = 0;  ///< of one call so far
};

class UserAgent {
 public:
  /// `listeners`: what Flow::listener counts in, with real addresses and ports.
  UserAgent(UserAgentConfig config, std::vector<Listener> listeners, IdSecret secret);
  ~UserAgent();
  UserAgent(UserAgent&&) noexcept;
  UserAgent& operator=(UserAgent&&) noexcept;

  /// A datagram or a frame of a stream.
  void receive(std::string_view bytes, const Flow& flow, Instant now);
  /// The net layer could not send on `flow`, or its connection closed.
  void transport_failed(const Flow& flow, Instant now);
  void on_timer(Instant now);
  [[nodiscard]] std::optional<Instant> next_due() const;
  /// What has come out since the last call, in order.
  [[nodiscard]] std::vector<UserAgentOutput> take_outputs();

  // Orders. One for a call that has ended, or in the wrong phase, is a no-op: the two may cross.

  /// 180, without early media. Nothing to a caller who demands 100rel and made no offer: the first
  /// reliable response would have to make ours (RFC 3262 §5).
  void ring(CallHandle call, Instant now);
  /// 183 with our answer: early media. To a caller who knows 100rel it is sent until the PRACK
  /// comes; without one after 64*T1 the call is refused with 504. If the caller made no offer it
  /// holds ours, or is a plain 180 where 100rel is not known.
  void progress(CallHandle call, const LocalMedia& media, Instant now);
  /// 200 with our answer, or with our offer if the caller made none; MediaAgreed then comes with
  /// the ACK. After progress() the answer is the one given there, and waits for the PRACK.
  void answer(CallHandle call, const LocalMedia& media, Instant now);
  /// Makes a call. CallRinging, CallAnswered, CallEnded follow.
  /// Errors: unsupported (no listener or no numeric address for `to`), not_accepting (its 503 with
  /// Retry-After is not over yet), full (calls_max, transactions_max).
  [[nodiscard]] Result<CallHandle> invite(const OutgoingCall& outgoing, Instant now);
  /// Ends a call in any phase: `status` to an INVITE not answered yet, CANCEL, or BYE (after the
  /// ACK: RFC 3261 §15). CallEnded is in the next outputs.
  void hang_up(CallHandle call, Instant now, std::uint16_t status = 480);
  /// Offers `media` anew in an answered call: a re-INVITE, now or as soon as none is under way
  /// either way. ReinviteEnded follows, MediaAgreed before it if it succeeded.
  void reinvite(CallHandle call, const LocalMedia& media, Instant now);
  /// 202, and a NOTIFY of "100 Trying". end_transfer() follows; without it the far end hears after
  /// ten minutes that nothing more will be told.
  void accept_transfer(TransferHandle transfer, Instant now);
  /// Before accept_transfer(): the REFER's answer, 300 to 699; else the last NOTIFY, also after the
  /// end of the call: 200 or why not.
  void end_transfer(TransferHandle transfer, std::uint16_t status, Instant now);
  /// From now on new calls get 503, and registrations of ours are taken back.
  void drain(Instant now);
  /// While `busy` new calls get 503 as well: whoever feeds us has more than is good.
  void set_busy(bool busy);

  /// Who may call from now on: UserAgentConfig::callers.
  void set_callers(std::vector<Endpoint> callers);
  /// Where the registration of that name goes from now on: RegistrationConfig::registrars.
  void set_registrars(std::string_view registration, std::vector<NextHop> registrars);

  /// Who may register and has; none: nobody may.
  [[nodiscard]] const Registrar* registrar() const;
  /// Of ours: those that should be registered and are not.
  [[nodiscard]] std::size_t unregistered() const;

  /// The Call-ID of a call of ours; empty if there is none any more.
  [[nodiscard]] std::string call_id(CallHandle call) const;
  /// Living calls.
  [[nodiscard]] std::size_t live_calls() const;
  /// Calls in memory: the living, and those whose transactions are not done yet.
  [[nodiscard]] std::size_t held_calls() const;
  /// BYEs of ours that nobody has answered yet.
  [[nodiscard]] std::size_t byes() const;
  [[nodiscard]] const UserAgentCounters& counters() const;
  [[nodiscard]] const TransactionLayer& transactions() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cord::sip
