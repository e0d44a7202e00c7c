// Agents' passwords: argon2id hashes (RFC 9106, libsodium's text form) or, for trials, plain text.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "core/ids.hpp"

namespace cord::front {

/// How one agent logs in. At most one of the two is given; neither: by token only.
struct Credential {
  std::string agent;
  std::string password;       ///< plain text
  std::string password_hash;  ///< from hash_password()
};

/// An argon2id hash with a random salt, as `cordboard passwd` prints it. Takes about a tenth of a
/// second and 64 MiB. Errors: io_failed (no memory).
[[nodiscard]] Result<std::string> hash_password(std::string_view password);

/// True if `text` has the form that hash_password() gives.
[[nodiscard]] bool is_password_hash(std::string_view text);

/// Constant while the process lives; may be asked by several threads.
class PasswordBook {
 public:
  /// The place of a credential is its agent's place in core::Directory::agents.
  explicit PasswordBook(std::vector<Credential> credentials);

  /// The agent if the password is right. An unknown agent, an agent with a plain password and a
  /// wrong password take the same time: if any agent has a hash, one hash is computed each time.
  [[nodiscard]] std::optional<core::AgentIndex> verify(const std::string& agent,
                                                       std::string_view password) const;

  /// The agent of that id, whoever asks.
  [[nodiscard]] std::optional<core::AgentIndex> find(const std::string& agent) const;

 private:
  std::vector<Credential> credentials_;
  std::unordered_map<std::string, core::AgentIndex> places_;
  std::string any_hash_;  ///< empty: no agent has one
};

}  // namespace cord::front
