// The agents' desktop, served from the files that web/desktop is built into: docs/operations.md,
// "The desktop".
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "net/web_server.hpp"

namespace cord::front {

/// A log-in that the desktop offers to whoever opens it: of `cordboard demo` only, no configuration
/// file has any.
struct DemoLogIn {
  std::string agent;
  std::string password;
  std::string name;
};

/// `[desktop]`.
struct DesktopConfig {
  std::filesystem::path files = {};  ///< the folder; empty: no desktop is served
  /// Origins ("https://crm.example") of web pages that may have the desktop in a frame and talk to
  /// it, beside our own.
  std::vector<std::string> embed_origins = {};
  std::string screen_pop = {};  ///< template of the page that is opened with a call; empty: none
  std::vector<DemoLogIn> demo = {};
};

/// "https://crm.example", "http://127.0.0.1:8000": a scheme, a host, perhaps a port, nothing else.
/// No wildcard is one.
[[nodiscard]] bool is_web_origin(std::string_view text);

/// Whether it may be the template of a screen pop: http or https, with its host in the template.
[[nodiscard]] bool is_screen_pop(std::string_view text);

/// Read once and kept in memory. Only what was there then is served, under the name it had: a path
/// is looked up, never opened.
class DesktopFiles {
 public:
  /// Without files.
  DesktopFiles() = default;

  /// Reads everything in the folder: at most 200 files and 16 MiB, no links. Errors: io_failed
  /// (it cannot be read, or has no index.html), malformed (it is too much).
  [[nodiscard]] static Result<DesktopFiles> read(const DesktopConfig& config);

  [[nodiscard]] bool empty() const { return files_.empty(); }

  /// The answer to a request for one of the files, for `/` or for `/desktop.json`; nothing if it is
  /// for something else. From any thread.
  [[nodiscard]] std::optional<net::HttpResponse> answer(const net::HttpRequest& request) const;

 private:
  std::map<std::string, net::HttpResponse, std::less<>> files_;  ///< by path
};

}  // namespace cord::front
