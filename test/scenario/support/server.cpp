#include "scenario/support/server.hpp"

#include <fstream>
#include <regex>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>

#include "net/web_client.hpp"

namespace cord::scenario {
namespace {

using namespace std::chrono_literals;

std::string agent_table(const AgentSetting& it) {
  const std::string phone = it.phone.empty() ? fmt::format("sip:{}@127.0.0.1:{}{}", it.extension,
                                                           it.phone_port, it.phone_parameters)
                                             : it.phone;
  return fmt::format(
      "[[agent]]\nid = \"{0}\"\npassword = \"secret-{0}\"\nextension = \"{1}\"\n"
      "phone = \"{2}\"\nphone-mode = \"{3}\"\nqueues = [\"support\"]\n{4}\n",
      it.id, it.extension, phone, it.phone_mode, it.more);
}

std::string configuration(const std::filesystem::path& directory, const ServerSettings& settings) {
  std::string text = fmt::format(
      "[server]\nlisten = \"127.0.0.1:0\"\n{}"
      "[sip]\nlisten = [\"udp:127.0.0.1:0\", \"tcp:127.0.0.1:0\"{}]\n{}"
      "[media]\naddress = \"127.0.0.1\"\nports = \"20000-29999\"\nrtp-timeout = \"{}\"\n"
      "[recording]\ndirectory = \"{}\"\nautomatic = {}\n"
      "[journal]\npath = \"{}\"\n"
      "[[trunk]]\nname = \"carrier\"\npeers = [\"{}\"]\n{}\n"
      "[[queue]]\nname = \"support\"\nnumbers = [\"{}\"]\n{}\n",
      settings.server, settings.tls ? ", \"tls:127.0.0.1:0\"" : "", settings.sip,
      settings.rtp_timeout, (directory / "recordings").string(), settings.record_automatically,
      (directory / "cordboard.db").string(), settings.trunk_peer, settings.trunk, queue_number,
      settings.queue);
  for (const auto& it : settings.agents) text += agent_table(it);
  return text + settings.more;
}

std::uint16_t port_in(const std::string& output, const std::string& what) {
  std::smatch found;
  const std::regex line("listening " + what + "127\\.0\\.0\\.1:([0-9]+)");
  if (!std::regex_search(output, found, line)) return 0;
  return static_cast<std::uint16_t>(std::stoi(found[1]));
}

}  // namespace

Server::Server(const std::filesystem::path& directory, const ServerSettings& settings)
    : directory_(directory) {
  std::filesystem::create_directories(recordings());
  const auto file = directory / "cordboard.toml";
  std::ofstream(file) << configuration(directory, settings);
  process_ = std::make_unique<ChildProcess>(
      std::vector<std::string>{CORDBOARD_PROGRAM, "serve", "--config", file.string()}, directory,
      directory / "server.log");
  const bool listens = eventually(
      [&] {
        const std::string output = process_->output();
        http_ = net::loopback(port_in(output, "http "));
        sip_udp_ = port_in(output, "sip udp:");
        sip_tcp_ = port_in(output, "sip tcp:");
        sip_tls_ = port_in(output, "sip tls:");
        const bool is_there = http_.port != 0 && sip_udp_ != 0 && sip_tcp_ != 0;
        return (is_there && (sip_tls_ != 0 || !settings.tls)) || process_->wait(0s);
      },
      20s);
  if (!listens || http_.port == 0) throw std::runtime_error("no server: " + process_->output());
}

double Server::metric(const std::string& name, const std::string& kind) const {
  const auto page = net::http_get(http_, "/metrics");
  if (!page) throw std::runtime_error("/metrics: " + page.error().detail);
  std::istringstream lines(page->body);
  double sum = 0;
  for (std::string line; std::getline(lines, line);) {
    const bool same = line.rfind(name, 0) == 0 &&
                      (line[name.size()] == ' ' || line[name.size()] == '{') &&
                      (kind.empty() || line.find('"' + kind + '"') != std::string::npos);
    if (same) sum += std::stod(line.substr(line.rfind(' ')));
  }
  return sum;
}

}  // namespace cord::scenario
