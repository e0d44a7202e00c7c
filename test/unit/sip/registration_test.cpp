// Registrations of ours: the state machine, and both ways through the user agent.
#include <string>

#include <gtest/gtest.h>

#include "user_agent_world.hpp"

namespace cord::sip::test {
namespace {

using Step = RegistrationStep;

class Registering : public testing::Test {
 protected:
  Registering()
      : it_({.name = "carrier",
             .registrars = {{Transport::udp, {0xc0000201, 0}}},
             .domain = "carrier.test",
             .account = {.user = "4930", .password = "secret", .realm = {}}},
            "call", "tag") {}

  Message request() { return it_.request(parse_uri("sip:4930@127.0.0.1:5060").value(), ids_); }

  static Message response(std::uint16_t status, const std::vector<Header>& rows = {}) {
    Message it;
    it.status = status;
    it.reason = "X";
    it.headers = rows;
    return it;
  }
  static Header challenge() {
    return {"WWW-Authenticate", R"(Digest realm="carrier.test", nonce="n", qop="auth")"};
  }

  Step answer(const Message& message) { return it_.on_response(message, now_, ids_); }

  Instant now_{1'000s};
  IdSource ids_{IdSecret{1, 2}};
  Registration it_;
};

TEST_F(Registering, AsksAnswersTheChallengeAndComesAgain) {
  EXPECT_LE(it_.due().value(), now_);
  const Message first = request();
  EXPECT_EQ(print(first.uri), "sip:carrier.test");
  EXPECT_EQ(print(first.to().uri), "sip:4930@carrier.test");
  EXPECT_EQ(first.value(header::contact), "<sip:4930@127.0.0.1:5060>");
  EXPECT_FALSE(it_.due().has_value());
  EXPECT_EQ(answer(response(401, {challenge()})), Step::repeat);
  const Message again = request();
  EXPECT_EQ(again.call_id(), first.call_id());
  EXPECT_EQ(again.cseq().number, 2U);
  EXPECT_TRUE(again.has(header::authorization));
  EXPECT_EQ(answer(response(200, {{"Contact", "<sip:4930@127.0.0.1:5060>;expires=60"}})),
            Step::registered);
  EXPECT_TRUE(it_.is_registered());
  EXPECT_EQ(it_.due(), now_ + 45s);
  const Message refresh = request();
  EXPECT_EQ(parse_credentials(refresh.value(header::authorization))->nc, "00000002");
  EXPECT_EQ(answer(response(200)), Step::refreshed);
  EXPECT_EQ(it_.due(), now_ + 225s);
}

TEST_F(Registering, TellsOnceThatItIsRefusedAndKeepsTrying) {
  (void)request();
  EXPECT_EQ(answer(response(401, {challenge()})), Step::repeat);
  (void)request();
  EXPECT_EQ(answer(response(401, {challenge()})), Step::failed);
  EXPECT_EQ(it_.detail(), "401 X");
  EXPECT_FALSE(it_.is_registered());
  Duration last{};
  for (int i = 0; i < 40; ++i) {
    const Duration wait = it_.due().value() - now_;
    EXPECT_GE(wait, 2500ms);
    EXPECT_LE(wait, 5min);
    last = wait;
    now_ = *it_.due();
    (void)request();
    EXPECT_EQ(it_.on_lost("no answer in time", now_, ids_), Step::failed_again);
  }
  EXPECT_GE(last, 150s) << "a half of the most, at least";
  now_ = *it_.due();
  (void)request();
  EXPECT_EQ(answer(response(200)), Step::registered);
}

TEST_F(Registering, ComesBackWhenToldTo) {
  (void)request();
  EXPECT_EQ(answer(response(503, {{"Retry-After", "77"}})), Step::failed);
  EXPECT_EQ(it_.due(), now_ + 77s);
}

TEST_F(Registering, TakesALongerExpiry) {
  (void)request();
  EXPECT_EQ(answer(response(423, {{"Min-Expires", "900"}})), Step::repeat);
  EXPECT_EQ(request().value(header::expires), "900");
  EXPECT_EQ(answer(response(423, {{"Min-Expires", "900"}})), Step::failed);
}

TEST_F(Registering, TakesItselfBack) {
  (void)request();
  (void)answer(response(200));
  it_.leave(now_);
  EXPECT_EQ(it_.due(), now_);
  EXPECT_EQ(request().value(header::expires), "0");
  EXPECT_EQ(answer(response(200)), Step::left);
  EXPECT_FALSE(it_.due().has_value());
}

TEST_F(Registering, GoesToTheNextRegistrarAfterAFailure) {
  const NextHop first{Transport::udp, {1, 5060}}, second{Transport::udp, {2, 5060}};
  it_.set_registrars({first, second});
  EXPECT_EQ(it_.next_hop(), first);
  (void)request();
  (void)it_.on_lost("no answer in time", now_, ids_);
  EXPECT_EQ(it_.next_hop(), second);
  // What is asked for the password is asked there.
  (void)request();
  EXPECT_EQ(answer(response(401, {challenge()})), Step::repeat);
  EXPECT_EQ(it_.next_hop(), second);
  // Their order changes with each look; ours stays where it is.
  it_.set_registrars({second, first});
  EXPECT_EQ(it_.next_hop(), second);
  it_.set_registrars({});
  EXPECT_EQ(it_.next_hop(), second);
  (void)request();
  (void)answer(response(503));
  EXPECT_EQ(it_.next_hop(), first);
}

class UserAgentRegisters : public World {
 protected:
  void with_registration() {
    UserAgentConfig config;
    config.registrations = {{.name = "carrier",
                             .registrars = {{Transport::udp, {0x7f000001, 5080}}},
                             .domain = "carrier.test",
                             .account = {.user = "4930", .password = "secret", .realm = {}}}};
    restart(std::move(config));
  }

