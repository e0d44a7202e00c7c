#include "journal/beginning.hpp"

#include <utility>

namespace cord::journal {

Result<Beginning> find_beginning(Storage& storage) {
  auto snapshots = storage.snapshots();
  if (!snapshots) return tl::make_unexpected(snapshots.error());
  Beginning found;
  if (!snapshots->empty()) found.newest = snapshots->back();
  for (std::size_t next = 0;; ++next) {
    auto reading = storage.read(found.after(), [](Record&&) {});
    if (!reading) return tl::make_unexpected(reading.error());
    found.reading = std::move(*reading);
    if (found.base && found.reading.last == found.base->sequence) {
      found.reading.last_time = found.base->time;
    }
    const bool is_last = next == snapshots->size();
    if (is_last || found.reading.last >= found.newest->sequence) return found;
    found.base = std::move((*snapshots)[next]);
  }
}

}  // namespace cord::journal
