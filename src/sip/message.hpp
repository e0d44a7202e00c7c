// SIP messages as values: RFC 3261 §7 and §20, compact forms (§7.3.3), folding (§7.3.1). Strict in
// what it takes (RFC 4475), one spelling in what it prints. Multi-line bodies stay text; S/MIME,
// SIP frames inside bodies and header fields we do not use are kept but not looked into.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "sip/codec/fields.hpp"
#include "sip/codec/params.hpp"
#include "sip/codec/uri.hpp"

namespace cord::sip {

/// Header field names in the spelling Message::headers uses for them.
namespace header {
inline constexpr std::string_view accept = "Accept";
inline constexpr std::string_view accept_encoding = "Accept-Encoding";
inline constexpr std::string_view alert_info = "Alert-Info";
inline constexpr std::string_view allow = "Allow";
inline constexpr std::string_view allow_events = "Allow-Events";
inline constexpr std::string_view authorization = "Authorization";
inline constexpr std::string_view call_id = "Call-ID";
inline constexpr std::string_view call_info = "Call-Info";
inline constexpr std::string_view contact = "Contact";
inline constexpr std::string_view content_disposition = "Content-Disposition";
inline constexpr std::string_view content_encoding = "Content-Encoding";
inline constexpr std::string_view content_length = "Content-Length";
inline constexpr std::string_view content_type = "Content-Type";
inline constexpr std::string_view cseq = "CSeq";
inline constexpr std::string_view date = "Date";
inline constexpr std::string_view event = "Event";
inline constexpr std::string_view expires = "Expires";
inline constexpr std::string_view from = "From";
inline constexpr std::string_view max_forwards = "Max-Forwards";
inline constexpr std::string_view min_expires = "Min-Expires";
inline constexpr std::string_view min_se = "Min-SE";
inline constexpr std::string_view p_asserted_identity = "P-Asserted-Identity";
inline constexpr std::string_view proxy_authenticate = "Proxy-Authenticate";
inline constexpr std::string_view proxy_authorization = "Proxy-Authorization";
inline constexpr std::string_view proxy_require = "Proxy-Require";
inline constexpr std::string_view rack = "RAck";
inline constexpr std::string_view reason = "Reason";
inline constexpr std::string_view record_route = "Record-Route";
inline constexpr std::string_view refer_sub = "Refer-Sub";
inline constexpr std::string_view refer_to = "Refer-To";
inline constexpr std::string_view referred_by = "Referred-By";
inline constexpr std::string_view replaces = "Replaces";
inline constexpr std::string_view require = "Require";
inline constexpr std::string_view retry_after = "Retry-After";
inline constexpr std::string_view route = "Route";
inline constexpr std::string_view rseq = "RSeq";
inline constexpr std::string_view server = "Server";
inline constexpr std::string_view session_expires = "Session-Expires";
inline constexpr std::string_view subject = "Subject";
inline constexpr std::string_view subscription_state = "Subscription-State";
inline constexpr std::string_view supported = "Supported";
inline constexpr std::string_view timestamp = "Timestamp";
inline constexpr std::string_view to = "To";
inline constexpr std::string_view unsupported = "Unsupported";
inline constexpr std::string_view user_agent = "User-Agent";
inline constexpr std::string_view via = "Via";
inline constexpr std::string_view warning = "Warning";
inline constexpr std::string_view www_authenticate = "WWW-Authenticate";
}  // namespace header

/// Method names. They are compared with regard to case: RFC 3261 §7.1.
namespace method {
inline constexpr std::string_view ack = "ACK";
inline constexpr std::string_view bye = "BYE";
inline constexpr std::string_view cancel = "CANCEL";
inline constexpr std::string_view info = "INFO";
inline constexpr std::string_view invite = "INVITE";
inline constexpr std::string_view message = "MESSAGE";
inline constexpr std::string_view notify = "NOTIFY";
inline constexpr std::string_view options = "OPTIONS";
inline constexpr std::string_view prack = "PRACK";
inline constexpr std::string_view publish = "PUBLISH";
inline constexpr std::string_view refer = "REFER";
inline constexpr std::string_view register_ = "REGISTER";
inline constexpr std::string_view subscribe = "SUBSCRIBE";
inline constexpr std::string_view update = "UPDATE";
}  // namespace method

inline constexpr std::size_t message_bytes_max = 64 * 1024;
inline constexpr std::size_t headers_max = 128;               ///< header field rows
inline constexpr std::size_t header_value_bytes_max = 8'192;  ///< one row, unfolded

/// One header field row: the name in its long, usual spelling if it is known (else as received),
/// the value unfolded and trimmed. A row may hold a comma-separated list.
struct Header {
  std::string name;
  std::string value;
  friend bool operator==(const Header&, const Header&) = default;
};

/// The Contact fields of a message: RFC 3261 §20.10.
struct Contacts {
  bool is_star = false;  ///< `Contact: *`
  std::vector<NameAddr> items;
};

/// A request or a response. What parse_message() gave has all mandatory fields, once and well
/// formed, so the typed reads of them below cannot fail. A message somebody built without them
/// reads as empty.
struct Message {
  std::string method;           ///< of a request; empty: this is a response
  Uri uri;                      ///< of a request
  std::uint16_t status = 0;     ///< of a response, 100 to 699
  std::string reason;           ///< of a response
  std::vector<Header> headers;  ///< all but Content-Length, which print() writes from the body
  std::string body;

