#include "wire/target.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace cord::wire {
namespace {

struct Prefix {
  core::ObjectKind kind;
  std::string_view text;
};
constexpr std::array prefixes{
    Prefix{core::ObjectKind::group, "g-"},
    Prefix{core::ObjectKind::channel, "ch-"},
    Prefix{core::ObjectKind::interaction, "i-"},
    Prefix{core::ObjectKind::conversation, "c-"},
};
constexpr std::string_view member_prefix = "m-";
constexpr std::string_view task_prefix = "t-";

constexpr std::string_view prefix_of(core::ObjectKind kind) {
  for (const Prefix& prefix : prefixes) {
    if (prefix.kind == kind) return prefix.text;
  }
  return {};
}

std::string numbered(std::string_view prefix, std::uint64_t number) {
  return fmt::format("{}{}", prefix, number);
}

/// The number that `digits` spell in the one way we spell it, else 0.
std::uint64_t canonical_number(std::string_view digits) {
  if (digits.empty() || digits[0] < '1' || digits[0] > '9') return 0;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc() && end == digits.data() + digits.size() ? number : 0;
}

constexpr bool is_id_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= segment_characters_max &&
         std::all_of(text.begin(), text.end(), is_id_character);
}

}  // namespace

std::string id_text(core::GroupId id) {
  return numbered(prefix_of(core::ObjectKind::group), id.value);
}
std::string id_text(core::ChannelId id) {
  return numbered(prefix_of(core::ObjectKind::channel), id.value);
}
std::string id_text(core::InteractionId id) {
  return numbered(prefix_of(core::ObjectKind::interaction), id.value);
}
std::string id_text(core::ConversationId id) {
  return numbered(prefix_of(core::ObjectKind::conversation), id.value);
}
std::string id_text(core::MemberId id) {
  return numbered(member_prefix, id.value);
}
std::string id_text(core::CallId id) {
  return numbered(task_prefix, id.value);
}

core::CallId parse_task_id(std::string_view text) {
  if (!text.starts_with(task_prefix)) return {};
  return core::CallId{canonical_number(text.substr(task_prefix.size()))};
}

core::MemberId parse_member_id(std::string_view text) {
  if (!text.starts_with(member_prefix)) return {};
  return core::MemberId{canonical_number(text.substr(member_prefix.size()))};
}

std::string path_text(const core::ObjectPath& path) {
  std::string text = path.session;
  const auto add = [&text](auto id) {
    if (!id) return;
    text += '.';
    text += id_text(id);
  };
  add(path.group);
  add(path.channel);
  add(path.interaction);
  add(path.conversation);
  return text;
}

core::TargetSegment parse_segment(std::string_view text) {
  for (const Prefix& prefix : prefixes) {
    if (text.starts_with(prefix.text)) {
      return {prefix.kind, canonical_number(text.substr(prefix.text.size()))};
    }
  }
  return {};
}

Result<core::Target> parse_target(std::string_view text) {
  core::Target target;
  bool is_first = true;
  for (std::string_view rest = text; !rest.empty() || is_first;) {
    const auto dot = std::min(rest.find('.'), rest.size());
    const std::string_view part = rest.substr(0, dot);
    const bool ends_in_dot = dot + 1 == rest.size();
    if (!is_id(part) || ends_in_dot) {
      return refuse(Errc::invalid_request, "wire.target",
                    "target must be ids of [A-Za-z0-9_-]{1,64}, joined by dots");
    }
    if (is_first) {
      target.session = part;
    } else {
      if (target.below.size() == core::target_segments_max) {
        return refuse(Errc::target_not_found, "wire.target");
      }
      target.below.push_back(parse_segment(part));
    }
    is_first = false;
    rest.remove_prefix(std::min(dot + 1, rest.size()));
  }
  return target;
}

}  // namespace cord::wire
