#include "agent/agent.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <utility>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "agent/console.hpp"
#include "client/password.hpp"
#include "net/io_threads.hpp"
#include "net/process_signals.hpp"

namespace cord::app {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using State = AgentSession::State;

constexpr int exit_usage = 2;
constexpr auto look_interval = 100ms;
constexpr auto answer_patience = 60s;  ///< of a script; the server's longest deadline is 40 s
constexpr auto wait_patience = 30s;
constexpr auto goodbye_patience = 3s;

constexpr std::array<std::string_view, 8> own_words{"help", "show", "raw",  "wait",
                                                    "drop", "send", "quit", "exit"};

std::string help_text() {
  std::string text;
  for (const ShortWord& it : short_words()) {
    text += fmt::format("  {:<12} {:<38} {}\n", it.word, it.command, it.help);
  }
  return text +
         "  COMMAND [TARGET] [JSON]   any command of the protocol; a TARGET's last id is enough\n"
         "  send JSON                 a command as it stands: {\"command\":..,\"target\":..,"
         "\"data\":{..}}\n"
         "  wait EVENT|STATE [S]      until the event comes, or something is in the state; 30 s\n"
         "  show                      channels and calls\n"
         "  raw on|off                the JSON\n"
         "  drop                      the connection, and resume\n"
         "  quit                      log out, if no call is open";
}

/// Lines from standard input when it is no terminal to edit on. At most line_bytes_max each.
class PlainInput {
 public:
  static constexpr std::size_t line_bytes_max = 128 * 1024;

  /// To be called when standard input is readable. False at its end.
  bool read() {
    std::array<char, 4096> buffer{};
    const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got > 0) text_.append(buffer.data(), static_cast<std::size_t>(got));
    return got > 0 && text_.size() <= line_bytes_max;
  }
  /// The next whole line; at the end what is left.
  std::optional<std::string> next(bool is_at_end) {
    const auto end = text_.find('\n');
    if (end == std::string::npos && (!is_at_end || text_.empty())) return std::nullopt;
    std::string line = text_.substr(0, end);
    text_.erase(0, end == std::string::npos ? end : end + 1);
    return line;
  }

 private:
  std::string text_;
};

/// What a script, or a person, is waiting for.
struct Wait {
  std::uint64_t request = 0;  ///< an answer
  std::string what = {};      ///< or an event or a state
  Clock::time_point until{};
};

bool is_state_there(const SessionModel& model, std::string_view state) {
  for (const ChannelView& channel : model.channels()) {
    if (channel.state == state || channel.agent_state == state) return true;
    for (const InteractionView& call : channel.interactions) {
      if (call.state == state || call.recording == state) return true;
      for (const ConversationView& talk : call.conversations) {
        if (talk.state == state) return true;
      }
    }
  }
  return false;
}

class AgentClient {
 public:
  AgentClient(const AgentOptions& options, AgentLink& link, AgentSession::Credentials credentials)
      : options_(options),
        link_(link),
        is_script_(!options.lines.empty() || ::isatty(STDIN_FILENO) == 0),
        console_(options.prints_json ? Console::Form::json : Console::Form::text),
        session_(link, std::move(credentials), console_),
        lines_(options.lines.begin(), options.lines.end()) {
    is_input_over_ = !options.lines.empty();
  }

  int run(const std::atomic<bool>& is_stopped) {
    if (!is_script_ && has_capable_terminal()) {
      terminal_.emplace(
          [this](std::string_view line) { return completions(line, session_.model(), own_words); });
      console_.use(&*terminal_);
    }
    session_.start();
    while (!is_finished_ && !is_stopped) {
      turn(true);
      const bool is_open = session_.state() == State::open;
      if (is_input_over_ && lines_.empty() && !wait_ && (is_open || !is_script_)) {
        is_finished_ = true;
      }
    }
    say_goodbye();
    console_.use(nullptr);
    terminal_.reset();
    return status_;
  }

 private:
  void turn(bool reads) {
    const bool wants_input = reads && !is_input_over_ && !is_blocked();
    std::array<pollfd, 2> polled{pollfd{link_.readable_fd(), POLLIN, 0},
                                 pollfd{wants_input ? STDIN_FILENO : -1, POLLIN, 0}};
    if (::poll(polled.data(), polled.size(), static_cast<int>(look_interval.count())) < 0) return;
    session_.pump();
    if (polled[1].revents != 0) read_input();
    look_at_state();
    look_at_wait();
    while (!lines_.empty() && !is_blocked()) {
      const std::string line = std::move(lines_.front());
      lines_.pop_front();
      carry_out(line);
      look_at_wait();
    }
    if (terminal_) terminal_->set_view(console_.view_of(session_), session_.agent() + "> ");
  }

  /// A script's next line has to wait; a person's may be typed while others are carried out.
  [[nodiscard]] bool is_blocked() const {
    if (is_finished_) return true;
    if (session_.state() == State::asked_to_take_over) return is_script_;
    if (!is_script_) return false;
    return wait_.has_value() || session_.state() != State::open || lines_.size() > 1'000;
  }

  void read_input() {
    if (terminal_) {
      Terminal::Input input = terminal_->read();
      if (input.line) lines_.push_back(std::move(*input.line));
      if (input.is_end) is_input_over_ = true;
      return;
    }
    is_input_over_ = !plain_.read();
    while (auto line = plain_.next(is_input_over_)) lines_.push_back(std::move(*line));
  }

  void look_at_state() {
    if (session_.state() == State::asked_to_take_over && !is_asking_) {
      is_asking_ = true;
      console_.complain(fmt::format("{} is logged in elsewhere; take over? Calls go on. {}",
                                    session_.agent(),
                                    is_script_ ? "Say so with --override." : "[y/n]"));
      if (is_script_) finish(EXIT_FAILURE);
    }
    if (session_.state() == State::over && !is_finished_ && !is_leaving_) {
      console_.complain(session_.why_over());
      finish(session_.model().is_initialized() ? EXIT_FAILURE : exit_usage);
    }
  }

