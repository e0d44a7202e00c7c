#include "media/generated_audio.hpp"

#include <utility>

#include "media/g711.hpp"
#include "media/music.hpp"
#include "media/tone.hpp"

namespace cord::media {
namespace {

std::vector<std::uint8_t> in_frames(Codec law, std::span<const std::int16_t> samples) {
  std::vector<std::uint8_t> octets = encode(law, samples);
  const std::size_t frames = (octets.size() + frame_samples - 1) / frame_samples;
  octets.resize(frames * frame_samples, silence_octet(law));
  return octets;
}

CodedProgram::Sound sound_in(Codec law, const Program& program) {
  CodedProgram::Sound sound{in_frames(law, program.opening), in_frames(law, program.loop)};
  if (sound.loop.empty()) sound.loop.assign(frame_samples, silence_octet(law));
  return sound;
}

}  // namespace

SharedProgram code(const Program& program) {
  return std::make_shared<const CodedProgram>(
      CodedProgram{{sound_in(Codec::pcmu, program), sound_in(Codec::pcma, program)}});
}

GeneratedAudio::GeneratedAudio(std::vector<std::int16_t> music, std::vector<SharedProgram> programs)
    : silence_(code({})),
      music_(code({.loop = music.empty() ? music_period() : std::move(music)})),
      ringback_(code({.loop = ringback_period()})),
      programs_(std::move(programs)) {}

const CodedProgram& GeneratedAudio::sound_of(Source source,
                                             std::optional<std::uint16_t> program) const {
  if (source == Source::ringback) return *ringback_;
  if (source != Source::music) return *silence_;
  return program && *program < programs_.size() ? *programs_[*program] : *music_;
}

std::span<const std::uint8_t, frame_samples> GeneratedAudio::frame(
    Source source, std::optional<std::uint16_t> program, Codec law, std::uint64_t at) const {
  const auto& [opening, loop] = sound_of(source, program).laws[law == Codec::pcmu ? 0 : 1];
  const bool is_opening = at < opening.size();
  const std::size_t first = is_opening ? at : (at - opening.size()) % loop.size();
  return std::span(is_opening ? opening : loop).subspan(first).first<frame_samples>();
}

}  // namespace cord::media
