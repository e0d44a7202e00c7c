// parse_message() and refusal_for(): RFC 3261 §7, §8.1.1, §18.3, §20; RFC 4475 says what a good
// element does with each kind of broken message.
#include <algorithm>
#include <array>
#include <utility>

#include "sip/build.hpp"
#include "sip/codec/scanner.hpp"
#include "sip/message.hpp"
#include "sip/message_scan.hpp"

namespace cord::sip {
namespace {

constexpr std::string_view version_ours = "SIP/2.0";

// Fields that may come once at most; the first five must come (RFC 3261 §8.1.1, table 2).
constexpr std::array single_fields{
    header::from,           header::to,           header::call_id, header::cseq,
    header::content_length, header::content_type, header::event,   header::expires,
    header::max_forwards,   header::refer_to,     header::rseq,    header::session_expires,
};
constexpr std::size_t mandatory_single_fields = 4;

bool starts_with_version(std::string_view line) {
  return line.size() > 4 && equals_ignoring_case(line.substr(0, 4), "SIP/");
}

std::string_view method_of(std::string_view start_line) {
  return start_line.substr(0, start_line.find(' '));
}

bool looks_like_request(std::string_view start_line) {
  return !starts_with_version(start_line) && is_token(method_of(start_line)) &&
         start_line.find(' ') != std::string_view::npos;
}

// RFC 3261 §7.1: three parts, one space between.
Result<void> parse_request_line(Message& message, std::string_view line) {
  const std::size_t last = line.rfind(' ');
  const std::string_view name = method_of(line);
  if (last == std::string_view::npos || last <= name.size()) {
    return refuse(Errc::malformed, "sip.request_line", "not three parts");
  }
  const std::string_view version = line.substr(last + 1);
  if (!starts_with_version(version)) {
    return refuse(Errc::malformed, "sip.request_line", "does not end in a version");
  }
  if (!equals_ignoring_case(version, version_ours)) {
    return refuse(Errc::bad_version, "sip.request_line", version);
  }
  if (!is_token(name)) return refuse(Errc::malformed, "sip.request_line", "bad method");
  auto uri = parse_uri(line.substr(name.size() + 1, last - name.size() - 1));
  if (!uri) return refuse(uri.error().code, "sip.request_line", uri.error().detail);
  // RFC 3261 §19.1.5: the headers of a URI are for making requests, never in one.
  if (!uri->headers.empty()) return refuse(Errc::malformed, "sip.request_line", "URI has headers");
  message.method = std::string(name);
  message.uri = std::move(*uri);
  return {};
}

// RFC 3261 §7.2. The reason may be empty, the space before it may not be missing.
Result<void> parse_status_line(Message& message, std::string_view line) {
  const std::size_t space = line.find(' ');
  if (!equals_ignoring_case(line.substr(0, space), version_ours)) {
    return refuse(Errc::bad_version, "sip.status_line", line.substr(0, space));
  }
  if (space == std::string_view::npos || line.size() < space + 5 || line[space + 4] != ' ') {
    return refuse(Errc::malformed, "sip.status_line", "not three digits and a space");
  }
  const auto status = parse_number(line.substr(space + 1, 3), 699);
  if (!status || *status < 100) return refuse(Errc::malformed, "sip.status_line", "bad status");
  message.status = static_cast<std::uint16_t>(*status);
  message.reason = std::string(line.substr(space + 5));
  return {};
}

Result<void> check_counts(const std::vector<Header>& headers) {
  for (std::size_t i = 0; i < single_fields.size(); ++i) {
    const std::string_view name = single_fields[i];
    const auto count = std::count_if(headers.begin(), headers.end(),
                                     [&](const Header& row) { return row.name == name; });
    if (count > 1) return refuse(Errc::malformed, "sip.header.repeated", name);
    if (count == 0 && i < mandatory_single_fields) {
      return refuse(Errc::malformed, "sip.header.missing", name);
    }
  }
  return {};
}

Result<void> check_vias(const Message& message) {
  bool is_there = false;
  for (const Header& row : message.headers) {
    if (row.name != header::via) continue;
    const auto elements = split_list(row.value);
    if (!elements) return tl::make_unexpected(elements.error());
    for (const std::string_view element : *elements) {
      if (auto via = parse_via(element); !via) return tl::make_unexpected(via.error());
    }
    is_there = true;
  }
  if (!is_there) return refuse(Errc::malformed, "sip.header.missing", header::via);
  return {};
}

// RFC 3261 §25.1: callid = word ["@" word].
constexpr CharSet is_call_id_char = is_token_char.with("()<>:\\\"/[]?{}@");

bool is_call_id(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_call_id_char);
}

Result<void> check_cseq(const Message& message) {
  auto cseq = parse_cseq(message.value(header::cseq));
  if (!cseq) return tl::make_unexpected(cseq.error());
  if (message.is_request() && cseq->method != message.method) {
    return refuse(Errc::malformed, "sip.cseq", "method is not the request's");
  }
  return {};
}

Result<void> check_addresses(const Message& message) {
  for (const std::string_view name : {header::from, header::to}) {
    if (auto address = parse_name_addr(message.value(name)); !address) {
      return tl::make_unexpected(address.error());
    }
  }
  if (auto contacts = message.contacts(); !contacts) return tl::make_unexpected(contacts.error());
  for (const std::string_view name : {header::route, header::record_route}) {
    if (auto routes = message.addresses(name); !routes) return tl::make_unexpected(routes.error());
  }
  return {};
}

Result<void> check_values(const Message& message) {
  if (!is_call_id(message.value(header::call_id))) {
    return refuse(Errc::malformed, "sip.call_id", "not a word or word@word");
  }
  if (message.has(header::max_forwards) && !message.max_forwards()) {
    return refuse(Errc::malformed, "sip.max_forwards", "not a number from 0 to 255");
  }
  if (message.has(header::content_type)) {
    const auto type = parse_content_type(message.value(header::content_type));
    if (!type) return tl::make_unexpected(type.error());
  }
  return {};
}

// RFC 3261 §18.3: the length says where the body ends; less than it says is an error.
Result<void> take_body(Message& message, std::string_view rest) {
  if (const std::string* text = message.find(header::content_length)) {
    const auto length = parse_number(*text, message_bytes_max);
    if (!length) return refuse(Errc::malformed, "sip.content_length", "bad number");
    if (*length > rest.size()) {
      return refuse(Errc::malformed, "sip.content_length", "more than there is");
    }
    rest = rest.substr(0, *length);
    message.remove(header::content_length);
  }
  message.body = std::string(rest);
  return {};
}

using Check = Result<void> (*)(const Message&);
constexpr std::array<Check, 4> checks{check_vias, check_cseq, check_addresses, check_values};

// By Error::where; whatever else is malformed is a field's value.
constexpr std::array<std::pair<std::string_view, MessageFault>, 6> faults{{
    {"sip.start_line", MessageFault::start_line},
    {"sip.request_line", MessageFault::start_line},
    {"sip.status_line", MessageFault::start_line},
    {"sip.header.missing", MessageFault::missing_field},
    {"sip.header.repeated", MessageFault::repeated_field},
    {"sip.content_length", MessageFault::content_length},
}};

void copy_rows(Message& to, const std::vector<Header>& from, std::string_view name,
               std::size_t rows_max) {
  for (const Header& row : from) {
    if (rows_max == 0) return;
    if (row.name != name) continue;
    to.headers.push_back(row);
    --rows_max;
  }
}

}  // namespace

