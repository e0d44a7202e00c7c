#include <gtest/gtest.h>

#include "wire/request.hpp"

namespace cord::wire {
namespace {

std::string media_request(const std::string& data) {
  return R"({"command":"channel.request.media","target":"s.ch-1","data":)" + data + "}";
}
std::string described(const std::string& sdp) {
  return media_request(R"({"description":{"type":"offer","sdp":")" + sdp + R"("}})");
}
std::string offer_in(const std::string& text) {
  const auto request = parse_request(text);
  return std::get<core::RequestMedia>(std::get<core::Command>(request.value().what)).offer;
}
std::string why(const std::string& text) {
  const auto request = parse_request(text);
  return request ? "" : request.error().error.detail;
}

TEST(MediaRequest, AnOfferIsTakenAsABrowserHasIt) {
  EXPECT_EQ(offer_in(described("v=0\\r\\n")), "v=0\r\n");
}

TEST(MediaRequest, WhatIsWrongIsNamed) {
  EXPECT_EQ(why(media_request("{}")), "data.description is missing");
  EXPECT_EQ(why(media_request(R"({"description":{"type":"offer"}})")),
            "data.description.sdp is missing");
  EXPECT_EQ(why(media_request(R"({"description":{"type":"answer","sdp":"v=0"}})")),
            "data.description.type must be offer");
}

TEST(MediaRequest, AnOfferIsBounded) {
  const std::string longest(core::media_offer_bytes_max, 'x');
  EXPECT_EQ(offer_in(described(longest)), longest);
  EXPECT_EQ(why(described(longest + "x")), "data.description.sdp must have at most 16384 bytes");
}

}  // namespace
}  // namespace cord::wire
