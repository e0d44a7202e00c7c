#include "sip/codec/extension_fields.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "sip/codec/scanner.hpp"

namespace cord::sip {
namespace {

constexpr std::uint32_t number_max = INT32_MAX;  // RFC 3262 §7.1, RFC 3261 §8.1.1.5
constexpr std::string_view keys = "0123456789*#ABCD";

// A number of any length, capped: who asks for more seconds than we can count means "very long".
std::optional<std::uint32_t> take_seconds(Scanner& in) {
  const std::string_view digits = in.take_while(is_digit);
  if (digits.empty()) return std::nullopt;
  return parse_number(digits, number_max).value_or(number_max);
}

Result<std::uint8_t> key_of(std::string_view text) {
  if (text.size() == 1) {
    const std::size_t place = keys.find(to_upper(text.front()));
    if (place != std::string_view::npos) return static_cast<std::uint8_t>(place);
  }
  // Some senders write the event's number.
  const auto number = parse_number(text, 15);
  if (!number) return refuse(Errc::malformed, "sip.key", text);
  return static_cast<std::uint8_t>(*number);
}

// "Signal=5" among other lines.
Result<std::uint8_t> key_of_relay(std::string_view body) {
  while (!body.empty()) {
    const std::string_view line = body.substr(0, body.find_first_of("\r\n"));
    body.remove_prefix(std::min(body.size(), line.size() + 1));
    Scanner in(trimmed(line));
    const std::string_view name = in.take_token();
    if (!in.accept_separator('=') || !equals_ignoring_case(name, "Signal")) continue;
    return key_of(in.rest());
  }
  return refuse(Errc::malformed, "sip.key", "no Signal");
}

}  // namespace

Result<RAck> parse_rack(std::string_view text) {
  Scanner in(trimmed(text));
  const auto rseq = parse_number(in.take_while(is_digit), number_max);
  if (!rseq || *rseq == 0 || !is_space(in.peek())) {
    return refuse(Errc::malformed, "sip.rack", "no RSeq number");
  }
  in.skip_space();
  auto cseq = parse_cseq(in.rest());
  if (!cseq) return refuse(Errc::malformed, "sip.rack", "no CSeq");
  return RAck{*rseq, std::move(*cseq)};
}

std::string print(const RAck& rack) {
  return fmt::format("{} {}", rack.rseq, print(rack.cseq));
}

Result<SessionExpires> parse_session_expires(std::string_view text) {
  constexpr std::string_view where = "sip.session_expires";
  Scanner in(trimmed(text));
  const auto seconds = take_seconds(in);
  if (!seconds) return refuse(Errc::malformed, where, "no number");
  const auto params = scan_params(in, where);
  if (!params) return tl::make_unexpected(params.error());
  SessionExpires out{*seconds, Refresher::unsaid};
  const std::string_view refresher = params->value("refresher");
  if (equals_ignoring_case(refresher, "uac")) {
    out.refresher = Refresher::uac;
  } else if (equals_ignoring_case(refresher, "uas")) {
    out.refresher = Refresher::uas;
  } else if (params->has("refresher")) {
    return refuse(Errc::malformed, where, "neither uac nor uas");
  }
  return out;
}

std::string print(const SessionExpires& it) {
  std::string text = std::to_string(it.interval_s);
  if (it.refresher == Refresher::uac) text += ";refresher=uac";
  if (it.refresher == Refresher::uas) text += ";refresher=uas";
  return text;
}

Result<std::uint32_t> parse_seconds(std::string_view text) {
  Scanner in(trimmed(text));
  const auto seconds = take_seconds(in);
  if (!seconds) return refuse(Errc::malformed, "sip.seconds", "no number");
  return *seconds;
}

Result<Replaces> parse_replaces(std::string_view text) {
  constexpr std::string_view where = "sip.replaces";
  Scanner in(trimmed(text));
  Replaces out;
  out.call_id = in.take_while([](char c) { return c != ';' && !is_space(c); });
  const auto params = scan_params(in, where);
  if (!params) return tl::make_unexpected(params.error());
  out.to_tag = params->value("to-tag");
  out.from_tag = params->value("from-tag");
  out.early_only = params->has("early-only");
  if (out.call_id.empty() || out.to_tag.empty() || out.from_tag.empty()) {
    return refuse(Errc::malformed, where, "Call-ID and both tags are needed");
  }
  return out;
}

Result<KeyPress> parse_key(std::string_view content_type, std::string_view body) {
  Result<std::uint8_t> event = refuse(Errc::unsupported, "sip.key", content_type);
  if (content_type == "application/dtmf-relay") event = key_of_relay(body);
  if (content_type == "application/dtmf") event = key_of(trimmed(body.substr(0, body.find('\r'))));
  return event.map([](std::uint8_t it) { return KeyPress{it}; });
}

}  // namespace cord::sip
