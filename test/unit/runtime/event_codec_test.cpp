#include "runtime/event_codec.hpp"

#include <gtest/gtest.h>

#include "base/prng.hpp"
#include "runtime/place_book.hpp"

namespace cord::runtime {
namespace {

using namespace core;
using namespace std::chrono_literals;

const CallData data{{"ANI", {false, "5551234"}}, {"crm", {true, R"({"a":[1,"\u00e4"]})"}}};
const Member customer{{3}, "5551234", "Jörg \"J\" \n", MemberRole::external, {1ULL << 63 | 9}};

Directory some_directory() {
  Directory all;
  for (int i = 0; i < 10; ++i) {
    all.agents.emplace_back().id = fmt::format("agent-{}", i);
    all.queues.emplace_back().name = fmt::format("queue-{}", i);
  }
  return all;
}
const Directory directory = some_directory();

/// One of each kind, no member with its default value.
const std::vector<Event> every_event{
    SessionPrepared{{1}, 2, {3}, "name", "token"},
    SessionReplaced{{1}, {9}, "old", {2}, {3}, "name", "token"},
    SessionStarted{{1}},
    SessionPresented{{1}},
    SessionDetached{{1}},
    SessionResumed{{1}, {2}, {3}, true, 4},
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
    DispositionsListed{{1}},
    ChannelClosed{{1}, {2}, {3}},
    PhoneCalled{{1}, {2}},
    PhoneAnswered{{1}},
    PhoneForgotten{{1}},
    MonitorAsked{{1}, {2}, MonitorMode::whisper, {3}, {4}},
    MonitorSet{{1}},
    MonitorKept{{1}},
    MonitorEnded{{1}, true, Cause::remote},
    DialBegun{{1}, {2}, {3}, "9555"},
    DialPlaced{{1}, {2}},
    DialEnded{{1}},
    CallQueued{{1}, {UINT64_MAX}, 3, "called", "caller", "name", "id@host", data},
    CallDialed{{1}, {2}, {3}, {4}, {5}, 6, customer, "9555", "id@host", data},
    ConsultDialed{{1}, {2}, {3}, {4}, 5, customer, "9555", "id@host", data, true},
    CallTransferred{{1}, {2}, 3, "caller", "name", data, {phone_request_bit | 4}},
    TransferDialed{{1}, {2}, {3}, "9555", "id@host"},
    TransferFailed{{1}, Cause::busy},
    PartnersJoined{{1}, {2}},
    CallsMerged{{1}, {2}, {3}, {4}},
    ConferenceBegun{{1}, {2}, {{3}, {UINT64_MAX}, {4}}},
    ConferenceDialed{{1}, {2}, {3}, 4, customer, "9555", "id@host", data},
    ConferenceLeft{{1}, {2}},
    MembersJoined{{1}, {2}, {customer, customer}, true, Cause::conference},
    MemberLeft{{1}, customer, Cause::remote},
    RefusalsRested{{1}},
    CallGone{{1}, Cause::rejected},
    OfferMade{
        {1}, {2}, {3}, {4}, customer, data, Direction::internal, Cause::transfer_failed, true},
    OfferRejected{{1}, {2}, {3}, {4}, "why", Cause::phone},
    OfferWithdrawn{{1}, {2}, {3}, {4}, Cause::unreachable},
    InteractionPresented{{1}},
    CallAnswered{{1}, {2}, ConversationState::dialing, Cause::phone},
    CallEnded{{1}, {2}, ConversationState::held, true, Cause::remote},
    ConsultAnswered{{1}, Cause::phone},
    ConversationEnded{{1}, {2}, ConversationState::held, true, Cause::remote, true},
    FocusMoved{{1}, {2}, false, Cause::transfer},
    FarEndChanged{{1}, customer, customer, data},
    InteractionCompleted{{1}, {2}, "sold", "notes", Cause::timeout},
    DataMerged{{1}, {{"a", std::nullopt}, {"b", DataValue{true, "null"}}}},
    OperationBegun{{1}, {2}, OperationKind::recording_resume, {3}, {4}, Cause::phone, "9555"},
    OperationPlaced{{1}, {2}},
    OperationEnded{{1}},
    ConversationHeld{{1}, Cause::phone},
    ConversationRetrieved{{1}, Cause::phone},
    ConversationMuted{{1}, false, Cause::supervisor},
    PhoneHoldKeyed{{1}, false},
    RecordingOrdered{{1}, {2}},
    RecordingChanged{{1}, {2}, RecordingState::paused, Cause::failed, "a.wav"},
    RecordingDropped{{1}, {2}},
    ServerRestarted{Instant(1'795'000'000s)},
    TaskQueued{{1}, MediaType::email, 2, "ann@example", "crm-17", data},
    TaskRequeued{{1}, {2}, {3}, InteractionState::alerting, Cause::shutdown},
    OfferTaken{{1}, {2}},
    CallOverflowed{{1}, 3, data},
    MediaAsked{{1}, {2}, {3}, {4}},
    MediaSettled{{1}},
    MediaAwaited{{1}},
    MediaFound{{1}},
    LegParted{{1}, {2}, "a84b@carrier", LegQuality{{1'500, 3, 2, 431}, SoundPath{4, 5, 6, 7}, 8}},
};

std::string encode(std::vector<Event> events) {
  RecordContent content;
  content.events = std::move(events);
  return encode_record(std::move(content), directory);
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
    const auto decoded = decode_record(text);
    ASSERT_TRUE(decoded.has_value()) << text << ": " << decoded.error().detail;
    ASSERT_EQ(decoded->events.size(), 1u);
    EXPECT_EQ(decoded->events[0].index(), event.index());
    EXPECT_EQ(encode(decoded->events), text);
  }
}

TEST(EventCodec, EveryMemberOfTheRichestEventsComesBack) {
  const auto decoded = decode_record(encode(every_event));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().detail;
  const auto& changed = std::get<ChannelChanged>(decoded->events[19]);
  EXPECT_EQ(changed.state, ChannelState::active);
  EXPECT_EQ(changed.pending, AgentState::ready);
  EXPECT_EQ(changed.idle_since, Instant(1'795'000'000s + 7us));
  EXPECT_EQ(changed.cause, Cause::transfer_failed);
  const auto& offer = std::get<OfferMade>(decoded->events[47]);
  EXPECT_EQ(offer.customer.name, customer.name);
  EXPECT_EQ(offer.customer.leg, customer.leg);
  EXPECT_EQ(offer.data, data);
  const auto& merged = std::get<DataMerged>(decoded->events[58]);
  EXPECT_EQ(merged.changes,
            (std::vector<DataChange>{{"a", std::nullopt}, {"b", DataValue{true, "null"}}}));
  EXPECT_EQ(std::get<PhoneHoldKeyed>(decoded->events[65]).hold, false);
}

TEST(EventCodec, AbsentValuesComeBackAbsent) {
  const auto decoded = decode_record(encode({ChannelChanged{}, PhoneHoldKeyed{}}));
  ASSERT_TRUE(decoded.has_value());
  EXPECT_FALSE(std::get<ChannelChanged>(decoded->events[0]).pending.has_value());
  EXPECT_FALSE(std::get<PhoneHoldKeyed>(decoded->events[1]).hold.has_value());
}

TEST(EventCodec, NamesWhoIsAtAPlaceAndNotesRequestsAndAnswers) {
  RecordContent content;
  content.events = {SessionStarted{{1}}, QueuesChosen{{5}, {1, 0}}};
  content.requests = {{{1}, {7}, "\"a\"", std::string("\x00\xfe", 2)}};
  content.answers = {{{7}, 2, Errc::cti_error, "486"}, {{6}, 1, std::nullopt, {}}};
  const std::string text = encode_record(std::move(content), directory);
  EXPECT_EQ(
      text,
      R"({"v":5,"queues":{"0":"queue-0","1":"queue-1"},"events":[{"SessionStarted":{"session":1}},)"
      R"({"QueuesChosen":{"channel":5,"queues":[1,0]}}],)"
      R"("requests":[{"session":1,"request":7,"id":"\"a\"","digest":"00fe"}],)"
      R"("answers":[{"request":7,"events_before":2,"failure":"cti_error","detail":"486"},)"
      R"({"request":6,"events_before":1,"failure":null,"detail":""}]})");
  const auto decoded = decode_record(text);
  ASSERT_TRUE(decoded.has_value()) << decoded.error().detail;
  EXPECT_EQ(decoded->requests.at(0).digest, std::string("\x00\xfe", 2));
  EXPECT_EQ(decoded->answers.at(0).failure, Errc::cti_error);
  EXPECT_EQ(decoded->answers.at(1).failure, std::nullopt);
}

TEST(EventCodec, PlacesMoveWithTheirNames) {
  Directory other = directory;
  std::swap(other.queues[0], other.queues[1]);
  std::swap(other.agents[2], other.agents[3]);
  auto decoded = decode_record(encode({QueuesChosen{{5}, {0, 1}}, SessionPrepared{{1}, 2}}));
  ASSERT_TRUE(decoded.has_value());
  ASSERT_TRUE(PlaceBook(other).relocate(*decoded).has_value());
  EXPECT_EQ(std::get<QueuesChosen>(decoded->events[0]).queues, (std::vector<QueueIndex>{1, 0}));
  EXPECT_EQ(std::get<SessionPrepared>(decoded->events[1]).agent, 3u);
  other.queues.erase(other.queues.begin());
  decoded = decode_record(encode({QueuesChosen{{5}, {1}}}));
  const auto lost = PlaceBook(other).relocate(*decoded);
  ASSERT_FALSE(lost.has_value());
  EXPECT_EQ(lost.error().code, Errc::corrupt);
}

TEST(EventCodec, RefusesWhatItDidNotWrite) {
  for (const char* text :
       {"", "{", "[]", "{}", R"({"v":"2","events":[]})", R"({"v":5})",
        R"({"v":5,"events":[],"queues":{"x":"a"}})", R"({"v":5,"events":[],"answers":[{}]})",
        R"({"v":5,"events":{}})", R"({"v":5,"events":[1]})", R"({"v":5,"events":[{}]})",
        R"({"v":5,"events":[{"NoSuchEvent":{}}]})", R"({"v":5,"events":[{"SessionStarted":{}}]})",
        R"({"v":5,"events":[{"SessionStarted":{"session":-1}}]})",
        R"({"v":5,"events":[{"SessionStarted":{"session":"x"}}]})",
        R"({"v":5,"events":[{"CallGone":{"call":1,"cause":"boredom"}}]})",
        R"({"v":5,"events":[{"CallGone":{"call":1,"cause":3}}]})"}) {
    const auto decoded = decode_record(text);
    ASSERT_FALSE(decoded.has_value()) << text;
    EXPECT_EQ(decoded.error().code, Errc::corrupt) << text;
  }
}

TEST(EventCodec, NamesTheEventItCannotRead) {
  const auto decoded = decode_record(R"({"v":5,"events":[{"CallGone":{"call":1}}]})");
  ASSERT_FALSE(decoded.has_value());
  EXPECT_NE(decoded.error().detail.find("CallGone"), std::string::npos) << decoded.error().detail;
}

TEST(EventCodec, RefusesALaterVersion) {
  const auto decoded = decode_record(R"({"v":6,"events":[]})");
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
    static_cast<void>(decode_record(damaged));
  }
}

}  // namespace
}  // namespace cord::runtime
