// Writes one JSON object, member by member. Private to this room.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/client.hpp"
#include "wire/json_text.hpp"

namespace cord::wire {

/// Opens the object at once and closes it at its end.
class ObjectText {
 public:
  explicit ObjectText(std::string& out) : out_(out) { out_ += '{'; }
  ~ObjectText() { out_ += '}'; }
  ObjectText(const ObjectText&) = delete;
  ObjectText& operator=(const ObjectText&) = delete;

  /// Where the value of the member is to be written.
  std::string& key(std::string_view name) {
    if (out_.back() != '{') out_ += ',';
    append_quoted(out_, name);
    out_ += ':';
    return out_;
  }
  void text(std::string_view name, std::string_view value) { append_quoted(key(name), value); }
  void text_if_any(std::string_view name, std::string_view value) {
    if (!value.empty()) text(name, value);
  }
  void flag(std::string_view name, bool value) { key(name) += value ? "true" : "false"; }
  void count(std::string_view name, std::uint64_t value) { key(name) += std::to_string(value); }
  void texts(std::string_view name, const std::vector<std::string>& values) {
    list(name, values, [this](const std::string& value) { append_quoted(out_, value); });
  }
  /// A list of named things; `id_key` is what their id is called.
  void named(std::string_view name, std::string_view id_key,
             const std::vector<core::Named>& values) {
    list(name, values, [&](const core::Named& value) {
      ObjectText object(out_);
      object.text(id_key, value.id);
      object.text("name", value.name);
    });
  }
  /// A list whose elements are written by `print(value)`, each to where key() points.
  template <class Values, class Print>
  void list(std::string_view name, const Values& values, Print print) {
    key(name) += '[';
    for (const auto& value : values) {
      if (out_.back() != '[') out_ += ',';
      print(value);
    }
    out_ += ']';
  }

 private:
  std::string& out_;
};

}  // namespace cord::wire
