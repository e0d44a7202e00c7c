// What the driver reports while it is called, until the engine has time for it. Of the engine's
// thread only.
#pragma once

#include <deque>
#include <optional>
#include <utility>

#include "core/reports.hpp"

namespace cord::runtime {

/// In order of arrival. Its length needs no bound of its own: the engine empties it after every
/// call of the driver, and one call reports each of the driver's bounded legs a few times at most.
class ReportQueue {
 public:
  void push(core::Report&& report) { reports_.push_back(std::move(report)); }

  [[nodiscard]] std::optional<core::Report> pop() {
    if (reports_.empty()) return std::nullopt;
    std::optional<core::Report> first(std::move(reports_.front()));
    reports_.pop_front();
    return first;
  }

 private:
  std::deque<core::Report> reports_;
};

}  // namespace cord::runtime
