// Hold music: a slow arpeggio over four chords (C, D minor, F, G), made by this code and therefore
// free of anybody's rights. All notes are plain sines from a scale without A4 (440 Hz) and without
// anything near 1000 Hz: tests send these two as tones and must be able to tell them from music.
#pragma once

#include <cstdint>
#include <vector>

namespace cord::media {

/// One period, 9.6 s at 8 kHz. It can be looped without a click.
[[nodiscard]] std::vector<std::int16_t> music_period();

}  // namespace cord::media
