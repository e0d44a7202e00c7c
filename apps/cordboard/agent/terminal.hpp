// A terminal with a line to edit, and above it a few lines that change in place. Editing, history
// and completion are libedit's; ANSI sequences do the rest.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cord::app {

/// Whether standard input and output are a terminal that can move its cursor.
[[nodiscard]] bool has_capable_terminal();
/// Whether colours are wanted: no-color.org, and a terminal that is not dumb.
[[nodiscard]] bool wants_colour();

class Terminal {
 public:
  using Completer = std::function<std::vector<std::string>(std::string_view line_so_far)>;

  explicit Terminal(Completer completer);
  /// Gives the terminal back as it was.
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  /// Prints above the view, which is gone until set_view().
  void print(const std::string& text);
  /// Shows these lines between what was printed and the prompt; those that are too wide are cut.
  void set_view(std::vector<std::string> lines, std::string prompt);

  struct Input {
    std::optional<std::string> line;
    bool is_end = false;  ///< Ctrl-D on an empty line, or the terminal is gone
  };
  /// To be called when standard input is readable: takes what is there.
  [[nodiscard]] Input read();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cord::app