  void with_registrar() {
    UserAgentConfig config;
    config.registrar.emplace();
    config.registrar->subscribers = {{"1001", "phone-secret"}};
    restart(std::move(config));
  }

  static Written registering(int cseq, const std::string& extra = {}) {
    Written it;
    it.method = "REGISTER";
    it.uri = "sip:127.0.0.1";
    it.branch = "z9hG4bKreg" + std::to_string(cseq);
    it.contact = "<sip:1001@10.0.0.9:5071>";
    it.cseq = cseq;
    it.extra = extra;
    return it;
  }

  /// `write` makes the To of another user.
  static std::string of_1001(const Written& it) {
    std::string text = write(it);
    const std::string to = "To: <sip:18005550100@127.0.0.1>";
    return text.replace(text.find(to), to.size(), "To: <sip:1001@127.0.0.1>");
  }

  void register_phone() {
    receive(of_1001(registering(1)), phone);
    const Message refusal = next_sent("401").value();
    const auto challenge = parse_challenge(refusal.value(header::www_authenticate)).value();
    DigestCredentials it{.username = "1001",
                         .realm = challenge.realm,
                         .nonce = challenge.nonce,
                         .uri = "sip:127.0.0.1",
                         .response = {},
                         .opaque = {},
                         .cnonce = "c",
                         .nc = "00000001",
                         .algorithm = challenge.algorithm};
    it.response = digest_response(it, "phone-secret", "REGISTER");
    receive(of_1001(registering(2, "Authorization: " + print(it) + "\r\n")), phone);
    const Message response = next_sent("200").value();
    EXPECT_FALSE(response.to_tag().empty());
    EXPECT_EQ(next<PhoneChanged>().value().event.kind, RegistrarEvent::Kind::registered);
  }
};

TEST_F(UserAgentRegisters, WithTheCarrier) {
  with_registration();
  EXPECT_EQ(agent->unregistered(), 1U);
  pass(1ms);
  const Message first = next_sent("REGISTER").value();
  receive(reply(first, 401, "x", {},
                "WWW-Authenticate: Digest realm=\"carrier.test\", nonce=\"n\", qop=\"auth\"\r\n"));
  const Message again = next_sent("REGISTER").value();
  EXPECT_EQ(again.call_id(), first.call_id());
  receive(reply(again, 200));
  EXPECT_EQ(next<RegistrationChanged>().value().step, Step::registered);
  EXPECT_EQ(agent->unregistered(), 0U);
  pass(226s);
  const Message refresh = next_sent("REGISTER").value();
  pass(33s);
  const auto lost = next<RegistrationChanged>().value();
  EXPECT_EQ(lost.step, Step::failed);
  EXPECT_EQ(lost.detail, "no answer in time");
  EXPECT_EQ(agent->unregistered(), 1U);
  (void)refresh;
}

TEST_F(UserAgentRegisters, AndTakesItBackWhenItDrains) {
  with_registration();
  pass(1ms);
  receive(reply(next_sent("REGISTER").value(), 200));
  agent->drain(now);
  collect();
  const Message last = next_sent("REGISTER").value();
  EXPECT_EQ(last.value(header::expires), "0");
  receive(reply(last, 200));
  pass(1h);
  EXPECT_EQ(count_sent("REGISTER"), 0U);
  EXPECT_FALSE(agent->next_due().has_value());
}

TEST_F(UserAgentRegisters, PhonesOnlyWhereThereIsARegistrar) {
  receive(of_1001(registering(1)), phone);
  EXPECT_TRUE(next_sent("405").has_value());
  EXPECT_EQ(agent->registrar(), nullptr);
}

TEST_F(UserAgentRegisters, PhonesAndAsksWhetherTheyAreThere) {
  with_registrar();
  register_phone();
  pass(30s);
  const Message question = next_sent("OPTIONS").value();
  EXPECT_EQ(last_flow, phone) << "the way it came, not the address it names";
  EXPECT_EQ(print(question.uri), "sip:1001@10.0.0.9:5071");
  receive(reply(question, 200), phone);
  pass(30s);
  EXPECT_TRUE(next_sent("OPTIONS").has_value());
  pass(33s);
  forget_sent();
  EXPECT_EQ(next<PhoneChanged>().value().event.kind, RegistrarEvent::Kind::unreachable);
  EXPECT_FALSE(agent->registrar()->contacts("1001").at(0).is_reachable);
  pass(30s);
  // A proxy's answer is not the phone's.
  receive(reply(next_sent("OPTIONS").value(), 408), phone);
  EXPECT_FALSE(next<PhoneChanged>().has_value());
  forget_sent();
  pass(30s);
  receive(reply(next_sent("OPTIONS").value(), 486), phone);
  EXPECT_EQ(next<PhoneChanged>().value().event.kind, RegistrarEvent::Kind::reachable);
}

// It is known as a phone, not as somebody who may call.
TEST_F(UserAgentRegisters, PhonesWhoseCallsAreRefused) {
  with_registrar();
  register_phone();
  Written call;
  call.body = sdp_text();
  receive(call, phone);
  EXPECT_TRUE(next_sent("403").has_value());
}

// The phone's Contact is an address behind a NAT: nothing may be sent there.
TEST_F(UserAgentRegisters, PhonesAndCallsThemTheWayTheyCame) {
  with_registrar();
  register_phone();
  const Binding binding = agent->registrar()->contacts("1001").at(0);
  OutgoingCall call = outgoing(print(binding.contact));
  call.via = binding.flow;
  call.routes = {parse_name_addr("<sip:edge.test;lr>").value()};
  const CallHandle handle = call_phone(call);
  EXPECT_EQ(last_flow, phone);
  EXPECT_EQ(invite.value(header::route), "<sip:edge.test;lr>");
  std::string answer = reply(invite, 200, "phone", sdp_text());
  const std::string contact = "<sip:1001@127.0.0.1:5071>";
  answer.replace(answer.find(contact), contact.size(), "<sip:1001@127.0.0.1:9>");
  receive(answer, phone);
  EXPECT_TRUE(next_sent("ACK").has_value());
  EXPECT_EQ(last_flow, phone);
  pass(60'001ms);
  std::size_t asked = 0;
  while (const auto question = next_sent("OPTIONS")) {
    EXPECT_EQ(last_flow, phone);
    asked += question->to_tag().empty() ? 0U : 1U;  // Else it is the registrar's question.
  }
  EXPECT_EQ(asked, 1U);
  EXPECT_FALSE(next<CallEnded>().has_value());
  agent->hang_up(handle, now);
  collect();
  EXPECT_TRUE(next_sent("BYE").has_value());
  EXPECT_EQ(last_flow, phone);
}

class UserAgentIsChallenged : public World {
 protected:
  static OutgoingCall with_account() {
    OutgoingCall call = outgoing();
    call.account = DigestAccount{.user = "4930", .password = "secret", .realm = {}};
    return call;
  }
  static std::string challenge(const Message& request, bool stale = false, int status = 407) {
    return reply(request, status, "far", {},
                 std::string(status == 407 ? "Proxy" : "WWW") +
                     "-Authenticate: Digest realm=\"c\", nonce=\"n" +
                     std::to_string(request.cseq().number) + "\", qop=\"auth\"" +
                     (stale ? ", stale=true" : "") + "\r\n");
  }
};

TEST_F(UserAgentIsChallenged, AndRepeatsTheInvite) {
  call_phone(with_account());
  receive(challenge(invite), phone);
  EXPECT_TRUE(next_sent("ACK").has_value());
  const Message again = next_sent("INVITE").value();
  EXPECT_EQ(again.call_id(), invite.call_id());
  EXPECT_EQ(again.from_tag(), invite.from_tag());
  EXPECT_EQ(again.cseq().number, 2U);
  EXPECT_EQ(again.list(header::contact).size(), 1U);
  EXPECT_NE(again.body.find("m=audio 20000"), std::string::npos);
  const auto credentials = parse_credentials(again.value(header::proxy_authorization)).value();
  EXPECT_EQ(credentials.response, digest_response(credentials, "secret", "INVITE"));
  receive(reply(again, 200, "phone", sdp_text()), phone);
  const Message ack = next_sent("ACK").value();
  EXPECT_EQ(ack.cseq().number, 2U);
  EXPECT_EQ(ack.value(header::proxy_authorization), again.value(header::proxy_authorization));
  EXPECT_TRUE(next<CallAnswered>().has_value());
}

TEST_F(UserAgentIsChallenged, AndTakesASecondChallengeForNo) {
  call_phone(with_account());
  receive(challenge(invite), phone);
  receive(challenge(next_sent("INVITE").value()), phone);
  EXPECT_FALSE(next_sent("INVITE").has_value());
  const auto ended = next<CallEnded>().value();
  EXPECT_EQ(ended.cause, EndCause::rejected);
  EXPECT_EQ(ended.status, 407);
  pass(1min);
  EXPECT_EQ(agent->held_calls(), 0U);
}

TEST_F(UserAgentIsChallenged, AndReplacesAStaleNonce) {
  call_phone(with_account());
  receive(challenge(invite, false, 401), phone);
  const Message second = next_sent("INVITE").value();
  EXPECT_TRUE(second.has(header::authorization));
  receive(challenge(second, true, 401), phone);
  const Message third = next_sent("INVITE").value();
  EXPECT_EQ(parse_credentials(third.value(header::authorization))->nonce, "n2");
  EXPECT_FALSE(next<CallEnded>().has_value());
}

TEST_F(UserAgentIsChallenged, AndHasNothingToSayWithoutAnAccount) {
  call_phone();
  receive(challenge(invite), phone);
  EXPECT_FALSE(next_sent("INVITE").has_value());
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::rejected);
}

TEST_F(UserAgentIsChallenged, InTheDialogToo) {
  const CallHandle call = call_phone(with_account());
  receive(challenge(invite), phone);
  receive(reply(next_sent("INVITE").value(), 200, "phone", sdp_text()), phone);
  forget_sent();
  agent->reinvite(call, our_media(21000), now);
  collect();
  const Message reinvite = next_sent("INVITE").value();
  EXPECT_EQ(parse_credentials(reinvite.value(header::proxy_authorization))->nc, "00000002");
  receive(challenge(reinvite), phone);
  const Message signed_again = next_sent("INVITE").value();
  receive(reply(signed_again, 200, "phone", sdp_text()), phone);
  EXPECT_TRUE(next<ReinviteEnded>().value().ok);
  agent->hang_up(call, now);
  collect();
  const Message bye = next_sent("BYE").value();
  receive(challenge(bye), phone);
  const Message bye_again = next_sent("BYE").value();
  EXPECT_EQ(bye_again.cseq().number, bye.cseq().number + 1);
  EXPECT_EQ(agent->byes(), 1U);
  receive(reply(bye_again, 200), phone);
  EXPECT_EQ(agent->byes(), 0U);
  pass(1min);
  EXPECT_EQ(agent->held_calls(), 0U);
}

TEST_F(UserAgentIsChallenged, AndCanBeCancelledBetween) {
  const CallHandle call = call_phone(with_account());
  receive(challenge(invite), phone);
  const Message again = next_sent("INVITE").value();
  receive(reply(again, 180), phone);
  agent->hang_up(call, now);
  collect();
  EXPECT_EQ(next_sent("CANCEL").value().cseq().number, again.cseq().number);
}

TEST_F(UserAgentIsChallenged, AfterAMoveAnew) {
  OutgoingCall call = with_account();
  call.redirects = {{loopback, 5082}};
  call_phone(call);
  receive(challenge(invite), phone);
  receive(
      reply(next_sent("INVITE").value(), 302, "gone", {}, "Contact: <sip:1001@127.0.0.1:5082>\r\n"),
      phone);
  const Message moved = next_sent("INVITE").value();
  EXPECT_EQ(last_flow.remote.port, 5082);
  receive(challenge(moved), last_flow);
  const Message again = next_sent("INVITE").value();
  EXPECT_EQ(last_flow.remote.port, 5082);
  EXPECT_EQ(again.uri.port, 5082);
  EXPECT_EQ(parse_credentials(again.value(header::proxy_authorization))->nonce, "n3");
}

TEST_F(UserAgentIsChallenged, AndSignsWhatGoesOnInTheDialog) {
  call_phone(with_account());
  receive(challenge(invite), phone);
  const Message again = next_sent("INVITE").value();
  receive(reply(again, 183, "phone", sdp_text(), "Require: 100rel\r\nRSeq: 7\r\n"), phone);
  const Message prack = next_sent("PRACK").value();
  EXPECT_TRUE(prack.has(header::proxy_authorization));
  receive(reply(prack, 200), phone);
  receive(reply(again, 200, "phone", {},
                "Allow: INVITE, UPDATE\r\nSession-Expires: 1800;refresher=uac\r\n"),
          phone);
  EXPECT_TRUE(next<CallAnswered>().has_value());
  pass(900'001ms);
  const Message update = next_sent("UPDATE").value();
  EXPECT_TRUE(update.has(header::proxy_authorization));
  receive(challenge(update), phone);
  const Message update_again = next_sent("UPDATE").value();
  EXPECT_EQ(update_again.cseq().number, update.cseq().number + 1);
  EXPECT_EQ(parse_credentials(update_again.value(header::proxy_authorization))->nonce,
            "n" + std::to_string(update.cseq().number));
}

TEST_F(UserAgentIsChallenged, WhenItAsksWhetherTheCallIsKnown) {
  UserAgentConfig config;
  config.session_expires_s = 0;
  restart(std::move(config));
  call_phone(with_account());
  receive(reply(invite, 200, "phone", sdp_text()), phone);
  pass(60'001ms);
  receive(challenge(next_sent("OPTIONS").value()), phone);
  const Message again = next_sent("OPTIONS").value();
  EXPECT_TRUE(again.has(header::proxy_authorization));
  receive(reply(again, 481), phone);
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::unreachable);
}

class UserAgentWaits : public World {
 protected:
  CallHandle call(Duration silence) {
    OutgoingCall it = outgoing();
    it.silence_max = silence;
    return call_phone(it);
  }
};

TEST_F(UserAgentWaits, SoLongForAnySignAtAll) {
  call(4s);
  pass(3900ms);
  EXPECT_FALSE(next<CallEnded>().has_value());
  pass(200ms);
  const auto ended = next<CallEnded>().value();
  EXPECT_EQ(ended.cause, EndCause::unreachable);
  EXPECT_EQ(ended.status, 0);
  // Should it come after all, it is taken back.
  receive(reply(invite, 200, "phone", sdp_text()), phone);
  EXPECT_TRUE(next_sent("ACK").has_value());
  EXPECT_TRUE(next_sent("BYE").has_value());
}

TEST_F(UserAgentWaits, NoLongerOnceThereIsOne) {
  call(4s);
  receive(reply(invite, 100, ""), phone);
  pass(19s);
  EXPECT_FALSE(next<CallEnded>().has_value());
  pass(2s);
  EXPECT_EQ(next<CallEnded>().value().cause, EndCause::timeout);
}

}  // namespace
}  // namespace cord::sip::test
