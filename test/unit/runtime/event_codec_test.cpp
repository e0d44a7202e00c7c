#include "runtime/event_codec.hpp"

#include <gtest/gtest.h>

#include "base/prng.hpp"

namespace cord::runtime {
namespace {

using namespace core;
using namespace std::chrono_literals;

const CallData data{{"ANI", {false, "5551234"}}, {"crm", {true, R"({"a":[1,"\u00e4"]})"}}};
const Member customer{{3}, "5551234", "Jörg \"J\" \n", MemberRole::external, {1ULL << 63 | 9}};

/// One of each kind, no member with its default value.
const std::vector<Event> every_event{
    SessionPrepared{{1}, 2, {3}, "name", "token"},
    SessionReplaced{{1}, {9}, "old", {2}, {3}, "name", "token"},
    SessionStarted{{1}},
    SessionPresented{{1}},
    SessionDetached{{1}},
    SessionResumed{{1}, {2}, {3}, true},
    OffersSuspended{{1}},
    SessionOverdue{{1}},
    SessionClosed{{1}, {2}, "name", SessionEnd::expired, Cause::timeout, true},
    ConnectionForgotten{{1}},
    GroupOpened{{1}, {2}, "group"},
    GroupPresented{{1}},
    GroupInitiated{{1}},
    GroupClosed{{1}, {2}},
    ChannelOpened{{1}, {2}, {3}, MediaType::email, "1001", {4, 5}, ChannelState::unavailable},
    ChannelPresented{{1}},
    QueuesChosen{{1}, {2, 3}},
    ActivationBegun{{1}, {2}, {3}, 4, true},
    ActivationEnded{{1}},
    ChannelChanged{{1},
                   ChannelState::active,
                   ChannelState::unavailable,
                   AgentState::busy,
                   "lunch",
                   AgentState::ready,
                   "later",
                   Instant(1'795'000'000s + 7us),
                   Cause::transfer_failed},
    ChannelClosed{{1}, {2}, {3}},
    PhoneCalled{{1}, {2}},
    PhoneAnswered{{1}},
    PhoneForgotten{{1}},
    DialBegun{{1}, {2}, {3}, "9555"},
    DialPlaced{{1}, {2}},
    DialEnded{{1}},
    CallQueued{{1}, {UINT64_MAX}, 3, "called", "caller", "name", "id@host", data},
    CallDialed{{1}, {2}, {3}, {4}, {5}, 6, customer, "9555", "id@host", data},
    RefusalsRested{{1}},
    CallGone{{1}, Cause::rejected},
    OfferMade{{1}, {2}, {3}, {4}, customer, data, Direction::internal},
    OfferRejected{{1}, {2}, {3}, {4}, "why", Cause::phone},
    OfferWithdrawn{{1}, {2}, {3}, {4}, Cause::unreachable},
    InteractionPresented{{1}},
    CallAnswered{{1}, {2}, ConversationState::dialing, Cause::phone},
    CallEnded{{1}, {2}, ConversationState::held, true, Cause::remote},
    InteractionCompleted{{1}, {2}, "sold", "notes", Cause::timeout},
    DataMerged{{1}, {{"a", std::nullopt}, {"b", DataValue{true, "null"}}}},
    OperationBegun{{1}, OperationKind::recording_resume, {2}, {3}, Cause::phone},
    OperationEnded{{1}},
    ConversationHeld{{1}, Cause::phone},
    ConversationRetrieved{{1}, Cause::phone},
    ConversationMuted{{1}, false, Cause::supervisor},
    PhoneHoldKeyed{{1}, false},
    RecordingOrdered{{1}, {2}},
    RecordingChanged{{1}, {2}, RecordingState::paused, Cause::failed, "a.wav"},
    RecordingDropped{{1}, {2}},
};

std::string encode(std::vector<Event> events) {
  std::vector<Block> blocks(1);
  blocks[0].events = std::move(events);
  return encode_events(blocks);
}

TEST(EventCodec, TheListHasEveryKindOnce) {
  ASSERT_EQ(every_event.size(), std::variant_size_v<Event>);
  for (std::size_t kind = 0; kind < every_event.size(); ++kind) {
    EXPECT_EQ(every_event[kind].index(), kind);
  }
}

// Events have no equality of their own; what is not encoded cannot compile (event_codec.cpp), and
// what is not decoded would be missing from the second text.
TEST(EventCodec, EveryEventSurvivesTheJournal) {
  for (const Event& event : every_event) {
    const std::string text = encode({event});
    const auto decoded = decode_events(text);
    ASSERT_TRUE(decoded.has_value()) << text << ": " << decoded.error().detail;
    ASSERT_EQ(decoded->size(), 1u);
    EXPECT_EQ((*decoded)[0].index(), event.index());
    EXPECT_EQ(encode(*decoded), text);
  }
}

TEST(EventCodec, EveryMemberOfTheRichestEventsComesBack) {
  const auto decoded = decode_events(encode(every_event));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().detail;
  const auto& changed = std::get<ChannelChanged>((*decoded)[19]);
  EXPECT_EQ(changed.state, ChannelState::active);
  EXPECT_EQ(changed.pending, AgentState::ready);
  EXPECT_EQ(changed.idle_since, Instant(1'795'000'000s + 7us));
  EXPECT_EQ(changed.cause, Cause::transfer_failed);
  const auto& offer = std::get<OfferMade>((*decoded)[31]);
  EXPECT_EQ(offer.customer.name, customer.name);
  EXPECT_EQ(offer.customer.leg, customer.leg);
  EXPECT_EQ(offer.data, data);
  const auto& merged = std::get<DataMerged>((*decoded)[38]);
  EXPECT_EQ(merged.changes,
            (std::vector<DataChange>{{"a", std::nullopt}, {"b", DataValue{true, "null"}}}));
  EXPECT_EQ(std::get<PhoneHoldKeyed>((*decoded)[44]).hold, false);
}

TEST(EventCodec, AbsentValuesComeBackAbsent) {
  const auto decoded = decode_events(encode({ChannelChanged{}, PhoneHoldKeyed{}}));
  ASSERT_TRUE(decoded.has_value());
  EXPECT_FALSE(std::get<ChannelChanged>((*decoded)[0]).pending.has_value());
  EXPECT_FALSE(std::get<PhoneHoldKeyed>((*decoded)[1]).hold.has_value());
}

TEST(EventCodec, JoinsTheBlocksOfADecision) {
  std::vector<Block> blocks(3);
  blocks[0].events = {SessionStarted{{1}}};
  blocks[2].events = {SessionPresented{{1}}, OperationEnded{{2}}};
  EXPECT_EQ(encode_events(blocks),
            R"({"v":1,"events":[{"SessionStarted":{"session":1}},)"
            R"({"SessionPresented":{"session":1}},{"OperationEnded":{"interaction":2}}]})");
}

TEST(EventCodec, RefusesWhatItDidNotWrite) {
  for (const char* text :
       {"", "{", "[]", "{}", R"({"v":"1","events":[]})", R"({"v":1})", R"({"v":1,"events":{}})",
        R"({"v":1,"events":[1]})", R"({"v":1,"events":[{}]})",
        R"({"v":1,"events":[{"NoSuchEvent":{}}]})", R"({"v":1,"events":[{"SessionStarted":{}}]})",
        R"({"v":1,"events":[{"SessionStarted":{"session":-1}}]})",
        R"({"v":1,"events":[{"SessionStarted":{"session":"x"}}]})",
        R"({"v":1,"events":[{"CallGone":{"call":1,"cause":"boredom"}}]})",
        R"({"v":1,"events":[{"CallGone":{"call":1,"cause":3}}]})"}) {
    const auto decoded = decode_events(text);
    ASSERT_FALSE(decoded.has_value()) << text;
    EXPECT_EQ(decoded.error().code, Errc::corrupt) << text;
  }
}

TEST(EventCodec, NamesTheEventItCannotRead) {
  const auto decoded = decode_events(R"({"v":1,"events":[{"CallGone":{"call":1}}]})");
  ASSERT_FALSE(decoded.has_value());
  EXPECT_NE(decoded.error().detail.find("CallGone"), std::string::npos) << decoded.error().detail;
}

TEST(EventCodec, RefusesALaterVersion) {
  const auto decoded = decode_events(R"({"v":2,"events":[]})");
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().code, Errc::bad_version);
}

TEST(EventCodec, DamagedRecordsNeverCrashIt) {
  const std::string whole = encode(every_event);
  Prng prng(11);
  for (int round = 0; round < 3'000; ++round) {
    std::string damaged = whole;
    for (std::uint64_t hits = prng.below(4) + 1; hits > 0; --hits) {
      damaged[prng.below(damaged.size())] = static_cast<char>(prng.below(256));
    }
    if (prng.below(4) == 0) damaged.resize(prng.below(damaged.size()));
    static_cast<void>(decode_events(damaged));
  }
}

}  // namespace
}  // namespace cord::runtime
