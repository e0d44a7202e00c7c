#include "sip/transaction_table.hpp"

#include <set>
#include <string>
#include <tuple>

#include <gtest/gtest.h>

namespace cord::sip {
namespace {

using K = TransactionKind;
using S = TransactionState;
using I = TransactionInput;

constexpr K kinds[] = {K::invite_client, K::non_invite_client, K::invite_server,
                       K::non_invite_server};
constexpr S states[] = {S::calling,   S::trying,    S::proceeding, S::accepted,
                        S::completed, S::confirmed, S::terminated};
constexpr I inputs[] = {I::request,   I::ack,      I::provisional,
                        I::success,   I::failure,  I::retransmit_due,
                        I::timed_out, I::lingered, I::transport_failed};

TEST(TransactionTable, FindsEachRowAndNoOther) {
  std::set<std::tuple<K, S, I>> legal;
  for (const TransactionMove& move : transaction_moves()) {
    EXPECT_EQ(find_move(move.kind, move.from, move.input), &move);
    EXPECT_TRUE(legal.emplace(move.kind, move.from, move.input).second);
  }
  std::size_t illegal = 0;
  for (const K kind : kinds) {
    for (const S state : states) {
      for (const I input : inputs) {
        if (legal.count({kind, state, input}) != 0) continue;
        EXPECT_EQ(find_move(kind, state, input), nullptr);
        ++illegal;
      }
    }
  }
  EXPECT_EQ(legal.size() + illegal, 4u * 7 * 9);
}

TEST(TransactionTable, ReachesTheEndFromEveryStateItCanBeIn) {
  for (const K kind : kinds) {
    std::set<S> reached{initial_state(kind)};
    for (bool grows = true; grows;) {
      grows = false;
      for (const TransactionMove& move : transaction_moves()) {
        if (move.kind != kind || reached.count(move.from) == 0) continue;
        grows |= reached.insert(move.to).second;
      }
    }
    EXPECT_EQ(reached.count(S::terminated), 1u);
    for (const TransactionMove& move : transaction_moves()) {
      if (move.kind != kind) continue;
      EXPECT_EQ(reached.count(move.from), 1u) << "dead row";
    }
    // Every state but the first ones has a timer that ends it, so nothing lives for ever unasked.
    for (const S state : reached) {
      if (state == S::terminated || state == initial_state(kind) || state == S::proceeding)
        continue;
      const bool ends = find_move(kind, state, I::lingered) != nullptr ||
                        find_move(kind, state, I::timed_out) != nullptr;
      EXPECT_TRUE(ends) << static_cast<int>(kind) << " " << static_cast<int>(state);
    }
  }
}

TEST(TransactionTable, PairsTimersWithTheStatesThatHearThem) {
  for (const TransactionMove& move : transaction_moves()) {
    if ((move.actions & start_linger) != 0) {
      ASSERT_NE(find_move(move.kind, move.to, I::lingered), nullptr);
      EXPECT_EQ(find_move(move.kind, move.to, I::lingered)->to, S::terminated);
    }
    if ((move.actions & start_retransmit) != 0) {
      EXPECT_NE(find_move(move.kind, move.to, I::retransmit_due), nullptr);
    }
    if ((move.actions & start_timeout) != 0) {
      EXPECT_NE(find_move(move.kind, move.to, I::timed_out), nullptr);
    }
    if (move.to != S::terminated) continue;
    EXPECT_EQ(move.actions & (start_linger | start_retransmit), 0);
  }
}

}  // namespace
}  // namespace cord::sip
