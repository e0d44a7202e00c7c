#include "front/id_memory.hpp"

#include <utility>
#include <variant>

namespace cord::front {
namespace {

/// What an answer holds beyond its fixed part.
std::size_t bytes_of(const core::Reply& reply) {
  if (!reply.outcome) return reply.outcome.error().detail.size();
  const auto* answer = std::get_if<core::DataAnswer>(&*reply.outcome);
  if (answer == nullptr) return 0;
  std::size_t bytes = 0;
  for (const auto& [key, value] : answer->data) bytes += key.size() + value.text.size();
  return bytes;
}

bool was_tried(const core::Reply& reply) {
  return reply.outcome || (reply.outcome.error().code != Errc::rate_limited &&
                           reply.outcome.error().code != Errc::not_accepting);
}

}  // namespace

IdMemory::Lookup IdMemory::find(const std::string& id, const std::string& body) const {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return {};
  const Entry& entry = found->second;
  if (entry.body != body) return {Seen::other_body, {}, nullptr};
  if (!entry.is_answered) return {Seen::pending, entry.request, nullptr};
  return {Seen::answered, entry.request, &entry.outcome};
}

void IdMemory::begin(const std::string& id, std::string body, core::RequestId request) {
  entries_[id] = Entry{std::move(body), request, false, {}};
}

void IdMemory::finish(const std::string& id, const core::Reply& outcome) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  if (!was_tried(outcome)) {
    entries_.erase(found);
    return;
  }
  found->second.is_answered = true;
  found->second.outcome = outcome;
  answered_.push_back(id);
  bytes_ += bytes_of(outcome);
  while (answered_.size() > answers_max_ || bytes_ > bytes_max_) forget_oldest();
}

void IdMemory::forget_oldest() {
  const auto found = entries_.find(answered_.front());
  bytes_ -= bytes_of(found->second.outcome);
  entries_.erase(found);
  answered_.pop_front();
}

}  // namespace cord::front
