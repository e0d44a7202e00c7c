#include "sip/codec/params.hpp"

#include <algorithm>
#include <utility>

#include "sip/codec/scanner.hpp"

namespace cord::sip {

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return to_lower(x) == to_lower(y); });
}

const Param* Params::find(std::string_view name) const {
  for (const Param& item : items) {
    if (equals_ignoring_case(item.name, name)) return &item;
  }
  return nullptr;
}

std::string_view Params::value(std::string_view name) const {
  const Param* item = find(name);
  return item != nullptr && item->value ? std::string_view(*item->value) : std::string_view();
}

void Params::set(std::string_view name, std::string_view value) {
  for (Param& item : items) {
    if (!equals_ignoring_case(item.name, name)) continue;
    item.value = std::string(value);
    return;
  }
  items.push_back({std::string(name), std::string(value)});
}

void Params::set_flag(std::string_view name) {
  remove(name);
  items.push_back({std::string(name), std::nullopt});
}

void Params::remove(std::string_view name) {
  std::erase_if(items, [&](const Param& item) { return equals_ignoring_case(item.name, name); });
}

Result<void> Params::append(Param param, std::string_view where) {
  if (items.size() >= params_max) return refuse(Errc::too_long, where, "parameters");
  if (has(param.name)) return refuse(Errc::malformed, where, "parameter repeated");
  items.push_back(std::move(param));
  return {};
}

void print_to(std::string& out, const Params& params) {
  for (const Param& item : params.items) {
    out += ';';
    out += item.name;
    if (!item.value) continue;
    out += '=';
    out += *item.value;
  }
}

std::string unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
  text = text.substr(1, text.size() - 2);
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    plain += text[i];
  }
  return plain;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const bool is_plain =
        c != '"' && c != '\\' && (static_cast<unsigned char>(c) >= ' ' || c == '\t') && c != 0x7f;
    if (!is_plain) out += '\\';
    out += c;
  }
  out += '"';
  return out;
}

}  // namespace cord::sip
