#include "front/passwords.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <sodium.h>

#include "front/sodium.hpp"

namespace cord::front {
namespace {

bool hash_matches(const std::string& hash, std::string_view password) {
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (hash.size() >= text.size()) return false;
  std::copy(hash.begin(), hash.end(), text.begin());
  return crypto_pwhash_str_verify(text.data(), password.data(), password.size()) == 0;
}

}  // namespace

Result<std::string> hash_password(std::string_view password) {
  need_sodium();
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (crypto_pwhash_str_alg(text.data(), password.data(), password.size(),
                            crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return refuse(Errc::io_failed, "front.hash", "not enough memory to hash a password");
  }
  return std::string(text.data());
}

bool is_password_hash(std::string_view text) {
  return text.starts_with(crypto_pwhash_argon2id_STRPREFIX) &&
         text.size() < crypto_pwhash_STRBYTES &&
         crypto_pwhash_str_needs_rehash(std::string(text).c_str(),
                                        crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                        crypto_pwhash_MEMLIMIT_INTERACTIVE) >= 0;
}

PasswordBook::PasswordBook(std::vector<Credential> credentials)
    : credentials_(std::move(credentials)) {
  need_sodium();
  for (std::size_t i = 0; i < credentials_.size(); ++i) {
    places_.emplace(credentials_[i].agent, static_cast<core::AgentIndex>(i));
    if (any_hash_.empty()) any_hash_ = credentials_[i].password_hash;
  }
}

std::optional<core::AgentIndex> PasswordBook::verify(const std::string& agent,
                                                     std::string_view password) const {
  static const Credential nobody;
  const auto place = find(agent);
  const Credential& credential = place ? credentials_[*place] : nobody;
  const bool has_hash = !credential.password_hash.empty();
  bool hash_is_right = false;
  if (!any_hash_.empty()) {
    hash_is_right = hash_matches(has_hash ? credential.password_hash : any_hash_, password);
  }
  const bool text_is_right = is_same_secret(credential.password, password);
  // Who has no password is not let in by an empty one.
  const bool has_text = !credential.password.empty();
  if (!(has_hash ? hash_is_right : has_text && text_is_right)) return std::nullopt;
  return place;
}

std::optional<core::AgentIndex> PasswordBook::find(const std::string& agent) const {
  const auto place = places_.find(agent);
  if (place == places_.end()) return std::nullopt;
  return place->second;
}

}  // namespace cord::front
