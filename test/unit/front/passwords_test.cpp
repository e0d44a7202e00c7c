#include "front/passwords.hpp"

#include <chrono>
#include <ctime>
#include <set>

#include <gtest/gtest.h>

#include "front/sodium.hpp"

namespace cord::front {
namespace {

TEST(HashPassword, MakesAnArgon2idHashWithItsOwnSalt) {
  const std::string one = hash_password("secret").value();
  EXPECT_TRUE(one.starts_with("$argon2id$")) << one;
  EXPECT_TRUE(is_password_hash(one));
  EXPECT_NE(one, hash_password("secret").value());
}

TEST(HashPassword, OtherTextsAreNoHashes) {
  for (const std::string& text :
       {std::string(), std::string("secret"), std::string("$argon2id$"),
        std::string("$argon2id$v=19$m=65536,t=2,p=1$short"), std::string(200, '$'),
        std::string("$argon2id$") + std::string(200, 'x')}) {
    EXPECT_FALSE(is_password_hash(text)) << text;
  }
}

TEST(PasswordBook, ChecksPlainPasswordsAndHashes) {
  const PasswordBook book({{"alice", "secret", ""},
                           {"bob", "", hash_password("hidden").value()},
                           {"carol", "", "$argon2id$broken"}});
  EXPECT_EQ(book.verify("alice", "secret"), 0u);
  EXPECT_EQ(book.verify("bob", "hidden"), 1u);
  for (const auto& [agent, password] :
       std::initializer_list<std::pair<const char*, const char*>>{{"alice", "Secret"},
                                                                  {"alice", "secre"},
                                                                  {"alice", "secrets"},
                                                                  {"alice", ""},
                                                                  {"alice", "hidden"},
                                                                  {"bob", "secret"},
                                                                  {"bob", ""},
                                                                  {"carol", ""},
                                                                  {"carol", "x"},
                                                                  {"dave", "secret"},
                                                                  {"dave", "hidden"},
                                                                  {"dave", ""},
                                                                  {"", ""},
                                                                  {"Alice", "secret"}}) {
    EXPECT_EQ(book.verify(agent, password), std::nullopt) << agent << " " << password;
  }
}

TEST(PasswordBook, ChecksPlainPasswordsWithoutAnyHash) {
  const PasswordBook book({{"alice", "secret", ""}});
  EXPECT_EQ(book.verify("alice", "secret"), 0u);
  EXPECT_EQ(book.verify("alice", "wrong"), std::nullopt);
  EXPECT_EQ(book.verify("bob", ""), std::nullopt);
}

/// What this thread has computed so far, however busy the machine is.
std::chrono::nanoseconds thread_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

std::chrono::nanoseconds time_of_refusing(const PasswordBook& book, const std::string& agent) {
  const auto start = thread_time();
  EXPECT_FALSE(book.verify(agent, "wrong"));
  return thread_time() - start;
}

TEST(PasswordBook, UnknownAgentsTakeAsLongAsWrongPasswords) {
  const PasswordBook book({{"alice", "secret", ""}, {"bob", "", hash_password("hidden").value()}});
  // A hash takes ten thousand times as long as everything else, so a factor of four is telling.
  const auto known = time_of_refusing(book, "bob");
  for (const char* agent : {"nobody", "alice"}) {
    const auto other = time_of_refusing(book, agent);
    EXPECT_GT(other * 4, known) << agent;
    EXPECT_LT(other, known * 4) << agent;
  }
}

TEST(RandomName, IsLongAndNeverTheSame) {
  std::set<std::string> names;
  for (int i = 0; i < 1000; ++i) {
    const std::string name = random_name(24);
    EXPECT_EQ(name.size(), 32u);
    EXPECT_EQ(
        name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
        std::string::npos);
    names.insert(name);
  }
  EXPECT_EQ(names.size(), 1000u);
}

}  // namespace
}  // namespace cord::front
