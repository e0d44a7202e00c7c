// `[desktop]`: docs/operations.md.
#pragma once

#include "config_table.hpp"
#include "front/desktop_files.hpp"

namespace cord::app {

/// Without `files`, those that are installed beside the program, if there are any.
[[nodiscard]] front::DesktopConfig read_desktop(TableReader table);

}  // namespace cord::app
