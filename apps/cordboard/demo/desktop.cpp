#include "demo/desktop.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "net/web_client.hpp"

namespace cord::app {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::size_t details_columns_max = 96;
constexpr Duration reply_patience = 45s;  // The server's longest deadline is 40 s.

bool has_all(const FlatJson& data, const FlatJson& wanted) {
  return std::all_of(wanted.begin(), wanted.end(),
                     [&](const auto& it) { return value_of(data, it.first) == it.second; });
}

std::string describe(std::string_view name, const FlatJson& having) {
  std::string text(name);
  for (const auto& [key, value] : having) text += fmt::format(" {}={}", key, value);
  return text;
}

}  // namespace

struct Desktop::Impl {
  Impl(net::WebClient connected, Transcript& to) : client(std::move(connected)), transcript(to) {}

  /// Takes one message in. Errors: timeout, io_failed, malformed.
  Result<void> receive(Duration patience) {
    const auto text = client.receive(patience);
    if (!text) return tl::make_unexpected(text.error());
    auto message = read_message(*text);
    if (!message) return tl::make_unexpected(message.error());
    std::visit([this](auto& it) { take(it); }, *message);
    return {};
  }

  void take(const Event& event) {
    transcript.event(event.name, details_of(event, details_columns_max));
    gap |= event.seq != ++events;
    unseen.push_back({event.name, event.target, flat(event.data), event.seq});
  }

  void take(const Answer& answer) {
    DesktopReply it{answer.is_success(), flat(answer.data), answer.why(), answer.seq};
    if (it.is_success) {
      transcript.success(it.seq == 0 ? "" : fmt::format("seq {}", it.seq));
    } else {
      transcript.failure(it.failure);
    }
    reply = std::move(it);
  }

  net::WebClient client;
  Transcript& transcript;
  std::deque<DesktopEvent> unseen;
  std::optional<DesktopReply> reply;
  std::uint64_t next_id = 1;
  std::uint64_t events = 0;
  bool gap = false;
};

Result<std::unique_ptr<Desktop>> Desktop::connect(net::Address server, Transcript& transcript) {
  net::WebClientOptions options;
  options.subprotocol = "cordboard.v1";
  auto client = net::WebClient::connect(server, "/v1/agent", options);
  if (!client) return tl::make_unexpected(client.error());
  return std::unique_ptr<Desktop>(
      new Desktop(std::make_unique<Impl>(std::move(*client), transcript)));
}

Desktop::Desktop(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Desktop::~Desktop() = default;

Result<DesktopReply> Desktop::ask(std::string_view command, std::string_view target,
                                  std::string_view data, std::string_view shown) {
  auto object = read_object(data);
  if (!object) return tl::make_unexpected(object.error());
  impl_->transcript.command(command, shown);
  impl_->reply.reset();
  if (auto sent = impl_->client.send(
          print_request({command, target, std::move(*object), impl_->next_id++}));
      !sent) {
    return tl::make_unexpected(sent.error());
  }
  const auto until = Clock::now() + reply_patience;
  while (!impl_->reply) {
    const auto left = std::chrono::duration_cast<Duration>(until - Clock::now());
    if (auto got = impl_->receive(std::max(left, Duration{})); !got) {
      return tl::make_unexpected(got.error());
    }
  }
  return *std::exchange(impl_->reply, std::nullopt);
}

Result<DesktopEvent> Desktop::await(std::string_view name, const FlatJson& having,
                                    Duration patience) {
  const auto until = Clock::now() + patience;
  while (true) {
    while (!impl_->unseen.empty()) {
      auto event = std::move(impl_->unseen.front());
      impl_->unseen.pop_front();
      if (event.name == name && has_all(event.data, having)) return event;
    }
    const auto left = std::chrono::duration_cast<Duration>(until - Clock::now());
    auto got = impl_->receive(std::max(left, Duration{}));
    if (got) continue;
    return refuse(got.error().code, "demo.desktop",
                  fmt::format("{} ({})", describe(name, having), got.error().detail));
  }
}

bool Desktop::has_no_gap() const {
  return !impl_->gap;
}

std::uint64_t Desktop::events() const {
  return impl_->events;
}

}  // namespace cord::app
