#include "front/config.hpp"

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace cord::front {
namespace {

FrontConfig good() {
  FrontConfig config;
  config.web.listen = net::loopback();
  config.agents = {{"alice", "secret", ""}};
  return config;
}

TEST(FrontConfig, DefaultsOnLoopbackAreGood) {
  EXPECT_TRUE(good().validate());
  EXPECT_EQ(good().web.websocket_path, "/v1/agent");
  EXPECT_EQ(good().web.subprotocol, "cordboard.v1");
  EXPECT_EQ(good().web.message_bytes_max, 65'536u);
}

TEST(FrontConfig, PlainTextBeyondLoopbackMustBeAskedFor) {
  for (const std::uint32_t ip : {0u, 0x0a000001u}) {
    FrontConfig config = good();
    config.web.listen.ip = ip;
    const auto outcome = config.validate();
    ASSERT_FALSE(outcome);
    EXPECT_NE(outcome.error().detail.find("insecure = true"), std::string::npos);
    config.insecure = true;
    EXPECT_TRUE(config.validate());
    config.insecure = false;
    config.web.tls_certificate_file = "cert.pem";
    config.web.tls_key_file = "key.pem";
    EXPECT_TRUE(config.validate());
  }
}

struct BadField {
  std::function<void(FrontConfig&)> spoil;
  std::string named;
};

TEST(FrontConfig, NamesTheFirstBadField) {
  const std::vector<BadField> rows{
      {[](auto& c) { c.requests_per_second = 0; }, "requests_per_second"},
      {[](auto& c) { c.requests_burst = 0; }, "requests_burst"},
      {[](auto& c) { c.pending_max = 0; }, "pending_max"},
      {[](auto& c) { c.unsent_max = 0; }, "unsent_max"},
      {[](auto& c) { c.throttle.entries_max = 0; }, "throttle.entries_max"},
      {[](auto& c) { c.log_in_threads = 0; }, "log_in_threads"},
      {[](auto& c) { c.log_in_threads = 65; }, "log_in_threads"},
      {[](auto& c) { c.log_in_queue_max = 0; }, "log_in_queue_max"},
      {[](auto& c) {
         c.agents = {{"", "x", ""}};
       },
       "the id is empty"},
      {[](auto& c) {
         c.agents = {{"a", "x", ""}, {"a", "y", ""}};
       },
       "agent a: given twice"},
      {[](auto& c) {
         c.agents = {{"a", "", ""}};
       },
       "agent a: give a password or"},
      {[](auto& c) {
         c.agents = {{"a", "x", "y"}};
       },
       "agent a: give a password or"},
      {[](auto& c) {
         c.agents = {{"a", "", "md5"}};
       },
       "cordboard passwd"},
      {[](auto& c) { c.web.connections_max = 0; }, "connections_max"},
  };
  for (const BadField& row : rows) {
    FrontConfig config = good();
    row.spoil(config);
    const auto outcome = config.validate();
    ASSERT_FALSE(outcome) << row.named;
    EXPECT_NE(outcome.error().detail.find(row.named), std::string::npos) << outcome.error().detail;
    EXPECT_EQ(outcome.error().detail.find("secret"), std::string::npos);
  }
}

}  // namespace
}  // namespace cord::front
