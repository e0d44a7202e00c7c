// What the terminal client shows: messages as text or JSON, and the view of channels and calls.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/agent_session.hpp"
#include "agent/terminal.hpp"

namespace cord::app {

class Console final : public AgentListener {
 public:
  enum class Form : std::uint8_t {
    text,
    raw,   ///< messages as they go and come
    json,  ///< messages as they come, and nothing else on standard output
  };

  explicit Console(Form form) : form_(form), is_coloured_(wants_colour()) {}

  /// From now on everything is printed there, above the view; null: no more.
  void use(Terminal* terminal) { terminal_ = terminal; }
  void set_form(Form form) { form_ = form; }
  [[nodiscard]] Form form() const { return form_; }

  void on_sent(const std::string& text) override;
  void on_event(const Event& event, const std::string& text) override;
  void on_answer(const Answer& answer, const std::string& text) override;
  void on_note(const std::string& text) override;

  /// Something that a person asked to see.
  void print(const std::string& text);
  /// Something that went wrong here.
  void complain(const std::string& text);

  /// Lines for the view: a channel each, its calls and their conversations below. At most
  /// view_lines_max.
  [[nodiscard]] std::vector<std::string> view_of(const AgentSession& session) const;
  static constexpr std::size_t view_lines_max = 10;

 private:
  void out(const std::string& line);
  [[nodiscard]] std::string paint(std::string_view word) const;

  Form form_;
  bool is_coloured_;
  Terminal* terminal_ = nullptr;
};

}  // namespace cord::app
