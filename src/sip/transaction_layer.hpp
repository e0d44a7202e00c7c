// The transaction layer: RFC 3261 §17 with RFC 6026, matching (§17.1.3, §17.2.3), CANCEL (§9),
// where responses go (§18.2.2, RFC 3581). Messages and `now` in; bytes to send, facts for the user
// agent above, and the next timer out. Left to the user agent: dialogs, 2xx and its ACK end to end.
#pragma once

#include <array>
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
#include "sip/message.hpp"

namespace cord::sip {

using TransactionId = Id<struct TransactionTag>;

struct TransactionConfig {
  Duration t1 = std::chrono::milliseconds(500);    ///< RTT estimate, RFC 3261 §17.1.1.1
  Duration t2 = std::chrono::milliseconds(4'000);  ///< longest retransmit interval
  Duration t4 = std::chrono::milliseconds(5'000);  ///< longest life of a message in the network
  std::size_t transactions_max = 200'000;  ///< a request beyond it gets 503; own ones Errc::full
  std::uint32_t retry_after_s = 5;         ///< in that 503
};

/// Give these bytes to the socket of `flow`.
struct SendBytes {
  Flow flow;
  std::string bytes;
};
/// A new request. Answer it with respond(id, ...); INVITE has been answered 100 already.
struct RequestReceived {
  TransactionId id;
  Message request;
  Flow flow;              ///< where it came from
  TransactionId cancels;  ///< CANCEL: the INVITE server transaction it means; none: answer 481
};
/// A response to send_request(id). An INVITE's 2xx comes each time it is received: each one needs
/// an ACK from above (send_ack). A 300-699 to INVITE has been acknowledged already.
struct ResponseReceived {
  TransactionId id;
  Message response;
  Flow flow;
};
/// An ACK for a 2xx.
struct AckReceived {
  Message ack;
  Flow flow;
};
/// No final response came in time (timer B, F, or 64*T1 after CANCEL), or the ACK of a 300-699 did
/// not (timer H). The last word on `id`.
struct TransactionTimedOut {
  TransactionId id;
};
/// The flow broke under the transaction. The last word on `id`.
struct TransportFailed {
  TransactionId id;
};
/// The transaction ended in the ordinary way and `id` means nothing any more.
struct TransactionEnded {
  TransactionId id;
};

using TransactionOutput = std::variant<SendBytes, RequestReceived, ResponseReceived, AckReceived,
                                       TransactionTimedOut, TransportFailed, TransactionEnded>;

/// Counts since the start, for metrics.
struct TransactionCounters {
  std::uint64_t messages_received = 0, messages_stray = 0;
  std::array<std::uint64_t, message_fault_count> messages_refused{};  ///< by MessageFault
  std::uint64_t retransmissions_sent = 0, retransmissions_received = 0;
  std::uint64_t requests_over_limit = 0;
};

class TransactionLayer {
 public:
  /// `listeners` are what Flow::listener counts in, with real ports. `seed` varies branches and the
  /// tags of answers made here; they need no secrecy.
  TransactionLayer(TransactionConfig config, std::vector<Listener> listeners, std::uint64_t seed);
  ~TransactionLayer();
  TransactionLayer(TransactionLayer&&) noexcept;
  TransactionLayer& operator=(TransactionLayer&&) noexcept;

  /// A datagram, or a frame of a stream, as it came. What cannot be parsed is answered as
  /// refusal_for() says, or dropped.
  void receive_bytes(std::string_view bytes, const Flow& flow, Instant now);
  /// A parsed message. A stray response (of no transaction) is dropped: RFC 6026 §8.9.
  void receive(Message message, const Flow& flow, Instant now);

  /// Starts a client transaction towards `flow`: puts a Via on top of `request` and sends it.
  /// Not for ACK. Errors: full (transactions_max).
  [[nodiscard]] Result<TransactionId> send_request(Message request, const Flow& flow, Instant now);

  /// Sends an ACK for a 2xx, outside any transaction. An ACK without Via gets one; give the same
  /// message again when the 2xx comes again.
  void send_ack(Message& ack, const Flow& flow);

  /// Answers a server transaction. A no-op if `id` has ended or has its final answer.
  void respond(TransactionId id, const Message& response, Instant now);

  /// Sends the 2xx of an INVITE server transaction again (RFC 3261 §13.3.1.4). A no-op once it is
  /// more than 64*T1 old.
  void resend_success(TransactionId id);

  /// Cancels an INVITE client transaction: at once if it has a provisional response, else when the
  /// first one comes (RFC 3261 §9.1). Its end is reported as usual: most often a 487. A no-op if
  /// it has its final response. The response to the CANCEL itself is not reported.
  void cancel(TransactionId id, Instant now);

  /// The net layer could not send on `flow`, or its connection closed. UDP: the transactions of
  /// that remote address; TCP: of that connection.
  void transport_failed(const Flow& flow, Instant now);

  /// Runs what is due.
  void on_timer(Instant now);
  /// No later than the next timer; none: no timer.
  [[nodiscard]] std::optional<Instant> next_due() const;

  /// What has come out since the last call, in order.
  [[nodiscard]] std::vector<TransactionOutput> take_outputs();

  /// Where responses and new requests of a transaction go; none if it has ended.
  [[nodiscard]] std::optional<Flow> flow_of(TransactionId id) const;
  [[nodiscard]] std::size_t live_transactions() const;
  [[nodiscard]] std::size_t live_timers() const;
  [[nodiscard]] const TransactionCounters& counters() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cord::sip
