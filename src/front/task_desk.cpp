#include "front/task_desk.hpp"

#include <utility>

#include "front/http_pages.hpp"
#include "wire/target.hpp"
#include "wire/task.hpp"

namespace cord::front {
namespace {

constexpr std::string_view collection = "/v1/interactions";
constexpr std::string_view metric_name = "cord_front_tasks_total";
constexpr std::string_view metric_help = "Requests for chats and e-mails, by outcome";
constexpr unsigned status_ok = 200;
constexpr unsigned status_accepted = 202;

/// The id behind the collection's path: "t-6" of "/v1/interactions/t-6".
std::string_view id_in(std::string_view path) {
  return path.size() > collection.size() + 1 ? path.substr(collection.size() + 1)
                                             : std::string_view();
}

bool is_ours(const net::HttpRequest& request) {
  const std::string_view path = request.path;
  if (request.method == "POST") return path == collection;
  return request.method == "DELETE" && path.starts_with(collection) && !id_in(path).empty() &&
         path[collection.size()] == '/';
}

}  // namespace

TaskDesk::TaskDesk(TaskDeskConfig config, Surroundings given)
    : config_(std::move(config)),
      given_(std::move(given)),
      bucket_(config_.requests_per_second, config_.requests_burst, given_.now()),
      pending_used_(given_.metrics.bound("tasks.pending_max", config_.pending_max)),
      accepted_(given_.metrics.counter(metric_name, metric_help, "accepted")),
      unauthorized_(given_.metrics.counter(metric_name, metric_help, "unauthorized")),
      refused_(given_.metrics.counter(metric_name, metric_help, "refused")) {}

bool TaskDesk::take(const net::HttpRequest& request, const net::HttpResponder& respond) {
  if (!is_ours(request)) return false;
  if (config_.token.empty()) {
    respond(
        failure_page({Errc::target_not_found, "front.tasks",
                      "This server takes no chats and e-mails: it has no [interactions] token."}));
    return true;
  }
  if (!has_token(request, config_.token)) {
    unauthorized_.add();
    respond(failure_page({Errc::authentication_failed, "front.tasks",
                          "Send Authorization: Bearer TOKEN, with the operator's token."}));
    return true;
  }
  Result<void> done = admit();
  if (done) done = submit(request, respond);
  if (!done) {
    refused_.add();
    respond(failure_page(done.error()));
  }
  return true;
}

Result<void> TaskDesk::admit() {
  const std::lock_guard lock(mutex_);
  if (bucket_.take(given_.now())) return {};
  return refuse(Errc::rate_limited, "front.tasks",
                fmt::format("{} requests a second are allowed.", config_.requests_per_second));
}

Result<void> TaskDesk::submit(const net::HttpRequest& request, const net::HttpResponder& respond) {
  const core::RequestId id{++given_.last_request};
  if (request.method == "DELETE") {
    const core::CallId call = wire::parse_task_id(id_in(request.path));
    return hand_over(id, core::WithdrawTask{id, given_.own, call}, {respond, status_ok});
  }
  Result<core::SubmitTask> task = wire::parse_task(request.body);
  if (!task) return tl::make_unexpected(std::move(task.error()));
  task->request = id;
  task->connection = given_.own;
  return hand_over(id, std::move(*task), {respond, status_accepted});
}

Result<void> TaskDesk::hand_over(core::RequestId id, core::Input&& input, Pending&& pending) {
  const std::lock_guard lock(mutex_);
  if (pending_.size() >= config_.pending_max) {
    return refuse(Errc::not_accepting, "front.tasks", "Too many requests are being done.");
  }
  if (!given_.engine.submit(std::move(input))) {
    return refuse(Errc::not_accepting, "front.tasks", "The engine's queue is full.");
  }
  pending_.emplace(id, std::move(pending));
  pending_used_.set(static_cast<std::int64_t>(pending_.size()));
  return {};
}

void TaskDesk::deliver(const core::Reply& reply) {
  std::unique_lock lock(mutex_);
  const auto node = pending_.extract(reply.request);
  pending_used_.set(static_cast<std::int64_t>(pending_.size()));
  lock.unlock();
  if (node.empty()) return;
  const Pending& pending = node.mapped();
  if (!reply.outcome) {
    refused_.add();
    return pending.respond(failure_page(reply.outcome.error()));
  }
  accepted_.add();
  const auto& taken = std::get<core::TaskTaken>(*reply.outcome);
  pending.respond(json_page(pending.status, wire::print_task(taken.call)));
}

}  // namespace cord::front
