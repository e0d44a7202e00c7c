#include "agent/terminal.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>
#include <histedit.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace cord::app {
namespace {

constexpr int history_lines_max = 500;

std::string_view environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string_view{} : std::string_view(value);
}

std::size_t columns() {
  winsize size{};
  const bool is_known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return is_known ? size.ws_col : 80;
}

/// At most so many columns; a colour is put back at the end. Sequences take no room.
std::string cut(const std::string& line, std::size_t width) {
  std::string shown;
  std::size_t used = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\x1b') {
      const auto end = std::min(line.find('m', i), line.size() - 1);
      shown += line.substr(i, end - i + 1);
      i = end;
      continue;
    }
    // Of a character of several bytes only the first takes a column.
    const bool begins = (static_cast<unsigned char>(line[i]) & 0xc0) != 0x80;
    if (begins && ++used > width)
      return shown + (shown.find('\x1b') < shown.size() ? "\x1b[0m" : "");
    shown += line[i];
  }
  return shown;
}

std::string common_start(const std::vector<std::string>& all) {
  std::string start = all.front();
  for (const std::string& it : all) {
    const auto differ = std::mismatch(start.begin(), start.end(), it.begin(), it.end()).first;
    start.erase(differ, start.end());
  }
  return start;
}

}  // namespace

bool has_capable_terminal() {
  const std::string_view kind = environment("TERM");
  return ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0 && !kind.empty() &&
         kind != "dumb";
}

bool wants_colour() {
  return has_capable_terminal() && environment("NO_COLOR").empty();
}

struct Terminal::Impl {
  explicit Impl(Completer given)
      : completer(std::move(given)),
        editor(::el_init("cordboard", stdin, stdout, stderr), &::el_end),
        past(::history_init(), &::history_end) {
    HistEvent event{};
    ::history(past.get(), &event, H_SETSIZE, history_lines_max);
    ::history(past.get(), &event, H_SETUNIQUE, 1);
    EditLine* const el = editor.get();
    ::el_set(el, EL_CLIENTDATA, this);
    ::el_set(el, EL_PROMPT, &Impl::prompt_of);
    ::el_set(el, EL_EDITOR, "emacs");
    ::el_set(el, EL_HIST, &::history, past.get());
    ::el_set(el, EL_ADDFN, "cord-complete", "Complete the word", &Impl::complete);
    ::el_set(el, EL_BIND, "^I", "cord-complete", nullptr);
    ::el_set(el, EL_UNBUFFERED, 1);
  }
  ~Impl() {
    ::el_set(editor.get(), EL_UNBUFFERED, 0);
    hide();
    std::fflush(stdout);
  }

  static Impl& of(EditLine* el) {
    void* data = nullptr;
    ::el_get(el, EL_CLIENTDATA, &data);
    return *static_cast<Impl*>(data);
  }
  static char* prompt_of(EditLine* el) { return of(el).prompt.data(); }

  static unsigned char complete(EditLine* el, int) {
    Impl& self = of(el);
    const LineInfo* const line = ::el_line(el);
    const std::string_view so_far(line->buffer,
                                  static_cast<std::size_t>(line->cursor - line->buffer));
    const auto space = so_far.find_last_of(" \t");
    const std::size_t begun =
        space == std::string_view::npos ? so_far.size() : so_far.size() - space - 1;
    const auto all = self.completer(so_far);
    if (all.empty()) return CC_REFRESH_BEEP;
    std::string more = common_start(all).substr(begun);
    if (all.size() == 1) more += ' ';
    if (!more.empty()) {
      ::el_insertstr(el, more.c_str());
      return CC_REFRESH;
    }
    std::string list;
    for (const std::string& it : all) list += (list.empty() ? "" : "  ") + it;
    self.print(list + "\n");
    self.show();
    return CC_REFRESH;
  }

  /// Takes the view and the prompt off the screen; the cursor stands where they began.
  void hide() {
    if (!std::exchange(is_shown, false)) return;
    fmt::print("\r{}\x1b[J", view.empty() ? "" : fmt::format("\x1b[{}A", view.size()));
  }

  void show() {
    for (const std::string& line : view) fmt::print("{}\n", cut(line, columns() - 1));
    std::fflush(stdout);
    is_shown = true;
    ::el_set(editor.get(), EL_REFRESH);
    std::fflush(stdout);
  }

  void print(const std::string& text) {
    hide();
    fmt::print("{}", text);
  }

  const Completer completer;
  std::unique_ptr<EditLine, decltype(&::el_end)> editor;
  std::unique_ptr<History, decltype(&::history_end)> past;
  std::vector<std::string> view;
  std::string prompt = "> ";
  bool is_shown = false;
};

Terminal::Terminal(Completer completer) : impl_(std::make_unique<Impl>(std::move(completer))) {
  impl_->show();
}

Terminal::~Terminal() = default;

void Terminal::print(const std::string& text) {
  impl_->print(text);
}

void Terminal::set_view(std::vector<std::string> lines, std::string prompt) {
  if (impl_->is_shown && lines == impl_->view && prompt == impl_->prompt) return;
  impl_->hide();
  impl_->view = std::move(lines);
  impl_->prompt = std::move(prompt);
  impl_->show();
}

Terminal::Input Terminal::read() {
  EditLine* const el = impl_->editor.get();
  int count = 0;
  const char* const text = ::el_gets(el, &count);
  if (text == nullptr || count <= 0) return {std::nullopt, text == nullptr && count <= 0};
  std::string line(text, static_cast<std::size_t>(count));
  constexpr char end_of_transmission = '\x04';
  if (line == std::string(1, end_of_transmission)) return {std::nullopt, true};
  if (line.back() != '\n' && line.back() != '\r') return {};
  line.pop_back();
  if (!line.empty()) {
    HistEvent event{};
    ::history(impl_->past.get(), &event, H_ENTER, line.c_str());
  }
  // The editor has gone to the next row.
  fmt::print("\x1b[A");
  impl_->hide();
  fmt::print("{}{}\n", impl_->prompt, line);
  ::el_set(el, EL_UNBUFFERED, 0);
  ::el_set(el, EL_UNBUFFERED, 1);
  return {std::move(line), false};
}

}  // namespace cord::app