  void look_at_wait() {
    if (!wait_) return;
    if (wait_->request != 0) {
      if (const auto answer = session_.take_answer(wait_->request)) {
        wait_.reset();
        if (!answer->is_success()) fail();
        return;
      }
    } else if (is_there(wait_->what)) {
      wait_.reset();
      return;
    }
    if (Clock::now() < wait_->until) return;
    console_.complain(wait_->request != 0 ? "no answer came" : wait_->what + " did not come");
    wait_.reset();
    fail();
  }

  /// Events are taken up to the one that is waited for, so that the next wait begins behind it.
  bool is_there(const std::string& what) {
    if (what.find('.') == std::string::npos) return is_state_there(session_.model(), what);
    while (const auto event = session_.take_event()) {
      if (event->name == what) return true;
    }
    return false;
  }

  void carry_out(std::string_view line) {
    if (session_.state() == State::asked_to_take_over) return answer_take_over(line);
    std::string_view rest = line;
    const std::string_view word = take_word(rest);
    if (word.empty() || word.starts_with('#')) return;
    if (word == "quit" || word == "exit") {
      is_finished_ = true;
    } else if (word == "help") {
      console_.print(help_text());
    } else if (word == "show") {
      for (const std::string& it : console_.view_of(session_)) console_.print(it);
    } else if (word == "raw") {
      if (!options_.prints_json) {
        console_.set_form(rest == "off" ? Console::Form::text : Console::Form::raw);
      }
    } else if (word == "drop") {
      session_.drop();
    } else if (word == "wait") {
      begin_wait(rest);
    } else {
      request(word == "send" ? read_raw(rest) : read_line(line, session_.model()));
    }
  }

  void answer_take_over(std::string_view line) {
    is_asking_ = false;
    if (line == "y" || line == "yes") return session_.take_over();
    finish(EXIT_FAILURE);
  }

  static Result<TypedRequest> read_raw(std::string_view text) {
    auto message = read_object(text);
    if (!message) return tl::make_unexpected(message.error());
    return TypedRequest{text_member(*message, "command"), text_member(*message, "target"),
                        object_member(*message, "data")};
  }

  void request(Result<TypedRequest> typed) {
    if (!typed) {
      console_.complain(typed.error().detail);
      return fail();
    }
    if (!session_.model().is_initialized()) return console_.complain("not logged in yet");
    const std::uint64_t id = session_.ask(std::move(*typed));
    if (is_script_) wait_ = Wait{id, {}, Clock::now() + answer_patience};
  }

  void begin_wait(std::string_view rest) {
    Wait wait{0, std::string(take_word(rest)), Clock::now() + wait_patience};
    unsigned seconds = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), seconds);
    const bool has_seconds = error == std::errc{} && end == rest.data() + rest.size();
    if (wait.what.empty() || (!rest.empty() && !has_seconds)) {
      console_.complain("wait EVENT|STATE [SECONDS]: \"wait conversation.created 10\"");
      return fail();
    }
    if (has_seconds) wait.until = Clock::now() + std::chrono::seconds(seconds);
    wait_ = std::move(wait);
  }

  void fail() {
    if (!is_script_) return;
    status_ = EXIT_FAILURE;
    if (!options_.goes_on) is_finished_ = true;
  }

  void finish(int status) {
    status_ = status;
    is_finished_ = true;
  }

  /// Logs out. A call that is open forbids it, and goes on.
  void say_goodbye() {
    is_leaving_ = true;
    if (session_.state() != State::open) return;
    const std::uint64_t id =
        session_.ask({"session.request.logout", session_.model().session(), {}});
    const auto until = Clock::now() + goodbye_patience;
    while (Clock::now() < until) {
      turn(false);
      const auto answer = session_.take_answer(id);
      if (!answer) continue;
      if (!answer->is_success()) {
        console_.complain(
            "the session stays for a minute, and as long as its call lasts: come "
            "back with --override");
      }
      return;
    }
  }

  const AgentOptions& options_;
  AgentLink& link_;
  const bool is_script_;
  Console console_;
  AgentSession session_;
  std::deque<std::string> lines_;
  PlainInput plain_;
  std::optional<Terminal> terminal_;
  std::optional<Wait> wait_;
  bool is_input_over_ = false;
  bool is_asking_ = false;
  bool is_finished_ = false;
  bool is_leaving_ = false;
  int status_ = EXIT_SUCCESS;
};

int refuse_to_begin(const std::string& why) {
  fmt::print(stderr, "error: {}\n", why);
  return exit_usage;
}

}  // namespace

int run_agent(const AgentOptions& options) {
  auto server = find_endpoint(options.server, options.ca_file);
  if (!server) return refuse_to_begin(server.error().detail);
  auto password =
      find_password(options.password_file, fmt::format("Password of {}", options.agent));
  if (!password) return refuse_to_begin(password.error().detail);
  auto link = AgentLink::make(*server);
  if (!link) return refuse_to_begin(link.error().detail);
  net::IoThreads io(1, "agent-signal");
  std::atomic<bool> is_stopped{false};
  auto signals = net::ProcessSignals::watch(io, {SIGINT, SIGTERM, SIGHUP}, [&](int) {
    is_stopped = true;
    (*link)->wake();
  });
  if (!signals) return refuse_to_begin(signals.error().detail);
  AgentClient client(options, **link, {options.agent, std::move(*password), options.takes_over});
  return client.run(is_stopped);
}

}  // namespace cord::app
