#include "drivers/sip/name_book.hpp"

#include <gtest/gtest.h>

namespace cord::drivers {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const sip::ServerName carrier{"sip.example.com", 0, sip::Transport::udp};
const DnsQuestion carrier_srv{DnsKind::srv, "_sip._udp.sip.example.com"};
const DnsQuestion edge_address{DnsKind::address, "edge.example.com"};

struct Dns final : DnsPort {
  std::vector<DnsQuestion> asked;
  bool has_room = true;
  bool ask(DnsQuestion question) override {
    if (has_room) asked.push_back(std::move(question));
    return has_room;
  }
};

struct NameBookTest : testing::Test {
  Dns dns;
  SilentLog log;
  Metrics metrics;
  Instant now{seconds(1)};
  NameBook book{{sip::Transport::udp, sip::Transport::tcp}, &dns, log, metrics, 1};
  NameIndex name = book.add(carrier);

  bool answer(const DnsQuestion& question, Result<DnsRecords> records) {
    return book.take({question, std::move(records)}, now);
  }
  void find(std::uint32_t address, Duration ttl = {}) {
    book.on_timer(now);
    answer(carrier_srv, DnsRecords{{}, {{0, 0, 5080, "edge.example.com"}}, {}, {}});
    EXPECT_TRUE(answer(edge_address, DnsRecords{{}, {}, {address}, ttl}));
    dns.asked.clear();
  }
  std::vector<sip::NextHop> at(std::uint32_t address) {
    return {{sip::Transport::udp, {address, 5080}}};
  }
  double value(std::string_view metric) {
    for (const MetricSample& it : metrics.collect()) {
      if (it.name == metric) return it.value;
    }
    return -1;
  }
};

TEST_F(NameBookTest, LooksUpEachNameBeforeItIsNeeded) {
  ASSERT_EQ(book.next_due(), Instant{});
  EXPECT_EQ(value("cord_sip_names_unknown"), 1);
  book.on_timer(now);
  EXPECT_EQ(dns.asked, std::vector{carrier_srv});
  EXPECT_TRUE(book.next_hops(name).empty());
  EXPECT_FALSE(answer(carrier_srv, DnsRecords{{}, {{0, 0, 5080, "edge.example.com"}}, {}, {}}));
  EXPECT_EQ(dns.asked.back(), edge_address);
  EXPECT_TRUE(answer(edge_address, DnsRecords{{}, {}, {7}, {}}));
  EXPECT_EQ(book.next_hops(name), at(7));
  EXPECT_EQ(book.known(name), at(7));
  EXPECT_EQ(value("cord_sip_names_unknown"), 0);
}

TEST_F(NameBookTest, LooksUpANameOnceHoweverOftenItIsGiven) {
  EXPECT_EQ(book.add(carrier), name);
  const NameIndex other = book.add({"other.example.com", 0, sip::Transport::udp});
  EXPECT_NE(other, name);
  find(7);
  EXPECT_EQ(book.next_hops(name), at(7));
  EXPECT_TRUE(book.next_hops(other).empty());
}

TEST_F(NameBookTest, LooksAgainWhenTheAnswersHaveExpired) {
  find(7, minutes(5));
  ASSERT_EQ(book.next_due(), now + minutes(5));
  now += minutes(5);
  find(8);
  EXPECT_EQ(book.next_hops(name), at(8));
}

TEST_F(NameBookTest, BoundsHowLongAnswersHold) {
  find(7, seconds(1));
  EXPECT_EQ(book.next_due(), now + name_refresh_min);
  now += name_refresh_min;
  find(7, std::chrono::hours(100));
  EXPECT_EQ(book.next_due(), now + name_refresh_max);
}

TEST_F(NameBookTest, GoesOnWithTheLastAnswersWhileTheNameSystemIsDown) {
  find(7, minutes(1));
  now += minutes(1);
  book.on_timer(now);
  EXPECT_FALSE(answer(carrier_srv, refuse(Errc::io_failed, "test")));
  EXPECT_EQ(book.next_hops(name), at(7));
  EXPECT_EQ(value("cord_sip_name_lookups_failed_total"), 1);
  EXPECT_EQ(book.next_due(), now + name_refresh);
  now += name_refresh;
  find(8);
  EXPECT_EQ(book.next_hops(name), at(8));
}

TEST_F(NameBookTest, GoesOnWithTheLastAnswersWhenTheNameIsGone) {
  find(7, minutes(1));
  now += minutes(1);
  book.on_timer(now);
  answer(carrier_srv, DnsRecords{});
  EXPECT_FALSE(answer({DnsKind::address, "sip.example.com"}, DnsRecords{}));
  EXPECT_EQ(book.next_hops(name), at(7));
}

TEST_F(NameBookTest, GivesUpAQuestionThatNobodyAnswers) {
  book.on_timer(now);
  ASSERT_EQ(book.next_due(), now + name_answer_max);
  now += name_answer_max;
  book.on_timer(now);
  EXPECT_EQ(value("cord_sip_name_lookups_failed_total"), 1);
  // What comes after that is too late.
  EXPECT_FALSE(answer(carrier_srv, DnsRecords{}));
  EXPECT_EQ(book.next_due(), now + name_retry);
}

TEST_F(NameBookTest, TriesAgainIfTheNameSystemHasNoRoom) {
  dns.has_room = false;
  book.on_timer(now);
  EXPECT_EQ(book.next_due(), now + name_retry);
  dns.has_room = true;
  now += name_retry;
  find(7);
  EXPECT_EQ(book.next_hops(name), at(7));
}

TEST(NameBook, FindsNothingIfThereIsNobodyToAsk) {
  SilentLog log;
  Metrics metrics;
  NameBook book({sip::Transport::udp}, nullptr, log, metrics, 1);
  const NameIndex name = book.add(carrier);
  book.on_timer(Instant{});
  EXPECT_TRUE(book.next_hops(name).empty());
  EXPECT_EQ(book.next_due(), Instant{} + name_retry);
}

TEST(NameBook, DoesWithoutNaptrOfAServerThatCannotAnswerForIt) {
  Dns dns;
  SilentLog log;
  Metrics metrics;
  NameBook book({sip::Transport::udp}, &dns, log, metrics, 1);
  (void)book.add({"example.com", 0, {}});
  book.on_timer(Instant{});
  (void)book.take({{DnsKind::naptr, "example.com"}, refuse(Errc::io_failed, "test")}, Instant{});
  EXPECT_EQ(dns.asked.back(), (DnsQuestion{DnsKind::srv, "_sip._udp.example.com"}));
}

}  // namespace
}  // namespace cord::drivers
