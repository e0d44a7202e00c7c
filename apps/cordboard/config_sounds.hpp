// What callers hear: `music` of `[media]`, and the announcements of `[[queue]]` (docs/queues.md).
#pragma once

#include "config_table.hpp"
#include "core/directory.hpp"
#include "drivers/sip/config.hpp"
#include "media/media_thread.hpp"

namespace cord::app {

/// `music`: the file's sound; empty: our own.
[[nodiscard]] std::vector<std::int16_t> read_music(TableReader& table);

/// `greeting`, `announcement`, `announcement-every`, `farewell` of `queue`, whose name and
/// `waiting` have been read. The programs go to `media`, whose music has been read; what is heard
/// when goes to `sip`.
void read_sounds(TableReader& table, const core::Queue& queue, media::MediaConfig& media,
                 drivers::SipConfig& sip);

}  // namespace cord::app
