#include "demo/customers.hpp"

#include <chrono>
#include <utility>

namespace cord::app {
namespace {

using namespace std::chrono_literals;

constexpr Duration apart = 20s, between_calls = 5s;
constexpr Duration look_every = 200ms;
constexpr int looks_max = 5 * 60 * 5;

}  // namespace

Customers::Customers(const std::vector<std::unique_ptr<SoftPhone>>& phones, std::string number,
                     net::Address server)
    : number_(std::move(number)), server_(server) {
  Duration first = 2s;
  for (const auto& phone : phones) {
    threads_.emplace_back([this, it = phone.get(), first] { call_again(*it, first); });
    first += apart;
  }
}

Customers::~Customers() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  changed_.notify_all();
  for (std::thread& it : threads_) it.join();
}

bool Customers::pause(Duration span) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, span, [this] { return is_over_; });
}

bool Customers::is_over() {
  const std::lock_guard lock(mutex_);
  return is_over_;
}

void Customers::call_again(SoftPhone& phone, Duration first) {
  for (bool goes_on = pause(first); goes_on; goes_on = pause(between_calls)) {
    if (!phone.call(number_, server_)) continue;
    for (int looks = 0; looks < looks_max && !is_over(); ++looks) {
      if (phone.wait_for(Line::idle, look_every)) break;
    }
    phone.hang_up();
  }
}

}  // namespace cord::app
