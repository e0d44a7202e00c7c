#include "core/states.hpp"

#include <map>
#include <utility>

#include <gtest/gtest.h>

namespace cord::core {
namespace {

// Sweeps a whole table: each legal row leads where it says, every other pair nowhere.
template <class State, class Input, std::size_t rows>
void expect_exactly(const std::array<Move<State, Input>, rows>& table, int states, int inputs,
                    const std::map<std::pair<State, Input>, State>& legal) {
  for (int s = 0; s < states; ++s) {
    for (int i = 0; i < inputs; ++i) {
      const auto state = static_cast<State>(s);
      const auto input = static_cast<Input>(i);
      const auto row = legal.find({state, input});
      const auto to = next_state(table, state, input);
      ASSERT_EQ(to.has_value(), row != legal.end()) << "state " << s << " input " << i;
      if (to) {
        EXPECT_EQ(*to, row->second) << "state " << s << " input " << i;
      }
    }
  }
}

TEST(States, ConversationMovesAreTheseAndNoOthers) {
  using C = ConversationState;
  using I = ConversationInput;
  expect_exactly(conversation_moves, 5, 4,
                 {{{C::alerting, I::answered}, C::connected},
                  {{C::dialing, I::answered}, C::connected},
                  {{C::connected, I::held}, C::held},
                  {{C::held, I::retrieved}, C::connected},
                  {{C::alerting, I::released}, C::disconnected},
                  {{C::dialing, I::released}, C::disconnected},
                  {{C::connected, I::released}, C::disconnected},
                  {{C::held, I::released}, C::disconnected}});
}

TEST(States, InteractionMovesAreTheseAndNoOthers) {
  using N = InteractionState;
  using I = InteractionInput;
  expect_exactly(interaction_moves, 5, 3,
                 {{{N::alerting, I::started}, N::started},
                  {{N::dialing, I::started}, N::started},
                  {{N::alerting, I::ended}, N::ended},
                  {{N::dialing, I::ended}, N::ended},
                  {{N::started, I::ended}, N::ended},
                  {{N::ended, I::completed}, N::completed}});
}

TEST(States, RecordingMovesAreTheseAndNoOthers) {
  using R = RecordingState;
  using I = RecordingInput;
  expect_exactly(recording_moves, 3, 4,
                 {{{R::none, I::started}, R::recording},
                  {{R::recording, I::paused}, R::paused},
                  {{R::paused, I::resumed}, R::recording},
                  {{R::recording, I::stopped}, R::none},
                  {{R::paused, I::stopped}, R::none}});
}

}  // namespace
}  // namespace cord::core
