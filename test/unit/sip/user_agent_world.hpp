// A user agent between hand-written peers, on simulated time: what tests of it share.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sip/message.hpp"
#include "sip/user_agent.hpp"

namespace cord::sip::test {

using namespace std::chrono_literals;

inline constexpr std::uint32_t loopback = 0x7f000001;
inline const Flow trunk{Transport::udp, 0, {loopback, 5080}, 0};
inline const Flow phone{Transport::udp, 0, {loopback, 5071}, 0};

inline std::string sdp_text(std::string_view direction = "sendrecv", int port = 40000,
                            std::string_view codecs = "0 8 101", int version = 1) {
  return fmt::format(
      "v=0\r\no=- 7 {} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
      "m=audio {} RTP/AVP {}\r\na=rtpmap:101 telephone-event/8000\r\na={}\r\n",
      version, port, codecs, direction);
}

inline LocalMedia our_media(std::uint16_t port = 20000) {
  LocalMedia media;
  media.address = {loopback, port};
  media.cname = "us";
  return media;
}

/// What a request of the far end is written from.
struct Written {
  std::string method = "INVITE";
  std::string uri = "sip:18005550100@127.0.0.1:5060";
  std::string branch = "z9hG4bK1";
  std::string from_tag = "theirs";
  std::string to_tag = {};
  std::string call_id = "call-1";
  int cseq = 1;
  std::string contact = "<sip:caller@127.0.0.1:5080>";
  std::string extra = {};  ///< whole lines
  std::string body = {};
  std::string type = "application/sdp";
};

inline std::string write(const Written& it) {
  std::string text = fmt::format(
      "{} {} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5080;branch={}\r\nMax-Forwards: 70\r\n"
      "From: \"Carol\" <sip:+15551234@carrier.test>;tag={}\r\nTo: <sip:18005550100@127.0.0.1>{}\r\n"
      "Call-ID: {}\r\nCSeq: {} {}\r\n",
      it.method, it.uri, it.branch, it.from_tag,
      it.to_tag.empty() ? std::string() : ";tag=" + it.to_tag, it.call_id, it.cseq, it.method);
  if (!it.contact.empty()) text += "Contact: " + it.contact + "\r\n";
  text += it.extra;
  if (!it.body.empty()) text += "Content-Type: " + it.type + "\r\n";
  return text + fmt::format("Content-Length: {}\r\n\r\n{}", it.body.size(), it.body);
}

class World : public ::testing::Test {
 protected:
  World() { restart(quiet_config()); }

  /// Nothing moves by itself in an answered call.
  static UserAgentConfig quiet_config() {
    UserAgentConfig config;
    config.dialog_check = Duration{};
    return config;
  }

  void restart(UserAgentConfig config) {
    if (config.callers.empty()) config.callers = {{loopback, 5080}};
    agent.emplace(std::move(config),
                  std::vector<Listener>{{Transport::udp, {loopback, 5060}},
                                        {Transport::tcp, {loopback, 5060}}},
                  IdSecret{1, 2});
  }

  /// The defaults with one field of their own.
  template <class Field, class Value>
  static UserAgentConfig config_with(Field UserAgentConfig::*field, Value value) {
    UserAgentConfig config = quiet_config();
    config.*field = static_cast<Field>(value);
    return config;
  }

  /// Takes in what came out: messages to `sent`, all else to `facts`.
  void collect() {
    for (auto& output : agent->take_outputs()) {
      if (auto* bytes = std::get_if<SendBytes>(&output)) {
        auto message = parse_message(bytes->bytes);
        ASSERT_TRUE(message.has_value()) << bytes->bytes;
        sent.emplace_back(std::move(*message));
        flows.push_back(bytes->flow);
      } else {
        facts.push_back(std::move(output));
      }
    }
  }

  void receive(const std::string& bytes, const Flow& flow = trunk) {
    agent->receive(bytes, flow, now);
    collect();
  }
  void receive(const Written& it, const Flow& flow = trunk) { receive(write(it), flow); }

  /// Lets time pass, timer by timer.
  void pass(Duration duration) {
    const Instant end = now + duration;
    for (auto due = agent->next_due(); due && *due <= end; due = agent->next_due()) {
      now = std::max(now, *due);
      agent->on_timer(now);
      collect();
      if (*due == now && agent->next_due() == due) now += 1ms;
    }
    now = std::max(now, end);
  }

