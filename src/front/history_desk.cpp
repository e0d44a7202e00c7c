#include "front/history_desk.hpp"

#include <chrono>
#include <utility>

#include "front/http_pages.hpp"

namespace cord::front {
namespace {

constexpr std::string_view path = "/v1/interactions";
constexpr std::string_view metric_name = "cord_front_history_requests_total";
constexpr std::string_view metric_help = "Requests for the history, by outcome";
constexpr std::string_view own_metric_name = "cord_front_own_history_requests_total";
constexpr std::string_view own_metric_help = "Agents' requests for their own history, by outcome";

/// Of notes and data in one message to an agent: far from what makes a slow reader of a client.
constexpr std::size_t own_bytes = 256 * 1024;

}  // namespace

HistoryDesk::HistoryDesk(HistoryDeskConfig config, Log& log, Metrics& metrics)
    : config_(std::move(config)),
      answered_(metrics.counter(metric_name, metric_help, "answered")),
      unauthorized_(metrics.counter(metric_name, metric_help, "unauthorized")),
      refused_(metrics.counter(metric_name, metric_help, "refused")),
      failed_(metrics.counter(metric_name, metric_help, "failed")),
      thread_({config_.file, config_.query_max, config_.waiting_max, "cord-history-r"}, log,
              metrics.bound("history.waiting_max", config_.waiting_max)) {}

bool HistoryDesk::take(const net::HttpRequest& request, const net::HttpResponder& respond) {
  if (request.method != "GET" || request.path != path) return false;
  if (config_.token.empty() || config_.file.empty()) {
    respond(failure_page({Errc::target_not_found, "front.history",
                          "This server shows no history: it has no [history] token."}));
    return true;
  }
  if (!has_token(request, config_.token)) {
    unauthorized_.add();
    respond(failure_page({Errc::authentication_failed, "front.history",
                          "Send Authorization: Bearer TOKEN, with the operator's token."}));
    return true;
  }
  if (const Result<void> done = submit(request, respond); !done) {
    refused_.add();
    respond(failure_page(done.error()));
  }
  return true;
}

Result<void> HistoryDesk::submit(const net::HttpRequest& request,
                                 const net::HttpResponder& respond) {
  auto filter = history::parse_filter(request.query);
  if (!filter) return tl::make_unexpected(std::move(filter.error()));
  const auto tell = [this, respond](const Result<history::Page>& page) {
    (page ? answered_ : failed_).add();
    respond(page ? json_page(200, history::print_json(*page)) : failure_page(page.error()));
  };
  return thread_.ask({std::move(*filter), tell});
}

void HistoryDesk::stop() {
  thread_.stop();
}

OwnHistoryDesk::OwnHistoryDesk(const HistoryDeskConfig& config, Log& log, Metrics& metrics)
    : patience_(config.agents_patience),
      answered_(metrics.counter(own_metric_name, own_metric_help, "answered")),
      refused_(metrics.counter(own_metric_name, own_metric_help, "refused")),
      failed_(metrics.counter(own_metric_name, own_metric_help, "failed")),
      thread_({config.file, config.query_max, config.agents_waiting_max, "cord-history-a"}, log,
              metrics.bound("history.agents_waiting_max", config.agents_waiting_max)) {}

void OwnHistoryDesk::read(const std::string& agent, const wire::ReadHistory& which,
                          const Answer& answer) {
  const history::Filter filter{.agent = agent,
                               .from = which.from,
                               .limit = which.limit,
                               .after = which.after,
                               .bytes_max = own_bytes,
                               .is_plain = true};
  const auto tell = [this, answer](const Result<history::Page>& page) {
    const bool is_refused = !page && page.error().code == Errc::invalid_request;
    (page ? answered_ : is_refused ? refused_ : failed_).add();
    answer(page ? Result<std::string>(history::print_own_json(*page))
                : tl::make_unexpected(page.error()));
  };
  const Result<void> asked =
      thread_.ask({filter, tell, std::chrono::steady_clock::now() + patience_});
  if (asked) return;
  refused_.add();
  answer(tl::make_unexpected(asked.error()));
}

void OwnHistoryDesk::stop() {
  thread_.stop();
}

}  // namespace cord::front
