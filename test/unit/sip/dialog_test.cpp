#include "sip/dialog.hpp"

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sip/build.hpp"

namespace cord::sip {
namespace {

Message request(const std::string& extra = "Contact: <sip:caller@127.0.0.1:5080>\r\n",
                int cseq = 5) {
  return parse_message(
             fmt::format("INVITE sip:us@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch="
                         "z9hG4bKa\r\nFrom: <sip:caller@carrier.test>;tag=theirs\r\n"
                         "To: <sip:us@127.0.0.1>\r\nCall-ID: c1\r\nCSeq: {} INVITE\r\n"
                         "Max-Forwards: 70\r\n{}Content-Length: 0\r\n\r\n",
                         cseq, extra))
      .value();
}

Message response(const std::string& extra) {
  return parse_message(
             "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKa\r\n"
             "From: <sip:caller@carrier.test>;tag=theirs\r\nTo: <sip:us@127.0.0.1>;tag=phone\r\n"
             "Call-ID: c1\r\nCSeq: 5 INVITE\r\n" +
             extra + "Content-Length: 0\r\n\r\n")
      .value();
}

TEST(Dialog, OfTheServerTurnsFromAndToRound) {
  Dialog dialog = Dialog::as_server(request(), "ours").value();
  const Message bye = dialog.make_request(method::bye);
  EXPECT_EQ(bye.from_tag(), "ours");
  EXPECT_EQ(bye.to_tag(), "theirs");
  EXPECT_EQ(bye.call_id(), "c1");
  EXPECT_EQ(print(bye.uri), "sip:caller@127.0.0.1:5080");
  EXPECT_FALSE(bye.has(header::route));
}

TEST(Dialog, OfTheServerNeedsOneContact) {
  EXPECT_FALSE(Dialog::as_server(request(""), "ours").has_value());
  EXPECT_FALSE(Dialog::as_server(request("Contact: <sip:a@h>, <sip:b@h>\r\n"), "o").has_value());
  EXPECT_FALSE(Dialog::as_server(request("Contact: <tel:+1555>\r\n"), "ours").has_value());
  EXPECT_FALSE(Dialog::as_server(request("Contact: *\r\n"), "ours").has_value());
}

TEST(Dialog, OfTheServerKeepsTheOrderOfRecordRoute) {
  Dialog dialog = Dialog::as_server(request("Contact: <sip:caller@127.0.0.1:5080>\r\n"
                                            "Record-Route: <sip:127.0.0.2;lr>\r\n"
                                            "Record-Route: <sip:127.0.0.3;lr>\r\n"),
                                    "ours")
                      .value();
  const Message bye = dialog.make_request(method::bye);
  ASSERT_EQ(bye.list(header::route).size(), 2U);
  EXPECT_EQ(bye.list(header::route)[0], "<sip:127.0.0.2;lr>");
  EXPECT_EQ(print(bye.uri), "sip:caller@127.0.0.1:5080");
  EXPECT_EQ(dialog.next_hop().host, "127.0.0.2");
}

TEST(Dialog, OfTheClientTurnsRecordRouteRound) {
  Dialog dialog = Dialog::as_client(request(), response("Contact: <sip:phone@127.0.0.9>\r\n"
                                                        "Record-Route: <sip:127.0.0.2;lr>, "
                                                        "<sip:127.0.0.3;lr>\r\n"))
                      .value();
  const Message ack = dialog.make_ack(5);
  ASSERT_EQ(ack.list(header::route).size(), 2U);
  EXPECT_EQ(ack.list(header::route)[0], "<sip:127.0.0.3;lr>");
  EXPECT_EQ(ack.cseq().number, 5U);
  EXPECT_EQ(ack.to_tag(), "phone");
  EXPECT_EQ(print(ack.uri), "sip:phone@127.0.0.9");
  EXPECT_EQ(dialog.make_request(method::bye).cseq().number, 6U);
}

TEST(Dialog, PutsTheTargetLastForAStrictRouter) {
  Dialog dialog = Dialog::as_server(request("Contact: <sip:caller@127.0.0.1:5080>\r\n"
                                            "Record-Route: <sip:127.0.0.2>\r\n"
                                            "Record-Route: <sip:127.0.0.3;lr>\r\n"),
                                    "ours")
                      .value();
  const Message bye = dialog.make_request(method::bye);
  EXPECT_EQ(print(bye.uri), "sip:127.0.0.2");
  ASSERT_EQ(bye.list(header::route).size(), 2U);
  EXPECT_EQ(bye.list(header::route)[0], "<sip:127.0.0.3;lr>");
  EXPECT_EQ(bye.list(header::route)[1], "<sip:caller@127.0.0.1:5080>");
  EXPECT_EQ(dialog.next_hop().host, "127.0.0.2");
}

TEST(Dialog, OfTheClientWithoutContactGoesWhereTheInviteWent) {
  Dialog dialog = Dialog::as_client(request(), response("")).value();
  EXPECT_EQ(print(dialog.target()), "sip:us@127.0.0.1");
}

TEST(Dialog, TakesOnlyGrowingCSeqs) {
  Dialog dialog = Dialog::as_server(request(), "ours").value();
  EXPECT_FALSE(dialog.accept_cseq(request("", 4)));
  EXPECT_FALSE(dialog.accept_cseq(request("", 5)));
  EXPECT_TRUE(dialog.accept_cseq(request("", 9)));
  EXPECT_FALSE(dialog.accept_cseq(request("", 8)));
}

TEST(Dialog, TakesTheFirstCSeqOfAClientDialogWhateverItIs) {
  Dialog dialog = Dialog::as_client(request(), response("")).value();
  EXPECT_TRUE(dialog.accept_cseq(request("", 1)));
}

TEST(Dialog, RefreshesItsTarget) {
  Dialog dialog = Dialog::as_server(request(), "ours").value();
  dialog.refresh_target(request("Contact: <sip:moved@127.0.0.1:7000>\r\n"));
  EXPECT_EQ(print(dialog.target()), "sip:moved@127.0.0.1:7000");
  dialog.refresh_target(request("Contact: *\r\n"));
  dialog.refresh_target(request(""));
  EXPECT_EQ(print(dialog.target()), "sip:moved@127.0.0.1:7000");
}

TEST(Dialog, RefusesMoreRoutesThanItsLimit) {
  const auto with_routes = [](std::size_t routes) {
    std::string extra = "Contact: <sip:caller@127.0.0.1:5080>\r\n";
    for (std::size_t i = 0; i < routes; ++i) extra += "Record-Route: <sip:127.0.0.2;lr>\r\n";
    return Dialog::as_server(request(extra), "ours");
  };
  EXPECT_TRUE(with_routes(route_set_max).has_value());
  EXPECT_EQ(with_routes(route_set_max + 1).error().code, Errc::too_long);
}

}  // namespace
}  // namespace cord::sip
