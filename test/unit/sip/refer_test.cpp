// REFER of a far end, its answer, and the NOTIFYs that follow: RFC 3515, RFC 3891, RFC 6665.
#include <string>

#include <gtest/gtest.h>

#include "sip/codec/refer_fields.hpp"
#include "user_agent_world.hpp"

namespace cord::sip::test {
namespace {

class ReferTest : public World {
 protected:
  ReferTest() { phone_ = outbound_call(); }

  // In the dialog of the phone that we have called.
  Written refer(const std::string& to, int cseq = 2) const {
    return {.method = "REFER",
            .uri = "sip:127.0.0.1:5060",
            .branch = fmt::format("z9hG4bKrefer{}", cseq),
            .from_tag = "phone",
            .to_tag = invite.from_tag(),
            .call_id = std::string(invite.call_id()),
            .cseq = cseq,
            .contact = "<sip:1001@127.0.0.1:5071>",
            .extra = "Refer-To: " + to + "\r\nReferred-By: <sip:1001@127.0.0.1>\r\n"};
  }
  TransferAsked asked(const std::string& to, int cseq = 2) {
    receive(refer(to, cseq), phone);
    const auto fact = next<TransferAsked>();
    EXPECT_TRUE(fact.has_value());
    return fact.value_or(TransferAsked{});
  }
  TransferHandle accepted(int cseq = 2) {
    const TransferHandle handle = asked("<sip:1002@127.0.0.1>", cseq).transfer;
    agent->accept_transfer(handle, now);
    collect();
    return handle;
  }
  void end(TransferHandle handle, std::uint16_t status) {
    agent->end_transfer(handle, status, now);
    collect();
  }
  Message next_notify() { return next_sent("NOTIFY").value_or(Message{}); }
  void answer_notify(const Message& notify, int status = 200) {
    receive(reply(notify, status), phone);
  }

