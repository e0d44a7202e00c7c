#include "config_desktop.hpp"

#include <system_error>

#include <fmt/format.h>

#include "installed.hpp"

namespace cord::app {
namespace {

namespace fs = std::filesystem;

fs::path installed_desktop() {
  std::error_code error;
  const fs::path files = installed("desktop");
  return fs::is_regular_file(files / "index.html", error) ? files : fs::path();
}

}  // namespace

front::DesktopConfig read_desktop(TableReader table) {
  front::DesktopConfig desktop;
  if (const auto folder = table.text("files")) {
    desktop.files = *folder;
    std::error_code error;
    if (!fs::is_regular_file(desktop.files / "index.html", error)) {
      table.problem("files", fmt::format("\"{}\" has no index.html; allowed: a folder that "
                                         "web/desktop was built into",
                                         *folder));
    }
  } else {
    desktop.files = installed_desktop();
  }
  for (const auto& it : table.texts("embed-origins")) {
    if (front::is_web_origin(it.value)) {
      desktop.embed_origins.push_back(it.value);
      continue;
    }
    table.problem("embed-origins", fmt::format("\"{}\" is no origin; allowed: such as "
                                               "\"https://crm.example\", without a path and no *",
                                               it.value));
  }
  if (const auto address = table.text("screen-pop")) {
    desktop.screen_pop = *address;
    if (!front::is_screen_pop(*address)) {
      table.problem("screen-pop", fmt::format("\"{}\" is no address of a web page; allowed: such "
                                              "as \"https://crm.example/find?phone={{ANI}}\"",
                                              *address));
    }
  }
  table.finish();
  return desktop;
}

}  // namespace cord::app
