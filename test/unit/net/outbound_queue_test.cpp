#include "net/detail/outbound_queue.hpp"

#include <gtest/gtest.h>

namespace cord::net::detail {
namespace {

using Pushed = OutboundQueue::Pushed;

std::string text_of(OutboundQueue::Item item) {
  const auto* text = std::get_if<std::string>(&item);
  return text != nullptr ? *text : "(no text)";
}

TEST(OutboundQueue, WakesTheWriterOnlyWhenItRests) {
  OutboundQueue queue(10, 100);
  EXPECT_EQ(queue.push("a"), Pushed::wake);
  EXPECT_EQ(queue.push("b"), Pushed::queued);
  EXPECT_EQ(text_of(queue.next()), "a");
  EXPECT_EQ(queue.push("c"), Pushed::queued);
  EXPECT_EQ(text_of(queue.next()), "b");
  EXPECT_EQ(text_of(queue.next()), "c");
  EXPECT_TRUE(std::holds_alternative<std::monostate>(queue.next()));
  EXPECT_EQ(queue.push("d"), Pushed::wake);
}

TEST(OutboundQueue, CountsTheMessageBeingWritten) {
  OutboundQueue queue(2, 100);
  EXPECT_EQ(queue.push("a"), Pushed::wake);
  EXPECT_EQ(text_of(queue.next()), "a");
  EXPECT_EQ(queue.push("b"), Pushed::queued);
  EXPECT_EQ(queue.push("c"), Pushed::overflow);
  EXPECT_EQ(text_of(queue.next()), "b");
  EXPECT_EQ(queue.push("c"), Pushed::queued);
}

TEST(OutboundQueue, BoundsBytesToTheByte) {
  OutboundQueue queue(100, 10);
  EXPECT_EQ(queue.push(std::string(11, 'x')), Pushed::overflow);
  EXPECT_EQ(queue.push(std::string(6, 'x')), Pushed::wake);
  EXPECT_EQ(queue.push(std::string(5, 'x')), Pushed::overflow);
  EXPECT_EQ(queue.push(std::string(4, 'x')), Pushed::queued);
  EXPECT_EQ(queue.push("x"), Pushed::overflow);
  EXPECT_EQ(text_of(queue.next()).size(), 6u);
  EXPECT_EQ(text_of(queue.next()).size(), 4u);
  EXPECT_EQ(queue.push(std::string(6, 'x')), Pushed::queued);
}

TEST(OutboundQueue, ClosesBehindWhatIsQueued) {
  OutboundQueue queue(10, 100);
  EXPECT_EQ(queue.push("a"), Pushed::wake);
  EXPECT_TRUE(queue.close({1000, "bye"}));
  EXPECT_FALSE(queue.close_now({1001, "late"}));
  EXPECT_EQ(queue.push("b"), Pushed::closed);
  EXPECT_EQ(text_of(queue.next()), "a");
  const OutboundQueue::Item last = queue.next();
  ASSERT_TRUE(std::holds_alternative<OutboundQueue::Close>(last));
  EXPECT_EQ(std::get<OutboundQueue::Close>(last).code, 1000);
}

TEST(OutboundQueue, ClosesInsteadOfWhatIsQueued) {
  OutboundQueue queue(10, 100);
  EXPECT_EQ(queue.push("a"), Pushed::wake);
  EXPECT_EQ(queue.push("b"), Pushed::queued);
  EXPECT_TRUE(queue.close_now({4008, "full"}));
  EXPECT_FALSE(queue.close({1000, "late"}));
  EXPECT_TRUE(std::holds_alternative<OutboundQueue::Close>(queue.next()));
  EXPECT_EQ(queue.closing()->code, 4008);
}

}  // namespace
}  // namespace cord::net::detail
