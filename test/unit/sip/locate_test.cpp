// The examples are of RFC 3263 §4 and RFC 2782.
#include "sip/locate.hpp"

#include <map>

#include <gtest/gtest.h>

namespace cord::sip {
namespace {

using std::chrono::seconds;

const std::vector<Transport> both{Transport::udp, Transport::tcp};

// A domain name system: answers everything at once.
struct Zone {
  std::map<std::pair<DnsKind, std::string>, DnsRecords> records;
  std::vector<std::string> asked;

  void naptr(const std::string& name, std::vector<NaptrRecord> them) {
    records[{DnsKind::naptr, name}].naptr = std::move(them);
  }
  void srv(const std::string& name, std::vector<SrvRecord> them) {
    records[{DnsKind::srv, name}].srv = std::move(them);
  }
  void address(const std::string& name, std::vector<std::uint32_t> them, Duration ttl = {}) {
    records[{DnsKind::address, name}].addresses = std::move(them);
    records[{DnsKind::address, name}].ttl = ttl;
  }
  Locator look_up(ServerName name, std::vector<Transport> ours = both) {
    Locator locator(std::move(name), std::move(ours));
    for (auto round = locator.take_questions(); !round.empty(); round = locator.take_questions()) {
      for (const DnsQuestion& question : round) {
        asked.push_back(question.name);
        locator.answer(question, records[{question.kind, question.name}]);
      }
    }
    EXPECT_TRUE(locator.is_done());
    return locator;
  }
};

std::string text(const std::vector<NextHop>& hops) {
  std::string out;
  for (const NextHop& it : hops) {
    if (!out.empty()) out += ' ';
    out += std::string(uri_name(it.transport)) + ':' + print(it.endpoint);
  }
  return out;
}

std::string found(const Locator& locator) {
  Prng random(1);
  return text(locator.next_hops(random));
}

TEST(Locate, FollowsTheOrderOfNaptr) {
  Zone zone;
  zone.naptr("example.com", {{50, 50, "s", "SIPS+D2T", "_sips._tcp.example.com"},
                             {100, 50, "s", "SIP+D2U", "_sip._udp.example.com"},
                             {90, 50, "s", "SIP+D2T", "_sip._tcp.example.com"},
                             {1, 1, "u", "E2U+sip", "ignored"}});
  zone.srv("_sip._tcp.example.com", {{0, 1, 5060, "server1.example.com"}});
  zone.srv("_sip._udp.example.com", {{0, 1, 5070, "server2.example.com"}});
  zone.address("server1.example.com", {0xc0000201});
  zone.address("server2.example.com", {0xc0000202});
  EXPECT_EQ(found(zone.look_up({"example.com", 0, {}})), "tcp:192.0.2.1:5060 udp:192.0.2.2:5070");
  EXPECT_EQ(found(zone.look_up({"example.com", 0, {}}, {Transport::udp})), "udp:192.0.2.2:5070");
}

TEST(Locate, KnowsTls) {
  Zone zone;
  zone.naptr("example.com", {{50, 50, "s", "SIPS+D2T", "_sips._tcp.example.com"}});
  zone.srv("_sips._tcp.example.com", {{0, 1, 5071, "server.example.com"}});
  zone.address("server.example.com", {0xc0000201});
  const std::vector<Transport> ours{Transport::udp, Transport::tls};
  EXPECT_EQ(found(zone.look_up({"example.com", 0, {}}, ours)), "tls:192.0.2.1:5071");
  EXPECT_EQ(found(zone.look_up({"example.com", 0, Transport::tls}, ours)), "tls:192.0.2.1:5071");
  EXPECT_EQ(found(zone.look_up({"server.example.com", 0, Transport::tls}, ours)),
            "tls:192.0.2.1:5061");
}

TEST(Locate, AsksForTheServicesOfOurTransportsWithoutNaptr) {
  Zone zone;
  zone.srv("_sip._tcp.example.com", {{0, 1, 5080, "server.example.com"}});
  zone.address("server.example.com", {0xc0000201});
  EXPECT_EQ(found(zone.look_up({"example.com", 0, {}})), "tcp:192.0.2.1:5080");
}

TEST(Locate, AsksOnlyForTheTransportOfTheUri) {
  Zone zone;
  zone.srv("_sip._udp.example.com", {{0, 1, 5080, "server.example.com"}});
  zone.srv("_sip._tcp.example.com", {{0, 1, 5090, "server.example.com"}});
  zone.address("server.example.com", {0xc0000201});
  EXPECT_EQ(found(zone.look_up({"example.com", 0, Transport::tcp})), "tcp:192.0.2.1:5090");
  EXPECT_EQ(zone.asked, (std::vector<std::string>{"_sip._tcp.example.com", "server.example.com"}));
}

TEST(Locate, AsksForTheAddressAloneIfThereIsAPort) {
  Zone zone;
  zone.address("example.com", {0xc0000201, 0xc0000202});
  EXPECT_EQ(found(zone.look_up({"example.com", 5099, {}})),
            "udp:192.0.2.1:5099 udp:192.0.2.2:5099");
  EXPECT_EQ(zone.asked, std::vector<std::string>{"example.com"});
}

TEST(Locate, TakesTheAddressOfTheNameWithoutServices) {
  Zone zone;
  zone.address("example.com", {0xc0000201});
  EXPECT_EQ(found(zone.look_up({"example.com", 0, {}})), "udp:192.0.2.1:5060");
}

// RFC 3263 §4.1 would have UDP, which is not there to be used.
TEST(Locate, TakesATransportThatWeHave) {
  Zone zone;
  zone.address("example.com", {0xc0000201});
  const std::vector<Transport> ours{Transport::tls};
  EXPECT_EQ(found(zone.look_up({"example.com", 0, {}}, ours)), "tls:192.0.2.1:5061");
  EXPECT_EQ(found(zone.look_up({"example.com", 5099, {}}, ours)), "tls:192.0.2.1:5099");
}

TEST(Locate, KnowsTwoServicesByOneName) {
  Zone zone;
  zone.naptr("example.com", {{10, 10, "s", "SIP+D2T", "edge.example.com"},
                             {20, 10, "s", "SIP+D2U", "edge.example.com"}});
  zone.srv("edge.example.com", {{0, 1, 5080, "server.example.com"}});
  zone.address("server.example.com", {0xc0000201});
  EXPECT_EQ(found(zone.look_up({"example.com", 0, {}})), "tcp:192.0.2.1:5080 udp:192.0.2.1:5080");
}

TEST(Locate, FindsNothingOfAServiceThatIsDecidedlyNotThere) {
  Zone zone;
  zone.srv("_sip._udp.example.com", {{0, 0, 0, "."}});
  zone.address("example.com", {0xc0000201});
  EXPECT_EQ(found(zone.look_up({"example.com", 0, Transport::udp})), "");
}

TEST(Locate, FindsNothingOfANameThatIsNotThere) {
  Zone zone;
  EXPECT_EQ(found(zone.look_up({"nowhere.invalid", 0, {}})), "");
}

TEST(Locate, TriesLowerPrioritiesFirst) {
  Zone zone;
  zone.srv("_sip._udp.example.com",
           {{20, 9, 5060, "spare.example.com"}, {10, 1, 5060, "main.example.com"}});
  zone.address("main.example.com", {0xc0000201});
  zone.address("spare.example.com", {0xc0000202});
  EXPECT_EQ(found(zone.look_up({"example.com", 0, Transport::udp})),
            "udp:192.0.2.1:5060 udp:192.0.2.2:5060");
}

TEST(Locate, SharesTheLoadByWeight) {
  Zone zone;
  zone.srv("_sip._udp.example.com", {{0, 3, 5060, "large.example.com"},
                                     {0, 1, 5060, "small.example.com"},
                                     {0, 0, 5060, "rare.example.com"}});
  zone.address("large.example.com", {1});
  zone.address("small.example.com", {2});
  zone.address("rare.example.com", {3});
  const Locator locator = zone.look_up({"example.com", 0, Transport::udp});
  Prng random(7);
  std::map<std::uint32_t, int> first;
  constexpr int rounds = 10'000;
  for (int i = 0; i < rounds; ++i) {
    const auto targets = locator.next_hops(random);
    ASSERT_EQ(targets.size(), 3U);
    ++first[targets.front().endpoint.address];
  }
  // The draw is one of 0 to 4, and 0 is the record without weight.
  EXPECT_NEAR(first[1], rounds * 3 / 5, rounds / 50);
  EXPECT_NEAR(first[2], rounds / 5, rounds / 50);
  EXPECT_NEAR(first[3], rounds / 5, rounds / 50);
}

TEST(Locate, HoldsForTheShortestTime) {
  Zone zone;
  zone.srv("_sip._udp.example.com", {{0, 0, 5060, "a.example.com"}, {0, 0, 5060, "b.example.com"}});
  zone.address("a.example.com", {1}, seconds(300));
  zone.address("b.example.com", {2}, seconds(60));
  EXPECT_EQ(zone.look_up({"example.com", 0, Transport::udp}).ttl(), seconds(60));
}

TEST(Locate, LooksAtABoundedNumberOfRecords) {
  Zone zone;
  std::vector<SrvRecord> many;
  for (std::uint16_t i = 0; i < 100; ++i) {
    const std::string name = "s" + std::to_string(i) + ".example.com";
    many.push_back({0, 0, 5060, name});
    zone.address(name, {i + 1U});
  }
  zone.srv("_sip._udp.example.com", many);
  Prng random(1);
  const Locator locator = zone.look_up({"example.com", 0, Transport::udp});
  EXPECT_EQ(locator.next_hops(random).size(), located_records_max);
}

TEST(Locate, LeadsToABoundedNumberOfAddresses) {
  Zone zone;
  std::vector<SrvRecord> services;
  for (std::uint32_t i = 0; i < 3; ++i) {
    const std::string name = "s" + std::to_string(i) + ".example.com";
    services.push_back({0, 0, 5060, name});
    std::vector<std::uint32_t> addresses;
    for (std::uint32_t j = 0; j < 32; ++j) addresses.push_back(i * 32 + j);
    zone.address(name, addresses);
  }
  zone.srv("_sip._udp.example.com", services);
  Prng random(1);
  const Locator locator = zone.look_up({"example.com", 0, Transport::udp});
  EXPECT_EQ(locator.next_hops(random).size(), located_hops_max);
}

TEST(Locate, IgnoresWhatItHasNotAsked) {
  Locator locator({"example.com", 5060, {}}, both);
  const auto questions = locator.take_questions();
  ASSERT_EQ(questions.size(), 1U);
  locator.answer({DnsKind::address, "other.example.com"}, {{}, {}, {9}, {}});
  EXPECT_FALSE(locator.is_done());
  EXPECT_TRUE(locator.take_questions().empty());
}

}  // namespace
}  // namespace cord::sip
