#include "wire/detail/members.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace cord::wire {

namespace json = boost::json;

std::string plain_text(const json::string& text) {
  return {text.data(), text.size()};
}

std::optional<core::DataValue> data_value(const json::value& value) {
  if (value.is_null()) return std::nullopt;
  if (value.is_string()) return core::DataValue{false, plain_text(value.get_string())};
  return core::DataValue{true, json::serialize(value)};
}

const json::value* Members::find(std::string_view name) const {
  return error_ ? nullptr : object_.if_contains({name.data(), name.size()});
}

std::nullopt_t Members::complain(std::string_view name, std::string_view what) {
  if (!error_) error_ = fmt::format("{}{} {}", path_, name, what);
  return std::nullopt;
}

void Members::adopt(const Members& inner) {
  if (!error_) error_ = inner.error_;
}

std::optional<std::string> Members::text(std::string_view name) {
  const json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) return complain(name, "must be a string");
  return plain_text(value->get_string());
}

std::string Members::required_text(std::string_view name) {
  auto value = text(name);
  if (!value) complain(name, "is missing");
  return value.value_or(std::string());
}

std::optional<std::uint64_t> Members::count(std::string_view name) {
  const json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_uint64()) return value->get_uint64();
  if (value->is_int64() && value->get_int64() >= 0) {
    return static_cast<std::uint64_t>(value->get_int64());
  }
  return complain(name, "must be an integer, at least 0");
}

std::uint64_t Members::required_count(std::string_view name) {
  const auto value = count(name);
  if (!value) complain(name, "is missing");
  return value.value_or(0);
}

bool Members::flag(std::string_view name) {
  const json::value* value = find(name);
  if (value == nullptr) return false;
  if (!value->is_bool()) complain(name, "must be true or false");
  return value->is_bool() && value->get_bool();
}

std::optional<Members> Members::object(std::string_view name, bool is_required) {
  const json::value* value = find(name);
  if (value == nullptr) {
    if (is_required) complain(name, "is missing");
    return std::nullopt;
  }
  if (!value->is_object()) return complain(name, "must be an object");
  return Members(value->get_object(), fmt::format("{}{}.", path_, name));
}

std::vector<Members> Members::objects(std::string_view name) {
  const json::value* value = find(name);
  const json::array* array = value == nullptr ? nullptr : value->if_array();
  std::vector<Members> all;
  if (array == nullptr || array->empty()) {
    complain(name, "must be a list of at least one object");
    return all;
  }
  for (const json::value& it : *array) {
    if (!it.is_object()) {
      complain(name, "must be a list of objects");
      return {};
    }
    all.emplace_back(it.get_object(), fmt::format("{}{}[{}].", path_, name, all.size()));
  }
  return all;
}

std::optional<std::string> Members::text_in(std::string_view outer, std::string_view inner,
                                            bool is_required) {
  std::optional<Members> members = object(outer, false);
  if (!members) return std::nullopt;
  auto value = members->text(inner);
  if (is_required && !value) members->complain(inner, "is missing");
  adopt(*members);
  return value;
}

std::string Members::free_reason() {
  const json::value* value = find("reason");
  if (value != nullptr && value->is_object()) {
    return text_in("reason", "code", true).value_or(std::string());
  }
  return text("reason").value_or(std::string());
}

}  // namespace cord::wire
