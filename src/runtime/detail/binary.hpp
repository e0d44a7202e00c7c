// Described values as bytes, and back: numbers as LEB128, text behind its length, structs member by
// member in the order they are described, variants behind their place. What is read may be damaged:
// a reader never reads past its bytes and never makes more than they could hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "base/ids.hpp"
#include "base/instant.hpp"
#include "runtime/detail/described.hpp"

namespace cord::runtime::detail {

// --- Writing --------------------------------------------------------------------------------

inline void write(std::string& to, std::uint64_t number) {
  while (number >= 0x80) {
    to += static_cast<char>(number | 0x80);
    number >>= 7;
  }
  to += static_cast<char>(number);
}

inline void write(std::string& to, std::string_view text) {
  write(to, std::uint64_t{text.size()});
  to += text;
}
inline void write(std::string& to, const std::string& text) {
  write(to, std::string_view(text));
}
inline void write(std::string& to, std::monostate) {
  static_cast<void>(to);
}
inline void write(std::string& to, Instant time) {
  write(to, static_cast<std::uint64_t>(time.time_since_epoch().count()));
}
inline void write(std::string& to, Duration duration) {
  write(to, static_cast<std::uint64_t>(duration.count()));
}
template <class T>
requires(std::is_enum_v<T> || std::is_unsigned_v<T>) void write(std::string& to, T value) {
  write(to, static_cast<std::uint64_t>(value));
}
template <class Tag>
void write(std::string& to, Id<Tag> id) {
  write(to, id.value);
}
template <class Tag>
void write(std::string& to, core::Place<Tag> place) {
  write(to, place.value);
}

template <class T>
requires(std::is_class_v<T>&& boost::describe::has_describe_members<T>::value) void write(
    std::string& to, const T& value);
template <class T>
void write(std::string& to, const std::vector<T>& values);
template <class K, class V>
void write(std::string& to, const std::map<K, V>& values);
template <class T>
void write(std::string& to, const std::optional<T>& value);
template <class A, class B>
void write(std::string& to, const std::pair<A, B>& value);
template <class... Kinds>
void write(std::string& to, const std::variant<Kinds...>& value);

template <class Range>
void write_all(std::string& to, const Range& values) {
  write(to, std::uint64_t{values.size()});
  for (const auto& value : values) write(to, value);
}
template <class T>
void write(std::string& to, const std::vector<T>& values) {
  write_all(to, values);
}
template <class T>
void write(std::string& to, const std::set<T>& values) {
  write_all(to, values);
}
template <class K, class V>
void write(std::string& to, const std::map<K, V>& values) {
  write_all(to, values);
}
template <class K, class V>
void write(std::string& to, const std::unordered_map<K, V>& values) {
  write_all(to, values);
}

template <class A, class B>
void write(std::string& to, const std::pair<A, B>& value) {
  write(to, value.first);
  write(to, value.second);
}
template <class T>
void write(std::string& to, const std::optional<T>& value) {
  write(to, value.has_value());
  if (value) write(to, *value);
}
template <class... Kinds>
void write(std::string& to, const std::variant<Kinds...>& value) {
  write(to, std::uint64_t{value.index()});
  std::visit([&](const auto& it) { write(to, it); }, value);
}
template <class T>
requires(std::is_class_v<T>&& boost::describe::has_describe_members<T>::value) void write(
    std::string& to, const T& value) {
  boost::mp11::mp_for_each<Members<T>>([&](auto member) { write(to, value.*member.pointer); });
}

// --- Reading --------------------------------------------------------------------------------

/// Walks over bytes. After the first fault everything reads as its default, and ok() is false.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] std::string_view rest() const { return rest_; }

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) return fail();
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7fu} << shift;
      if ((byte & 0x80) == 0) return value;
    }
    return fail();
  }

  std::string_view text() {
    const std::uint64_t size = number();
    if (size > rest_.size()) {
      fail();
      return {};
    }
    const std::string_view found = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(found.size());
    return found;
  }

  std::uint64_t fail() {
    ok_ = false;
    rest_ = {};
    return 0;
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

inline void read(Reader& from, std::string& value) {
  value = from.text();
}
inline void read(Reader&, std::monostate&) {}
inline void read(Reader& from, Instant& value) {
  value = Instant(Duration(static_cast<std::int64_t>(from.number())));
}
inline void read(Reader& from, Duration& value) {
  value = Duration(static_cast<std::int64_t>(from.number()));
}
template <class T>
requires std::is_unsigned_v<T>
void read(Reader& from, T& value) {
  const std::uint64_t number = from.number();
  value = static_cast<T>(number);
  if (std::uint64_t{value} != number) from.fail();
}
template <class T>
requires std::is_enum_v<T>
void read(Reader& from, T& value) {
  constexpr std::size_t count =
      boost::mp11::mp_size<boost::describe::describe_enumerators<T>>::value;
  const std::uint64_t number = from.number();
  if (number < count) {
    value = static_cast<T>(number);
  } else {
    from.fail();
  }
}
template <class Tag>
void read(Reader& from, Id<Tag>& id) {
  id.value = from.number();
}
template <class Tag>
void read(Reader& from, core::Place<Tag>& place) {
  read(from, place.value);
}

template <class T>
requires(std::is_class_v<T>&& boost::describe::has_describe_members<T>::value) void read(
    Reader& from, T& value);
template <class T>
void read(Reader& from, std::vector<T>& values);
template <class K, class V>
void read(Reader& from, std::map<K, V>& values);
template <class T>
void read(Reader& from, std::optional<T>& value);
template <class A, class B>
void read(Reader& from, std::pair<A, B>& value);
template <class... Kinds>
void read(Reader& from, std::variant<Kinds...>& value);

// Every element takes a byte at least, so a count beyond the bytes left is a fault.
template <class Add>
void read_all(Reader& from, Add add) {
  const std::uint64_t count = from.number();
  if (count > from.rest().size()) {
    from.fail();
    return;
  }
  for (std::uint64_t i = 0; i < count && from.ok(); ++i) add();
}
template <class T>
void read(Reader& from, std::vector<T>& values) {
  read_all(from, [&] { read(from, values.emplace_back()); });
}
template <class T>
void read(Reader& from, std::set<T>& values) {
  read_all(from, [&] {
    T value{};
    read(from, value);
    values.insert(std::move(value));
  });
}
template <class Map>
void read_map(Reader& from, Map& values) {
  read_all(from, [&] {
    typename Map::key_type key{};
    read(from, key);
    read(from, values[std::move(key)]);
  });
}
template <class K, class V>
void read(Reader& from, std::map<K, V>& values) {
  read_map(from, values);
}
template <class K, class V>
void read(Reader& from, std::unordered_map<K, V>& values) {
  read_map(from, values);
}

template <class A, class B>
void read(Reader& from, std::pair<A, B>& value) {
  read(from, value.first);
  read(from, value.second);
}
template <class T>
void read(Reader& from, std::optional<T>& value) {
  bool has_value = false;
  read(from, has_value);
  if (has_value) read(from, value.emplace());
}
template <class... Kinds>
void read(Reader& from, std::variant<Kinds...>& value) {
  const std::uint64_t place = from.number();
  if (place >= sizeof...(Kinds)) {
    from.fail();
    return;
  }
  boost::mp11::mp_with_index<sizeof...(Kinds)>(static_cast<std::size_t>(place), [&](auto index) {
    read(from, value.template emplace<decltype(index)::value>());
  });
}
template <class T>
requires(std::is_class_v<T>&& boost::describe::has_describe_members<T>::value) void read(
    Reader& from, T& value) {
  boost::mp11::mp_for_each<Members<T>>([&](auto member) { read(from, value.*member.pointer); });
}

}  // namespace cord::runtime::detail
