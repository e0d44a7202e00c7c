// The demo's story, step by step: each does something, waits for what must follow, and checks it.
#pragma once

#include <chrono>
#include <string>

#include "demo/desktop.hpp"
#include "demo/soft_phone.hpp"
#include "demo/transcript.hpp"

namespace cord::app {

inline constexpr double customer_hz = 440;
inline constexpr double agent_hz = 1'000;

/// Who plays. Everything outlives the story.
struct Cast {
  Desktop& desktop;
  SoftPhone& customer;
  SoftPhone& phone;
  Transcript& transcript;
  net::Address sip_server;
  std::string number;  ///< that the customer calls
  std::string recordings_directory;
};

class Story {
 public:
  explicit Story(const Cast& cast) : cast_(cast) {}

  /// True if all of it went as claimed. Ends at the first step that did not.
  [[nodiscard]] bool play();

 private:
  using Clock = std::chrono::steady_clock;

  bool log_in();
  bool get_ready();
  bool be_offered_a_call();
  bool answer();
  bool mute();
  bool hold();
  bool record();
  bool keep_data();
  bool release();
  bool log_out();
  bool inspect_recording();

  bool ask(std::string_view command, const std::string& target, std::string_view data = "{}");
  bool await(std::string_view name, const FlatJson& having = {});
  bool both_hear_each_other();
  bool hears(SoftPhone& who, std::string_view name, std::string_view whom, double hz);

  Cast cast_;
  std::string session_, channel_, interaction_, conversation_;
  DesktopReply reply_;
  DesktopEvent event_;
  Clock::duration paused_min_{}, paused_max_{};
};

}  // namespace cord::app
