#include "media/recorded_audio.hpp"

#include <algorithm>

#include "media/g711.hpp"
#include "media/prefetch.hpp"

namespace cord::media {

bool RecordedAudio::add(Side side, Codec codec, std::uint32_t frame,
                        std::span<const std::uint8_t> octets) {
  if (pieces_.size() == pieces_max || octets_.size() + octets.size() > octets_max) return false;
  pieces_.push_back({.frame = frame,
                     .octets_at = static_cast<std::uint32_t>(octets_.size()),
                     .count = static_cast<std::uint16_t>(octets.size()),
                     .side = side,
                     .codec = codec});
  octets_.insert(octets_.end(), octets.begin(), octets.end());
  return true;
}

void RecordedAudio::prefetch_end() const {
  constexpr std::size_t octets_expected = 160;
  prefetch_bytes(pieces_.data() + pieces_.size(), sizeof(Piece));
  prefetch_bytes(octets_.data() + octets_.size(), octets_expected);
}

void RecordedAudio::erase_from(std::uint32_t frame) {
  for (Piece& it : pieces_) {
    const std::uint32_t before = frame > it.frame ? frame - it.frame : 0;
    it.count = static_cast<std::uint16_t>(std::min<std::uint32_t>(it.count, before));
  }
}

RecordedAudio RecordedAudio::split(std::uint32_t frame) {
  RecordedAudio rest;
  rest.pieces_.reserve(pieces_.size());
  rest.octets_.reserve(octets_.size());
  for (const Piece& it : pieces_) {
    if (it.frame + it.count <= frame) continue;
    const std::uint32_t skipped = frame > it.frame ? frame - it.frame : 0;
    const auto octets = std::span(octets_).subspan(it.octets_at, it.count).subspan(skipped);
    static_cast<void>(rest.add(it.side, it.codec, it.frame + skipped - frame, octets));
  }
  erase_from(frame);
  return rest;
}

void RecordedAudio::decode(std::uint32_t frames, std::vector<std::int16_t>& out) const {
  out.assign(2 * std::size_t{frames}, 0);
  for (const Piece& it : pieces_) {
    if (it.count == 0 || it.frame >= frames) continue;
    const auto& table = decode_table(it.codec);
    const std::uint8_t* from = &octets_[it.octets_at];
    std::int16_t* to = &out[2 * std::size_t{it.frame} + static_cast<std::size_t>(it.side)];
    const std::size_t count = std::min<std::size_t>(it.count, frames - it.frame);
    for (std::size_t i = 0; i < count; ++i) to[2 * i] = table[from[i]];
  }
}

}  // namespace cord::media
