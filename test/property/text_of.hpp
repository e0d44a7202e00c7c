// Texts for properties.
#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace cord::test {

/// Any text of these bytes, of bytes_min to bytes_max of them.
inline rc::Gen<std::string> text_of(std::string_view alphabet, int bytes_min, int bytes_max) {
  return rc::gen::mapcat(rc::gen::inRange(bytes_min, bytes_max + 1), [=](int bytes) {
    return rc::gen::container<std::string>(static_cast<std::size_t>(bytes),
                                           rc::gen::elementOf(std::string(alphabet)));
  });
}

}  // namespace cord::test
