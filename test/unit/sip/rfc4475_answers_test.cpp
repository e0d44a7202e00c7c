// What the whole user agent answers to each message of RFC 4475: docs/rfc4475.md has the same table
// with the reasons. Who sends them is allowed to call, and a call that is offered is answered.
#include <fstream>
#include <iterator>
#include <ostream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "user_agent_world.hpp"

namespace cord::sip::test {
namespace {

constexpr std::uint32_t sender = 0xc0000205;  // 192.0.2.5
constexpr int silence = 0;

struct Answer {
  std::string_view name;
  int status;  ///< final
};
void PrintTo(const Answer& it, std::ostream* out) {
  *out << it.name;
}

constexpr Answer answers[] = {
    {"wsinv", 481},        {"intmeth", 501},      {"esc01", 200},      {"escnull", 405},
    {"esc02", 501},        {"lwsdisp", 200},      {"longreq", 200},    {"dblreq", 405},
    {"semiuri", 200},      {"transports", 200},   {"mpart01", 405},    {"unreason", silence},
    {"noreason", silence}, {"badinv01", 400},     {"clerr", 400},      {"ncl", 400},
    {"scalar02", 400},     {"scalarlg", silence}, {"quotbal", 400},    {"ltgtruri", 400},
    {"lwsruri", 400},      {"lwsstart", 400},     {"trws", 400},       {"escruri", 400},
    {"baddate", 200},      {"regbadct", 400},     {"badaspec", 400},   {"baddn", 400},
    {"badvers", 505},      {"mismatch01", 400},   {"mismatch02", 400}, {"bigcode", silence},
    {"badbranch", 200},    {"insuf", 400},        {"unkscm", 416},     {"novelsc", 416},
    {"unksm2", 405},       {"bext01", 420},       {"invut", 415},      {"regaut01", 405},
    {"multi01", 400},      {"mcl01", 400},        {"bcast", silence},  {"zeromf", 200},
    {"cparam01", 405},     {"cparam02", 405},     {"regescrt", 405},   {"sdp01", 200},
    {"inv2543", 400},
};

std::string load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string torture(std::string_view name) {
  return load(std::string(CORD_TEST_DATA) + "/rfc4475/" + std::string(name) + ".dat");
}

class Rfc4475Answers : public World, public testing::WithParamInterface<Answer> {
 protected:
  Rfc4475Answers() {
    UserAgentConfig config = quiet_config();
    config.callers = {{sender, 0}};
    restart(config);
  }

  // An answer repeats what it answers, so that it need not be a message that can be read.
  int final_status() {
    int status = silence;
    for (auto outputs = agent->take_outputs(); !outputs.empty(); outputs = agent->take_outputs()) {
      for (const auto& output : outputs) {
        const auto* offered = std::get_if<CallOffered>(&output);
        if (offered != nullptr) agent->answer(offered->call, our_media(), now);
        const auto* bytes = std::get_if<SendBytes>(&output);
        if (bytes != nullptr) status = std::max(status, std::stoi(bytes->bytes.substr(8, 3)));
      }
    }
    return status;
  }
};

TEST_P(Rfc4475Answers, TheWholeUserAgent) {
  const Answer& it = GetParam();
  agent->receive(torture(it.name), {Transport::udp, 0, {sender, 5060}, 0}, now);
  EXPECT_EQ(final_status(), it.status);
  pass(2min);
  EXPECT_EQ(agent->held_calls(), 0U);
  EXPECT_EQ(agent->transactions().live_transactions(), 0U);
}

INSTANTIATE_TEST_SUITE_P(All, Rfc4475Answers, testing::ValuesIn(answers),
                         [](const auto& it) { return std::string(it.param.name); });

TEST(Rfc4475Table, IsTheOneInTheDocuments) {
  const std::string page = load(std::string(CORD_TEST_DATA) + "/../../docs/rfc4475.md");
  for (const Answer& it : answers) {
    const std::string status = it.status == silence ? "silence" : std::to_string(it.status);
    EXPECT_NE(page.find(fmt::format("| `{}` | {} |", it.name, status)), std::string::npos)
        << it.name;
  }
}

TEST_F(World, Rfc4475SaysWhichExtensionsAreUnknown) {
  receive(torture("bext01"));
  EXPECT_EQ(next_sent("420").value().value(header::unsupported),
            "nothingSupportsThis, nothingSupportsThisEither");
}

}  // namespace
}  // namespace cord::sip::test
