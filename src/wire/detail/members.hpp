// The known members of a JSON object that a client sent, read one by one. Private to this room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "core/values.hpp"

namespace cord::wire {

[[nodiscard]] std::string plain_text(const boost::json::string& text);

/// A member's value as the core keeps it; none for null.
[[nodiscard]] std::optional<core::DataValue> data_value(const boost::json::value& value);

/// Reads the known members of one object. The first one that is missing or of a wrong type is
/// remembered; what follows it is read as absent.
class Members {
 public:
  /// `path` is what the members' names begin with in messages: "data.". Borrows `object`.
  Members(const boost::json::object& object, std::string path)
      : object_(object), path_(std::move(path)) {}

  std::optional<std::string> text(std::string_view name);
  std::string required_text(std::string_view name);
  /// A whole number, 0 at least.
  std::optional<std::uint64_t> count(std::string_view name);
  std::uint64_t required_count(std::string_view name);
  /// Absent: false.
  [[nodiscard]] bool flag(std::string_view name);

  /// Members of the object `name`; none, and a complaint if it is required, if there is none. To be
  /// given back to adopt() when it has been read.
  [[nodiscard]] std::optional<Members> object(std::string_view name, bool is_required);
  /// The objects of the array `name`, likewise; an empty or absent array is a complaint.
  [[nodiscard]] std::vector<Members> objects(std::string_view name);
  /// Takes over what is wrong with `inner`.
  void adopt(const Members& inner);

  /// The text member `inner` of the object member `outer`.
  [[nodiscard]] std::optional<std::string> text_in(std::string_view outer, std::string_view inner,
                                                   bool is_required);
  /// A reason where the protocol has no form for it: a text, or `{"code": text}`.
  [[nodiscard]] std::string free_reason();

  [[nodiscard]] const boost::json::object& json() const { return object_; }
  /// Null if there is no such member, or something before it was wrong.
  [[nodiscard]] const boost::json::value* find(std::string_view name) const;

  std::nullopt_t complain(std::string_view name, std::string_view what);
  /// "data.reason.code must be a string".
  [[nodiscard]] const std::optional<std::string>& error() const { return error_; }

 private:
  const boost::json::object& object_;
  std::string path_;
  std::optional<std::string> error_;
};

}  // namespace cord::wire
