#include "demo/transcript.hpp"

#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>
#include <unistd.h>

namespace cord::app {
namespace {

bool wants_colour() {
  const char* const no_colour = std::getenv("NO_COLOR");
  return ::isatty(STDOUT_FILENO) == 1 && (no_colour == nullptr || *no_colour == '\0');
}

}  // namespace

Transcript::Transcript() : began_(std::chrono::steady_clock::now()), is_coloured_(wants_colour()) {}

std::string Transcript::paint(Colour colour, std::string_view text) const {
  if (!is_coloured_ || colour == Colour::none || text.empty()) return std::string(text);
  constexpr const char* codes[] = {"0", "1", "2", "31", "32", "33", "34", "36"};
  return fmt::format("\x1b[{}m{}\x1b[0m", codes[static_cast<std::size_t>(colour)], text);
}

void Transcript::line(Colour colour, std::string_view mark, std::string_view name,
                      std::string_view details) {
  const std::chrono::duration<double> since = std::chrono::steady_clock::now() - began_;
  const auto padded = details.empty() ? std::string(name) : fmt::format("{:<32}", name);
  fmt::print("{} {} {}{}{}\n", paint(Colour::dim, fmt::format("{:7.3f}", since.count())),
             paint(colour, fmt::format("{:<5}", mark)), paint(colour, padded),
             details.empty() ? "" : " ", paint(Colour::dim, details));
  std::fflush(stdout);
}

void Transcript::chapter(std::string_view text) {
  fmt::print("\n{}\n", paint(Colour::bold, text));
  std::fflush(stdout);
}

void Transcript::command(std::string_view name, std::string_view details) {
  line(Colour::blue, "-->", name, details);
}

void Transcript::success(std::string_view text) {
  line(Colour::green, "<--", "success", text);
}

void Transcript::failure(std::string_view text) {
  line(Colour::red, "<--", "failure", text);
}

void Transcript::event(std::string_view name, std::string_view details) {
  line(Colour::cyan, "  .", name, details);
}

void Transcript::note(std::string_view text) {
  line(Colour::yellow, "  *", text, {});
}

void Transcript::raw(std::string_view text) {
  fmt::print("{}\n", text);
  std::fflush(stdout);
}

bool Transcript::check(bool holds, std::string_view claim) {
  ++(holds ? held_ : broken_);
  line(holds ? Colour::green : Colour::red, holds ? "  ok" : "WRONG", claim, {});
  return holds;
}

}  // namespace cord::app
