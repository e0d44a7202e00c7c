#include "sip/transaction_table.hpp"

#include <cstddef>

namespace cord::sip {
namespace {

using K = TransactionKind;
using S = TransactionState;
using I = TransactionInput;
using Move = TransactionMove;

constexpr std::uint16_t stop_both = stop_retransmit | stop_timeout;
constexpr std::uint16_t repeat = send_again | start_retransmit;

constexpr std::array moves{
    // RFC 3261 §17.1.1.2, figure 5; RFC 6026 §7.2, §8.4.
    Move{K::invite_client, S::calling, I::provisional, S::proceeding, stop_both | pass_up},
    Move{K::invite_client, S::calling, I::success, S::accepted, stop_both | start_linger | pass_up},
    Move{K::invite_client, S::calling, I::failure, S::completed,
         acknowledge | stop_both | start_linger | pass_up},
    Move{K::invite_client, S::calling, I::retransmit_due, S::calling, repeat},
    Move{K::invite_client, S::calling, I::timed_out, S::terminated, report_timeout},
    Move{K::invite_client, S::calling, I::transport_failed, S::terminated, report_transport},
    Move{K::invite_client, S::proceeding, I::provisional, S::proceeding, pass_up},
    Move{K::invite_client, S::proceeding, I::success, S::accepted,
         stop_timeout | start_linger | pass_up},
    Move{K::invite_client, S::proceeding, I::failure, S::completed,
         acknowledge | stop_timeout | start_linger | pass_up},
    // Only after CANCEL: RFC 3261 §9.1.
    Move{K::invite_client, S::proceeding, I::timed_out, S::terminated, report_timeout},
    Move{K::invite_client, S::proceeding, I::transport_failed, S::terminated, report_transport},
    Move{K::invite_client, S::completed, I::failure, S::completed, acknowledge},
    Move{K::invite_client, S::completed, I::lingered, S::terminated, action_none},
    Move{K::invite_client, S::completed, I::transport_failed, S::terminated, report_transport},
    Move{K::invite_client, S::accepted, I::success, S::accepted, pass_up},
    Move{K::invite_client, S::accepted, I::lingered, S::terminated, action_none},

    // RFC 3261 §17.1.2.2, figure 6.
    Move{K::non_invite_client, S::trying, I::provisional, S::proceeding, pass_up},
    Move{K::non_invite_client, S::trying, I::success, S::completed,
         stop_both | start_linger | pass_up},
    Move{K::non_invite_client, S::trying, I::failure, S::completed,
         stop_both | start_linger | pass_up},
    Move{K::non_invite_client, S::trying, I::retransmit_due, S::trying, repeat},
    Move{K::non_invite_client, S::trying, I::timed_out, S::terminated, report_timeout},
    Move{K::non_invite_client, S::trying, I::transport_failed, S::terminated, report_transport},
    Move{K::non_invite_client, S::proceeding, I::provisional, S::proceeding, pass_up},
    Move{K::non_invite_client, S::proceeding, I::success, S::completed,
         stop_both | start_linger | pass_up},
    Move{K::non_invite_client, S::proceeding, I::failure, S::completed,
         stop_both | start_linger | pass_up},
    Move{K::non_invite_client, S::proceeding, I::retransmit_due, S::proceeding, repeat},
    Move{K::non_invite_client, S::proceeding, I::timed_out, S::terminated, report_timeout},
    Move{K::non_invite_client, S::proceeding, I::transport_failed, S::terminated, report_transport},
    Move{K::non_invite_client, S::completed, I::lingered, S::terminated, action_none},

    // RFC 3261 §17.2.1, figure 7; RFC 6026 §7.1, §8.5 to §8.7.
    Move{K::invite_server, S::proceeding, I::request, S::proceeding, send_again},
    Move{K::invite_server, S::proceeding, I::provisional, S::proceeding, send_response},
    Move{K::invite_server, S::proceeding, I::success, S::accepted, send_response | start_linger},
    Move{K::invite_server, S::proceeding, I::failure, S::completed,
         send_response | start_retransmit | start_timeout},
    Move{K::invite_server, S::proceeding, I::transport_failed, S::terminated, report_transport},
    Move{K::invite_server, S::accepted, I::request, S::accepted, action_none},
    Move{K::invite_server, S::accepted, I::success, S::accepted, send_response},
    Move{K::invite_server, S::accepted, I::ack, S::accepted, pass_up},
    Move{K::invite_server, S::accepted, I::lingered, S::terminated, action_none},
    Move{K::invite_server, S::completed, I::request, S::completed, send_again},
    Move{K::invite_server, S::completed, I::ack, S::confirmed, stop_both | start_linger},
    Move{K::invite_server, S::completed, I::retransmit_due, S::completed, repeat},
    Move{K::invite_server, S::completed, I::timed_out, S::terminated, report_timeout},
    Move{K::invite_server, S::completed, I::transport_failed, S::terminated, report_transport},
    Move{K::invite_server, S::confirmed, I::ack, S::confirmed, action_none},
    Move{K::invite_server, S::confirmed, I::lingered, S::terminated, action_none},

    // RFC 3261 §17.2.2, figure 8.
    Move{K::non_invite_server, S::trying, I::request, S::trying, action_none},
    Move{K::non_invite_server, S::trying, I::provisional, S::proceeding, send_response},
    Move{K::non_invite_server, S::trying, I::success, S::completed, send_response | start_linger},
    Move{K::non_invite_server, S::trying, I::failure, S::completed, send_response | start_linger},
    Move{K::non_invite_server, S::trying, I::transport_failed, S::terminated, report_transport},
    Move{K::non_invite_server, S::proceeding, I::request, S::proceeding, send_again},
    Move{K::non_invite_server, S::proceeding, I::provisional, S::proceeding, send_response},
    Move{K::non_invite_server, S::proceeding, I::success, S::completed,
         send_response | start_linger},
    Move{K::non_invite_server, S::proceeding, I::failure, S::completed,
         send_response | start_linger},
    Move{K::non_invite_server, S::proceeding, I::transport_failed, S::terminated, report_transport},
    Move{K::non_invite_server, S::completed, I::request, S::completed, send_again},
    Move{K::non_invite_server, S::completed, I::lingered, S::terminated, action_none},
    Move{K::non_invite_server, S::completed, I::transport_failed, S::terminated, report_transport},
};

constexpr bool is_deterministic() {
  for (std::size_t i = 0; i < moves.size(); ++i) {
    for (std::size_t j = i + 1; j < moves.size(); ++j) {
      if (moves[i].kind == moves[j].kind && moves[i].from == moves[j].from &&
          moves[i].input == moves[j].input) {
        return false;
      }
    }
  }
  return true;
}

constexpr bool is_final(S state) {
  for (const Move& move : moves) {
    if (move.from == state) return false;
  }
  return true;
}

static_assert(is_deterministic());
static_assert(is_final(S::terminated));

constexpr std::size_t kinds = 4, states = 7, inputs = 9;
static_assert(static_cast<std::size_t>(K::non_invite_server) + 1 == kinds);
static_assert(static_cast<std::size_t>(S::terminated) + 1 == states);
static_assert(static_cast<std::size_t>(I::transport_failed) + 1 == inputs);

constexpr std::size_t index_of(K kind, S from, I input) {
  return (static_cast<std::size_t>(kind) * states + static_cast<std::size_t>(from)) * inputs +
         static_cast<std::size_t>(input);
}

constexpr std::uint8_t no_move = 0xff;

// The place in `moves` of each pair.
constexpr auto make_index() {
  std::array<std::uint8_t, kinds * states * inputs> index{};
  for (auto& place : index) place = no_move;
  for (std::size_t i = 0; i < moves.size(); ++i) {
    index[index_of(moves[i].kind, moves[i].from, moves[i].input)] = static_cast<std::uint8_t>(i);
  }
  return index;
}

constexpr auto move_index = make_index();

}  // namespace

std::span<const TransactionMove> transaction_moves() {
  return moves;
}

const TransactionMove* find_move(TransactionKind kind, TransactionState from,
                                 TransactionInput input) {
  const std::uint8_t place = move_index[index_of(kind, from, input)];
  return place == no_move ? nullptr : &moves[place];
}

TransactionState initial_state(TransactionKind kind) {
  switch (kind) {
    case K::invite_client:
      return S::calling;
    case K::invite_server:
      return S::proceeding;
    default:
      return S::trying;
  }
}

}  // namespace cord::sip
