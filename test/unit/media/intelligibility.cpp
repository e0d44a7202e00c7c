#include "intelligibility.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <numbers>
#include <numeric>

namespace cord::media::test {
namespace {

constexpr std::size_t window = 256, transform = 512, bands = 14, stretch = 30;
constexpr double lowest_hz = 150, rate_hz = 8'000;
constexpr double silence_db = 40;  // below the loudest frame
constexpr double clip_db = -15;    // of what was sent: a band cannot be worse than that

using Bands = std::array<double, bands>;

struct Frame {
  double energy = 0;
  Bands envelope{};
};

void transform_in_place(std::array<std::complex<double>, transform>& it) {
  for (std::size_t i = 1, j = 0; i < transform; ++i) {
    std::size_t bit = transform / 2;
    for (; (j & bit) != 0; bit /= 2) j ^= bit;
    j ^= bit;
    if (i < j) std::swap(it[i], it[j]);
  }
  for (std::size_t size = 2; size <= transform; size *= 2) {
    const auto turn = std::polar(1.0, -2 * std::numbers::pi / static_cast<double>(size));
    for (std::size_t i = 0; i < transform; i += size) {
      std::complex<double> phase = 1;
      for (std::size_t k = 0; k < size / 2; ++k, phase *= turn) {
        const auto even = it[i + k], odd = phase * it[i + k + size / 2];
        it[i + k] = even + odd;
        it[i + k + size / 2] = even - odd;
      }
    }
  }
}

std::size_t bin_at(double hz) {
  return static_cast<std::size_t>(std::lround(hz / rate_hz * transform));
}

Frame frame_at(std::span<const std::int16_t> sound, std::int64_t begin) {
  std::array<std::complex<double>, transform> spectrum{};
  Frame frame;
  for (std::size_t i = 0; i < window; ++i) {
    const std::int64_t at = begin + static_cast<std::int64_t>(i);
    const bool is_there = at >= 0 && at < static_cast<std::int64_t>(sound.size());
    const double phase = 2 * std::numbers::pi * (static_cast<double>(i) + 0.5) / window;
    const double sample = is_there ? sound[static_cast<std::size_t>(at)] : 0;
    spectrum[i] = sample * (0.5 - 0.5 * std::cos(phase));
    frame.energy += std::norm(spectrum[i]);
  }
  transform_in_place(spectrum);
  for (std::size_t band = 0; band < bands; ++band) {
    const double centre = lowest_hz * std::exp2(static_cast<double>(band) / 3);
    const std::size_t first = bin_at(centre * std::exp2(-1.0 / 6));
    const std::size_t end = bin_at(centre * std::exp2(1.0 / 6));
    double energy = 0;
    for (std::size_t bin = first; bin < end; ++bin) energy += std::norm(spectrum[bin]);
    frame.envelope[band] = std::sqrt(energy);
  }
  return frame;
}

double correlation(const std::vector<double>& one, const std::vector<double>& other) {
  const auto count = static_cast<double>(one.size());
  const double mean_one = std::accumulate(one.begin(), one.end(), 0.0) / count;
  const double mean_other = std::accumulate(other.begin(), other.end(), 0.0) / count;
  double product = 0, square_one = 0, square_other = 0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    const double a = one[i] - mean_one, b = other[i] - mean_other;
    product += a * b;
    square_one += a * a;
    square_other += b * b;
  }
  const double both = std::sqrt(square_one * square_other);
  return both == 0 ? 0 : product / both;
}

double norm(const std::vector<double>& values) {
  return std::sqrt(std::inner_product(values.begin(), values.end(), values.begin(), 0.0));
}

// Of one band in one stretch.
double likeness(const std::vector<double>& sent, std::vector<double> heard) {
  const double gain = norm(heard) == 0 ? 0 : norm(sent) / norm(heard);
  const double most = 1 + std::pow(10, -clip_db / 20);
  for (std::size_t i = 0; i < heard.size(); ++i)
    heard[i] = std::min(heard[i] * gain, sent[i] * most);
  return correlation(sent, heard);
}

}  // namespace

double intelligibility(std::span<const std::int16_t> sent, std::span<const std::int16_t> heard,
                       const Positions& positions) {
  std::vector<Frame> clean, damaged;
  double loudest = 0;
  for (std::size_t k = 0; k < positions.size(); ++k) {
    if (k * analysis_hop + window > heard.size()) break;
    clean.push_back(frame_at(sent, positions[k]));
    damaged.push_back(frame_at(heard, static_cast<std::int64_t>(k * analysis_hop)));
    loudest = std::max(loudest, clean.back().energy);
  }
  std::vector<std::size_t> spoken;
  for (std::size_t k = 0; k < clean.size(); ++k) {
    if (clean[k].energy > loudest * std::pow(10, -silence_db / 10)) spoken.push_back(k);
  }
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t end = stretch; end <= spoken.size(); ++end) {
    for (std::size_t band = 0; band < bands; ++band, ++count) {
      std::vector<double> one, other;
      for (std::size_t i = end - stretch; i < end; ++i) {
        one.push_back(clean[spoken[i]].envelope[band]);
        other.push_back(damaged[spoken[i]].envelope[band]);
      }
      sum += likeness(one, std::move(other));
    }
  }
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

}  // namespace cord::media::test
