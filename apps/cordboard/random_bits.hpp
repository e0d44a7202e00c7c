// The system's random source, for secrets and seeds.
#pragma once

#include <sodium.h>

namespace cord::app {

/// A value of a plain type with random bits. sodium_init() has been called.
template <class T>
T random_bits() {
  T bits;
  ::randombytes_buf(&bits, sizeof bits);
  return bits;
}

}  // namespace cord::app
