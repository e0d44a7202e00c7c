// What src/sip prints it reads back as the same value, and what it reads from any bytes at all it
// can print and read again.
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "property/text_of.hpp"
#include "sip/message.hpp"
#include "sip/offer_answer.hpp"
#include "sip/sdp.hpp"
#include "sip/stream_framer.hpp"

namespace cord::sip {
namespace {

using test::text_of;

constexpr std::string_view letters = "abcXYZ019";
constexpr std::string_view token_characters = "abcXYZ019-.!%*_+`'~";
constexpr std::string_view user_characters = "abcXYZ019-_.!~*'()&=+$,;?/";
constexpr std::string_view display_characters = "ab \"\\,;<>@:\t\x01\x7f\xc3\xa4";

rc::Gen<std::string> token() {
  return text_of(token_characters, 1, 8);
}

rc::Gen<Param> param(const rc::Gen<std::string>& part) {
  const auto value = rc::gen::map(rc::gen::maybe(part), [](rc::Maybe<std::string> text) {
    return text ? std::optional(*text) : std::nullopt;
  });
  return rc::gen::build<Param>(rc::gen::set(&Param::name, part),
                               rc::gen::set(&Param::value, value));
}

rc::Gen<Params> params(const rc::Gen<std::string>& part) {
  const auto items = rc::gen::resize(4, rc::gen::container<std::vector<Param>>(param(part)));
  return rc::gen::map(items, [](const std::vector<Param>& all) {
    Params unique;
    for (const Param& item : all) (void)unique.append(item, "test");
    return unique;
  });
}

rc::Gen<Uri> uri() {
  return rc::gen::build<Uri>(
      rc::gen::set(&Uri::scheme, rc::gen::elementOf(std::vector<std::string>{"sip", "sips"})),
      rc::gen::set(&Uri::user, text_of(user_characters, 0, 8)),
      rc::gen::set(&Uri::host, rc::gen::element<std::string>("h", "a.example", "192.0.2.1", "[::1]",
                                                             "[2001:db8::9]")),
      rc::gen::set(&Uri::port, rc::gen::arbitrary<std::uint16_t>()),
      rc::gen::set(&Uri::params, params(text_of(letters, 1, 6))));
}

rc::Gen<NameAddr> name_addr() {
  return rc::gen::build<NameAddr>(
      rc::gen::set(&NameAddr::display, text_of(display_characters, 0, 10)),
      rc::gen::set(&NameAddr::uri, uri()), rc::gen::set(&NameAddr::params, params(token())));
}

rc::Gen<Via> via() {
  return rc::gen::build<Via>(
      rc::gen::set(&Via::transport, rc::gen::element<std::string>("UDP", "TCP", "TLS-SCTP")),
      rc::gen::set(&Via::host, rc::gen::element<std::string>("h", "192.0.2.1", "[::1]")),
      rc::gen::set(&Via::port, rc::gen::arbitrary<std::uint16_t>()),
      rc::gen::set(&Via::params, params(token())));
}

Message any_request() {
  Message message;
  message.method = *token();
  message.uri = *uri();
  message.add(header::via, print(*via()));
  message.add(header::from, print(*name_addr()));
  message.add(header::to, print(*name_addr()));
  message.add(header::call_id, *token());
  message.add(header::cseq, print(CSeq{*rc::gen::inRange(0u, 0x80000000u), message.method}));
  message.add(header::contact, print(*name_addr()) + ", " + print(*name_addr()));
  message.add("X-" + *text_of(letters, 1, 5), *text_of("a ;,\"", 0, 3) + "x");
  message.body = *rc::gen::arbitrary<std::string>();
  return message;
}

RC_GTEST_PROP(SipProperty, UriComesBack, ()) {
  const Uri value = *uri();
  const auto again = parse_uri(print(value));
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == value);
  RC_ASSERT(equivalent(*again, value));
}

RC_GTEST_PROP(SipProperty, UserTextComesBack, (const std::string& user)) {
  RC_PRE(!user.empty());
  const auto again = parse_uri(print(sip_uri(user, "h", 5060)));
  RC_ASSERT(again.has_value());
  RC_ASSERT(again->user_text() == user);
}

RC_GTEST_PROP(SipProperty, NameAddrComesBack, ()) {
  const NameAddr value = *name_addr();
  const auto again = parse_name_addr(print(value));
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == value);
}

