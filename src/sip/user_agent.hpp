// A SIP user agent for many calls at once: dialogs (RFC 3261 §12), INVITE sessions (§13, §14),
// BYE and CANCEL (§15, §9), OPTIONS (§11), with one offer/answer of G.711 audio each (RFC 3264).
// Sans-I/O: bytes, orders and `now` in; bytes to send and facts out.
//
// Phones register here (registrar.hpp) and we register with others (registration.hpp); requests of
// ours that are challenged are repeated with credentials (RFC 3261 §22).
//
// Left out on purpose: authentication of calls to us, reliable provisional responses, UPDATE,
// session timers, redirection (a 3xx ends the call), DNS (next hops are IPv4 literals; inside a
// dialog a host name means "the way the far end came").
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

struct UserAgentConfig {
  TransactionConfig transactions;
  /// Who may send INVITEs outside a dialog. Port 0: from any port; another holds for UDP only.
  /// Everybody else gets 403.
  std::vector<Endpoint> callers;
  std::size_t calls_max = 8'000;         ///< living ones; an INVITE beyond it gets 503
  std::uint32_t retry_after_s = 5;       ///< in that 503
  std::size_t early_dialogs_max = 16;    ///< of one call of ours, when a proxy forks it
  std::uint32_t reinvite_tries_max = 5;  ///< a re-INVITE of ours that meets theirs (491)
  Duration provisional_every = std::chrono::minutes(1);  ///< 180/183 again: RFC 3261 §13.3.1.1
  std::string product = "Cordboard";                     ///< in User-Agent and Server
  std::optional<RegistrarConfig> registrar{};            ///< none: a REGISTER gets 405
  std::vector<RegistrationConfig> registrations{};       ///< of ours, begun with the first timer
};

/// A call to make.
struct OutgoingCall {
  Uri to;                       ///< host: an IPv4 address; ;transport=udp (default) or tcp
  NameAddr from;                ///< without tag
  std::vector<Header> headers;  ///< further header fields of the INVITE
  LocalMedia media;             ///< offered
  Duration ring_max;            ///< without a final answer after it: cancelled, EndCause::timeout
  /// Not even a 100 after it: cancelled, EndCause::unreachable. Zero: only timer B (64*T1) ends it.
  Duration silence_max{};
  /// All requests of the call go this way, whatever `to` and the far end's Contact say: that of a
  /// registered phone, perhaps behind a NAT.
  std::optional<Flow> via{};
  std::vector<NameAddr> routes{};          ///< its Path (RFC 3327)
  std::optional<DigestAccount> account{};  ///< answers challenges of this call
};

/// Why a call is over.
enum class EndCause : std::uint8_t {
  request,      ///< hang_up()
  remote,       ///< BYE or CANCEL of the far end
  busy,         ///< 486, 600
  rejected,     ///< 3xx (not followed), 401, 403, 407, 603
  unreachable,  ///< 404, 408, 410, 480, 502, 503, 504, 604; no answer at all; connection lost
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

using UserAgentOutput = std::variant<SendBytes, CallOffered, CallRinging, CallAnswered, MediaAgreed,
                                     ReinviteEnded, CallEnded, PhoneChanged, RegistrationChanged>;

/// Counts since the start, for metrics.
struct UserAgentCounters {
  std::uint64_t requests_from_strangers = 0;  ///< INVITEs answered 403
  std::uint64_t calls_over_limit = 0;         ///< INVITEs answered 503
  std::uint64_t requests_merged = 0;          ///< 482
  std::uint64_t requests_without_dialog = 0;  ///< 481
  std::uint64_t requests_refused = 0;         ///< any other 4xx or 5xx of ours
  std::uint64_t calls_without_ack = 0;        ///< 64*T1 after our 2xx
  std::uint64_t early_dialogs_most = 0;       ///< of one call so far
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

  /// 180, without early media.
  void ring(CallHandle call, Instant now);
  /// 183 with our answer: early media. Plain 180 if the caller made no offer.
  void progress(CallHandle call, const LocalMedia& media, Instant now);
  /// 200 with our answer, or with our offer if the caller made none; MediaAgreed then comes with
  /// the ACK. After progress() the answer is the one given there.
  void answer(CallHandle call, const LocalMedia& media, Instant now);
  /// Makes a call. CallRinging, CallAnswered, CallEnded follow.
  /// Errors: unsupported (no listener or no numeric address for `to`), full (calls_max,
  /// transactions_max).
  [[nodiscard]] Result<CallHandle> invite(const OutgoingCall& outgoing, Instant now);
  /// Ends a call in any phase: `status` to an INVITE not answered yet, CANCEL, or BYE (after the
  /// ACK: RFC 3261 §15). CallEnded is in the next outputs.
  void hang_up(CallHandle call, Instant now, std::uint16_t status = 480);
  /// Offers `media` anew in an answered call: a re-INVITE, now or as soon as none is under way
  /// either way. ReinviteEnded follows, MediaAgreed before it if it succeeded.
  void reinvite(CallHandle call, const LocalMedia& media, Instant now);
  /// From now on new calls get 503, and registrations of ours are taken back.
  void drain(Instant now);

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
