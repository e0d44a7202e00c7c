#include "net/detail/gathering_stream.hpp"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace cord::net::detail {
namespace {

using beast::error_code;

/// What the gathering stream writes to: notes each write, and finishes it when it is let.
class Below {
 public:
  using executor_type = asio::io_context::executor_type;

  struct Writes {
    std::vector<std::string> all;
    std::function<void(error_code)> finish;  ///< the one under way; none: empty
  };

  Below(asio::io_context& context, Writes& writes) : context_(&context), writes_(&writes) {}

  executor_type get_executor() { return context_->get_executor(); }

  template <class Buffers, class Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    writes_->all.push_back(beast::buffers_to_string(buffers));
    const std::size_t size_bytes = writes_->all.back().size();
    auto kept = std::make_shared<std::decay_t<Handler>>(std::forward<Handler>(handler));
    writes_->finish = [kept, size_bytes](error_code error) {
      (*kept)(error, error ? 0 : size_bytes);
    };
  }

 private:
  asio::io_context* context_;
  Writes* writes_;
};

class GatheringStreamTest : public testing::Test {
 protected:
  static constexpr std::size_t room_bytes = GatheringStream<Below>::gathered_bytes_max;

  void write(std::string text) {
    auto kept = std::make_shared<std::string>(std::move(text));
    stream.async_write_some(asio::buffer(*kept), [this, kept](error_code error, std::size_t size) {
      taken.push_back(error ? 0 : size);
    });
  }

  void run() {
    context.restart();
    context.poll();
  }

  void finish(error_code error = {}) {
    std::exchange(below.finish, nullptr)(error);
    run();
  }

  asio::io_context context;
  Below::Writes below;
  GatheringStream<Below> stream{Below(context, below)};
  std::vector<std::size_t> taken;
};

TEST_F(GatheringStreamTest, SendsInOneWriteWhatComesInOneGo) {
  write("one");
  write("two");
  asio::post(context, [this] { write("three"); });
  run();
  EXPECT_EQ(taken, (std::vector<std::size_t>{3, 3, 5}));
  EXPECT_EQ(below.all, std::vector<std::string>{"onetwothree"});
}

TEST_F(GatheringStreamTest, SendsInOneWriteWhatAWriterWritesInARow) {
  const std::string text = "again";
  std::function<void()> write_again = [&] {
    stream.async_write_some(asio::buffer(text), [&](error_code, std::size_t size) {
      taken.push_back(size);
      if (taken.size() < 10) write_again();
    });
  };
  write_again();
  run();
  EXPECT_EQ(taken.size(), 10u);
  ASSERT_EQ(below.all.size(), 1u);
  EXPECT_EQ(below.all[0].size(), 10 * text.size());
}

TEST_F(GatheringStreamTest, GathersWhileAWriteIsUnderWay) {
  write("one");
  run();
  write("two");
  run();
  write("three");
  run();
  EXPECT_EQ(below.all.size(), 1u);
  finish();
  EXPECT_EQ(below.all, (std::vector<std::string>{"one", "twothree"}));
}

TEST_F(GatheringStreamTest, TakesNothingInBeyondItsRoom) {
  write("one");
  run();
  write(std::string(room_bytes, 'x'));
  run();
  EXPECT_EQ(taken.size(), 2u);
  write("waits");
  run();
  EXPECT_EQ(taken.size(), 2u);
  finish();
  EXPECT_EQ(taken, (std::vector<std::size_t>{3, room_bytes, 5}));
  finish();
  EXPECT_EQ(below.all.back(), "waits");
}

TEST_F(GatheringStreamTest, TellsAFailureToTheNextWriter) {
  write("one");
  run();
  write(std::string(room_bytes, 'x'));
  write("waits");
  run();
  finish(asio::error::connection_reset);
  write("comes too late");
  run();
  EXPECT_EQ(taken, (std::vector<std::size_t>{3, room_bytes, 0, 0}));
  EXPECT_EQ(below.all.size(), 1u);
}

TEST_F(GatheringStreamTest, IsFlushedWhenAllIsSent) {
  int flushed = 0;
  stream.async_flush([&] { ++flushed; });
  run();
  EXPECT_EQ(flushed, 1);
  write("one");
  stream.async_flush([&] { ++flushed; });
  run();
  write("two");
  run();
  finish();
  EXPECT_EQ(flushed, 1);
  finish();
  EXPECT_EQ(flushed, 2);
}

TEST_F(GatheringStreamTest, IsFlushedWhenItCannotSend) {
  bool is_flushed = false;
  write("one");
  stream.async_flush([&] { is_flushed = true; });
  run();
  EXPECT_FALSE(is_flushed);
  finish(asio::error::connection_reset);
  EXPECT_TRUE(is_flushed);
}

}  // namespace
}  // namespace cord::net::detail
