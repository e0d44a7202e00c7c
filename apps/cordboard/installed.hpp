// What is installed with the program beside it: bin/cordboard has it in share/cordboard, where it
// is built too.
#pragma once

#include <filesystem>
#include <string_view>

namespace cord::app {

/// The path of `name` there; empty if there is no such file or folder.
[[nodiscard]] std::filesystem::path installed(std::string_view name);

}  // namespace cord::app
