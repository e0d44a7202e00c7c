#include "runtime/flight_replay.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace cord::runtime {
namespace {

/// The first line in which two texts differ, of both.
std::string first_difference(std::string_view recorded, std::string_view replayed) {
  const auto take_line = [](std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
  };
  while (!recorded.empty() || !replayed.empty()) {
    const std::string_view one = take_line(recorded);
    const std::string_view other = take_line(replayed);
    if (one != other) return fmt::format("recorded: {}\nreplayed: {}", one, other);
  }
  return "the texts are equal; the bytes are not";
}

class Replay {
 public:
  FlightReport report;

  Result<void> take(FlightEntry&& entry) {
    return std::visit([this](auto&& it) { return on(std::move(it)); }, std::move(entry));
  }

  void finish() {
    if (!state_) return;
    report.directory = *directory_;
    report.state = core::image_of(*state_);
  }

 private:
  Result<void> on(FlightStart&& start) {
    if (state_) return refuse(Errc::corrupt, "flight.entry", "a second beginning");
    report.first = report.last = start.time;
    directory_ = std::make_unique<core::Directory>(std::move(start.directory));
    state_.emplace(*directory_);
    core::restore(*state_, std::move(start.state));
    return {};
  }

  Result<void> on(FlightInput&& it) {
    if (!state_) return refuse(Errc::corrupt, "flight.entry", "an input before the beginning");
    report.last = it.time;
    ++report.inputs;
    const auto decision = core::decide(*state_, it.input, it.time);
    if (!decision) {
      ++report.refusals;
      return {};
    }
    for (const core::Block& block : decision->blocks) {
      for (const core::Event& event : block.events) core::apply(*state_, event, it.time);
      report.events += block.events.size();
    }
    return {};
  }

  Result<void> on(FlightCheck&& it) {
    if (!state_) return refuse(Errc::corrupt, "flight.entry", "a state before the beginning");
    report.last = it.time;
    ++report.checks;
    if (!report.difference.empty()) return {};
    if (encode_image(it.state) == encode_image(core::image_of(*state_))) return {};
    core::State recorded(*directory_);
    core::restore(recorded, std::move(it.state));
    report.difference = first_difference(recorded.dump(), state_->dump());
    return {};
  }

  std::unique_ptr<core::Directory> directory_;
  std::optional<core::State> state_;
};

}  // namespace

Result<FlightReport> replay_flight(std::string_view bytes) {
  if (bytes.substr(0, flight_magic.size()) != flight_magic) {
    return refuse(Errc::malformed, "flight", "it is not a flight recording of this version");
  }
  std::string_view rest = bytes.substr(flight_magic.size());
  Replay replay;
  for (std::uint64_t number = 1; !rest.empty(); ++number) {
    auto entry = take_flight_entry(rest);
    if (!entry && entry.error().code == Errc::too_short) {
      replay.report.is_cut = true;
      break;
    }
    auto taken = entry ? replay.take(std::move(*entry)) : tl::make_unexpected(entry.error());
    if (taken) continue;
    return refuse(Errc::corrupt, "flight",
                  fmt::format("entry {}, at byte {}: {}", number, bytes.size() - rest.size(),
                              taken.error().detail));
  }
  replay.finish();
  return std::move(replay.report);
}

}  // namespace cord::runtime
