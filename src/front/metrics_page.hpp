// GET /metrics: the text format of Prometheus, version 0.0.4.
#pragma once

#include <string>
#include <string_view>

#include "base/metrics.hpp"

namespace cord::front {

inline constexpr std::string_view metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";

/// Everything in the registry as it stands.
[[nodiscard]] std::string metrics_page(const Metrics& metrics);

}  // namespace cord::front
