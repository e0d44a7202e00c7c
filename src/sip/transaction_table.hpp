// The four transaction state machines as one table: RFC 3261 §17.1.1.2, §17.1.2.2, §17.2.1,
// §17.2.2, with the Accepted states of RFC 6026. Pure: no timers, no messages, only what follows
// what. What an action does is transaction_layer.cpp's business.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace cord::sip {

enum class TransactionKind : std::uint8_t {
  invite_client,
  non_invite_client,
  invite_server,
  non_invite_server,
};

enum class TransactionState : std::uint8_t {
  calling,     ///< INVITE client: sent, nothing heard
  trying,      ///< non-INVITE: sent or received, nothing answered
  proceeding,  ///< provisional answers only
  accepted,    ///< INVITE, 2xx: RFC 6026
  completed,   ///< final answer (INVITE: 300-699)
  confirmed,   ///< INVITE server: ACK received
  terminated,  ///< final; the transaction is destroyed
};

enum class TransactionInput : std::uint8_t {
  request,         ///< server: the request again
  ack,             ///< INVITE server: an ACK that matches
  provisional,     ///< 1xx: received (client) or ordered (server)
  success,         ///< 2xx
  failure,         ///< 300-699
  retransmit_due,  ///< timers A, E, G
  timed_out,       ///< timers B, F, H
  lingered,        ///< timers D, I, J, K, L, M
  transport_failed,
};

/// Bits, executed in this order.
enum TransactionAction : std::uint16_t {
  action_none = 0,
  send_again = 1 << 0,        ///< the request (client) or the last response (server)
  send_response = 1 << 1,     ///< server: the ordered response, which becomes the last
  acknowledge = 1 << 2,       ///< INVITE client: ACK for 300-699
  stop_retransmit = 1 << 3,   ///< A, E, G
  stop_timeout = 1 << 4,      ///< B, F, H
  start_retransmit = 1 << 5,  ///< the next A, E or G
  start_timeout = 1 << 6,     ///< H
  start_linger = 1 << 7,      ///< D, I, J, K, L or M, by kind and state entered
  pass_up = 1 << 8,           ///< the message goes to the transaction user
  report_timeout = 1 << 9,
  report_transport = 1 << 10,
};

struct TransactionMove {
  TransactionKind kind;
  TransactionState from;
  TransactionInput input;
  TransactionState to;
  std::uint16_t actions;  ///< of TransactionAction
};

/// Every legal move. A pair that is not here is ignored.
[[nodiscard]] std::span<const TransactionMove> transaction_moves();

/// The move for that pair, or nullptr.
[[nodiscard]] const TransactionMove* find_move(TransactionKind kind, TransactionState from,
                                               TransactionInput input);

/// What a new transaction starts in.
[[nodiscard]] TransactionState initial_state(TransactionKind kind);

}  // namespace cord::sip
