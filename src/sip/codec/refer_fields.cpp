#include "sip/codec/refer_fields.hpp"

#include <utility>

#include "sip/codec/fields.hpp"

namespace cord::sip {

Result<ReferTo> parse_refer_to(std::string_view text) {
  constexpr std::string_view where = "sip.refer_to";
  auto parsed = parse_name_addr(text);
  if (!parsed) return refuse(Errc::malformed, where, "no address");
  ReferTo out{std::move(parsed->uri), {}};
  if (!out.target.is_sip() && out.target.scheme != "tel") {
    return refuse(Errc::unsupported, where, out.target.scheme);
  }
  const std::string_view method = out.target.params.value("method");
  if (!method.empty() && method != "INVITE") return refuse(Errc::unsupported, where, method);
  const std::optional<std::string> replaces = out.target.header("Replaces");
  out.target.headers.clear();
  if (!replaces) return out;
  auto dialog = parse_replaces(*replaces);
  if (!dialog) return tl::make_unexpected(dialog.error());
  out.replaces = std::move(*dialog);
  return out;
}

}  // namespace cord::sip
