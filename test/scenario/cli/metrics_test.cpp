// What /metrics shows is what docs/operations.md says, name for name and bound for bound.
#include <csignal>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "net/web_client.hpp"
#include "scenario/cli/program.hpp"
#include "scenario/cli/simulated_server.hpp"

namespace cord::scenario {
namespace {

struct Page {
  std::set<std::string> names;
  std::map<std::string, double> limits, used;  ///< of bounds, by kind
};

/// Adds what the page of `server` shows.
void read_page(const net::Address& server, Page& page) {
  const auto answer = net::http_get(server, "/metrics");
  ASSERT_TRUE(answer) << answer.error().detail;
  std::istringstream lines(answer->body);
  const std::regex sample(R"re(^(\w+)(?:\{kind="([^"]*)"\})? (\S+)$)re");
  for (std::string line; std::getline(lines, line);) {
    std::smatch found;
    if (!std::regex_match(line, found, sample)) continue;
    page.names.insert(found[1]);
    if (found[1] == "cord_bound_max") page.limits[found[2]] = std::stod(found[3]);
    if (found[1] == "cord_bound_used") page.used[found[2]] = std::stod(found[3]);
  }
}

/// Of one server with telephony and of one without.
Page all_pages() {
  Page page;
  const ConfigDirectory directory;
  const auto config = directory.write(
      "cordboard.toml", fmt::format(R"(
[server]
listen = "127.0.0.1:0"
flight-recorder = "{}"
[admin]
listen = "127.0.0.1:0"
[sip]
listen = ["udp:127.0.0.1:0", "tcp:127.0.0.1:0"]
name-servers = ["127.0.0.1:1"]
[[trunk]]
name = "carrier"
peers = ["carrier.invalid"]
[recording]
directory = "{}"
[journal]
path = "{}"
[[queue]]
name = "support"
numbers = ["1800"]
)",
                                    directory.path("flight.bin"), directory.path("recordings"),
                                    directory.path("journal.db")));
  Program program({"serve", "--config", config});
  const auto admin = program.wait_for_line("listening admin ");
  EXPECT_NE(admin, "") << program.err();
  read_page(net::parse_address(admin).value(), page);
  const SimulatedServer simulated({});
  read_page(net::parse_address(simulated.address()).value(), page);
  return page;
}

std::string operations_page() {
  std::ifstream file(std::string(CORD_TEST_SOURCE) + "/../docs/operations.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

/// "12,000; 100" or "64 KiB": one number for each kind of a row.
std::vector<double> numbers_in(const std::string& cell) {
  std::vector<double> numbers;
  std::istringstream parts(cell);
  for (std::string part; std::getline(parts, part, ';');) {
    std::erase(part, ',');
    double number = std::stod(part);
    if (part.find("KiB") != std::string::npos) number *= 1024;
    if (part.find("MiB") != std::string::npos) number *= 1024 * 1024;
    numbers.push_back(number);
  }
  return numbers;
}

/// The table of bounds: kinds and their defaults.
std::map<std::string, double> documented_bounds() {
  std::map<std::string, double> bounds;
  std::istringstream lines(operations_page());
  const std::regex row(R"(^\| (`\w+\.\w+_max`[^|]*) \| ([^|]*) \|.*$)");
  const std::regex kind("`([^`]+)`");
  for (std::string line; std::getline(lines, line);) {
    std::smatch found;
    if (!std::regex_match(line, found, row)) continue;
    const std::string kinds = found[1];
    const std::vector<double> defaults = numbers_in(found[2]);
    std::size_t place = 0;
    for (std::sregex_iterator it(kinds.begin(), kinds.end(), kind), end; it != end; ++it) {
      bounds[(*it)[1]] = defaults.at(std::min(place++, defaults.size() - 1));
    }
  }
  return bounds;
}

TEST(MetricsPage, ShowsEveryBoundThatTheManualListsAndNoOther) {
  const Page page = all_pages();
  EXPECT_EQ(page.limits, documented_bounds());
  for (const auto& [kind, used] : page.used) {
    ASSERT_TRUE(page.limits.contains(kind)) << kind;
    EXPECT_LE(used, page.limits.at(kind)) << kind;
  }
  EXPECT_EQ(page.used.size(), page.limits.size());
}

TEST(MetricsPage, HasNoMetricThatTheManualDoesNotExplain) {
  const std::string manual = operations_page();
  for (std::string name : all_pages().names) {
    const std::string admin = "cord_net_admin_";
    if (name.starts_with(admin)) name.replace(0, admin.size(), "cord_net_web_");
    EXPECT_NE(manual.find('`' + name + '`'), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace cord::scenario
