// What the demo prints: every command, response, event and check, with its time, in colours if
// stdout is a terminal and NO_COLOR is not set (no-color.org).
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace cord::app {

class Transcript {
 public:
  Transcript();

  /// What comes next, in plain words.
  void chapter(std::string_view text);
  void command(std::string_view name, std::string_view details);
  void success(std::string_view text);
  void failure(std::string_view text);
  void event(std::string_view name, std::string_view details);
  void note(std::string_view text);
  /// As it is, without a time.
  void raw(std::string_view text);

  /// Prints a claim and whether it held; returns `holds`.
  bool check(bool holds, std::string_view claim);

  [[nodiscard]] std::size_t held() const { return held_; }
  [[nodiscard]] std::size_t broken() const { return broken_; }
  [[nodiscard]] bool is_coloured() const { return is_coloured_; }

 private:
  enum class Colour : unsigned char { none, bold, dim, red, green, yellow, blue, cyan };
  void line(Colour colour, std::string_view mark, std::string_view name, std::string_view details);
  [[nodiscard]] std::string paint(Colour colour, std::string_view text) const;

  const std::chrono::steady_clock::time_point began_;
  const bool is_coloured_;
  std::size_t held_ = 0, broken_ = 0;
};

}  // namespace cord::app
