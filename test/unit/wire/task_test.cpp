#include "wire/task.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "wire/target.hpp"

namespace cord::wire {
namespace {

TEST(ParseTask, ReadsABody) {
  const auto task = parse_task(
      R"({"type":"Email","queue":"support","from":"ann@example","subject":"Hi","id":"crm-17",)"
      R"("interaction-data":{"a":"text","b":{"c":1},"d":null},"more":1})");
  ASSERT_TRUE(task) << task.error().detail;
  EXPECT_EQ(task->type, core::MediaType::email);
  EXPECT_EQ(task->queue, "support");
  EXPECT_EQ(task->from, "ann@example");
  EXPECT_EQ(task->subject, "Hi");
  EXPECT_EQ(task->key, "crm-17");
  const core::CallData expected{{"a", {false, "text"}}, {"b", {true, R"({"c":1})"}}};
  EXPECT_EQ(task->data, expected);
}

TEST(ParseTask, NamesWhatIsWrong) {
  const std::string rest = R"(,"queue":"q","from":"f"})";
  const std::vector<std::pair<std::string, std::string>> rows{
      {"", "not JSON"},
      {"[]", "not a JSON object"},
      {R"({"queue":"q","from":"f"})", "type is missing"},
      {R"({"type":"Fax")" + rest, "type must be Chat or Email"},
      {R"({"type":"Telephony")" + rest, "type must be Chat or Email"},
      {R"({"type":"Chat","from":"f"})", "queue is missing"},
      {R"({"type":"Chat","queue":"q"})", "from is missing"},
      {R"({"type":"Chat","subject":1)" + rest, "subject must be a string"},
      {R"({"type":"Chat","subject":")" + std::string(513, 'x') + '"' + rest,
       "subject has more than 512 bytes"},
      {R"({"type":"Chat","id":"")" + rest, "id must not be empty"},
      {R"({"type":"Chat","id":")" + std::string(65, 'x') + '"' + rest, "id has more than 64 bytes"},
      {R"({"type":"Chat","interaction-data":[])" + rest, "interaction-data must be an object"},
  };
  for (const auto& [body, wrong] : rows) {
    const auto task = parse_task(body);
    ASSERT_FALSE(task) << body;
    EXPECT_EQ(task.error().code, Errc::invalid_request) << body;
    EXPECT_NE(task.error().detail.find(wrong), std::string::npos) << task.error().detail;
  }
}

TEST(TaskId, IsReadAsItIsWritten) {
  EXPECT_EQ(print_task(core::CallId{6}), R"({"id":"t-6"})");
  EXPECT_EQ(parse_task_id("t-6"), core::CallId{6});
  for (const char* text : {"", "t-", "t-0", "t-06", "i-6", "6", "t-6 "}) {
    EXPECT_EQ(parse_task_id(text), core::CallId{}) << text;
  }
}

TEST(HttpError, SaysWhatIsWrong) {
  EXPECT_EQ(print_http_error({Errc::invalid_request, "x", "type is missing"}),
            R"({"error":{"code":"invalid.request","message":"The request is not valid.",)"
            R"("context":"type is missing"}})");
  EXPECT_EQ(
      print_http_error({Errc::internal_error, "x", "secret"}),
      R"({"error":{"code":"internal.error","message":"Something went wrong in the server."}})");
}

}  // namespace
}  // namespace cord::wire
