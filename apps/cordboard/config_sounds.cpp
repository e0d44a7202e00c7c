#include "config_sounds.hpp"

#include <chrono>
#include <utility>

#include "media/audio_file.hpp"

namespace cord::app {
namespace {

using namespace std::chrono_literals;
using Sound = std::vector<std::int16_t>;

constexpr std::initializer_list<const char*> announcement_keys = {"greeting", "announcement",
                                                                  "announcement-every", "farewell"};

Sound read_file(TableReader& table, const char* key) {
  const auto file = table.text(key);
  if (!file) return {};
  auto sound = media::read_audio_file(*file);
  if (sound) return std::move(*sound);
  table.problem(key, sound.error().detail);
  return {};
}

std::uint16_t add(media::MediaConfig& media, const media::Program& program) {
  media.programs.push_back(media::code(program));
  return static_cast<std::uint16_t>(media.programs.size() - 1);
}

}  // namespace

std::vector<std::int16_t> read_music(TableReader& table) {
  return read_file(table, "music");
}

void read_sounds(TableReader& table, const core::Queue& queue, media::MediaConfig& media,
                 drivers::SipConfig& sip) {
  if (queue.waiting != core::Waiting::music) {
    for (const char* key : announcement_keys) {
      if (!table.has(key)) continue;
      (void)table.text(key);
      table.problem(key, "needs a call that is answered: waiting = \"music\"");
    }
    return;
  }
  const Sound greeting = read_file(table, "greeting");
  const Sound announcement = read_file(table, "announcement");
  Sound farewell = read_file(table, "farewell");
  const auto every = table.duration("announcement-every", 5s, 10min);
  if (every && !table.has("announcement")) {
    table.problem("announcement-every", "there is no announcement that it would be about");
  }
  drivers::QueueSounds sounds{.queue = queue.name};
  if (!greeting.empty() || !announcement.empty()) {
    sounds.waiting = add(
        media, media::waiting_program(greeting, announcement, every.value_or(30s), media.music));
  }
  if (!farewell.empty()) {
    const media::Program program{.opening = std::move(farewell)};
    sounds.farewell_takes = media::opening_time(program);
    sounds.farewell = add(media, program);
  }
  if (sounds.waiting || sounds.farewell) sip.queue_sounds.push_back(std::move(sounds));
}

}  // namespace cord::app
