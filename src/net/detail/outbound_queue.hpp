// What waits to be written on one WebSocket: text messages, then perhaps a close. Pushed from any
// thread, taken by the one writer of the connection. No I/O here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace cord::net::detail {

class OutboundQueue {
 public:
  struct Close {
    std::uint16_t code;
    std::string reason;
  };
  using Item = std::variant<std::monostate, std::string, Close>;

  enum class Pushed {
    wake,      ///< queued, and the writer was at rest: wake it
    queued,    ///< queued; the writer will come to it
    overflow,  ///< refused: the queue is full
    closed,    ///< refused: a close was pushed before
  };

  /// The message being written counts until the next one is taken.
  OutboundQueue(std::size_t messages_max, std::size_t bytes_max)
      : messages_max_(messages_max), bytes_max_(bytes_max) {}

  [[nodiscard]] Pushed push(std::string text) {
    const std::lock_guard lock(mutex_);
    if (close_) return Pushed::closed;
    if (messages_ + 1 > messages_max_ || text.size() > bytes_max_ - bytes_) {
      return Pushed::overflow;
    }
    ++messages_;
    bytes_ += text.size();
    waiting_.push_back(std::move(text));
    return std::exchange(is_at_rest_, false) ? Pushed::wake : Pushed::queued;
  }

  /// Closes behind what is queued. False if a close was pushed before.
  bool close(Close close) {
    const std::lock_guard lock(mutex_);
    if (close_) return false;
    close_ = std::move(close);
    return true;
  }

  /// Closes instead of what is queued. False if a close was pushed before.
  bool close_now(Close close) {
    const std::lock_guard lock(mutex_);
    if (close_) return false;
    close_ = std::move(close);
    waiting_.clear();
    return true;
  }

  /// The next thing to write, the one before being written; nothing puts the writer to rest. After
  /// a Close it must not be called again.
  [[nodiscard]] Item next() {
    const std::lock_guard lock(mutex_);
    if (is_writing_) {
      --messages_;
      bytes_ -= writing_bytes_;
    }
    is_writing_ = !waiting_.empty();
    if (is_writing_) {
      std::string text = std::move(waiting_.front());
      waiting_.pop_front();
      writing_bytes_ = text.size();
      return text;
    }
    if (close_) return *close_;
    is_at_rest_ = true;
    return std::monostate{};
  }

  struct Fill {
    std::size_t messages;
    std::size_t bytes;
  };
  /// What waits, with what is being written.
  [[nodiscard]] Fill fill() const {
    const std::lock_guard lock(mutex_);
    return {messages_, bytes_};
  }

  /// What was asked, once it was.
  [[nodiscard]] std::optional<Close> closing() const {
    const std::lock_guard lock(mutex_);
    return close_;
  }

 private:
  const std::size_t messages_max_;
  const std::size_t bytes_max_;
  mutable std::mutex mutex_;
  std::deque<std::string> waiting_;
  std::optional<Close> close_;
  std::size_t messages_ = 0;       // with the one being written
  std::size_t bytes_ = 0;          // likewise
  std::size_t writing_bytes_ = 0;  // of the one being written
  bool is_writing_ = false;
  bool is_at_rest_ = true;
};

}  // namespace cord::net::detail
