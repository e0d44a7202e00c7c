// Refer-To as a value: RFC 3515 §2.1, with the dialog that an attended transfer names in it (RFC
// 3891 §3, as a header of the URI: RFC 3261 §19.1.1).
#pragma once

#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "sip/codec/extension_fields.hpp"
#include "sip/codec/uri.hpp"

namespace cord::sip {

struct ReferTo {
  Uri target;  ///< sip, sips or tel; without headers
  std::optional<Replaces> replaces;
  friend bool operator==(const ReferTo&, const ReferTo&) = default;
};
/// Other headers of the URI are left out. Errors: malformed, unsupported (another scheme, or
/// another method than INVITE).
[[nodiscard]] Result<ReferTo> parse_refer_to(std::string_view text);

}  // namespace cord::sip
