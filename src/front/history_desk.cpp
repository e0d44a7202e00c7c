#include "front/history_desk.hpp"

#include <utility>
#include <vector>

#include <pthread.h>

#include "front/http_pages.hpp"

namespace cord::front {
namespace {

constexpr std::string_view path = "/v1/interactions";
constexpr std::string_view metric_name = "cord_front_history_requests_total";
constexpr std::string_view metric_help = "Requests for the history, by outcome";

}  // namespace

HistoryDesk::HistoryDesk(HistoryDeskConfig config, Log& log, Metrics& metrics)
    : config_(std::move(config)),
      log_(log),
      queue_(config_.waiting_max),
      waiting_used_(metrics.bound("history.waiting_max", config_.waiting_max)),
      answered_(metrics.counter(metric_name, metric_help, "answered")),
      unauthorized_(metrics.counter(metric_name, metric_help, "unauthorized")),
      refused_(metrics.counter(metric_name, metric_help, "refused")),
      failed_(metrics.counter(metric_name, metric_help, "failed")),
      thread_([this] { run(); }) {}

HistoryDesk::~HistoryDesk() {
  stop();
}

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
  if (queue_.push({std::move(*filter), respond})) {
    waiting_used_.add(1);
    return {};
  }
  return refuse(Errc::not_accepting, "front.history", "Too many requests are being done.");
}

void HistoryDesk::stop() {
  stopping_.store(true, std::memory_order_release);
  queue_.wake();
  if (thread_.joinable()) thread_.join();
}

void HistoryDesk::run() {
  pthread_setname_np(pthread_self(), "cord-history-r");
  std::vector<Asked> batch;
  while (!stopping_.load(std::memory_order_acquire)) {
    queue_.wait_and_take_all(batch, queue_.patience_max);
    waiting_used_.add(-static_cast<std::int64_t>(batch.size()));
    for (const Asked& asked : batch) {
      if (stopping_.load(std::memory_order_acquire)) return;
      const Result<history::Page> page = read(asked.filter);
      (page ? answered_ : failed_).add();
      asked.respond(page ? json_page(200, history::print_json(*page)) : failure_page(page.error()));
    }
  }
}

Result<history::Page> HistoryDesk::read(const history::Filter& filter) {
  if (!reader_) {
    auto opened = history::Reader::open(config_.file, config_.query_max);
    if (opened) reader_ = std::move(*opened);
    if (!opened) log_.error("history.not_readable", {{"detail", opened.error().detail}});
  }
  auto page = reader_ ? reader_->read(filter)
                      : refuse(Errc::io_failed, "front.history", "The history cannot be read.");
  if (page || page.error().code == Errc::invalid_request) return page;
  log_.error("history.query_failed", {{"detail", page.error().detail}});
  // It is opened anew for the next one: the file may have been moved.
  reader_.reset();
  return refuse(Errc::not_accepting, "front.history",
                "The history could not be read in time; ask for less at once.");
}

}  // namespace cord::front
