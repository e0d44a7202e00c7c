// The media plane's thread as the driver's MediaPort.
#pragma once

#include <utility>

#include "drivers/sip/ports.hpp"
#include "media/media_thread.hpp"

namespace cord::drivers {

class MediaThreadPort final : public MediaPort {
 public:
  /// `thread` must outlive it.
  explicit MediaThreadPort(media::MediaThread& thread) : thread_(thread) {}
  [[nodiscard]] bool submit(media::Order order) override { return thread_.order(std::move(order)); }

 private:
  media::MediaThread& thread_;
};

}  // namespace cord::drivers
