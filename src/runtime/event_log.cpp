#include "runtime/event_log.hpp"

#include <string_view>
#include <utility>

#include "base/assert.hpp"
#include "runtime/client_event_codec.hpp"

namespace cord::runtime {

BacklogReader::BacklogReader(Backlog&& backlog) : backlog_(std::move(backlog)) {}

std::optional<core::ClientEvent> BacklogReader::next() {
  if (backlog_.first > backlog_.last) return std::nullopt;
  std::string& chunk = backlog_.chunks[chunk_];
  std::string_view rest = std::string_view(chunk).substr(offset_);
  auto event = take_client_event(rest);
  CORD_ASSERT(event.has_value());
  event->target.session = backlog_.session_name;
  event->seq = backlog_.first++;
  offset_ = chunk.size() - rest.size();
  if (rest.empty()) {
    std::string().swap(chunk);
    ++chunk_;
    offset_ = 0;
  }
  return event;
}

void EventLog::append(const core::ClientEvent& event) {
  CORD_ASSERT(event.seq == last_ + 1);
  if (chunks_.empty() || chunks_.back().count == chunk_events) {
    if (!chunks_.empty()) chunks_.back().bytes.shrink_to_fit();
    chunks_.emplace_back();
  }
  Chunk& chunk = chunks_.back();
  const std::size_t before = chunk.bytes.size();
  append_client_event(chunk.bytes, event);
  ++chunk.count;
  ++count_;
  ++last_;
  bytes_ += chunk.bytes.size() - before;
  while (count_ - chunks_.front().count >= events_max_) {
    count_ -= chunks_.front().count;
    bytes_ -= chunks_.front().bytes.size();
    chunks_.pop_front();
  }
}

Backlog EventLog::after(std::uint64_t seq) const {
  CORD_ASSERT(reaches_back_to(seq));
  Backlog backlog{.session_name = {}, .first = seq + 1, .last = last_, .chunks = {}};
  std::uint64_t next = first();
  for (const Chunk& chunk : chunks_) {
    const std::uint64_t behind = next + chunk.count;
    if (behind > backlog.first) {
      std::string_view rest = chunk.bytes;
      for (; next < backlog.first; ++next) static_cast<void>(take_client_event(rest));
      backlog.chunks.emplace_back(rest);
    }
    next = behind;
  }
  return backlog;
}

}  // namespace cord::runtime
