#include "base/utc_text.hpp"

#include <array>
#include <charconv>

#include <fmt/format.h>

namespace cord {

std::string utc_text(Instant at) {
  using namespace std::chrono;
  const auto since = floor<milliseconds>(at.time_since_epoch());
  const auto day = floor<days>(since);
  const year_month_day date{sys_days(day)};
  const hh_mm_ss clock{since - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", int(date.year()),
                     unsigned(date.month()), unsigned(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

std::optional<Instant> parse_utc_text(std::string_view text) {
  using namespace std::chrono;
  struct Field {
    std::size_t from, digits;
  };
  constexpr std::array fields{Field{0, 4},  Field{5, 2},  Field{8, 2}, Field{11, 2},
                              Field{14, 2}, Field{17, 2}, Field{20, 3}};
  constexpr std::string_view form = "0000-00-00T00:00:00.000Z";
  if (text.size() != form.size()) return std::nullopt;
  std::array<int, fields.size()> values{};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const char* const from = text.data() + fields[i].from;
    const auto [end, error] = std::from_chars(from, from + fields[i].digits, values[i]);
    if (error != std::errc{} || end != from + fields[i].digits || *from == '-') return std::nullopt;
  }
  const auto& [y, mo, d, h, mi, s, ms] = values;
  const year_month_day date{year(y), month(unsigned(mo)), day(unsigned(d))};
  if (!date.ok()) return std::nullopt;
  const Instant at{sys_days(date).time_since_epoch() + hours(h) + minutes(mi) + seconds(s) +
                   milliseconds(ms)};
  if (utc_text(at) != text) return std::nullopt;
  return at;
}

}  // namespace cord