RC_GTEST_PROP(SipProperty, ViaComesBack, ()) {
  const Via value = *via();
  const auto again = parse_via(print(value));
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == value);
}

RC_GTEST_PROP(SipProperty, MessageComesBackAndIsFramed, ()) {
  const Message value = any_request();
  const std::string bytes = print(value);
  const auto again = parse_message(bytes);
  RC_ASSERT(again.has_value());
  Message expected = value;
  for (Header& row : expected.headers) {
    while (!row.value.empty() && row.value.front() == ' ') row.value.erase(0, 1);
  }
  RC_ASSERT(*again == expected);

  StreamFramer framer;
  framer.push(bytes + bytes);
  for (int i = 0; i < 2; ++i) {
    const auto frame = framer.next();
    RC_ASSERT(frame.has_value() && frame->has_value());
    RC_ASSERT(std::get<FramedMessage>(**frame).bytes == bytes);
  }
}

RC_GTEST_PROP(SipProperty, DamagedMessagesAreReadOrRefused, ()) {
  std::string bytes = print(any_request());
  const int damages = *rc::gen::inRange(1, 6);
  for (int i = 0; i < damages; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
    bytes[at] = *rc::gen::element('\0', '\r', '\n', ' ', ':', ';', ',', '"', '<', '>', '%', '\xff');
  }
  const auto message = parse_message(bytes);
  if (!message) {
    (void)refusal_for(bytes, message.error());
    return;
  }
  const auto again = parse_message(print(*message));
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == *message);
}

RC_GTEST_PROP(SipProperty, OffersAreAnsweredAndAgreedOn, (std::uint32_t ssrc)) {
  const auto side = [&](std::uint32_t address) {
    LocalMedia local;
    local.address = {address, 20'000};
    local.codecs = *rc::gen::element(std::vector{Codec::pcmu, Codec::opus, Codec::pcma},
                                     std::vector{Codec::opus, Codec::pcma, Codec::pcmu},
                                     std::vector{Codec::pcma, Codec::pcmu, Codec::opus});
    local.direction = *rc::gen::element(Direction::sendrecv, Direction::sendonly,
                                        Direction::recvonly, Direction::inactive);
    local.dtmf_payload_type = *rc::gen::element<std::uint8_t>(0, 96, 101);
    local.ssrc = ssrc;
    local.cname = "c";
    return local;
  };
  const LocalMedia a = side(0x7f000001), b = side(0x7f000002);
  LocalSession session_a{1}, session_b{2};
  const auto offer = parse_sdp(print(make_offer(session_a, a)));
  RC_ASSERT(offer.has_value());
  const auto answer = make_answer(session_b, *offer, b);
  RC_ASSERT(answer.has_value());
  const auto heard = parse_sdp(print(answer->sdp));
  RC_ASSERT(heard.has_value() && *heard == answer->sdp);
  const auto agreed = accept_answer(*session_a.last, *heard, a);
  RC_ASSERT(agreed.has_value());
  RC_ASSERT(agreed->codec == answer->media.codec);
  RC_ASSERT(agreed->codec == a.codecs.front());
  RC_ASSERT(agreed->may_send == answer->media.may_receive);
  RC_ASSERT(agreed->may_receive == answer->media.may_send);
  RC_ASSERT(agreed->dtmf_payload_type == answer->media.dtmf_payload_type);
  RC_ASSERT(agreed->dtmf_clock_khz == answer->media.dtmf_clock_khz);
  RC_ASSERT(agreed->opus_payload_type == answer->media.opus_payload_type);
  RC_ASSERT(agreed->remote == b.address);
  RC_ASSERT(agreed->remote_ssrc == ssrc);
}

}  // namespace
}  // namespace cord::sip
