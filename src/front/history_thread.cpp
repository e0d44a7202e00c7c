#include "front/history_thread.hpp"

#include <cstdint>
#include <utility>
#include <vector>

#include <pthread.h>

namespace cord::front {

HistoryThread::HistoryThread(Options options, Log& log, Gauge& waiting)
    : options_(std::move(options)),
      log_(log),
      waiting_(waiting),
      queue_(options_.questions),
      thread_([this] { run(); }) {}

HistoryThread::~HistoryThread() {
  stop();
}

Result<void> HistoryThread::ask(Question&& question) {
  if (queue_.push(std::move(question))) {
    waiting_.add(1);
    return {};
  }
  return refuse(Errc::not_accepting, "front.history", "Too many requests are being done.");
}

void HistoryThread::stop() {
  stopping_.store(true, std::memory_order_release);
  queue_.wake();
  if (thread_.joinable()) thread_.join();
  // Whoever is not answered any more is let go.
  std::vector<Question> left;
  queue_.take_all(left);
}

void HistoryThread::run() {
  pthread_setname_np(pthread_self(), options_.name.c_str());
  std::vector<Question> batch;
  while (!stopping_.load(std::memory_order_acquire)) {
    queue_.wait_and_take_all(batch, queue_.patience_max);
    waiting_.add(-static_cast<std::int64_t>(batch.size()));
    for (const Question& question : batch) {
      if (stopping_.load(std::memory_order_acquire)) return;
      question.answer(read(question));
    }
  }
}

Result<history::Page> HistoryThread::read(const Question& question) {
  if (std::chrono::steady_clock::now() > question.due) {
    return refuse(Errc::timeout, "front.history", "Too many have asked for the history.");
  }
  if (!reader_) {
    auto opened = history::Reader::open(options_.file, options_.patience);
    if (opened) reader_ = std::move(*opened);
    if (!opened) log_.error("history.not_readable", {{"detail", opened.error().detail}});
  }
  auto page = reader_ ? reader_->read(question.filter)
                      : refuse(Errc::io_failed, "front.history", "The history cannot be read.");
  if (page || page.error().code == Errc::invalid_request) return page;
  log_.error("history.query_failed", {{"detail", page.error().detail}});
  // It is opened anew for the next one: the file may have been moved.
  reader_.reset();
  return refuse(Errc::not_accepting, "front.history",
                "The history could not be read in time; ask for less at once.");
}

}  // namespace cord::front
