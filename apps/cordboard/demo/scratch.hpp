// A demo's own directory: its recordings are kept for whoever wants to hear them, its journal is
// not.
#pragma once

#include <string>

namespace cord::app {

class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  /// Empty if it could not be made.
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace cord::app
