#include "net/address.hpp"

#include <gtest/gtest.h>

namespace cord::net {
namespace {

TEST(Address, IsReadAndPrinted) {
  const auto address = parse_address("192.168.1.20:5060");
  ASSERT_TRUE(address.has_value());
  EXPECT_EQ(address->ip, 0xc0a80114u);
  EXPECT_EQ(address->port, 5060);
  EXPECT_EQ(to_string(*address), "192.168.1.20:5060");
  EXPECT_EQ(fmt::format("{}", *address), "192.168.1.20:5060");
  EXPECT_EQ(parse_address("0.0.0.0:0"), Address{});
  EXPECT_EQ(parse_address("255.255.255.255:65535"), (Address{0xffffffff, 65535}));
}

TEST(Address, SaysWhatIsWrong) {
  const auto error_of = [](std::string_view text) {
    const auto address = parse_address(text);
    EXPECT_FALSE(address.has_value()) << text;
    return address ? std::string() : address.error().detail;
  };
  EXPECT_EQ(error_of("127.0.0.1"),
            "\"127.0.0.1\": the port is missing; expected e.g. 127.0.0.1:8080");
  for (const char* port : {"", "65536", "-1", "80x", " 80", "+80"}) {
    EXPECT_NE(error_of(std::string("127.0.0.1:") + port).find("from 0 to 65535"),
              std::string::npos);
  }
  for (const char* ip : {"", "localhost", "1.2.3", "1.2.3.4.5", "256.1.1.1", "::1", "1.2.3.4 "}) {
    EXPECT_NE(error_of(std::string(ip) + ":80").find("not an IPv4 address"), std::string::npos);
  }
  EXPECT_LT(error_of(std::string(100'000, 'x')).size(), 200u);
  EXPECT_FALSE(parse_ip(std::string_view("127.0.0.1\0x", 11)).has_value());
}

TEST(Address, KnowsLoopback) {
  EXPECT_TRUE(loopback(80).is_loopback());
  EXPECT_TRUE(parse_address("127.9.9.9:1")->is_loopback());
  EXPECT_FALSE(parse_address("128.0.0.1:1")->is_loopback());
  EXPECT_FALSE(Address{}.is_loopback());
}

}  // namespace
}  // namespace cord::net
