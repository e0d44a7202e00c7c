#include "agent/console.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace cord::app {
namespace {

constexpr std::size_t details_columns_max = 160;

struct Colour {
  std::string_view word, code;
};
constexpr std::array colours{
    Colour{"READY", "32"},     Colour{"CONNECTED", "32"}, Colour{"ALERTING", "1;33"},
    Colour{"DIALING", "33"},   Colour{"HELD", "35"},      Colour{"RECORDING", "31"},
    Colour{"PAUSED", "33"},    Colour{"WRAPUP", "36"},    Colour{"ENDED", "36"},
    Colour{"NOT_READY", "33"}, Colour{"failed", "31"},    Colour{"ok", "32"},
};

/// Of a session's own making; a person has not asked for them.
bool is_binding(std::string_view command) {
  return command == "prepareSession" || command == "session.start" || command == "session.resume";
}

std::string_view id_of(std::string_view target) {
  const auto dot = target.rfind('.');
  return dot == std::string_view::npos ? std::string_view("session") : target.substr(dot + 1);
}

/// "15:04:05.678" of an RFC 3339 time.
std::string_view clock_of(std::string_view time) {
  const auto from = std::min(time.find('T'), time.size() - 1) + 1;
  return time.substr(from, 12);
}

}  // namespace

std::string Console::paint(std::string_view word) const {
  const auto found = std::find_if(colours.begin(), colours.end(),
                                  [&](const Colour& it) { return it.word == word; });
  if (!is_coloured_ || found == colours.end()) return std::string(word);
  return fmt::format("\x1b[{}m{}\x1b[0m", found->code, word);
}

void Console::out(const std::string& line) {
  if (terminal_ != nullptr) return terminal_->print(line + "\n");
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

void Console::print(const std::string& text) {
  if (form_ != Form::json) out(text);
}

void Console::complain(const std::string& text) {
  if (terminal_ != nullptr) return terminal_->print(text + "\n");
  fmt::print(stderr, "{}\n", text);
}

void Console::on_sent(const std::string& text) {
  if (form_ == Form::raw) out("-> " + text);
}

void Console::on_event(const Event& event, const std::string& text) {
  if (form_ == Form::json) return out(text);
  if (form_ == Form::raw) return out("<- " + text);
  out(fmt::format("{}  {:<28} {:<8} {}", event.time.empty() ? "" : clock_of(event.time), event.name,
                  id_of(event.target), details_of(event, details_columns_max)));
}

void Console::on_answer(const Answer& answer, const std::string& text) {
  if (form_ == Form::json) return out(text);
  if (form_ == Form::raw) return out("<- " + text);
  if (is_binding(answer.command)) return;
  if (!answer.is_success()) {
    return out(fmt::format("{} {}: {}", paint("failed"), answer.command, answer.why()));
  }
  const std::string data = answer.data.empty() ? "" : " " + boost::json::serialize(answer.data);
  out(fmt::format("{} {}{}", paint("ok"), answer.command, data));
}

void Console::on_note(const std::string& text) {
  if (form_ == Form::json) {
    fmt::print(stderr, "{}\n", text);
  } else {
    out("-- " + text);
  }
}

std::vector<std::string> Console::view_of(const AgentSession& session) const {
  std::vector<std::string> lines;
  const bool is_lost = session.state() == AgentSession::State::lost;
  lines.push_back(fmt::format("-- {}{}", session.agent(), is_lost ? "  (connection lost)" : ""));
  for (const ChannelView& channel : session.model().channels()) {
    std::string line = fmt::format("{} {}  {} {}", channel.type, channel.endpoint,
                                   paint(channel.state), paint(channel.agent_state));
    if (!channel.reason.empty()) line += fmt::format(" ({})", channel.reason);
    if (!channel.pending.empty()) line += fmt::format("  then {}", channel.pending);
    lines.push_back(line);
    for (const InteractionView& call : channel.interactions) {
      line = fmt::format("  {}  {} {} -> {}", id_of(call.target), call.direction,
                         value_of(call.data, "ANI"), value_of(call.data, "DNIS"));
      const auto queue = value_of(call.data, "Queue");
      if (!queue.empty()) line += fmt::format(" ({})", queue);
      line += "  " + paint(call.state);
      if (!call.recording.empty() && call.recording != "NONE") line += " " + paint(call.recording);
      lines.push_back(line);
      for (const ConversationView& talk : call.conversations) {
        line = fmt::format("    {}  {}  {}{}", id_of(talk.target), talk.type, paint(talk.state),
                           talk.muted ? " muted" : "");
        for (const auto& [id, address] : talk.members) line += fmt::format("  {} {}", id, address);
        lines.push_back(line);
      }
    }
  }
  if (lines.size() > view_lines_max) lines.resize(view_lines_max);
  return lines;
}

}  // namespace cord::app
