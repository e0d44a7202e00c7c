#include "runtime/request_memory.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace cord::runtime {
namespace {

std::size_t bytes_of(const core::SessionView& view) {
  std::size_t bytes = sizeof view;
  for (const core::ChannelView& channel : view.channels) {
    bytes += sizeof channel;
    for (const core::InteractionView& it : channel.interactions) {
      bytes += sizeof it + size_bytes(it.data);
    }
  }
  return bytes;
}

std::size_t bytes_of(const core::DirectoryAnswer& directory) {
  std::size_t bytes = 0;
  for (const core::DirectoryAgent& it : directory.agents) {
    bytes += sizeof it + it.id.size() + it.name.size() + it.endpoint.size();
  }
  for (const core::DirectoryQueue& it : directory.queues) {
    bytes += sizeof it + it.name.size() + it.numbers.size() * sizeof(std::string);
  }
  return bytes;
}

/// What an outcome holds beyond its fixed part.
std::size_t bytes_of(const Result<core::Success>& outcome) {
  if (!outcome) return outcome.error().detail.size();
  if (const auto* answer = std::get_if<core::DataAnswer>(&*outcome))
    return size_bytes(answer->data);
  if (const auto* view = std::get_if<core::SessionView>(&*outcome)) return bytes_of(*view);
  if (const auto* media = std::get_if<core::MediaAnswer>(&*outcome)) return media->sdp.size();
  if (const auto* directory = std::get_if<core::DirectoryAnswer>(&*outcome)) {
    return bytes_of(*directory);
  }
  return 0;
}

bool was_tried(const Result<core::Success>& outcome) {
  return outcome || (outcome.error().code != Errc::rate_limited &&
                     outcome.error().code != Errc::not_accepting);
}

bool is_plain(const Result<core::Success>& outcome) {
  return outcome && std::holds_alternative<std::monostate>(*outcome);
}

}  // namespace

RequestMemory::Verdict RequestMemory::note(core::SessionId session,
                                           const core::ClientRequest& request) {
  auto& entries = sessions_[session].entries;
  const auto [place, is_new] = entries.try_emplace(request.key.id);
  Entry& entry = place->second;
  if (is_new) {
    entry.digest = request.key.digest;
    entry.request = request.request;
    pending_.emplace(request.request, Pending{session, request.key.id, {}});
    return {};
  }
  if (entry.digest != request.key.digest) return {Seen::other_body};
  if (entry.request) {
    std::vector<Asker>& askers = pending_.at(entry.request).askers;
    if (askers.size() >= limits_.askers_max) return {Seen::too_often};
    askers.push_back({request.request, request.connection});
    peaks_.askers = std::max(peaks_.askers, askers.size());
    return {Seen::pending};
  }
  const Answer& answer = entry.answer;
  return {Seen::answered,
          {request.request, request.connection,
           answer.outcome ? *answer.outcome : Result<core::Success>(), answer.seq}};
}

std::vector<RequestMemory::Asker> RequestMemory::askers(core::RequestId request) const {
  const auto found = pending_.find(request);
  return found == pending_.end() ? std::vector<Asker>() : found->second.askers;
}

core::SessionId RequestMemory::session_of(core::RequestId request) const {
  const auto found = pending_.find(request);
  return found == pending_.end() ? core::SessionId{} : found->second.session;
}

std::optional<NotedRequest> RequestMemory::noted(core::RequestId request) const {
  const auto found = pending_.find(request);
  if (found == pending_.end()) return std::nullopt;
  const Pending& it = found->second;
  return NotedRequest{it.session, request, it.id,
                      sessions_.at(it.session).entries.at(it.id).digest};
}

std::vector<NotedRequest> RequestMemory::noted() const {
  std::vector<NotedRequest> all;
  for (const auto& [request, pending] : pending_) all.push_back(*noted(request));
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return a.request < b.request; });
  return all;
}

void RequestMemory::forget_pending() {
  while (!pending_.empty()) forget(pending_.begin()->first);
}

void RequestMemory::finish(const core::Reply& reply) {
  const auto found = pending_.find(reply.request);
  if (found == pending_.end()) return;
  const std::string id = std::move(found->second.id);
  Session& session = sessions_.at(found->second.session);
  pending_.erase(found);
  if (was_tried(reply.outcome)) {
    keep(session, id, reply);
  } else {
    session.entries.erase(id);
  }
}

void RequestMemory::keep(Session& session, const std::string& id, const core::Reply& reply) {
  Entry& entry = session.entries.at(id);
  entry.request = {};
  entry.answer.seq = reply.seq;
  if (!is_plain(reply.outcome)) {
    entry.answer.outcome = std::make_unique<Result<core::Success>>(reply.outcome);
  }
  session.answered.push_back(id);
  session.bytes += bytes_of(reply.outcome);
  ++answers_count_;
  while (session.answered.size() > limits_.answers_max ||
         session.bytes > limits_.answer_bytes_max) {
    forget_oldest(session);
  }
  peaks_.answers = std::max(peaks_.answers, session.answered.size());
  peaks_.answer_bytes = std::max(peaks_.answer_bytes, session.bytes);
}

void RequestMemory::forget_oldest(Session& session) {
  const auto found = session.entries.find(session.answered.front());
  if (found->second.answer.outcome) session.bytes -= bytes_of(*found->second.answer.outcome);
  session.entries.erase(found);
  session.answered.pop_front();
  --answers_count_;
}

void RequestMemory::forget(core::RequestId request) {
  const auto found = pending_.find(request);
  if (found == pending_.end()) return;
  sessions_.at(found->second.session).entries.erase(found->second.id);
  pending_.erase(found);
}

void RequestMemory::drop(core::SessionId session) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return;
  for (const auto& [id, entry] : found->second.entries) {
    if (entry.request) pending_.erase(entry.request);
  }
  answers_count_ -= found->second.answered.size();
  sessions_.erase(found);
}

}  // namespace cord::runtime
