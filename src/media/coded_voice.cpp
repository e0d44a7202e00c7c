#include "media/coded_voice.hpp"

#include <algorithm>
#include <utility>

#include "media/rtp_reception.hpp"

namespace cord::media {
namespace {

// What a decoder can be asked for: 2.5 ms.
constexpr std::uint32_t step_samples = 20;

}  // namespace

void CodedVoice::put(const Media& media) {
  if (waiting_.size() == waiting_max) drop_first();
  Packet packet;
  if (!spare_.empty()) {
    packet = std::move(spare_.back());
    spare_.pop_back();
  }
  packet.timestamp = media.timestamp;
  packet.muted = media.muted;
  packet.payload.assign(media.payload.begin(), media.payload.end());
  // Nearly always at the end.
  auto place = waiting_.end();
  while (place != waiting_.begin() && distance(media.timestamp, (place - 1)->timestamp) > 0) {
    --place;
  }
  waiting_.insert(place, std::move(packet));
}

void CodedVoice::drop_first() {
  spare_.push_back(std::move(waiting_.front()));
  waiting_.erase(waiting_.begin());
}

std::optional<CodedVoice::Piece> CodedVoice::next(std::uint32_t until) {
  while (!waiting_.empty() && distance(waiting_.front().timestamp, until) > 0) {
    const Packet& packet = waiting_.front();
    const bool is_late = end_ && distance(*end_, packet.timestamp) < 0;
    if (!is_late) {
      if (auto lost = recover(packet)) return lost;
      const Piece piece = decode(packet);
      drop_first();
      return piece;
    }
    drop_first();
  }
  return std::nullopt;
}

// What is missing before `next`, if that is little enough to be a loss and not a pause.
std::optional<CodedVoice::Piece> CodedVoice::recover(const Packet& next) {
  if (!end_) return std::nullopt;
  const std::uint32_t missing = (next.timestamp - *end_) / step_samples * step_samples;
  if (missing == 0 || missing > decoded_samples_max) return std::nullopt;
  const std::span out = std::span(sound_).first(missing);
  if (!decoder_->recover(next.payload, out)) return std::nullopt;
  if (next.muted) std::fill(out.begin(), out.end(), std::int16_t{0});
  const Piece piece{next.timestamp - missing, out};
  end_ = next.timestamp;
  return piece;
}

CodedVoice::Piece CodedVoice::decode(const Packet& packet) {
  const auto samples = decoder_->decode(packet.payload, sound_);
  const std::span out = std::span(sound_).first(samples.value_or(0));
  // Decoded all the same: the decoder has to follow.
  if (packet.muted) std::fill(out.begin(), out.end(), std::int16_t{0});
  end_ = packet.timestamp +
         static_cast<std::uint32_t>(samples ? out.size() : samples_in(codec_, packet.payload));
  return {packet.timestamp, out};
}

}  // namespace cord::media
