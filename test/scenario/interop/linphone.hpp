// linphonec, the console program of Linphone, with files in place of a sound card.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "scenario/interop/story_phone.hpp"
#include "scenario/support/child_process.hpp"

namespace cord::scenario {

class Linphone final : public StoryPhone {
 public:
  /// Starts it and waits until it listens; all it writes is below `directory`.
  Linphone(const std::filesystem::path& directory, bool answers_by_itself);
  ~Linphone() override;
  Linphone(const Linphone&) = delete;
  Linphone& operator=(const Linphone&) = delete;

  [[nodiscard]] std::uint16_t port() const override { return port_; }
  void pick_up() override;
  [[nodiscard]] std::vector<std::int16_t> listen(std::chrono::milliseconds span) override;
  [[nodiscard]] int ended_calls() const override;
  [[nodiscard]] std::string output() const override { return process_->output(); }

 private:
  void type(const std::string& line) const;
  void configure() const;

  std::filesystem::path directory_;
  std::uint16_t port_ = 0;
  int commands_ = -1;  ///< a named pipe, which is its standard input
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace cord::scenario
