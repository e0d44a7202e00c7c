#include "sip/stream_framer.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace cord::sip {
namespace {

const std::string first = "OPTIONS sip:a SIP/2.0\r\nl: 5\r\n\r\nhello";
const std::string second = "BYE sip:a SIP/2.0\r\nContent-Length :\r\n 0\r\nX: y\r\n\r\n";

std::vector<std::string> drain(StreamFramer& framer) {
  std::vector<std::string> frames;
  for (;;) {
    const auto frame = framer.next();
    if (!frame) {
      frames.emplace_back("error");
      return frames;
    }
    if (!*frame) return frames;
    const auto* message = std::get_if<FramedMessage>(&**frame);
    frames.push_back(message != nullptr ? message->bytes : "ping");
  }
}

TEST(StreamFramer, CutsMessagesHoweverTheyArrive) {
  const std::string stream = "\r\n" + first + "\r\n\r\n" + second + "\r\n\r\n\r\n\r\n" + first;
  const std::vector<std::string> expected{first, "ping", second, "ping", "ping", first};
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    StreamFramer framer;
    std::vector<std::string> frames;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      framer.push(std::string_view(stream).substr(at, piece));
      for (std::string& frame : drain(framer)) frames.push_back(std::move(frame));
    }
    EXPECT_EQ(frames, expected) << "pieces of " << piece;
    EXPECT_EQ(framer.buffered_bytes(), 0u);
  }
}

TEST(StreamFramer, FailsForGoodWithoutAUsableLength) {
  for (const std::string_view header :
       {"X: y\r\n\r\n", "l: -1\r\n\r\n", "l: 1x\r\n\r\n", "l:\r\n\r\n",
        "l: 1\r\nContent-Length: 2\r\n\r\n", "l: 99999999999999\r\n\r\n"}) {
    StreamFramer framer;
    framer.push("INVITE sip:a SIP/2.0\r\n" + std::string(header));
    const auto frame = framer.next();
    ASSERT_FALSE(frame) << header;
    EXPECT_EQ(frame.error().code, Errc::malformed);
    framer.push(first);
    EXPECT_FALSE(framer.next());
    EXPECT_EQ(framer.buffered_bytes(), 0u);
  }
}

TEST(StreamFramer, TakesEqualLengthsTwice) {
  StreamFramer framer;
  framer.push("X sip:a SIP/2.0\r\nl: 1\r\nContent-Length: 1\r\n\r\n.");
  EXPECT_EQ(drain(framer).size(), 1u) << "for parse_message() to answer with 400";
}

TEST(StreamFramer, HoldsItsLimits) {
  StreamFramer endless;
  endless.push(std::string(message_bytes_max, 'x'));
  EXPECT_TRUE(endless.next());
  endless.push("x");
  EXPECT_EQ(endless.next().error().code, Errc::too_long);

  const std::string header = "X sip:a SIP/2.0\r\nl: 65500\r\n\r\n";
  ASSERT_LT(header.size() + 65'500, message_bytes_max + 1);
  StreamFramer large;
  large.push(header + std::string(65'500, 'b'));
  EXPECT_EQ(drain(large).size(), 1u);
  StreamFramer larger;
  larger.push("X sip:a SIP/2.0\r\nl: 65536\r\n\r\n");
  EXPECT_EQ(larger.next().error().code, Errc::too_long);
}

}  // namespace
}  // namespace cord::sip
