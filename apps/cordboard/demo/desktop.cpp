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

void flatten(const json::value& value, const std::string& key, FlatJson& into) {
  if (const auto* object = value.if_object()) {
    for (const auto& [name, member] : *object) {
      flatten(member,
              key.empty() ? std::string(name) : fmt::format("{}.{}", key, std::string(name)), into);
    }
  } else if (const auto* text = value.if_string()) {
    into[key] = std::string(*text);
  } else {
    into[key] = json::serialize(value);
  }
}

FlatJson flat_member(const json::object& object, std::string_view name) {
  FlatJson found;
  const auto* member = object.if_contains(name);
  if (member != nullptr) flatten(*member, "", found);
  return found;
}

std::string text_member(const json::object& object, std::string_view name) {
  const auto* member = object.if_contains(name);
  return member != nullptr && member->is_string() ? std::string(member->get_string()) : "";
}

std::uint64_t number_member(const json::object& object, std::string_view name) {
  const auto* member = object.if_contains(name);
  return member != nullptr && member->is_int64() && member->get_int64() >= 0
             ? static_cast<std::uint64_t>(member->get_int64())
             : 0;
}

/// What kind of object the last id of a target names.
std::string_view kind_of(std::string_view target) {
  const auto dot = target.rfind('.');
  if (dot == std::string_view::npos) return "session";
  const auto id = target.substr(dot + 1);
  if (id.starts_with("ch-")) return "channel";
  if (id.starts_with("g-")) return "group";
  if (id.starts_with("i-")) return "interaction";
  return "conversation";
}

/// The data of an event in one line: states first, the rest as key=value, ids left out.
std::string details_of(const DesktopEvent& event) {
  std::string text;
  if (event.name == "state.updated") {
    text = fmt::format("{} {}", kind_of(event.target), value_of(event.data, "state"));
  }
  for (const auto& [key, value] : event.data) {
    const auto name = key.substr(key.rfind('.') + 1);
    const bool is_told = event.name == "state.updated" && (key == "state" || key == "previous");
    if (is_told || name == "id" || name == "type" || name == "endpoint" || value == "[]") continue;
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, value);
  }
  if (text.size() > details_columns_max) text = text.substr(0, details_columns_max - 3) + "...";
  return text;
}

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

std::string_view value_of(const FlatJson& data, std::string_view key) {
  const auto found = data.find(key);
  return found == data.end() ? std::string_view{} : std::string_view(found->second);
}

struct Desktop::Impl {
  Impl(net::WebClient connected, Transcript& to) : client(std::move(connected)), transcript(to) {}

  /// Takes one message in. Errors: timeout, io_failed, malformed.
  Result<void> receive(Duration patience) {
    const auto text = client.receive(patience);
    if (!text) return tl::make_unexpected(text.error());
    json::error_code error;
    const auto value = json::parse(*text, error);
    if (error || !value.is_object()) return refuse(Errc::malformed, "demo.desktop", *text);
    const auto& message = value.get_object();
    if (message.if_contains("messageType") != nullptr) {
      take_event(message);
    } else {
      take_reply(message);
    }
    return {};
  }

  void take_event(const json::object& message) {
    DesktopEvent event{text_member(message, "name"), text_member(message, "target"),
                       flat_member(message, "data"), number_member(message, "seq")};
    transcript.event(event.name, details_of(event));
    gap |= event.seq != ++events;
    unseen.push_back(std::move(event));
  }

  void take_reply(const json::object& message) {
    DesktopReply it;
    it.is_success = text_member(message, "result") == "success";
    it.data = flat_member(message, "data");
    it.seq = number_member(message, "seq");
    if (it.is_success) {
      transcript.success(it.seq == 0 ? "" : fmt::format("seq {}", it.seq));
    } else {
      const auto failure = flat_member(message, "failure");
      it.failure = fmt::format("{}: {}", value_of(failure, "code"), value_of(failure, "message"));
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
  json::error_code error;
  json::object request{{"command", command}, {"id", impl_->next_id++}};
  if (!target.empty()) request["target"] = target;
  request["data"] = json::parse(data, error);
  if (error) return refuse(Errc::malformed, "demo.desktop", data);
  impl_->transcript.command(command, shown);
  impl_->reply.reset();
  if (auto sent = impl_->client.send(json::serialize(request)); !sent) {
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
