// Calls that nobody hangs up: session timers (RFC 4028) and OPTIONS inside the dialog.
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "user_agent_world.hpp"

namespace cord::sip::test {
namespace {

class SessionTimer : public World {
 protected:
  /// A call of ours whose 2xx says `extra`.
  CallHandle call_with(const std::string& extra) {
    const CallHandle call = call_phone();
    receive(reply(invite, 200, "phone", sdp_text(), extra), phone);
    EXPECT_TRUE(next<CallAnswered>().has_value());
    forget_sent();
    return call;
  }

  /// One whose far end takes UPDATE and leaves refreshing to us.
  CallHandle call_we_refresh(int interval_s = 1800) {
    return call_with(fmt::format(
        "Allow: INVITE, UPDATE\r\nSession-Expires: {};refresher=uac\r\nRequire: timer\r\n",
        interval_s));
  }

  void expect_lost() {
    EXPECT_TRUE(next_sent("BYE").has_value());
    EXPECT_EQ(next<CallEnded>().value().cause, EndCause::unreachable);
    pass(2min);
    EXPECT_EQ(agent->held_calls(), 0U);
  }
};

// --- Calls of ours ----------------------------------------------------------------------------

TEST_F(SessionTimer, IsAskedFor) {
  call_phone();
  EXPECT_EQ(invite.value(header::session_expires), "1800");
  EXPECT_TRUE(invite.lists(header::supported, "timer"));
  EXPECT_FALSE(invite.has(header::min_se));
}

TEST_F(SessionTimer, IsRefreshedByUpdateInTime) {
  call_we_refresh();
  pass(899s);
  EXPECT_EQ(count_sent("UPDATE"), 0U);
  pass(1'001ms);
  const Message update = next_sent("UPDATE").value();
  EXPECT_EQ(update.value(header::session_expires), "1800;refresher=uac");
  EXPECT_TRUE(update.body.empty());
  EXPECT_TRUE(update.has(header::contact));
  receive(reply(update, 200, "", {}, "Session-Expires: 1800;refresher=uac\r\n"), phone);
  pass(899s);
  EXPECT_EQ(count_sent("UPDATE"), 0U);
  pass(1'001ms);
  EXPECT_EQ(count_sent("UPDATE"), 1U);
}

TEST_F(SessionTimer, IsRefreshedByReInviteWhereUpdateIsNotKnown) {
  call_with("Session-Expires: 1800;refresher=uac\r\n");
  pass(900'001ms);
  const Message again = next_sent("INVITE").value();
  EXPECT_EQ(again.value(header::session_expires), "1800;refresher=uac");
  EXPECT_EQ(again.body, invite.body);
  receive(reply(again, 200, "", sdp_text(), "Session-Expires: 1800;refresher=uac\r\n"), phone);
  EXPECT_TRUE(next_sent("ACK").has_value());
  EXPECT_FALSE(next<ReinviteEnded>().has_value());
  pass(899s);
  EXPECT_EQ(count_sent("INVITE"), 0U);
  pass(1'001ms);
  EXPECT_EQ(count_sent("INVITE"), 1U);
}

TEST_F(SessionTimer, EndsACallThatTheFarEndDoesNotRefresh) {
  call_with("Session-Expires: 1800;refresher=uas\r\n");
  pass(1767s);
  EXPECT_EQ(count_sent("BYE"), 0U);
  pass(2s);
  expect_lost();
  EXPECT_EQ(agent->counters().sessions_expired, 1U);
}

TEST_F(SessionTimer, GoesOnWhenTheFarEndRefreshes) {
  call_with("Session-Expires: 600;refresher=uas\r\n");
  for (int i = 1; i <= 5; ++i) {
    pass(300s);
    receive(Written{.method = "UPDATE",
                    .branch = fmt::format("z9hG4bKu{}", i),
                    .from_tag = "phone",
                    .to_tag = invite.from_tag(),
                    .call_id = std::string(invite.call_id()),
                    .cseq = i,
                    .extra = "Supported: timer\r\nSession-Expires: 600;refresher=uac\r\n"},
            phone);
    EXPECT_EQ(next_sent("200").value().value(header::session_expires), "600;refresher=uac");
  }
  EXPECT_FALSE(next<CallEnded>().has_value());
  pass(569s);
  expect_lost();
}

TEST_F(SessionTimer, IsNotTakenShorterThanReason) {
  call_with("Session-Expires: 1;refresher=uas\r\n");
  pass(59s);
  EXPECT_EQ(count_sent("BYE"), 0U);
  pass(2s);  // 90 s less a third.
  expect_lost();
}

TEST_F(SessionTimer, OfTooShortAnIntervalIsAskedForAgain) {
  restart(config_with(&UserAgentConfig::session_expires_s, 100));
  call_phone();
  receive(reply(invite, 422, "p", {}, "Min-SE: 700\r\n"), phone);
  EXPECT_TRUE(next_sent("ACK").has_value());
  const Message again = next_sent("INVITE").value();
  EXPECT_EQ(again.value(header::session_expires), "700");
  EXPECT_EQ(again.value(header::min_se), "700");
  EXPECT_EQ(again.cseq().number, 2U);
  EXPECT_EQ(again.to_tag(), "");
  receive(reply(again, 422, "p", {}, "Min-SE: 700\r\n"), phone);
  EXPECT_EQ(next<CallEnded>().value().status, 422);
}

TEST_F(SessionTimer, IsLeftOutIfTurnedOff) {
  restart(config_with(&UserAgentConfig::session_expires_s, 0));
  call_phone();
  EXPECT_FALSE(invite.has(header::session_expires));
  EXPECT_FALSE(invite.lists(header::supported, "timer"));
  receive(reply(invite, 200, "phone", sdp_text(), "Session-Expires: 90;refresher=uas\r\n"), phone);
  pass(1h);
  EXPECT_FALSE(next<CallEnded>().has_value());
  receive(Written{.branch = "z9hG4bKx", .extra = "Require: timer\r\n", .body = sdp_text()});
  EXPECT_EQ(next_sent("420").value().value(header::unsupported), "timer");
}

// --- What a refresh of ours may be answered ---------------------------------------------------

struct Answered {
  std::string_view name;
  int status;
  std::string_view extra;
  std::string_view then;  ///< what we send next
  Duration within;
};
void PrintTo(const Answered& it, std::ostream* out) {
  *out << it.name;
}

class RefreshAnswered : public SessionTimer, public ::testing::WithParamInterface<Answered> {};

TEST_P(RefreshAnswered, IsFollowedUp) {
  const Answered& it = GetParam();
  call_we_refresh();
  pass(900'001ms);
  const Message update = next_sent("UPDATE").value();
  receive(reply(update, it.status, "", {}, std::string(it.extra)), phone);
  pass(it.within);
  EXPECT_TRUE(next_sent(it.then).has_value());
}

INSTANTIATE_TEST_SUITE_P(
    All, RefreshAnswered,
    ::testing::Values(Answered{"unknown", 481, "", "BYE", 0s},
                      Answered{"timed_out", 408, "", "BYE", 0s},
                      Answered{"not_allowed", 405, "", "INVITE", 0s},
                      Answered{"not_implemented", 501, "", "INVITE", 0s},
                      Answered{"too_brief", 422, "Min-SE: 2000\r\n", "UPDATE", 0s},
                      Answered{"pending", 491, "", "UPDATE", 4'010ms},
                      Answered{"later", 500, "Retry-After: 3\r\n", "UPDATE", 3'010ms},
                      Answered{"overload", 503, "Retry-After: 20\r\n", "UPDATE", 20'010ms},
                      Answered{"refused", 400, "", "UPDATE", 226s},
                      Answered{"never", 400, "", "BYE", 900s}),
    [](const auto& it) { return std::string(it.param.name); });

TEST_F(SessionTimer, ARefreshWithoutAnswerEndsTheCall) {
  call_we_refresh();
  pass(900s + 33s);
  expect_lost();
  EXPECT_EQ(agent->counters().dialogs_lost, 1U);
}

TEST_F(SessionTimer, AnIntervalThatWasTooBriefGrows) {
  call_we_refresh();
  pass(900'001ms);
  receive(reply(next_sent("UPDATE").value(), 422, "", {}, "Min-SE: 2000\r\n"), phone);
  EXPECT_EQ(next_sent("UPDATE").value().value(header::session_expires), "2000;refresher=uac");
}

// --- Calls to us ------------------------------------------------------------------------------

struct Granted {
  std::string_view name;
  std::string_view asked;
  std::string_view session_expires;  ///< of our 200
  bool is_required;
  bool we_refresh;
};
void PrintTo(const Granted& it, std::ostream* out) {
  *out << it.name;
}

// RFC 4028 §9, table 2.
constexpr Granted grants[] = {
    {"nothing_asked", "", "", false, false},
    {"known_only", "Supported: timer\r\n", "1800;refresher=uas", true, true},
    {"interval", "Supported: timer\r\nSession-Expires: 600\r\n", "600;refresher=uas", true, true},
    {"they", "Supported: timer\r\nx: 600;refresher=uac\r\n", "600;refresher=uac", true, false},
    {"we", "Supported: timer\r\nx: 600;refresher=uas\r\n", "600;refresher=uas", true, true},
    {"long_one", "Supported: timer\r\nx: 7200\r\n", "1800;refresher=uas", true, true},
    {"long_least", "Supported: timer\r\nx: 7200\r\nMin-SE: 3600\r\n", "3600;refresher=uas", true,
     true},
    {"least", "Supported: timer\r\nSession-Expires: 90\r\n", "90;refresher=uas", true, true},
    {"of_a_proxy", "Session-Expires: 600\r\n", "600;refresher=uas", false, true},
    {"of_a_hasty_proxy", "Session-Expires: 5\r\n", "90;refresher=uas", false, true},
    {"demanded", "Require: timer\r\nx: 600;refresher=uac\r\n", "600;refresher=uac", true, false},
};

class SessionGranted : public SessionTimer, public ::testing::WithParamInterface<Granted> {};

TEST_P(SessionGranted, AsTheTableSays) {
  const Granted& it = GetParam();
  const CallHandle call =
      offered({.extra = std::string(it.asked) + "Allow: UPDATE\r\n", .body = sdp_text()});
  agent->answer(call, our_media(), now);
  collect();
  const Message ok = next_sent("200").value();
  our_tag = ok.to_tag();
  EXPECT_EQ(ok.value(header::session_expires), it.session_expires);
  EXPECT_EQ(ok.lists(header::require, "timer"), it.is_required);
  receive(in_dialog("ACK", 1));
  pass(4000s);
  EXPECT_EQ(count_sent("UPDATE") > 0, it.we_refresh);
  // Nobody answers, or refreshes.
  EXPECT_EQ(next<CallEnded>().has_value(), !it.session_expires.empty());
}

INSTANTIATE_TEST_SUITE_P(All, SessionGranted, ::testing::ValuesIn(grants),
                         [](const auto& it) { return std::string(it.param.name); });

TEST_F(SessionTimer, TooShortForUsGets422) {
  receive(Written{.extra = "Supported: timer\r\nSession-Expires: 89\r\n", .body = sdp_text()});
  EXPECT_EQ(next_sent("422").value().value(header::min_se), "90");
  EXPECT_FALSE(next<CallOffered>().has_value());
  receive(Written{.branch = "z9hG4bK2", .extra = "Session-Expires: x\r\n", .body = sdp_text()});
  EXPECT_TRUE(next_sent("400").has_value());
}

TEST_F(SessionTimer, TooShortInTheCallGets422AndChangesNothing) {
  inbound_call();
  for (const char* method : {"INVITE", "UPDATE"}) {
    Written it = in_dialog(method, method[0] == 'I' ? 2 : 3);
    it.extra = "Supported: timer\r\nSession-Expires: 30\r\n";
    it.body = sdp_text("sendonly", 40000, "0", 2);
    receive(it);
    EXPECT_TRUE(next_sent("422").has_value()) << method;
    EXPECT_FALSE(next<MediaAgreed>().has_value()) << method;
  }
}

// --- Far ends without session timers ----------------------------------------------------------

class DialogCheck : public SessionTimer {
 protected:
  DialogCheck() { restart(UserAgentConfig{}); }
};

TEST_F(DialogCheck, AsksEveryMinute) {
  inbound_call();
  for (int i = 0; i < 3; ++i) {
    pass(59s);
    EXPECT_EQ(count_sent("OPTIONS"), 0U);
    pass(1'001ms);
    const Message options = next_sent("OPTIONS").value();
    EXPECT_EQ(options.to_tag(), "theirs");
    // Whoever answers is there: not every phone knows OPTIONS inside a dialog.
    receive(reply(options, i == 0 ? 200 : 405, ""));
  }
  EXPECT_EQ(agent->live_calls(), 1U);
}

TEST_F(DialogCheck, EndsACallThatTheFarEndDoesNotKnow) {
  outbound_call();
  pass(61s);
  receive(reply(next_sent("OPTIONS").value(), 481, ""), phone);
  expect_lost();
  EXPECT_EQ(agent->counters().dialogs_lost, 1U);
}

TEST_F(DialogCheck, EndsACallWhoseFarEndIsGone) {
  inbound_call();
  pass(60s + 31s);
  EXPECT_FALSE(next<CallEnded>().has_value());
  pass(2s);
  expect_lost();
}

TEST_F(DialogCheck, LeavesCallsWithASessionTimerAlone) {
  call_we_refresh();
  pass(800s);
  EXPECT_EQ(count_sent("OPTIONS"), 0U);
}

TEST_F(DialogCheck, EndsWithTheCall) {
  agent->hang_up(inbound_call(), now);
  collect();
  receive(reply(next_sent("BYE").value(), 200, ""));
  pass(3min);
  EXPECT_EQ(count_sent("OPTIONS"), 0U);
  EXPECT_EQ(agent->held_calls(), 0U);
}

}  // namespace
}  // namespace cord::sip::test
