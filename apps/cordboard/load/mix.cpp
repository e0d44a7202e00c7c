#include "load/mix.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

namespace cord::app {
namespace {

constexpr std::uint32_t weight_max = 1'000'000;
constexpr std::string_view talking = "connected held";

constexpr std::array usual{
    // command, object, moods, recording, data, weight
    MixRow{"conversation.hold", "conversation", "connected", "", "{}", 25},
    MixRow{"conversation.retrieve", "conversation", "held", "", "{}", 25},
    MixRow{"conversation.request.mute", "conversation", talking, "", "{}", 10},
    MixRow{"conversation.request.unmute", "conversation", talking, "", "{}", 10},
    MixRow{"interaction.request.recording.start", "interaction", talking, "NONE", "{}", 3},
    MixRow{"interaction.request.recording.pause", "interaction", talking, "RECORDING", "{}", 5},
    MixRow{"interaction.request.recording.resume", "interaction", talking, "PAUSED", "{}", 5},
    MixRow{"interaction.request.recording.stop", "interaction", talking, "RECORDING PAUSED", "{}",
           1},
    MixRow{"interaction.setdata", "interaction", talking, "",
           R"({"interaction-data":{"crm":"customer 4711","note":"asks for a refund"}})", 8},
    MixRow{"interaction.getdata", "interaction", talking, "", "{}", 3},
    MixRow{"session.snapshot", "session", "ready not_ready connected held", "", "{}", 2},
    MixRow{"channel.notready", "channel", "ready", "", R"({"reason":{"code":"break"}})", 1},
    MixRow{"channel.ready", "channel", "not_ready", "", "{}", 2},
};

bool has_word(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const auto space = std::min(words.find(' '), words.size());
    if (words.substr(0, space) == word) return true;
    words.remove_prefix(std::min(words.size(), space + 1));
  }
  return false;
}

std::string known_commands() {
  std::string all;
  for (const MixRow& row : usual) all += fmt::format("{}{}", all.empty() ? "" : ", ", row.command);
  return all;
}

Result<MixRow> parse_row(std::string_view text) {
  const auto equals = std::min(text.find('='), text.size());
  const std::string_view name = text.substr(0, equals);
  const std::string_view number = text.substr(std::min(text.size(), equals + 1));
  const auto row = std::find_if(usual.begin(), usual.end(),
                                [&](const MixRow& it) { return it.command == name; });
  if (row == usual.end()) {
    return refuse(
        Errc::malformed, "load.mix",
        fmt::format("\"{}\" is no command of a mix; allowed: {}", name, known_commands()));
  }
  MixRow found = *row;
  const char* const end = number.data() + number.size();
  const auto [stop, error] = std::from_chars(number.data(), end, found.weight);
  if (error != std::errc{} || stop != end || found.weight == 0 || found.weight > weight_max) {
    return refuse(Errc::malformed, "load.mix",
                  fmt::format("the weight of {} is \"{}\"; allowed: {}=WEIGHT with 1 to {}", name,
                              number, name, weight_max));
  }
  return found;
}

}  // namespace

bool MixRow::suits(Mood mood) const {
  constexpr std::array<std::string_view, moods_count> names{"", "ready", "not_ready", "connected",
                                                            "held"};
  return mood != Mood::none && has_word(moods, names[static_cast<std::size_t>(mood)]);
}

Mix::Mix(std::vector<MixRow> rows) : rows_(std::move(rows)) {
  for (const MixRow& row : rows_) weights_ += row.weight;
}

Result<Mix> Mix::parse(std::string_view text) {
  if (text.empty()) return Mix({usual.begin(), usual.end()});
  std::vector<MixRow> rows;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    auto row = parse_row(text.substr(0, comma));
    if (!row) return tl::make_unexpected(row.error());
    rows.push_back(*row);
    text.remove_prefix(std::min(text.size(), comma + 1));
  }
  return Mix(std::move(rows));
}

const MixRow& Mix::draw(Prng& prng) const {
  std::uint64_t at = prng.below(weights_);
  for (const MixRow& row : rows_) {
    if (at < row.weight) return row;
    at -= row.weight;
  }
  return rows_.back();
}

}  // namespace cord::app
