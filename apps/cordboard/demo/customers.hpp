// Customers who call again and again, for a desktop that somebody is looking at.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "demo/soft_phone.hpp"

namespace cord::app {

class Customers {
 public:
  /// Each phone calls `number` at `server`, the next one a while after the one before, stays until
  /// it is released or for five minutes, and calls again after a pause. `phones` outlive it.
  Customers(const std::vector<std::unique_ptr<SoftPhone>>& phones, std::string number,
            net::Address server);
  /// Those who talk hang up.
  ~Customers();
  Customers(const Customers&) = delete;
  Customers& operator=(const Customers&) = delete;

 private:
  void call_again(SoftPhone& phone, Duration first);
  /// False if the end comes first.
  bool pause(Duration span);
  [[nodiscard]] bool is_over();

  const std::string number_;
  const net::Address server_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_over_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace cord::app
