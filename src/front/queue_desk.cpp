#include "front/queue_desk.hpp"

#include <utility>

#include "front/http_pages.hpp"
#include "wire/floor.hpp"

namespace cord::front {
namespace {

constexpr std::string_view path = "/v1/queues";
constexpr std::string_view metric_name = "cord_front_queue_requests_total";
constexpr std::string_view metric_help = "Requests for the queues, by outcome";

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
  answered_.add();
  const auto rows = given_.rows ? given_.rows() : std::vector<core::QueueRow>();
  respond(json_page(200, wire::print_queues(rows, given_.now())));
  return true;
}

}  // namespace cord::front
