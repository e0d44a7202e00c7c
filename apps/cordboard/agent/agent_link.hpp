// One agent's connection: logs in, resumes after a lost connection, and hands over messages. An io
// thread of its own feeds a bounded queue; everything else is the caller's one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "client/endpoint.hpp"

namespace cord::app {

struct LinkOpened {};
struct LinkText {
  std::string text;
};
struct LinkEnded {
  std::string why;
};
using LinkNews = std::variant<LinkOpened, LinkText, LinkEnded>;

class AgentLink {
 public:
  /// Errors: as net::WebClients::make.
  [[nodiscard]] static Result<std::unique_ptr<AgentLink>> make(const Endpoint& server);
  ~AgentLink();
  AgentLink(const AgentLink&) = delete;
  AgentLink& operator=(const AgentLink&) = delete;

  /// Begins to connect; LinkOpened or LinkEnded follows.
  void connect();
  /// Nothing if there is no connection: it will be lost, as it might have been on its way.
  void send(std::string text);
  /// Resets the connection, as a lost network would.
  void drop();

  /// Readable while take() has something.
  [[nodiscard]] int readable_fd() const;
  /// What has come since.
  [[nodiscard]] std::vector<LinkNews> take();
  /// Makes readable_fd() readable, from a signal handler's thread too.
  void wake();

 private:
  struct Impl;
  explicit AgentLink(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace cord::app
