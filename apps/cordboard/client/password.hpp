// Passwords come from a terminal without echo, a file or the environment; never from the command
// line, which everybody on the machine can read.
#pragma once

#include <string>

#include "base/result.hpp"

namespace cord::app {

/// Asks on standard error, so that standard output holds nothing but results; without echo if
/// standard input is a terminal. One line, without its end.
[[nodiscard]] std::string ask_silently(const std::string& prompt);

/// Whether ask_silently() would ask a person.
[[nodiscard]] bool is_asking_a_person();

/// The first line of `file` if one is named, else $CORDBOARD_PASSWORD, else what is typed at a
/// terminal. Errors: io_failed: the file, or there is nothing of the three.
[[nodiscard]] Result<std::string> find_password(const std::string& file, const std::string& prompt);

}  // namespace cord::app