  [[nodiscard]] bool is_request() const { return !method.empty(); }
  [[nodiscard]] bool is_response() const { return method.empty(); }

  /// The first row of that name (any case, long form), or nullptr.
  [[nodiscard]] const std::string* find(std::string_view name) const;
  /// The first row's value, or empty.
  [[nodiscard]] std::string_view value(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }
  /// The elements of all rows of a list field, in order. Views into this message. A row that is
  /// not a list (an open quote) gives nothing.
  [[nodiscard]] std::vector<std::string_view> list(std::string_view name) const;
  /// Whether `token` is among list(name), without regard to case: Supported, Require, Allow.
  [[nodiscard]] bool lists(std::string_view name, std::string_view token) const;

  /// Appends a row after all others.
  void add(std::string_view name, std::string value);
  /// Puts a row before all others (Via, Record-Route: the newest comes first).
  void add_first(std::string_view name, std::string value);
  /// Leaves one row of that name, where the first one was, or appended.
  void set(std::string_view name, std::string value);
  void remove(std::string_view name);

  [[nodiscard]] Via top_via() const;
  /// Writes `via` over the first Via value, leaving the others.
  void set_top_via(const Via& via);
  [[nodiscard]] NameAddr from() const;
  [[nodiscard]] NameAddr to() const;
  [[nodiscard]] std::string from_tag() const;  ///< empty: none
  [[nodiscard]] std::string to_tag() const;    ///< empty: none
  [[nodiscard]] std::string_view call_id() const { return value(header::call_id); }
  [[nodiscard]] CSeq cseq() const;
  [[nodiscard]] std::optional<std::uint32_t> max_forwards() const;
  [[nodiscard]] std::optional<std::uint32_t> expires_s() const;
  /// type/subtype in lower case without parameters, or empty.
  [[nodiscard]] std::string content_type() const;
  /// Errors: malformed.
  [[nodiscard]] Result<Contacts> contacts() const;
  /// The values of Route, Record-Route or any other list of name-addr. Errors: malformed.
  [[nodiscard]] Result<std::vector<NameAddr>> addresses(std::string_view name) const;

  friend bool operator==(const Message&, const Message&) = default;
};

/// Reads one message that fills `bytes` (a datagram, or what StreamFramer cut). Bytes beyond
/// Content-Length are ignored; without Content-Length the body is all the rest (RFC 3261 §18.3).
/// Leading CRLFs are skipped (§7.5).
/// Errors: too_short (not a whole message), too_long (a limit above), bad_version (not SIP/2.0),
/// malformed (anything else; `where` names the part).
[[nodiscard]] Result<Message> parse_message(std::string_view bytes);

/// What parse_message() stumbled over, for whoever counts.
enum class MessageFault : std::uint8_t {
  incomplete,  ///< ends before the empty line
  too_large,   ///< a limit above
  version,     ///< not SIP/2.0
  start_line,
  missing_field,   ///< a mandatory header field (RFC 3261 §8.1.1)
  repeated_field,  ///< one that may come once
  field_value,
  content_length,  ///< no number, or more than there is
};
inline constexpr std::size_t message_fault_count = 8;

/// `error` as parse_message() gave it.
[[nodiscard]] MessageFault fault_of(const Error& error);

/// The answer to a request that parse_message() refused with `why`: 505 for bad_version, else 400
/// with the reason. None if `bytes` is no request, is an ACK (RFC 3261 §17.1.1.3: never answered),
/// or lacks what an answer must copy: Via, From, To, Call-ID, CSeq, each once where it must be.
[[nodiscard]] std::optional<Message> refusal_for(std::string_view bytes, const Error& why);

/// The wire form, with Content-Length.
[[nodiscard]] std::string print(const Message& message);

/// The long, usual spelling of a header field name, compact forms included: "i" is "Call-ID".
/// An unknown name comes back as it is.
[[nodiscard]] std::string_view canonical_header_name(std::string_view name);

/// The reason phrase of RFC 3261 §21 (and 491, 422, ...), or that of the class.
[[nodiscard]] std::string_view reason_phrase(std::uint16_t status);

}  // namespace cord::sip
