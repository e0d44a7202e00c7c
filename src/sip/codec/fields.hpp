// The structured header field values the lower layers work with (RFC 3261 §20) as values: Via,
// name-addr (From, To, Contact, Route, ...), CSeq. Other fields stay text in Message::headers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "sip/codec/params.hpp"
#include "sip/codec/uri.hpp"

namespace cord::sip {

/// A Via value: RFC 3261 §20.42.
struct Via {
  std::string transport;   ///< upper case: "UDP", "TCP", ...
  std::string host;        ///< of sent-by; an IPv6 reference keeps its brackets
  std::uint16_t port = 0;  ///< of sent-by; 0: none given
  Params params;

  [[nodiscard]] std::string_view branch() const { return params.value("branch"); }
  friend bool operator==(const Via&, const Via&) = default;
};

/// A display name, a URI and parameters: RFC 3261 §20.10, §20.20, §20.39.
struct NameAddr {
  std::string display;  ///< plain text: quotes and escapes undone
  Uri uri;
  Params params;  ///< of the header field, not of the URI

  [[nodiscard]] std::string_view tag() const { return params.value("tag"); }
  friend bool operator==(const NameAddr&, const NameAddr&) = default;
};

/// A CSeq value: RFC 3261 §20.16. The number is below 2^31 (§8.1.1.5).
struct CSeq {
  std::uint32_t number = 0;
  std::string method;
  friend bool operator==(const CSeq&, const CSeq&) = default;
};

/// Each parses one whole value, already unfolded. Errors: malformed, bad_version (Via), too_long.
[[nodiscard]] Result<Via> parse_via(std::string_view text);
[[nodiscard]] Result<NameAddr> parse_name_addr(std::string_view text);
[[nodiscard]] Result<CSeq> parse_cseq(std::string_view text);
/// "type/subtype" in lower case, without its parameters: RFC 3261 §20.15.
[[nodiscard]] Result<std::string> parse_content_type(std::string_view text);

[[nodiscard]] std::string print(const Via& via);
/// Always with angle brackets.
[[nodiscard]] std::string print(const NameAddr& address);
[[nodiscard]] std::string print(const CSeq& cseq);

/// Cuts a comma-separated value into its elements, trimmed. Commas in quotes or angle brackets do
/// not cut. Errors: malformed (an open quote or bracket, an empty element).
[[nodiscard]] Result<std::vector<std::string_view>> split_list(std::string_view text);

/// RFC 3261 §25.1 `token`: at least one character, none but those allowed.
[[nodiscard]] bool is_token(std::string_view text);

/// A decimal number of digits only. Errors: malformed, or too_long if it is above `value_max`.
[[nodiscard]] Result<std::uint32_t> parse_number(std::string_view text, std::uint32_t value_max);

}  // namespace cord::sip