Result<Message> parse_message(std::string_view bytes) {
  ScannedMessage scanned = scan_message(bytes);
  if (scanned.error) return tl::make_unexpected(*scanned.error);
  Message message;
  const auto start = starts_with_version(scanned.start_line)
                         ? parse_status_line(message, scanned.start_line)
                         : parse_request_line(message, scanned.start_line);
  if (!start) return tl::make_unexpected(start.error());
  if (auto counts = check_counts(scanned.headers); !counts) {
    return tl::make_unexpected(counts.error());
  }
  message.headers = std::move(scanned.headers);
  for (const Check check : checks) {
    if (auto good = check(message); !good) return tl::make_unexpected(good.error());
  }
  if (auto taken = take_body(message, scanned.rest); !taken) {
    return tl::make_unexpected(taken.error());
  }
  return message;
}

MessageFault fault_of(const Error& error) {
  if (error.code == Errc::too_short) return MessageFault::incomplete;
  if (error.code == Errc::too_long) return MessageFault::too_large;
  if (error.code == Errc::bad_version) return MessageFault::version;
  const auto found = std::find_if(faults.begin(), faults.end(),
                                  [&](const auto& it) { return it.first == error.where; });
  return found == faults.end() ? MessageFault::field_value : found->second;
}

std::optional<Message> refusal_for(std::string_view bytes, const Error& why) {
  const ScannedMessage scanned = scan_message(bytes);
  if (!looks_like_request(scanned.start_line) || method_of(scanned.start_line) == method::ack) {
    return std::nullopt;
  }
  Message response;
  response.status = why.code == Errc::bad_version ? 505 : 400;
  response.reason = std::string(reason_phrase(response.status));
  copy_rows(response, scanned.headers, header::via, headers_max);
  if (response.headers.empty()) return std::nullopt;
  for (const std::string_view name : {header::from, header::to, header::call_id, header::cseq}) {
    copy_rows(response, scanned.headers, name, 1);
  }
  return response;
}

}  // namespace cord::sip
