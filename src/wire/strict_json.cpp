#include "wire/strict_json.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <utility>
#include <vector>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_stack.hpp>

#include "wire/json_text.hpp"

namespace cord::wire {
namespace {

namespace json = boost::json;

/// Builds the value and counts what the value cannot tell afterwards.
struct Builder {
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();
  using Code = json::error_code;
  using Text = json::string_view;

  json::value_stack stack;
  std::size_t members = 0;
  bool has_infinity = false;

  Builder() { stack.reset(); }
  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) { return true; }
  bool on_object_end(std::size_t size, Code&) {
    members += size;
    stack.push_object(size);
    return true;
  }
  bool on_array_begin(Code&) { return true; }
  bool on_array_end(std::size_t size, Code&) {
    stack.push_array(size);
    return true;
  }
  bool on_key_part(Text part, std::size_t, Code&) {
    stack.push_chars(part);
    return true;
  }
  bool on_key(Text part, std::size_t, Code&) {
    stack.push_key(part);
    return true;
  }
  bool on_string_part(Text part, std::size_t, Code&) {
    stack.push_chars(part);
    return true;
  }
  bool on_string(Text part, std::size_t, Code&) {
    stack.push_string(part);
    return true;
  }
  bool on_number_part(Text, Code&) { return true; }
  bool on_int64(std::int64_t number, Text, Code&) {
    stack.push_int64(number);
    return true;
  }
  bool on_uint64(std::uint64_t number, Text, Code&) {
    stack.push_uint64(number);
    return true;
  }
  bool on_double(double number, Text, Code&) {
    has_infinity = has_infinity || !std::isfinite(number);
    stack.push_double(number);
    return true;
  }
  bool on_bool(bool value, Code&) {
    stack.push_bool(value);
    return true;
  }
  bool on_null(Code&) {
    stack.push_null();
    return true;
  }
  bool on_comment_part(Text, Code&) { return true; }
  bool on_comment(Text, Code&) { return true; }
};

/// Members of all objects inside `value`. One that occurred twice is there once.
std::size_t count_members(const json::value& value) {
  std::size_t count = 0;
  if (const auto* object = value.if_object()) {
    count = object->size();
    for (const auto& member : *object) count += count_members(member.value());
  } else if (const auto* array = value.if_array()) {
    for (const auto& item : *array) count += count_members(item);
  }
  return count;
}

/// Whatever ends in one of the words, as people write names: sip-password, access_token, PassWord.
bool is_secret(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c != '_' && c != '-')
      plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return plain.ends_with("password") || plain.ends_with("token");
}

void mask_value(json::value& value) {
  if (auto* object = value.if_object()) {
    mask_secrets(*object);
  } else if (auto* array = value.if_array()) {
    for (auto& item : *array) mask_value(item);
  }
}

/// Where the JSON string that begins at `from` (its opening quote) ends, behind its closing quote
/// if it has one.
std::size_t string_end(std::string_view text, std::size_t from) {
  for (std::size_t at = from + 1; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return text.size();
}

std::size_t skip_space(std::string_view text, std::size_t from) {
  return std::min(text.find_first_not_of(" \t\r\n", from), text.size());
}

/// Where the value that begins at `from` ends. An object or a list ends with the bracket that
/// closes it, or with the text: what is inside may be part of the secret.
std::size_t value_end(std::string_view text, std::size_t from) {
  std::size_t depth = 0;
  std::size_t at = from;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = string_end(text, at);
    } else if (depth == 0 && (c == ',' || c == '}' || c == ']')) {
      return at;
    } else {
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      ++at;
    }
    const bool was_whole = c == '"' || c == '}' || c == ']';
    if (depth == 0 && was_whole) return at;
  }
  return at;
}

/// The member's name behind its quotes, `\u0070assword` read as `password`; as it stands if it is
/// no JSON string.
std::string name_between_quotes(std::string_view quoted) {
  json::error_code error;
  const json::value value = json::parse({quoted.data(), quoted.size()}, error);
  if (!error && value.is_string()) return std::string(value.get_string());
  return std::string(quoted.substr(1, quoted.size() - 2));
}

void append_canonical(std::string& out, const json::value& value);

void append_canonical(std::string& out, const json::object& object) {
  std::vector<const json::key_value_pair*> members;
  members.reserve(object.size());
  for (const auto& member : object) members.push_back(&member);
  std::sort(members.begin(), members.end(),
            [](const auto* a, const auto* b) { return a->key() < b->key(); });
  out += '{';
  for (const auto* member : members) {
    if (out.back() != '{') out += ',';
    append_quoted(out, {member->key().data(), member->key().size()});
    out += ':';
    append_canonical(out, member->value());
  }
  out += '}';
}

void append_canonical(std::string& out, const json::value& value) {
  if (const auto* object = value.if_object()) {
    append_canonical(out, *object);
  } else if (const auto* array = value.if_array()) {
    out += '[';
    for (const auto& item : *array) {
      if (&item != array->data()) out += ',';
      append_canonical(out, item);
    }
    out += ']';
  } else {
    out += json::serialize(value);
  }
}

}  // namespace

Result<json::object> parse_object(std::string_view text) {
  json::parse_options options;
  options.max_depth = depth_max;
  json::basic_parser<Builder> parser(options);
  json::error_code code;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), code);
  if (code)
    return refuse(Errc::malformed, "wire.json", fmt::format("not JSON: {}", code.message()));
  if (read < text.size()) return refuse(Errc::malformed, "wire.json", "more than one JSON value");
  json::value value = parser.handler().stack.release();
  if (!value.is_object()) return refuse(Errc::malformed, "wire.json", "not a JSON object");
  if (parser.handler().has_infinity) {
    return refuse(Errc::malformed, "wire.json", "a number is too large");
  }
  if (count_members(value) != parser.handler().members) {
    return refuse(Errc::malformed, "wire.json", "a member occurs twice in one object");
  }
  return std::move(value.get_object());
}

void mask_secrets(json::object& object) {
  for (auto& member : object) {
    if (is_secret({member.key().data(), member.key().size()})) {
      member.value() = json::string_view(masked.data(), masked.size());
    } else {
      mask_value(member.value());
    }
  }
}

std::string mask_secrets_in_text(std::string_view text) {
  std::string out;
  std::size_t copied = 0;
  std::size_t at = 0;
  while ((at = text.find('"', at)) != std::string_view::npos) {
    const std::size_t end = string_end(text, at);
    const std::string_view quoted = text.substr(at, end - at);
    const std::size_t colon = skip_space(text, end);
    at = end;
    if (colon >= text.size() || text[colon] != ':') continue;
    if (!is_secret(name_between_quotes(quoted))) continue;
    const std::size_t value = skip_space(text, colon + 1);
    out += text.substr(copied, value - copied);
    out += '"';
    out += masked;
    out += '"';
    at = copied = value_end(text, value);
  }
  out += text.substr(copied);
  return out;
}

std::string canonical_text(const json::object& object) {
  std::string out;
  append_canonical(out, object);
  return out;
}

}  // namespace cord::wire
