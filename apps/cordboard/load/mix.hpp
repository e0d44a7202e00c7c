// What the load's desktops ask for while they work, and how often each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/prng.hpp"
#include "base/result.hpp"

namespace cord::app {

/// What an agent is at; a command of the mix goes to one for whom it makes sense.
enum class Mood : std::uint8_t {
  none,       ///< not logged in, has asked for something, or is about to
  ready,      ///< no call
  not_ready,  ///< no call
  connected,
  held,
};
inline constexpr std::size_t moods_count = 5;

struct MixRow {
  std::string_view command;
  std::string_view object;     ///< "session", "channel", "interaction", "conversation": the target
  std::string_view moods;      ///< "connected held"
  std::string_view recording;  ///< the interaction's, "RECORDING PAUSED"; empty: any
  std::string_view data;
  std::uint32_t weight;

  [[nodiscard]] bool suits(Mood mood) const;
};

class Mix {
 public:
  /// The usual one, or "conversation.hold=3,conversation.retrieve=3": just these, with weights from
  /// 1 to 1,000,000. Errors: malformed, with what is allowed.
  [[nodiscard]] static Result<Mix> parse(std::string_view text);

  [[nodiscard]] const MixRow& draw(Prng& prng) const;
  [[nodiscard]] const std::vector<MixRow>& rows() const { return rows_; }

 private:
  explicit Mix(std::vector<MixRow> rows);

  std::vector<MixRow> rows_;
  std::uint64_t weights_ = 0;
};

}  // namespace cord::app
