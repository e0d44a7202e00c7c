#include "runtime/flight_recorder.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>
#include <variant>

#include <pthread.h>
#include <sodium.h>

#include "base/private_file.hpp"

namespace cord::runtime {
namespace {

constexpr std::size_t digest_bytes = 16;

/// `input` with nothing in it that opens a door; `digest_of` stands for tokens.
template <class DigestOf>
core::Input masked(const core::Input& input, const DigestOf& digest_of) {
  core::Input copy = input;
  if (auto* prepare = std::get_if<core::PrepareSession>(&copy)) {
    prepare->resume_token = digest_of(prepare->resume_token);
  } else if (auto* resume = std::get_if<core::ResumeSession>(&copy)) {
    resume->resume_token = digest_of(resume->resume_token);
  } else if (auto* request = std::get_if<core::ClientRequest>(&copy)) {
    if (auto* tones = std::get_if<core::SendTones>(&request->command)) {
      std::fill(tones->digits.begin(), tones->digits.end(), '0');
    } else if (auto* media = std::get_if<core::RequestMedia>(&request->command)) {
      media->offer.clear();
    }
  } else if (auto* report = std::get_if<core::Report>(&copy)) {
    if (auto* answered = std::get_if<core::OfferAnswered>(report)) answered->answer.clear();
  }
  return copy;
}

}  // namespace

FlightRecorder::FlightRecorder(const FlightRecorderOptions& options, Log& log, Metrics& metrics)
    : options_(options),
      log_(log),
      queue_(options.entries_max),
      queued_(metrics.gauge("cord_flight_queued_entries", "Entries that wait to be written.")),
      entries_used_(metrics.bound("flight.entries_max", options.entries_max)),
      bytes_used_(metrics.bound("flight.bytes_max", options.bytes_max)),
      failed_(metrics.gauge("cord_flight_failed", "1 once the flight recorder cannot write.")),
      lost_(metrics.counter("cord_flight_lost_entries_total", "Entries for which was no room.")),
      written_(metrics.counter("cord_flight_entries_total", "Entries written.")) {}

Result<std::unique_ptr<FlightRecorder>> FlightRecorder::open(const FlightRecorderOptions& options,
                                                             Log& log, Metrics& metrics) {
  if (sodium_init() < 0) return refuse(Errc::io_failed, "flight.open", "libsodium does not start");
  std::unique_ptr<FlightRecorder> recorder(new FlightRecorder(options, log, metrics));
  randombytes_buf(recorder->key_.data(), recorder->key_.size());
  if (auto begun = recorder->begin_file(); !begun) return tl::make_unexpected(begun.error());
  recorder->thread_ = std::thread([it = recorder.get()] { it->run(); });
  return recorder;
}

FlightRecorder::~FlightRecorder() {
  stop();
}

void FlightRecorder::stop() {
  stopping_.store(true, std::memory_order_release);
  queue_.wake();
  if (thread_.joinable()) thread_.join();
}

// --- The engine's side -----------------------------------------------------------------------

std::string FlightRecorder::digest_of(const std::string& token) const {
  std::array<unsigned char, digest_bytes> digest{};
  crypto_generichash(digest.data(), digest.size(),
                     reinterpret_cast<const unsigned char*>(token.data()), token.size(),
                     key_.data(), key_.size());
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

core::StateImage FlightRecorder::masked_image_of(const core::State& state) const {
  core::StateImage image = core::image_of(state);
  for (core::Session& session : image.sessions) {
    session.resume_token = digest_of(session.resume_token);
  }
  return image;
}

void FlightRecorder::note(const core::State& before, const core::Input& input, Instant now) {
  if (!is_begun_ || bytes_ >= options_.bytes_max) begin(before, now);
  Item item;
  append_flight_entry(
      item.bytes,
      FlightInput{now, masked(input, [this](const auto& token) { return digest_of(token); })});
  push(std::move(item));
}

void FlightRecorder::check(const core::State& state, Instant now) {
  if (!is_begun_) return;
  Item item;
  append_flight_entry(item.bytes, FlightCheck{now, masked_image_of(state)});
  push(std::move(item));
}

void FlightRecorder::begin(const core::State& state, Instant now) {
  Item item{.bytes = {}, .begins_file = true};
  append_flight_entry(item.bytes, FlightStart{now, state.directory(), masked_image_of(state)});
  is_begun_ = true;
  bytes_ = 0;
  push(std::move(item));
}

void FlightRecorder::push(Item&& item) {
  bytes_ += item.bytes.size();
  bytes_used_.set(static_cast<std::int64_t>(bytes_));
  if (queue_.push(std::move(item))) {
    count_queued(1);
    return;
  }
  lost_.add();
  is_begun_ = false;
}

void FlightRecorder::count_queued(std::int64_t change) {
  queued_.add(change);
  entries_used_.add(change);
}

// --- The recorder's thread -------------------------------------------------------------------

void FlightRecorder::run() {
  pthread_setname_np(pthread_self(), "cord-flight");
  std::vector<Item> batch;
  for (;;) {
    const bool stopping = stopping_.load(std::memory_order_acquire);
    queue_.wait_and_take_all(batch, stopping ? Duration::zero() : queue_.patience_max);
    for (const Item& item : batch) write(item);
    if (!batch.empty()) file_.flush();
    count_queued(-static_cast<std::int64_t>(batch.size()));
    if (stopping) return;
  }
}

// What cannot be written is given up until the next file begins.
void FlightRecorder::write(const Item& item) {
  Result<void> done;
  if (item.begins_file && file_.tellp() > static_cast<std::streamoff>(flight_magic.size())) {
    done = begin_file();
    if (done && has_failed_) failed_.set(0);
    has_failed_ = has_failed_ && !done;
  }
  if (has_failed_) return;
  errno = 0;
  if (done && !file_.write(item.bytes.data(), static_cast<std::streamsize>(item.bytes.size()))) {
    done = refuse(Errc::io_failed, "flight.write", std::generic_category().message(errno));
  }
  if (done) return written_.add();
  has_failed_ = true;
  failed_.set(1);
  log_.error("flight.failed", {{"file", options_.file.string()}, {"why", done.error().detail}});
}

Result<void> FlightRecorder::begin_file() {
  file_.close();
  file_.clear();
  std::error_code failure;
  std::filesystem::rename(options_.file, options_.file.string() + ".old", failure);
  failure = make_private_file(options_.file);
  if (failure) {
    return refuse(Errc::io_failed, "flight.open",
                  fmt::format("{}: {}", options_.file.string(), failure.message()));
  }
  file_.open(options_.file, std::ios::binary | std::ios::in | std::ios::out);
  file_.write(flight_magic.data(), static_cast<std::streamsize>(flight_magic.size()));
  if (file_.flush()) return {};
  return refuse(Errc::io_failed, "flight.open",
                fmt::format("{} cannot be written", options_.file.string()));
}

}  // namespace cord::runtime
