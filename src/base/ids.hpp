// Strong ids: two kinds of number that cannot be mixed up, at the cost of a number.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

#include <fmt/format.h>

namespace cord {

/// An id of kind `Tag`. Zero means "none": no allocator hands it out.
template <class Tag>
struct Id {
  std::uint64_t value = 0;
  [[nodiscard]] constexpr explicit operator bool() const { return value != 0; }
  friend constexpr auto operator<=>(Id, Id) = default;
};

}  // namespace cord

template <class Tag>
struct std::hash<cord::Id<Tag>> {
  std::size_t operator()(cord::Id<Tag> id) const noexcept {
    // Ids are counted up; a multiplicative mix keeps any hash table even.
    return static_cast<std::size_t>(id.value * 0x9e3779b97f4a7c15ULL);
  }
};

template <class Tag>
struct fmt::formatter<cord::Id<Tag>> : fmt::formatter<std::uint64_t> {
  template <class Context>
  auto format(cord::Id<Tag> id, Context& context) const {
    return fmt::formatter<std::uint64_t>::format(id.value, context);
  }
};
