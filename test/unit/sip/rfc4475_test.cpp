// The torture messages of RFC 4475, each with the verdict its section asks for, or one of those it
// leaves open. Whether an accepted message makes sense (unknown method, scheme, extension, body) is
// for the user agent to say; here only reading it is tested.
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "sip/message.hpp"

namespace cord::sip {
namespace {

enum class Verdict { accept, refuse_400, refuse_505, drop };

struct Torture {
  std::string_view name;
  Verdict verdict;
  std::string_view part = {};  ///< where the fault is seen, as Error::where begins
};

constexpr auto accept = Verdict::accept;
constexpr auto refuse_400 = Verdict::refuse_400;

constexpr Torture messages[] = {
    // §3.1.1, valid.
    {"wsinv", accept},       // white space wherever it may be
    {"intmeth", accept},     // all the characters that may be
    {"esc01", accept},       // escapes in URIs
    {"escnull", accept},     // escaped NUL in URIs
    {"esc02", accept},       // % where it is no escape
    {"lwsdisp", accept},     // no space before <
    {"longreq", accept},     // long values, 34 Vias
    {"dblreq", accept},      // another request after the first, in one datagram
    {"semiuri", accept},     // ; in a user part
    {"transports", accept},  // transports we do not know
    {"mpart01", accept},     // binary body
    {"unreason", accept},    // UTF-8 reason
    {"noreason", accept},    // empty reason
    // §3.1.2, invalid.
    {"badinv01", refuse_400, "sip.list"},          // stray separators
    {"clerr", refuse_400, "sip.content_length"},   // longer than the datagram
    {"ncl", refuse_400, "sip.content_length"},     // negative
    {"scalar02", refuse_400, "sip.cseq"},          // numbers beyond all bounds
    {"scalarlg", Verdict::drop, "sip.cseq"},       // the same in a response
    {"quotbal", refuse_400, "sip.name_addr"},      // open quote
    {"ltgtruri", refuse_400, "sip.request_line"},  // <> about the Request-URI
    {"lwsruri", refuse_400, "sip.request_line"},   // white space in it
    {"lwsstart", refuse_400, "sip.request_line"},  // two spaces in the start line
    {"trws", refuse_400, "sip.request_line"},      // spaces after it
    {"escruri", refuse_400, "sip.request_line"},   // headers in the Request-URI
    {"baddate", accept},                           // a Date nobody here reads
    {"regbadct", refuse_400, "sip.name_addr"},     // ? without <>
    {"badaspec", refuse_400, "sip.uri"},           // spaces inside <>
    {"baddn", refuse_400, "sip.name_addr"},        // comma in an unquoted display name
    {"badvers", Verdict::refuse_505, "sip.request_line"},
    {"mismatch01", refuse_400, "sip.cseq"},         // CSeq of another method
    {"mismatch02", refuse_400, "sip.cseq"},         // the same, unknown method
    {"bigcode", Verdict::drop, "sip.status_line"},  // status beyond 32 bits
    // §3.2.
    {"badbranch", accept},  // the cookie and nothing after it: matched as RFC 2543 does
    // §3.3.
    {"insuf", refuse_400, "sip.header.missing"},
    {"unkscm", accept},
    {"novelsc", accept},
    {"unksm2", accept},
    {"bext01", accept},
    {"invut", accept},
    {"regaut01", accept},
    {"multi01", refuse_400, "sip.header.repeated"},
    {"mcl01", refuse_400, "sip.header.repeated"},
    {"bcast", accept},
    {"zeromf", accept},
    {"cparam01", accept},
    {"cparam02", accept},
    {"regescrt", accept},
    {"sdp01", accept},
    // §3.4.
    {"inv2543", accept},  // no branch, no tags, no Max-Forwards, no Content-Length
};

std::string load(std::string_view name) {
  std::ifstream file(std::string(CORD_TEST_DATA) + "/rfc4475/" + std::string(name) + ".dat",
                     std::ios::binary);
  EXPECT_TRUE(file.good()) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

class Rfc4475 : public testing::TestWithParam<Torture> {};

TEST_P(Rfc4475, GetsItsVerdict) {
  const Torture& torture = GetParam();
  const std::string bytes = load(torture.name);
  const auto message = parse_message(bytes);
  if (torture.verdict == Verdict::accept) {
    ASSERT_TRUE(message) << message.error().where << ": " << message.error().detail;
    const auto again = parse_message(print(*message));
    ASSERT_TRUE(again) << again.error().where << ": " << again.error().detail;
    EXPECT_EQ(*again, *message);
    return;
  }
  ASSERT_FALSE(message);
  EXPECT_EQ(message.error().where, torture.part) << message.error().detail;
  const auto refusal = refusal_for(bytes, message.error());
  ASSERT_EQ(refusal.has_value(), torture.verdict != Verdict::drop);
  if (!refusal) return;
  EXPECT_EQ(refusal->status, torture.verdict == Verdict::refuse_505 ? 505 : 400);
}

INSTANTIATE_TEST_SUITE_P(All, Rfc4475, testing::ValuesIn(messages),
                         [](const auto& param) { return std::string(param.param.name); });

TEST(Rfc4475Details, WsinvMeansWhatItSays) {
  const Message message = *parse_message(load("wsinv"));
  EXPECT_EQ(message.to_tag(), "1918181833n");
  EXPECT_EQ(message.from().display, "J Rosen \\\"");
  EXPECT_EQ(message.max_forwards(), 68u);
  EXPECT_EQ(message.cseq(), (CSeq{9, "INVITE"}));
  EXPECT_EQ(message.value("newfangledheader"), "newfangled value continued newfangled value");
  EXPECT_EQ(message.value("unknownheaderwithunusualvalue"), ";;,,;;,;");
  EXPECT_EQ(message.value(header::subject), "");
  ASSERT_EQ(message.list(header::via).size(), 3u);
  EXPECT_EQ(parse_via(message.list(header::via)[2])->branch(), "z9hG4bK30239");
  const Contacts contacts = *message.contacts();
  ASSERT_EQ(contacts.items.size(), 1u);
  EXPECT_EQ(contacts.items[0].display, "Quoted string \"\"");
  EXPECT_EQ(contacts.items[0].params.value("newparam"), "newvalue");
  EXPECT_EQ(contacts.items[0].params.value("q"), "0.33");
}

TEST(Rfc4475Details, IntmethKeepsEveryCharacter) {
  const Message message = *parse_message(load("intmeth"));
  EXPECT_EQ(message.method, "!interesting-Method0123456789_*+`.%indeed'~");
  EXPECT_EQ(message.uri.password, "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)");
  EXPECT_EQ(message.to().display, std::string("BEL:\x07 NUL:\0 DEL:\x7f", 17));
  EXPECT_EQ(message.from().display, "token1~` token2'+_ token3*%!.-");
  EXPECT_EQ(message.from_tag(), "_token~1'+`*%!-.");
}

TEST(Rfc4475Details, TheRest) {
  EXPECT_EQ(parse_message(load("esc01"))->uri.user_text(), "sips:user@example.com");
  EXPECT_EQ(parse_message(load("escnull"))->contacts()->items[1].uri.user_text(),
            std::string(2, '\0'));
  EXPECT_EQ(parse_message(load("esc02"))->contacts()->items.size(), 2u);
  EXPECT_EQ(parse_message(load("longreq"))->list(header::via).size(), 34u);
  EXPECT_EQ(parse_message(load("dblreq"))->body, "");
  EXPECT_EQ(parse_message(load("semiuri"))->uri.user_text(), "user;par=u@example.net");
  EXPECT_NE(parse_message(load("mpart01"))->body.find('\0'), std::string::npos);
  EXPECT_EQ(parse_message(load("novelsc"))->uri.scheme, "soap.beep");
  EXPECT_EQ(parse_message(load("zeromf"))->max_forwards(), 0u);
  EXPECT_TRUE(parse_message(load("cparam01"))->contacts()->items[0].params.has("unknownparam"));
  EXPECT_TRUE(parse_message(load("cparam02"))->contacts()->items[0].uri.params.has("unknownparam"));
  EXPECT_EQ(parse_message(load("inv2543"))->top_via().branch(), "");
}

}  // namespace
}  // namespace cord::sip
