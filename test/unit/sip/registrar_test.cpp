#include "sip/registrar.hpp"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace cord::sip {
namespace {

using namespace std::chrono_literals;
using Kind = RegistrarEvent::Kind;

constexpr std::uint32_t loopback = 0x7f000001;

/// What a REGISTER is written from.
struct Written {
  std::string user = "1001";
  std::string contact = "<sip:1001@10.0.0.9:5071>";  ///< empty: none
  std::string extra = "Expires: 120\r\n";            ///< whole lines
  std::string call_id = "r1";
  int cseq = 0;               ///< 0: the next one
  std::string username = {};  ///< empty: `user`
  std::string password = "phone-secret";
};

class RegistrarTest : public testing::Test {
 protected:
  RegistrarTest() { restart({}); }

  void restart(RegistrarConfig config) {
    config.subscribers = {{"1001", "phone-secret"}, {"1002", "other-secret"}};
    registrar_ = std::make_unique<Registrar>(std::move(config), IdSecret{1, 2});
  }

  Message write(const Written& it, const std::string& authorization) {
    const int cseq = it.cseq != 0 ? it.cseq : ++cseq_;
    std::string text = fmt::format(
        "REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.9:5071;branch=z9hG4bK{}\r\n"
        "Max-Forwards: 70\r\nFrom: <sip:{}@127.0.0.1>;tag=p\r\nTo: <sip:{}@127.0.0.1>\r\n"
        "Call-ID: {}\r\nCSeq: {} REGISTER\r\n{}",
        cseq, it.user, it.user, it.call_id, cseq, it.extra);
    if (!it.contact.empty()) text += "Contact: " + it.contact + "\r\n";
    if (!authorization.empty()) text += "Authorization: " + authorization + "\r\n";
    return parse_message(text + "Content-Length: 0\r\n\r\n").value();
  }

  Message send(const Message& request) { return registrar_->on_register(request, flow_, now_); }

  static std::string signed_with(const DigestChallenge& challenge, const Written& it,
                                 int count = 1) {
    DigestCredentials credentials{.username = it.username.empty() ? it.user : it.username,
                                  .realm = challenge.realm,
                                  .nonce = challenge.nonce,
                                  .uri = "sip:127.0.0.1",
                                  .response = {},
                                  .opaque = {},
                                  .cnonce = "c",
                                  .nc = fmt::format("{:08x}", count),
                                  .algorithm = challenge.algorithm};
    credentials.response = digest_response(credentials, it.password, "REGISTER");
    return print(credentials);
  }

  DigestChallenge challenge() {
    const Message response = send(write({}, {}));
    EXPECT_EQ(response.status, 401);
    return parse_challenge(response.value(header::www_authenticate)).value();
  }

  /// A REGISTER with the right credentials, or those it names.
  Message register_(const Written& it = {}) {
    return send(write(it, signed_with(challenge(), it)));
  }

  std::vector<Kind> events() {
    std::vector<Kind> kinds;
    for (const RegistrarEvent& it : registrar_->take_events()) kinds.push_back(it.kind);
    return kinds;
  }

  void pass(Duration duration) {
    now_ += duration;
    registrar_->on_timer(now_);
  }

