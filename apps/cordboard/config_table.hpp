// One table of a TOML file, read key by key: types, ranges and unknown keys are checked here, what
// a key means is config.cpp's business. Values of secret keys never reach a message.
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <toml++/toml.h>

#include "base/instant.hpp"

namespace cord::app {

/// A value and the line it stands on.
template <class T>
struct Located {
  T value;
  std::uint32_t line = 0;
};

/// What is wrong with the file, collected.
class Problems {
 public:
  void add(std::uint32_t line, std::string_view key, std::string text);
  [[nodiscard]] bool empty() const { return found_.empty(); }

  /// "FILE:LINE: key `x.y`: text", in the order of lines.
  [[nodiscard]] std::vector<std::string> print(const std::string& file) const;

 private:
  struct Problem {
    std::uint32_t line;
    std::string text;
  };
  std::vector<Problem> found_;
};

/// The spellings of an enumeration.
template <class T>
using Choices = std::initializer_list<std::pair<std::string_view, T>>;

/// Reads one table. Each read marks its key as known; finish() reports the others. A wrong value is
/// reported and read as absent.
class TableReader {
 public:
  /// `path` is the table's own key, empty for the root; `line` is where it begins.
  TableReader(const toml::table& table, std::string path, std::uint32_t line, Problems& problems);

  [[nodiscard]] std::uint32_t line() const { return line_; }
  /// Where the key stands, or where the table begins.
  [[nodiscard]] std::uint32_t line(std::string_view key) const;
  /// "server.listen".
  [[nodiscard]] std::string name(std::string_view key) const;
  [[nodiscard]] bool has(std::string_view key) const { return table_.contains(key); }
  void problem(std::string_view key, std::string text);

  /// Not empty.
  std::optional<std::string> text(std::string_view key);
  std::optional<std::string> text_or_empty(std::string_view key);
  /// The same, and its absence is a problem: `what` says what belongs there.
  std::optional<std::string> required_text(std::string_view key, std::string_view what);
  std::optional<bool> boolean(std::string_view key);
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t min, std::int64_t max);
  /// "500ms", "20s", "10m", "2h".
  std::optional<Duration> duration(std::string_view key, Duration min, Duration max);
  /// A list of texts, none of them empty.
  std::vector<Located<std::string>> texts(std::string_view key);

  template <class T>
  std::optional<T> choice(std::string_view key, Choices<T> choices) {
    const auto found = text(key);
    if (!found) return std::nullopt;
    std::string allowed;
    for (const auto& [spelling, value] : choices) {
      if (*found == spelling) return value;
      allowed += (allowed.empty() ? "\"" : ", \"") + std::string(spelling) + "\"";
    }
    problem(key, "\"" + *found + "\" is none of its values; allowed: " + allowed);
    return std::nullopt;
  }

  /// All keys there are, for a table in which they are names: in the order of those.
  [[nodiscard]] std::vector<std::string> keys() const;

  /// `[key]`; an absent one reads as an empty table.
  TableReader table(std::string_view key);
  /// `[[key]]`, in order.
  std::vector<TableReader> tables(std::string_view key);

  /// Reports every key that nothing has asked for.
  void finish();

 private:
  const toml::node* find(std::string_view key);

  const toml::table& table_;
  std::string path_;
  std::uint32_t line_;
  Problems* problems_;
  std::vector<std::string> known_;
};

/// A directory we may write into, or could make.
[[nodiscard]] bool can_be_written(std::filesystem::path path);

}  // namespace cord::app
