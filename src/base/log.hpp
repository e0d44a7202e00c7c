// Logging as an interface: one fact, past tense, ids as fields. What writes it, and how often the
// same event may be written, is the application's business (apps/cordboard/log.cpp).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "base/ids.hpp"

namespace cord {

enum class LogLevel : std::uint8_t { debug, info, warn, error };

/// A key with a value. Never a secret, never a message body.
struct LogField {
  std::string_view key;
  std::variant<std::int64_t, std::string> value;

  template <class T>
  requires std::is_integral_v<T> LogField(std::string_view k, T number)
      : key(k), value(static_cast<std::int64_t>(number)) {}
  LogField(std::string_view k, std::string_view text) : key(k), value(std::string(text)) {}
  LogField(std::string_view k, const std::string& text) : key(k), value(text) {}
  LogField(std::string_view k, const char* text) : key(k), value(std::string(text)) {}
  template <class Tag>
  LogField(std::string_view k, Id<Tag> id) : key(k), value(static_cast<std::int64_t>(id.value)) {}
};

using LogFields = std::initializer_list<LogField>;

/// Thread-safe. `event` is static text of the form `thing.happened`.
class Log {
 public:
  virtual ~Log() = default;
  virtual void write(LogLevel level, std::string_view event, LogFields fields) = 0;

  void debug(std::string_view event, LogFields fields) { write(LogLevel::debug, event, fields); }
  void info(std::string_view event, LogFields fields) { write(LogLevel::info, event, fields); }
  void warn(std::string_view event, LogFields fields) { write(LogLevel::warn, event, fields); }
  void error(std::string_view event, LogFields fields) { write(LogLevel::error, event, fields); }
};

/// Says nothing: for tests and benchmarks.
class SilentLog final : public Log {
 public:
  void write(LogLevel, std::string_view, LogFields) override {}
};

}  // namespace cord