  Instant now_{1'000'000s};
  Flow flow_{Transport::udp, 0, {0xc0000201, 61'000}, 0};
  std::unique_ptr<Registrar> registrar_;
  int cseq_ = 0;
};

TEST_F(RegistrarTest, ChallengesTheStrongestFirst) {
  const Message response = send(write({}, {}));
  EXPECT_EQ(response.status, 401);
  const auto challenges = [&] {
    std::vector<DigestChallenge> all;
    for (const Header& it : response.headers) {
      if (it.name == header::www_authenticate) all.push_back(parse_challenge(it.value).value());
    }
    return all;
  }();
  ASSERT_EQ(challenges.size(), 2U);
  EXPECT_EQ(challenges[0].algorithm, DigestAlgorithm::sha256);
  EXPECT_EQ(challenges[1].algorithm, DigestAlgorithm::md5);
  EXPECT_NE(challenges[0].nonce, challenges[1].nonce);
  EXPECT_FALSE(challenges[0].stale);
  EXPECT_EQ(registrar_->counters().challenged, 1U);
}

TEST_F(RegistrarTest, KeepsTheWayItCame) {
  const Message response = register_();
  ASSERT_EQ(response.status, 200);
  EXPECT_EQ(response.value(header::contact), "<sip:1001@10.0.0.9:5071>;expires=120");
  const auto contacts = registrar_->contacts("1001");
  ASSERT_EQ(contacts.size(), 1U);
  EXPECT_EQ(print(contacts[0].contact), "sip:1001@10.0.0.9:5071");
  EXPECT_EQ(contacts[0].flow, flow_) << "not the private address of the Contact";
  EXPECT_EQ(events(), (std::vector{Kind::registered}));
  EXPECT_TRUE(registrar_->contacts("1002").empty());
}

struct Refused {
  const char* what;
  Written request;
  int status;
};

class RegistrarRefuses : public RegistrarTest, public testing::WithParamInterface<Refused> {};

TEST_P(RegistrarRefuses, WithTheStatusOfRfc3261) {
  EXPECT_EQ(register_(GetParam().request).status, GetParam().status);
  EXPECT_EQ(registrar_->bindings(), 0U);
}

INSTANTIATE_TEST_SUITE_P(
    Table, RegistrarRefuses,
    testing::Values(
        Refused{"WrongPassword", {.password = "guess"}, 401},
        Refused{"UnknownUser", {.user = "1009"}, 401},
        Refused{"AnothersName", {.username = "1002", .password = "other-secret"}, 403},
        Refused{"TooBrief", {.extra = "Expires: 59\r\n"}, 423},
        Refused{"ContactTooBrief", {.contact = "<sip:a@10.0.0.1>;expires=10"}, 423},
        Refused{"StarWithoutZero", {.contact = "*"}, 400},
        Refused{"NoSip", {.contact = "<tel:+4930>"}, 400},
        Refused{"TooMany",
                {.contact = "<sip:a@h>, <sip:b@h>, <sip:c@h>, <sip:d@h>, <sip:e@h>, <sip:f@h>"},
                400}),
    [](const auto& it) { return std::string(it.param.what); });

TEST_F(RegistrarTest, TellsTheLeastExpiry) {
  EXPECT_EQ(register_({.extra = "Expires: 59\r\n"}).value(header::min_expires), "60");
}

TEST_F(RegistrarTest, GrantsNoMoreThanTheMost) {
  const auto granted = [&](const std::string& contact, const std::string& extra) {
    const Message response = register_({.contact = contact, .extra = extra});
    return parse_name_addr(response.value(header::contact)).value().params.value("expires") ==
           "300";
  };
  EXPECT_TRUE(granted("<sip:a@10.0.0.1>", "Expires: 3600\r\n"));
  EXPECT_TRUE(granted("<sip:a@10.0.0.1>", ""));
  EXPECT_TRUE(granted("<sip:a@10.0.0.1>;expires=4294967295", "Expires: 60\r\n"));
}

// Whoever guesses must not learn which extensions there are.
TEST_F(RegistrarTest, AnswersUnknownUsersAsWrongPasswords) {
  const auto shape = [&](const Written& it) {
    Message response = register_(it);
    for (Header& row : response.headers) {
      if (row.name == header::www_authenticate) {
        auto challenge = parse_challenge(row.value).value();
        EXPECT_EQ(challenge.nonce.size(), 56U);
        challenge.nonce = "-";
        row.value = print(challenge);
      }
    }
    for (const auto name : {header::via, header::from, header::to, header::cseq}) {
      response.remove(name);
    }
    return print(response);
  };
  EXPECT_EQ(shape({.user = "1001", .password = "guess"}),
            shape({.user = "9999", .password = "guess"}));
  EXPECT_EQ(registrar_->counters().wrong, 2U);
}

TEST_F(RegistrarTest, RefusesAReplay) {
  const Written it;
  const std::string credentials = signed_with(challenge(), it);
  EXPECT_EQ(send(write(it, credentials)).status, 200);
  const Message again = send(write(it, credentials));
  EXPECT_EQ(again.status, 401);
  EXPECT_TRUE(parse_challenge(again.value(header::www_authenticate))->stale);
}

TEST_F(RegistrarTest, TakesANonceAgainWithAHigherCount) {
  const DigestChallenge known = challenge();
  EXPECT_EQ(send(write({}, signed_with(known, {}, 1))).status, 200);
  EXPECT_EQ(send(write({}, signed_with(known, {}, 2))).status, 200);
  now_ += 5min;
  const Message old = send(write({}, signed_with(known, {}, 3)));
  EXPECT_EQ(old.status, 401);
  const auto fresh = parse_challenge(old.value(header::www_authenticate)).value();
  EXPECT_TRUE(fresh.stale) << "the password is right";
  EXPECT_EQ(send(write({}, signed_with(fresh, {}))).status, 200);
  // A wrong password learns nothing about the nonce.
  const Message wrong = send(write({}, signed_with(known, {.password = "guess"}, 4)));
  EXPECT_FALSE(parse_challenge(wrong.value(header::www_authenticate))->stale);
}

TEST_F(RegistrarTest, TakesOnlyTheAlgorithmsItOffers) {
  restart({.algorithms = {DigestAlgorithm::sha256}});
  DigestChallenge weaker = challenge();
  EXPECT_EQ(weaker.algorithm, DigestAlgorithm::sha256);
  weaker.algorithm = DigestAlgorithm::md5;
  EXPECT_EQ(send(write({}, signed_with(weaker, {}))).status, 401);
  EXPECT_EQ(register_().status, 200);
}

TEST_F(RegistrarTest, KeepsTheOrderOfRequests) {
  register_({.cseq = 10});
  EXPECT_EQ(register_({.cseq = 10}).status, 500);
  EXPECT_EQ(register_({.cseq = 9}).status, 500);
  EXPECT_EQ(register_({.contact = "*", .extra = "Expires: 0\r\n", .cseq = 9}).status, 500);
  EXPECT_EQ(registrar_->bindings(), 1U);
  EXPECT_EQ(register_({.cseq = 11}).status, 200);
  EXPECT_EQ(register_({.call_id = "another", .cseq = 1}).status, 200) << "the phone was restarted";
}

TEST_F(RegistrarTest, RemovesOneOrAll) {
  register_({.contact = "<sip:a@10.0.0.1>"});
  register_({.contact = "<sip:b@10.0.0.1>"});
  register_({.contact = "<sip:c@10.0.0.1>"});
  const Message left = register_({.contact = "<sip:b@10.0.0.1>;expires=0"});
  EXPECT_EQ(left.list(header::contact).size(), 2U);
  EXPECT_EQ(register_({.contact = ""}).list(header::contact).size(), 2U) << "only asked";
  EXPECT_EQ(register_({.contact = "*", .extra = "Expires: 0\r\n"}).status, 200);
  EXPECT_EQ(registrar_->bindings(), 0U);
  EXPECT_FALSE(registrar_->next_due().has_value()) << "no timer is left";
}

TEST_F(RegistrarTest, OneMoreContactTakesTheOldestsPlace) {
  for (const auto* name : {"a", "b", "c", "d", "e"}) {
    now_ += 1s;
    EXPECT_EQ(register_({.contact = fmt::format("<sip:{}@10.0.0.1>", name)}).status, 200);
  }
  now_ += 1s;
  register_({.contact = "<sip:a@10.0.0.1>"});
  now_ += 1s;
  const Message response = register_({.contact = "<sip:f@10.0.0.1>"});
  EXPECT_EQ(response.list(header::contact).size(), 5U);
  for (const Binding& it : registrar_->contacts("1001")) EXPECT_NE(it.contact.user, "b");
  EXPECT_EQ(registrar_->contacts_most(), 5U);
}

// RFC 5626: a phone that comes back on another port is still that phone.
TEST_F(RegistrarTest, KnowsADeviceByItsInstance) {
  const std::string instance = ";+sip.instance=\"<urn:uuid:0>\"";
  register_({.contact = "<sip:1001@10.0.0.9:5071>" + instance});
  register_({.contact = "<sip:1001@10.0.0.9:6071>" + instance, .call_id = "r2"});
  const auto contacts = registrar_->contacts("1001");
  ASSERT_EQ(contacts.size(), 1U);
  EXPECT_EQ(contacts[0].contact.port, 6071);
}

TEST_F(RegistrarTest, ANewSourceIsNewsAndTakesOver) {
  register_();
  events();
  register_();
  EXPECT_TRUE(events().empty()) << "a refresh is no news";
  flow_.remote.port = 62'000;
  register_();
  EXPECT_EQ(events(), (std::vector{Kind::registered}));
  EXPECT_EQ(registrar_->contacts("1001").at(0).flow, flow_);
}

TEST_F(RegistrarTest, PutsTheMostUsefulFirst) {
  register_({.contact = "<sip:low@10.0.0.1>;q=0.3"});
  now_ += 1s;
  register_({.contact = "<sip:old@10.0.0.1>"});
  now_ += 1s;
  register_({.contact = "<sip:new@10.0.0.1>;q=1.0"});
  const auto order = [&] {
    std::string all;
    for (const Binding& it : registrar_->contacts("1001")) all += it.contact.user + " ";
    return all;
  };
  EXPECT_EQ(order(), "new old low ");
  registrar_->silent(registrar_->contacts("1001").at(0).id, now_);
  EXPECT_EQ(order(), "old low new ");
  EXPECT_EQ(registrar_->unreachable(), 1U);
}

TEST_F(RegistrarTest, ContactsExpire) {
  register_({.extra = "Expires: 60\r\n"});
  events();
  pass(59s);
  EXPECT_EQ(registrar_->bindings(), 1U);
  pass(1s);
  EXPECT_EQ(registrar_->bindings(), 0U);
  EXPECT_EQ(events(), (std::vector{Kind::check, Kind::expired}));
  EXPECT_FALSE(registrar_->next_due().has_value());
}

TEST_F(RegistrarTest, AsksPhonesWhetherTheyAreThere) {
  register_();
  events();
  const BindingId id = registrar_->contacts("1001").at(0).id;
  pass(30s);
  EXPECT_EQ(events(), (std::vector{Kind::check}));
  pass(30s);
  EXPECT_TRUE(events().empty()) << "one question at a time";
  registrar_->silent(id, now_);
  EXPECT_EQ(events(), (std::vector{Kind::unreachable}));
  pass(30s);
  EXPECT_EQ(events(), (std::vector{Kind::check}));
  registrar_->silent(id, now_);
  EXPECT_TRUE(events().empty()) << "told once";
  registrar_->answered(id, now_);
  EXPECT_EQ(events(), (std::vector{Kind::reachable}));
  EXPECT_EQ(registrar_->unreachable(), 0U);
  registrar_->answered({99}, now_);
  // A refresh while the question is out does not make two of them.
  pass(30s);
  register_();
  registrar_->answered(id, now_);
  events();
  pass(30s);
  EXPECT_EQ(events(), (std::vector{Kind::check}));
}

TEST_F(RegistrarTest, AsksNobodyIfToldSo) {
  restart({.check_every = Duration::zero()});
  register_();
  events();
  pass(119s);
  EXPECT_TRUE(events().empty());
}

TEST_F(RegistrarTest, AConnectionThatClosesTakesItsContactsAlong) {
  flow_ = {Transport::tcp, 1, {0xc0000201, 61'000}, 77};
  register_();
  Flow other = flow_;
  other.connection = 78;
  registrar_->lose_connection(other);
  EXPECT_EQ(registrar_->bindings(), 1U);
  registrar_->lose_connection(flow_);
  EXPECT_EQ(registrar_->bindings(), 0U);
}

// RFC 3327.
TEST_F(RegistrarTest, KeepsThePath) {
  const Message response = register_(
      {.extra =
           "Expires: 120\r\nSupported: path\r\nPath: <sip:edge.test;lr>, <sip:in.test;lr>\r\n"});
  EXPECT_EQ(response.list("Path").size(), 2U);
  const auto contacts = registrar_->contacts("1001");
  ASSERT_EQ(contacts.at(0).path.size(), 2U);
  EXPECT_EQ(contacts.at(0).path[0].uri.host, "edge.test");
}

TEST_F(RegistrarTest, LocksAnAddressOutButNotThePhonesThatAreThere) {
  restart({.addresses = {.failures = 3}});
  register_();
  events();
  Flow guesser = flow_;
  guesser.remote.port = 4'000;
  std::swap(flow_, guesser);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(register_({.password = "guess"}).status, 401);
  EXPECT_EQ(events(), (std::vector{Kind::locked_out}));
  const Message locked = send(write({}, {}));
  EXPECT_EQ(locked.status, 503);
  EXPECT_TRUE(locked.has(header::retry_after));
  EXPECT_FALSE(locked.has(header::www_authenticate));
  // The phone behind the same NAT, on its own port, goes on.
  std::swap(flow_, guesser);
  EXPECT_EQ(register_().status, 200);
  // Elsewhere nobody notices.
  flow_.remote.address += 1;
  EXPECT_EQ(register_().status, 200);
  flow_ = guesser;
  now_ += 5min;
  EXPECT_EQ(register_().status, 200);
}

TEST_F(RegistrarTest, AnswersOnlySoManyRequestsOfAnAddress) {
  restart({.addresses = {.request_every = 1s, .burst = 3}});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(send(write({}, {})).status, 401);
  EXPECT_EQ(send(write({}, {})).status, 503);
  EXPECT_EQ(registrar_->counters().throttled, 1U);
}

}  // namespace
}  // namespace cord::sip
