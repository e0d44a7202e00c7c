// The configuration file (docs/operations.md): TOML in, one checked value out. Whatever is wrong
// with a file is told at once and whole, as FILE:LINE: key `x.y`: what, and what is allowed.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "base/instant.hpp"
#include "base/log.hpp"
#include "config_history.hpp"
#include "config_platform.hpp"
#include "core/directory.hpp"
#include "drivers/sip/config.hpp"
#include "front/config.hpp"
#include "journal/sqlite_storage.hpp"
#include "media/media_thread.hpp"
#include "runtime/flight_recorder.hpp"

namespace cord::app {

/// `[log]`.
struct LogConfig {
  enum class Format : std::uint8_t { text, json };
  LogLevel level = LogLevel::info;
  Format format = Format::text;
};

/// What each room is given. Nothing of it is to be printed: it holds passwords.
struct Config {
  front::FrontConfig front;   ///< [server], and the agents' passwords
  PlatformConfig platform;    ///< [platform]
  drivers::SipConfig sip;     ///< [sip], [registrar], [[trunk]], phones that register
  media::MediaConfig media;   ///< [media], [recording]
  core::Directory directory;  ///< [[agent]], [[queue]], [[route]], [[reason]], [[disposition]],
                              ///< [wrapup]
  HistoryConfig history;      ///< [history]
  LogConfig log;
  std::string journal_path = "cordboard.db";
  journal::Sync journal_sync = journal::Sync::process;
  std::uint64_t journal_snapshot_records = 20'000;  ///< from one snapshot to the next; 1,000 to 1 M
  runtime::FlightRecorderOptions
      flight;                  ///< [server] flight-recorder; no file: nothing is recorded
  std::size_t io_threads = 2;  ///< for sockets and JSON; 1 to 64
  Duration drain = std::chrono::seconds(30);  ///< calls may end within it at SIGTERM; 0 s to 1 h
};

struct LoadedConfig {
  Config config;
  std::vector<std::string> warnings;  ///< "FILE:LINE: key `x.y`: ..."
};

/// All that is wrong with a file, in the order of its lines; each "FILE:LINE: key `x.y`: ...".
using ConfigErrors = std::vector<std::string>;

/// Reads `text` as the contents of `file` (the name is for messages). Looks at the file system to
/// see whether certificates can be read and directories written; changes nothing there.
[[nodiscard]] tl::expected<LoadedConfig, ConfigErrors> parse_config(std::string_view text,
                                                                    const std::string& file);

/// Reads the file. An unreadable one is an error like any other.
[[nodiscard]] tl::expected<LoadedConfig, ConfigErrors> load_config(const std::string& file);

}  // namespace cord::app
