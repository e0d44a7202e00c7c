#include "sip/flow.hpp"

#include <string_view>

#include <gtest/gtest.h>

namespace cord::sip {
namespace {

TEST(Ipv4, IsReadAndPrinted) {
  EXPECT_EQ(parse_ipv4("192.0.2.1"), 0xc0000201u);
  EXPECT_EQ(parse_ipv4("255.255.255.255"), 0xffffffffu);
  EXPECT_EQ(print_ipv4(0xc0000201u), "192.0.2.1");
  EXPECT_EQ(print(Endpoint{0x7f000001, 5060}), "127.0.0.1:5060");
  for (const std::string_view text :
       {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.x", "1..2.3", " 1.2.3.4", "0001.2.3.4"}) {
    EXPECT_FALSE(parse_ipv4(text)) << text;
  }
}

}  // namespace
}  // namespace cord::sip
