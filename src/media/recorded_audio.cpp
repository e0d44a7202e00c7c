#include "media/recorded_audio.hpp"

#include <algorithm>
#include <array>

#include "media/g711.hpp"
#include "media/prefetch.hpp"
#include "media/saturated.hpp"

namespace cord::media {

bool RecordedAudio::add(Voice voice, Codec codec, std::uint32_t frame,
                        std::span<const std::uint8_t> octets) {
  const bool is_full =
      pieces_.size() == pairs_ * pieces_max || octets_.size() + octets.size() > pairs_ * octets_max;
  if (is_full) return false;
  pieces_.push_back({.frame = frame,
                     .octets_at = static_cast<std::uint32_t>(octets_.size()),
                     .count = static_cast<std::uint16_t>(octets.size()),
                     .voice = static_cast<std::uint8_t>(voice.index()),
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
  rest.pairs_ = pairs_;
  rest.pieces_.reserve(pieces_.size());
  rest.octets_.reserve(octets_.size());
  for (const Piece& it : pieces_) {
    if (it.frame + it.count <= frame) continue;
    const std::uint32_t skipped = frame > it.frame ? frame - it.frame : 0;
    const auto octets = std::span(octets_).subspan(it.octets_at, it.count).subspan(skipped);
    const Voice voice(static_cast<Side>(it.voice % 2), it.voice / 2);
    static_cast<void>(rest.add(voice, it.codec, it.frame + skipped - frame, octets));
  }
  erase_from(frame);
  return rest;
}

// The samples of one voice, every other one of `out`.
void RecordedAudio::decode(std::size_t voice, std::uint32_t frames,
                           std::vector<std::int16_t>& out) const {
  for (const Piece& it : pieces_) {
    if (it.voice != voice || it.count == 0 || it.frame >= frames) continue;
    const auto& table = decode_table(it.codec);
    const std::uint8_t* from = &octets_[it.octets_at];
    std::int16_t* to = &out[2 * std::size_t{it.frame} + voice % 2];
    const std::size_t count = std::min<std::size_t>(it.count, frames - it.frame);
    for (std::size_t i = 0; i < count; ++i) to[2 * i] = table[from[i]];
  }
}

void RecordedAudio::decode(std::uint32_t frames, std::vector<std::int16_t>& out) const {
  out.assign(2 * std::size_t{frames}, 0);
  decode(Voice(Side::left).index(), frames, out);
  decode(Voice(Side::right).index(), frames, out);
  std::array<bool, 2 * voices_max> has_voice{};
  for (const Piece& it : pieces_) has_voice[it.voice] = true;
  std::vector<std::int16_t> more;
  for (std::size_t voice = 2; voice < has_voice.size(); ++voice) {
    if (!has_voice[voice]) continue;
    more.assign(out.size(), 0);
    decode(voice, frames, more);
    for (std::size_t i = voice % 2; i < out.size(); i += 2) out[i] = saturated(out[i] + more[i]);
  }
}

}  // namespace cord::media
