// INVITEs that take the place of a dialog: RFC 3891 §3.
#include <string>

#include <gtest/gtest.h>

#include "user_agent_world.hpp"

namespace cord::sip::test {
namespace {

class ReplacesTest : public World {
 protected:
  static Written replacing(const std::string& value) {
    return {.branch = "z9hG4bKr",
            .from_tag = "third",
            .call_id = "call-r",
            .extra = "Require: replaces\r\nReplaces: " + value + "\r\n",
            .body = sdp_text("sendrecv", 46000)};
  }
  [[nodiscard]] std::string inbound() const {
    return fmt::format("call-1;to-tag={};from-tag=theirs", our_tag);
  }
};

TEST_F(ReplacesTest, NamesTheCall) {
  const CallHandle old = inbound_call();
  receive(replacing(inbound()));
  const auto offer = next<CallOffered>();
  ASSERT_TRUE(offer.has_value());
  EXPECT_EQ(offer->replaces, old);
  agent->answer(offer->call, our_media(), now);
  agent->hang_up(old, now);
  collect();
  EXPECT_TRUE(next_sent("200").has_value());
  EXPECT_EQ(next_sent("BYE").value().to_tag(), "theirs");
  EXPECT_EQ(next<MediaAgreed>().value().media.remote.port, 46000);
}

TEST_F(ReplacesTest, NamesACallOfOurs) {
  const CallHandle old = outbound_call();
  receive(
      replacing(fmt::format("{};to-tag={};from-tag=phone", invite.call_id(), invite.from_tag())));
  EXPECT_EQ(next<CallOffered>().value().replaces, old);
}

TEST_F(ReplacesTest, OrdinaryCallsNameNone) {
  receive(Written{.body = sdp_text()});
  EXPECT_FALSE(next<CallOffered>().value().replaces);
}

TEST_F(ReplacesTest, OfNothingWeKnowGets481) {
  inbound_call();
  for (const std::string& wrong : {std::string("call-2;to-tag=") + our_tag + ";from-tag=theirs",
                                   std::string("call-1;to-tag=x;from-tag=theirs"),
                                   std::string("call-1;to-tag=") + our_tag + ";from-tag=x"}) {
    Written it = replacing(wrong);
    it.branch = "z9hG4bK" + std::to_string(wrong.size()) + wrong.substr(5, 1);
    receive(it);
    EXPECT_TRUE(next_sent("481").has_value()) << wrong;
  }
  EXPECT_FALSE(next<CallOffered>().has_value());
}

TEST_F(ReplacesTest, OfACallThatRingsGets481) {
  agent->ring(offered(), now);
  collect();
  our_tag = next_sent("180").value().to_tag();
  receive(replacing(inbound()));
  EXPECT_TRUE(next_sent("481").has_value());
}

TEST_F(ReplacesTest, OfAnAnsweredCallThatWasToBeEarlyGets486) {
  inbound_call();
  receive(replacing(inbound() + ";early-only"));
  EXPECT_TRUE(next_sent("486").has_value());
}

TEST_F(ReplacesTest, OfACallThatHasEndedGets603) {
  agent->hang_up(inbound_call(), now);
  collect();
  receive(replacing(inbound()));
  EXPECT_TRUE(next_sent("603").has_value());
}

TEST_F(ReplacesTest, ThatCannotBeReadGets400) {
  receive(replacing("nonsense"));
  EXPECT_TRUE(next_sent("400").has_value());
}

TEST_F(ReplacesTest, OfAStrangerGets403) {
  inbound_call();
  receive(replacing(inbound()), phone);
  EXPECT_TRUE(next_sent("403").has_value());
  EXPECT_EQ(agent->live_calls(), 1U);
}

}  // namespace
}  // namespace cord::sip::test