  CallHandle phone_;
};

// --- What is asked ------------------------------------------------------------------------------

struct Row {
  const char* what;
  const char* refer_to;
  int status;  // 0: it is asked of who uses the user agent
};

TEST_F(ReferTest, IsAskedOrRefusedAtOnce) {
  const Row rows[] = {
      {"a number", "<sip:9555@127.0.0.1>", 0},
      {"without brackets", "sip:9555@127.0.0.1", 0},
      {"tel", "<tel:+4930555>", 0},
      {"INVITE said", "<sip:9555@127.0.0.1;method=INVITE>", 0},
      {"another method", "<sip:9555@127.0.0.1;method=BYE>", 400},
      {"a page", "<http://example.com/>", 400},
      {"nonsense", "<>", 400},
      {"two", "<sip:1@a>, <sip:2@a>", 400},
      {"a dialog we do not know", "<sip:1@a?Replaces=x%3Bto-tag%3Dy%3Bfrom-tag%3Dz>", 603},
      {"a dialog that is none", "<sip:1@a?Replaces=x>", 400},
  };
  int cseq = 2;
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    forget_sent();
    receive(refer(row.refer_to, ++cseq), phone);
    const auto fact = next<TransferAsked>();
    EXPECT_EQ(fact.has_value(), row.status == 0);
    if (fact) end(fact->transfer, 603);
    EXPECT_TRUE(next_sent(std::to_string(row.status == 0 ? 603 : row.status)).has_value());
  }
}

TEST_F(ReferTest, NamesTheNumber) {
  const TransferAsked it = asked("\"Bob\" <sip:%31002@127.0.0.1;user=phone>");
  EXPECT_EQ(it.call, phone_);
  EXPECT_EQ(it.to.user_text(), "1002");
  EXPECT_FALSE(it.replaced);
  EXPECT_TRUE(sent.empty()) << "who uses it answers";
}

TEST_F(ReferTest, NamesTheDialogToReplace) {
  const std::string dialog =
      fmt::format("{}%3Bto-tag%3D{}%3Bfrom-tag%3Dphone", invite.call_id(), invite.from_tag());
  EXPECT_EQ(asked("<sip:1002@127.0.0.1?Replaces=" + dialog + "&X=1>").replaced, phone_);
}

TEST_F(ReferTest, NeedsOneReferTo) {
  Written it = refer("<sip:9@a>");
  it.extra.clear();
  receive(it, phone);
  EXPECT_TRUE(next_sent("400").has_value());
  EXPECT_FALSE(next<TransferAsked>().has_value());
}

TEST_F(ReferTest, OutsideADialogIsDeclined) {
  Written it = refer("<sip:9@a>");
  it.to_tag.clear();
  receive(it, phone);
  EXPECT_TRUE(next_sent("603").has_value());
}

TEST_F(ReferTest, InADialogThatIsOverGets481) {
  agent->hang_up(phone_, now);
  receive(refer("<sip:9@a>"), phone);
  EXPECT_TRUE(next_sent("481").has_value());
}

TEST_F(ReferTest, OneAfterTheOther) {
  const TransferHandle first = asked("<sip:1@a>").transfer;
  receive(refer("<sip:2@a>", 3), phone);
  EXPECT_TRUE(next_sent("491").has_value());
  end(first, 603);
  EXPECT_TRUE(next_sent("603").has_value());
  asked("<sip:2@a>", 4);
}

// RFC 5057 §5.1: a 404 ended the phone's dialog, and the caller with it.
TEST_F(ReferTest, ARefusalSparesTheDialogItComesIn) {
  end(asked("<sip:1@a>").transfer, 404);
  EXPECT_TRUE(next_sent("603").has_value());
  end(asked("<sip:1@a>", 3).transfer, 480);
  EXPECT_TRUE(next_sent("603").has_value());
}

TEST_F(ReferTest, ThatNobodyAnswersIsRefused) {
  asked("<sip:1@a>");
  pass(40s);
  EXPECT_TRUE(next_sent("500").has_value());
}

// --- What is told -------------------------------------------------------------------------------

TEST_F(ReferTest, IsAcceptedAndTold) {
  const TransferHandle handle = accepted();
  const Message answer = next_sent("202").value();
  EXPECT_TRUE(answer.has(header::contact));
  const Message first = next_notify();
  EXPECT_EQ(first.value(header::event), "refer");
  EXPECT_EQ(first.value(header::subscription_state), "active;expires=600");
  EXPECT_EQ(first.content_type(), "message/sipfrag");
  EXPECT_EQ(first.body, "SIP/2.0 100 Trying\r\n");
  EXPECT_EQ(first.to_tag(), "phone");
  end(handle, 200);
  EXPECT_FALSE(next_sent("NOTIFY").has_value()) << "the first has no answer yet";
  answer_notify(first);
  const Message last = next_notify();
  EXPECT_EQ(last.value(header::subscription_state), "terminated;reason=noresource");
  EXPECT_EQ(last.body, "SIP/2.0 200 OK\r\n");
  answer_notify(last);
  end(handle, 503);
  EXPECT_FALSE(next_sent("NOTIFY").has_value());
}

TEST_F(ReferTest, OnlyTheFirstHasNoId) {
  const TransferHandle first = accepted();
  end(first, 200);
  forget_sent();
  accepted(7);
  EXPECT_EQ(next_notify().value(header::event), "refer;id=7");
}

TEST_F(ReferTest, ThatFailedIsToldWithItsStatus) {
  const TransferHandle handle = accepted();
  answer_notify(next_notify());
  end(handle, 486);
  EXPECT_EQ(next_notify().body, "SIP/2.0 486 Busy Here\r\n");
}

// The call may be over long before it is known what has come of it: RFC 5057 §4.
TEST_F(ReferTest, IsToldAfterTheCallIsOver) {
  const TransferHandle handle = accepted();
  answer_notify(next_notify());
  agent->hang_up(phone_, now);
  collect();
  receive(reply(next_sent("BYE").value(), 200), phone);
  EXPECT_EQ(agent->held_calls(), 1U);
  end(handle, 200);
  const Message last = next_notify();
  EXPECT_EQ(last.body, "SIP/2.0 200 OK\r\n");
  EXPECT_EQ(last.call_id(), invite.call_id());
  answer_notify(last);
  pass(40s);
  EXPECT_EQ(agent->held_calls(), 0U);
}

TEST_F(ReferTest, WhoDoesNotListenAnyMoreIsNotTold) {
  const TransferHandle handle = accepted();
  answer_notify(next_notify(), 481);
  end(handle, 200);
  EXPECT_FALSE(next_sent("NOTIFY").has_value());
}

TEST_F(ReferTest, WhoDoesNotAnswerTheNotifyIsForgotten) {
  const TransferHandle handle = accepted();
  agent->hang_up(phone_, now);
  pass(2min);
  end(handle, 200);
  EXPECT_EQ(agent->held_calls(), 0U);
}

TEST_F(ReferTest, OfWhichNothingIsHeardEndsByItself) {
  accepted();
  answer_notify(next_notify());
  pass(11min);
  const Message last = next_notify();
  EXPECT_EQ(last.value(header::subscription_state), "terminated;reason=timeout");
  EXPECT_EQ(last.body, "SIP/2.0 100 Trying\r\n");
}

// Those whose end is not known, of one dialog.
TEST_F(ReferTest, FourAtMost) {
  for (int cseq = 2; cseq < 6; ++cseq) accepted(cseq);
  forget_sent();
  receive(refer("<sip:1@a>", 6), phone);
  EXPECT_TRUE(next_sent("491").has_value());
}

}  // namespace
}  // namespace cord::sip::test
