#include "runtime/place_book.hpp"

namespace cord::runtime {
namespace {

template <class Place>
bool move_one(Place& place, const PlaceNames<Place>& names,
              const std::unordered_map<std::string, Place>& now) {
  const auto name = names.find(place);
  if (name == names.end()) return false;
  const auto found = now.find(name->second);
  if (found == now.end()) return false;
  place = found->second;
  return true;
}

}  // namespace

PlaceBook::PlaceBook(const core::Directory& directory) {
  for (std::uint32_t i = 0; i < directory.agents.size(); ++i) {
    agents_.emplace(directory.agents[i].id, i);
  }
  for (std::uint32_t i = 0; i < directory.queues.size(); ++i) {
    queues_.emplace(directory.queues[i].name, i);
  }
}

bool PlaceBook::move(core::AgentIndex& place, const PlaceNames<core::AgentIndex>& names) const {
  return move_one(place, names, agents_);
}

bool PlaceBook::move(core::QueueIndex& place, const PlaceNames<core::QueueIndex>& names) const {
  return move_one(place, names, queues_);
}

}  // namespace cord::runtime
