#include "base/utc_text.hpp"

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

}  // namespace cord