  /// The next message sent with that start ("180", "BYE", ...), all before it thrown away.
  std::optional<Message> next_sent(std::string_view what) {
    while (!sent.empty()) {
      Message message = std::move(sent.front());
      last_flow = flows.front();
      sent.pop_front();
      flows.pop_front();
      if (message.method == what || std::to_string(message.status) == what) return message;
    }
    return std::nullopt;
  }

  std::size_t count_sent(std::string_view what) const {
    std::size_t n = 0;
    for (const Message& it : sent) n += it.method == what || std::to_string(it.status) == what;
    return n;
  }

  void forget_sent() {
    sent.clear();
    flows.clear();
  }

  /// The next fact of that kind, those before it thrown away.
  template <class Fact>
  std::optional<Fact> next() {
    while (!facts.empty()) {
      UserAgentOutput fact = std::move(facts.front());
      facts.pop_front();
      if (auto* it = std::get_if<Fact>(&fact)) return std::move(*it);
    }
    return std::nullopt;
  }

  /// An INVITE with offer arrives.
  CallHandle offered(Written it = {}) {
    if (it.body.empty()) it.body = sdp_text();
    receive(it);
    const auto offer = next<CallOffered>();
    EXPECT_TRUE(offer.has_value());
    return offer ? offer->call : CallHandle{};
  }

  /// An inbound call, answered and acknowledged. Sets `our_tag`.
  CallHandle inbound_call(Written it = {}) {
    const CallHandle call = offered(std::move(it));
    agent->answer(call, our_media(), now);
    collect();
    our_tag = next_sent("200").value().to_tag();
    receive(in_dialog("ACK", 1));
    EXPECT_TRUE(next<MediaAgreed>().has_value());
    return call;
  }

  /// A request of the caller inside the dialog of inbound_call().
  Written in_dialog(const std::string& method, int cseq) const {
    Written it;
    it.method = method;
    it.to_tag = our_tag;
    it.cseq = cseq;
    it.branch = fmt::format("z9hG4bK{}{}", method, cseq);
    return it;
  }

  static OutgoingCall outgoing(const std::string& to = "sip:1001@127.0.0.1:5071") {
    return {.to = parse_uri(to).value(),
            .from = parse_name_addr("\"Bob\" <sip:5551234@127.0.0.1>").value(),
            .headers = {},
            .media = our_media(),
            .ring_max = 20s};
  }

  /// Calls the phone; the INVITE is in `invite`.
  CallHandle call_phone(const OutgoingCall& it = outgoing()) {
    const auto call = agent->invite(it, now);
    EXPECT_TRUE(call.has_value());
    collect();
    invite = next_sent("INVITE").value();
    return call.value();
  }

  /// What the phone answers to `request`.
  static std::string reply(const Message& request, int status, const std::string& tag = "phone",
                           const std::string& body = {}, const std::string& extra = {}) {
    std::string text = fmt::format("SIP/2.0 {} X\r\n", status);
    for (const Header& it : request.headers) {
      const bool copied = it.name == header::via || it.name == header::from ||
                          it.name == header::call_id || it.name == header::cseq;
      if (copied) text += it.name + ": " + it.value + "\r\n";
      if (it.name == header::to) {
        const bool needs_tag = !tag.empty() && request.to_tag().empty();
        text += "To: " + it.value + (needs_tag ? ";tag=" + tag : "") + "\r\n";
      }
    }
    if (status > 100 && status < 300) text += "Contact: <sip:1001@127.0.0.1:5071>\r\n";
    text += extra;
    if (!body.empty()) text += "Content-Type: application/sdp\r\n";
    return text + fmt::format("Content-Length: {}\r\n\r\n{}", body.size(), body);
  }

  /// An outbound call, answered.
  CallHandle outbound_call() {
    const CallHandle call = call_phone();
    receive(reply(invite, 200, "phone", sdp_text()), phone);
    EXPECT_TRUE(next_sent("ACK").has_value());
    EXPECT_TRUE(next<CallAnswered>().has_value());
    return call;
  }

  Instant now{1'000s};
  std::optional<UserAgent> agent;
  std::deque<Message> sent;
  std::deque<Flow> flows;
  Flow last_flow;
  std::deque<UserAgentOutput> facts;
  std::string our_tag;
  Message invite;
};

}  // namespace cord::sip::test
