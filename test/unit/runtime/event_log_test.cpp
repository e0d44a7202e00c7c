#include "runtime/event_log.hpp"

#include <gtest/gtest.h>

#include "base/prng.hpp"
#include "runtime/client_event_codec.hpp"
#include "support/every_client_event.hpp"

namespace cord::runtime {
namespace {

using namespace core;

EventLog filled(std::size_t events_max, std::uint64_t count) {
  EventLog log(events_max);
  for (std::uint64_t seq = 1; seq <= count; ++seq) {
    ClientEvent event = test::every_client_event()[seq % 26];
    event.seq = seq;
    log.append(event);
  }
  return log;
}

std::vector<std::uint64_t> seqs_of(Backlog backlog) {
  BacklogReader reader(std::move(backlog));
  std::vector<std::uint64_t> seqs;
  while (const auto event = reader.next()) seqs.push_back(event->seq);
  return seqs;
}

TEST(ClientEventCodec, EveryEventComesBackWhole) {
  ASSERT_EQ(test::every_client_event().size(), std::variant_size_v<ClientEventData>);
  for (const ClientEvent& event : test::every_client_event()) {
    std::string bytes;
    append_client_event(bytes, event);
    std::string_view rest = bytes;
    const auto decoded = take_client_event(rest);
    ASSERT_TRUE(decoded.has_value()) << event.data.index();
    EXPECT_TRUE(rest.empty());
    EXPECT_EQ(decoded->time, event.time);
    EXPECT_EQ(decoded->target.channel, event.target.channel);
    EXPECT_EQ(decoded->data.index(), event.data.index());
    // Events have no equality of their own; what is lost would be missing from the second text.
    std::string again;
    append_client_event(again, *decoded);
    EXPECT_EQ(again, bytes) << event.data.index();
  }
}

TEST(ClientEventCodec, MembersAreNotMixedUp) {
  std::string bytes;
  append_client_event(bytes, test::every_client_event()[6]);
  std::string_view rest = bytes;
  const auto decoded = take_client_event(rest);
  ASSERT_TRUE(decoded.has_value());
  const ChannelInfo& info = std::get<ChannelInfoChanged>(decoded->data).channel;
  EXPECT_EQ(info.id, ChannelId{2});
  EXPECT_EQ(info.endpoint, "1001");
  EXPECT_EQ(info.state, ChannelState::active);
  EXPECT_EQ(info.agent_state, AgentState::busy);
  EXPECT_EQ(info.reason, "reason");
  EXPECT_EQ(info.pending, AgentState::not_ready);
  EXPECT_EQ(info.pending_reason, "lunch");
  EXPECT_EQ(info.queues, (std::vector<std::string>{"support", "sales"}));
  EXPECT_EQ(info.monitored, "bob");
  EXPECT_EQ(info.monitor_mode, MonitorMode::barge);
}

TEST(ClientEventCodec, DamagedBytesNeverCrashIt) {
  Prng prng(3);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes;
    append_client_event(bytes, test::every_client_event()[prng.below(26)]);
    for (std::uint64_t hits = prng.below(3) + 1; hits > 0; --hits) {
      bytes[prng.below(bytes.size())] = static_cast<char>(prng.below(256));
    }
    if (prng.below(4) == 0) bytes.resize(prng.below(bytes.size()));
    std::string_view rest = bytes;
    while (take_client_event(rest)) {
    }
  }
}

TEST(EventLog, GivesEverythingAfterANumber) {
  const EventLog log = filled(1'000, 200);
  for (std::uint64_t after : {0u, 1u, 63u, 64u, 65u, 199u}) {
    const auto seqs = seqs_of(log.after(after));
    ASSERT_EQ(seqs.size(), 200 - after);
    EXPECT_EQ(seqs.front(), after + 1);
    EXPECT_EQ(seqs.back(), 200u);
  }
  EXPECT_TRUE(seqs_of(log.after(200)).empty());
}

TEST(EventLog, KeepsItsBoundAndLessThanAChunkMore) {
  for (const std::uint64_t count : {100u, 101u, 163u, 164u, 165u, 1'000u}) {
    const EventLog log = filled(100, count);
    EXPECT_EQ(log.last(), count);
    EXPECT_GE(log.count(), 100u);
    EXPECT_LT(log.count(), 100 + EventLog::chunk_events);
    const std::uint64_t oldest = log.first() - 1;
    EXPECT_TRUE(log.reaches_back_to(oldest));
    EXPECT_TRUE(oldest == 0 || !log.reaches_back_to(oldest - 1));
    EXPECT_EQ(seqs_of(log.after(oldest)).size(), log.count());
  }
}

TEST(EventLog, DoesNotReachIntoTheFuture) {
  const EventLog log = filled(100, 10);
  EXPECT_TRUE(log.reaches_back_to(10));
  EXPECT_FALSE(log.reaches_back_to(11));
  EXPECT_FALSE(log.reaches_back_to(UINT64_MAX));
  EXPECT_TRUE(EventLog(100).reaches_back_to(0));
  EXPECT_FALSE(EventLog(100).reaches_back_to(1));
}

TEST(EventLog, CountsItsBytes) {
  EXPECT_EQ(EventLog(100).bytes(), 0u);
  const EventLog all = filled(10'000, 2'000);
  std::size_t bytes = 0;
  for (const std::string& chunk : all.after(0).chunks) bytes += chunk.size();
  EXPECT_EQ(all.bytes(), bytes);
  const EventLog some = filled(100, 2'000);
  bytes = 0;
  for (const std::string& chunk : some.after(some.first() - 1).chunks) bytes += chunk.size();
  EXPECT_EQ(some.bytes(), bytes);
}

}  // namespace
}  // namespace cord::runtime
