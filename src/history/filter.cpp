// What may be asked for, as text: in a query string, and on the command line.
#include <algorithm>
#include <charconv>

#include "base/utc_text.hpp"
#include "history/reader.hpp"

namespace cord::history {
namespace {

constexpr std::string_view where = "history.filter";
constexpr std::size_t value_bytes_max = 512;

/// As 2026-11-22T15:04:05.678Z; the milliseconds, or all of the time of day, may be left out.
std::optional<Instant> parse_time(const std::string& text) {
  if (const auto time = parse_utc_text(text)) return time;
  if (text.ends_with('Z')) return parse_utc_text(text.substr(0, text.size() - 1) + ".000Z");
  return parse_utc_text(text + "T00:00:00.000Z");
}

Result<void> bad(std::string_view name, std::string_view allowed) {
  return refuse(Errc::invalid_request, where, fmt::format("{} must be {}", name, allowed));
}

Result<void> set_time(std::optional<Instant>& to, std::string_view name, const std::string& value) {
  to = parse_time(value);
  if (to) return {};
  return bad(name, "a time as 2026-11-22T15:04:05Z, or a day as 2026-11-22");
}

Result<void> set_limit(std::size_t& to, const std::string& value) {
  const char* const end = value.data() + value.size();
  const auto [stop, failed] = std::from_chars(value.data(), end, to);
  if (failed == std::errc() && stop == end && to >= 1 && to <= page_rows_max) return {};
  return bad("limit", fmt::format("a number from 1 to {}", page_rows_max));
}

/// Percent-encoding (RFC 3986 §2.1), and + for a space; none if it is not right.
std::optional<std::string> decode(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    unsigned byte = 0;
    const char* const digits = text.data() + i + 1;
    if (text.size() - i < 3) return std::nullopt;
    const auto [stop, failed] = std::from_chars(digits, digits + 2, byte, 16);
    if (failed != std::errc() || stop != digits + 2) return std::nullopt;
    plain += static_cast<char>(byte);
    i += 2;
  }
  return plain;
}

}  // namespace

Result<void> set(Filter& filter, std::string_view name, const std::string& value) {
  if (value.empty() || value.size() > value_bytes_max) {
    return bad(name, fmt::format("1 to {} bytes", value_bytes_max));
  }
  const auto set_text = [&](std::optional<std::string>& to) -> Result<void> {
    to = value;
    return {};
  };
  if (name == "agent") return set_text(filter.agent);
  if (name == "queue") return set_text(filter.queue);
  if (name == "callId") return set_text(filter.call_id);
  if (name == "after") return set_text(filter.after);
  if (name == "from") return set_time(filter.from, name, value);
  if (name == "to") return set_time(filter.to, name, value);
  if (name == "limit") return set_limit(filter.limit, value);
  return refuse(Errc::invalid_request, where,
                "there is agent, queue, callId, from, to, limit and after");
}

Result<Filter> parse_filter(std::string_view query) {
  Filter filter;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto value = decode(pair.substr(std::min(equals + 1, pair.size())));
    if (!value) {
      return refuse(Errc::invalid_request, where,
                    fmt::format("{} is not percent-encoded", pair.substr(0, equals)));
    }
    if (auto done = set(filter, pair.substr(0, equals), *value); !done) {
      return tl::make_unexpected(std::move(done.error()));
    }
  }
  return filter;
}

}  // namespace cord::history
