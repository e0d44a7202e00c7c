// What the journal names, in the directory as it is now: docs/journal.md, "Payload".
#pragma once

#include <string>
#include <unordered_map>

#include "base/result.hpp"
#include "core/directory.hpp"
#include "runtime/event_codec.hpp"
#include "runtime/snapshot_codec.hpp"

namespace cord::runtime {

/// Where the names of a directory are now, those of what is gone included.
class PlaceBook {
 public:
  explicit PlaceBook(const core::Directory& directory);

  /// Each: makes the places in it those of the directory. Error: corrupt, if one has no name or
  /// nobody in the directory has it. They are defined beside the codec of what they change.
  [[nodiscard]] Result<void> relocate(RecordContent& content) const;
  [[nodiscard]] Result<void> relocate(EngineImage& image) const;

 private:
  /// Each: makes `place`, which has its name in `names`, that of the directory. False: there is
  /// none.
  bool move(core::AgentIndex& place, const PlaceNames<core::AgentIndex>& names) const;
  bool move(core::QueueIndex& place, const PlaceNames<core::QueueIndex>& names) const;

  std::unordered_map<std::string, core::AgentIndex> agents_;
  std::unordered_map<std::string, core::QueueIndex> queues_;
};

}  // namespace cord::runtime
