// The transfer key of a phone, from its REFER to the core and back.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "driver_world.hpp"
#include "sip/build.hpp"

namespace cord::drivers::test {
namespace {

using core::LegId;
using core::TransferEnd;

class SipDriverTransfers : public DriverWorld {
 protected:
  SipDriverTransfers() {
    std::tie(customer_, agent_) = bridged();
    // What our peers say to a NOTIFY is said here, for no phone of ours has asked for it.
    drops = [this](const sip::Message& it) {
      if (it.method != "NOTIFY") return false;
      notified.push_back(it);
      return true;
    };
  }

  [[nodiscard]] sip::Message acknowledged(std::uint16_t port) const {
    for (const sip::Message& it : messages) {
      if (it.method == "ACK" && it.uri.port == port) return it;
    }
    return {};
  }

  // A REFER in the dialog that we have with the phone.
  void refer(const std::string& to, int cseq = 2) {
    const sip::Message ack = acknowledged(phone_port);
    send(phone_port,
         fmt::format("From: <sip:1001@127.0.0.1>;tag={}\r\nTo: <sip:a@b>;tag={}\r\n", ack.to_tag(),
                     ack.from_tag()),
         ack.call_id(), to, cseq);
  }
  void send(std::uint16_t port, const std::string& ends, std::string_view call_id,
            const std::string& to, int cseq) {
    const std::string text = fmt::format(
        "REFER sip:127.0.0.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{};branch=z9hG4bKr{}\r\n"
        "Max-Forwards: 70\r\n{}Call-ID: {}\r\nCSeq: {} REFER\r\nContact: <sip:127.0.0.1:{}>\r\n"
        "Refer-To: {}\r\nContent-Length: 0\r\n\r\n",
        port, cseq, ends, call_id, cseq, port, to);
    driver->on_input(DatagramsArrived{0, {{{loopback, port}, text}}}, now);
    settle();
  }
  void answer_notify() {
    const sip::Message ok = sip::make_response(notified.back(), 200);
    driver->on_input(DatagramsArrived{0, {{{loopback, phone_port}, print(ok)}}}, now);
    settle();
  }
  [[nodiscard]] int answered() const {
    for (auto it = messages.rbegin(); it != messages.rend(); ++it) {
      if (it->status != 0 && it->cseq().method == "REFER") return it->status;
    }
    return 0;
  }

  LegId customer_, agent_;
  std::vector<sip::Message> notified;
};

TEST_F(SipDriverTransfers, AreAskedOfTheCoreAndTold) {
  refer("<sip:1002@127.0.0.1>");
  const auto asked = last<core::LegTransferRequested>();
  EXPECT_EQ(asked.leg, agent_);
  EXPECT_EQ(asked.to, "1002");
  EXPECT_FALSE(asked.replaced);
  EXPECT_TRUE(core::is_of_phone(asked.request));
  EXPECT_EQ(answered(), 0) << "the core has not said anything";
  order(core::AcceptTransfer{asked.request});
  EXPECT_EQ(answered(), 202);
  ASSERT_EQ(notified.size(), 1U);
  EXPECT_EQ(notified[0].body, "SIP/2.0 100 Trying\r\n");
  answer_notify();
  order(core::ReleaseLeg{agent_, core::Cause::transfer});
  order(core::EndTransfer{asked.request, TransferEnd::done});
  ASSERT_EQ(notified.size(), 2U) << "though the leg has gone";
  EXPECT_EQ(notified[1].body, "SIP/2.0 200 OK\r\n");
  answer_notify();
  finish({customer_});
}

TEST_F(SipDriverTransfers, AreRefusedWithTheStatusThatFits) {
  const std::vector<std::pair<TransferEnd, int>> rows{
      {TransferEnd::refused, 603},     {TransferEnd::forbidden, 403}, {TransferEnd::no_route, 603},
      {TransferEnd::unknown, 603},     {TransferEnd::pending, 491},   {TransferEnd::busy, 486},
      {TransferEnd::unreachable, 603}, {TransferEnd::failed, 503},    {TransferEnd::timeout, 603},
      {TransferEnd::rejected, 603},    {TransferEnd::gone, 487}};
  int cseq = 2;
  for (const auto& [end, status] : rows) {
    refer("<sip:1002@127.0.0.1>", ++cseq);
    order(core::EndTransfer{last<core::LegTransferRequested>().request, end});
    EXPECT_EQ(answered(), status);
  }
  EXPECT_TRUE(notified.empty());
  finish({customer_, agent_});
}

TEST_F(SipDriverTransfers, MayNameThePhonesOwnDialog) {
  const sip::Message ack = acknowledged(phone_port);
  refer(fmt::format("<sip:1002@127.0.0.1?Replaces={}%3Bto-tag%3D{}%3Bfrom-tag%3D{}>", ack.call_id(),
                    ack.from_tag(), ack.to_tag()));
  EXPECT_EQ(last<core::LegTransferRequested>().replaced, agent_);
  order(core::EndTransfer{last<core::LegTransferRequested>().request, TransferEnd::refused});
  finish({customer_, agent_});
}

TEST_F(SipDriverTransfers, ATrunkGivesNothingAway) {
  std::string call_id, ours, theirs;
  for (const sip::Message& it : messages) {
    if (it.status != 200 || it.cseq().method != "INVITE") continue;
    call_id = it.call_id();
    ours = it.to_tag();
    theirs = it.from_tag();
  }
  send(carrier_port,
       fmt::format("From: <sip:c@d>;tag={}\r\nTo: <sip:a@b>;tag={}\r\n", theirs, ours), call_id,
       "<sip:1002@127.0.0.1>", 9);
  EXPECT_EQ(answered(), 603);
  EXPECT_TRUE(all<core::LegTransferRequested>().empty());
  finish({customer_, agent_});
}

TEST_F(SipDriverTransfers, WhatTheCoreSaysOfOneThatIsNotKnownChangesNothing) {
  order(core::AcceptTransfer{{core::phone_request_bit | 99}});
  order(core::EndTransfer{{core::phone_request_bit | 99}, TransferEnd::done});
  EXPECT_TRUE(notified.empty());
  finish({customer_, agent_});
}

}  // namespace
}  // namespace cord::drivers::test
