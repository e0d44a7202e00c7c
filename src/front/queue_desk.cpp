#include "front/queue_desk.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "front/http_pages.hpp"
#include "wire/names.hpp"

namespace json = boost::json;

namespace cord::front {
namespace {

using runtime::QueueCount;
using runtime::QueueFigures;
using runtime::QueueRow;

constexpr std::string_view path = "/v1/queues";
constexpr std::string_view metric_name = "cord_front_queue_requests_total";
constexpr std::string_view metric_help = "Requests for the queues, by outcome";

constexpr std::array<std::pair<std::string_view, QueueCount>, runtime::queue_count_kinds> counts{
    {{"entered", QueueCount::entered},
     {"offers", QueueCount::offers},
     {"answered", QueueCount::answered},
     {"abandoned", QueueCount::abandoned},
     {"overflowed", QueueCount::overflowed},
     {"unserved", QueueCount::unserved}}};

json::object print(const QueueFigures& figures, Instant now) {
  const Duration waited =
      figures.oldest ? std::max(now - *figures.oldest, Duration::zero()) : Duration::zero();
  json::object object{
      {"waiting", figures.waiting},
      {"longestWaitMs", std::chrono::duration_cast<std::chrono::milliseconds>(waited).count()},
      {"agents",
       json::object{
           {"ready", figures.ready}, {"busy", figures.busy}, {"notReady", figures.not_ready}}}};
  for (const auto& [name, kind] : counts) object.emplace(name, figures.count(kind));
  return object;
}

json::object print(const QueueRow& row, Instant now) {
  json::object object{{"name", row.name}};
  for (std::size_t type = 0; type < row.media.size(); ++type) {
    object.emplace(wire::name_of(static_cast<core::MediaType>(type)),
                   print(row.media.at(type), now));
  }
  return object;
}

}  // namespace

QueueDesk::QueueDesk(QueueDeskConfig config, Surroundings given)
    : config_(std::move(config)),
      given_(std::move(given)),
      answered_(given_.metrics.counter(metric_name, metric_help, "answered")),
      unauthorized_(given_.metrics.counter(metric_name, metric_help, "unauthorized")) {}

bool QueueDesk::take(const net::HttpRequest& request, const net::HttpResponder& respond) {
  if (request.method != "GET" || request.path != path) return false;
  if (config_.token.empty()) {
    respond(failure_page({Errc::target_not_found, "front.queues",
                          "This server shows no queues: it has no [wallboard] token."}));
    return true;
  }
  if (!has_token(request, config_.token)) {
    unauthorized_.add();
    respond(failure_page({Errc::authentication_failed, "front.queues",
                          "Send Authorization: Bearer TOKEN, with the operator's token."}));
    return true;
  }
  json::array queues;
  if (given_.rows) {
    const Instant now = given_.now();
    for (const QueueRow& row : given_.rows()) queues.push_back(print(row, now));
  }
  answered_.add();
  respond(json_page(200, json::serialize(json::object{{"queues", std::move(queues)}})));
  return true;
}

}  // namespace cord::front
