#include "scenario/interop/linphone.hpp"

#include <cstring>
#include <fstream>
#include <stdexcept>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/tone.hpp"
#include "scenario/support/wav.hpp"
#include "support/temporary_directory.hpp"

namespace cord::scenario {

using namespace std::chrono_literals;

namespace {

// 16 bits, 8 kHz, mono. It writes the header when it is done, so nothing says where samples begin.
std::vector<std::int16_t> samples_in(const std::filesystem::path& wav) {
  constexpr std::size_t header_bytes = 44;
  const std::string bytes = test::bytes_of(wav);
  if (bytes.size() <= header_bytes) return {};
  std::vector<std::int16_t> samples((bytes.size() - header_bytes) / 2);
  std::memcpy(samples.data(), bytes.data() + header_bytes, samples.size() * 2);
  return samples;
}

}  // namespace

Linphone::Linphone(const std::filesystem::path& directory, bool answers_by_itself)
    : directory_(directory), port_(free_port()) {
  configure();
  const auto pipe = (directory / "commands").string();
  if (mkfifo(pipe.c_str(), 0600) != 0) throw std::runtime_error("mkfifo " + pipe);
  // Open for both, so that neither side waits for the other.
  commands_ = open(pipe.c_str(), O_RDWR | O_CLOEXEC);
  const std::string start = fmt::format("HOME={} exec linphonec -c linphonerc -d 0 {} < commands",
                                        directory.string(), answers_by_itself ? "-a" : "");
  process_ = std::make_unique<ChildProcess>(std::vector<std::string>{"sh", "-c", start}, directory,
                                            directory / "linphone.log");
  type("soundcard use files");
  type("play tone.wav");
  type("record heard.wav");
  const bool is_ready =
      eventually([&] { return output().find("record heard.wav") != std::string::npos; }, 20s);
  if (!is_ready) throw std::runtime_error("no linphone: " + output());
}

Linphone::~Linphone() {
  type("quit");
  process_->wait(5s);
  close(commands_);
}

void Linphone::configure() const {
  // Without this directory it cannot make its database, and then takes no calls.
  std::filesystem::create_directories(directory_ / ".local/share/linphone");
  std::vector<std::int16_t> tone(8'000 * 60);
  media::Tone(1'000, 8'000).fill(tone);
  write_wav(directory_ / "tone.wav", tone);
  std::ofstream(directory_ / "linphonerc")
      << fmt::format("[sip]\nsip_port={}\nsip_tcp_port=0\nsip_tls_port=0\n", port_)
      << "bind_address=127.0.0.1\nguess_hostname=0\nuse_ipv6=0\nauto_net_state_mon=0\n"
      << fmt::format("contact=\"linphone\" <sip:1001@127.0.0.1:{}>\n", port_)
      << fmt::format("[rtp]\naudio_rtp_port={}\n", free_port())
      << "[sound]\nechocancellation=0\nremote_ring=\nlocal_ring=\n[video]\nenabled=0\n";
}

void Linphone::type(const std::string& line) const {
  const std::string text = line + "\n";
  if (write(commands_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    throw std::runtime_error("linphone does not take commands");
  }
}

void Linphone::pick_up() {
  const bool rings = eventually(
      [&] { return output().find("Receiving new incoming call") != std::string::npos; }, 10s);
  if (!rings) throw std::runtime_error("linphone does not ring: " + output());
  type("answer");
}

std::vector<std::int16_t> Linphone::listen(std::chrono::milliseconds span) {
  const auto heard = [&] { return samples_in(directory_ / "heard.wav"); };
  const std::size_t before = heard().size();
  const auto enough = before + static_cast<std::size_t>(span.count()) * 8;
  std::vector<std::int16_t> all;
  const bool came = eventually(
      [&] {
        all = heard();
        return all.size() >= enough;
      },
      span + 5s);
  if (!came) return {};
  return {all.begin() + static_cast<std::ptrdiff_t>(before), all.end()};
}

int Linphone::ended_calls() const {
  const std::string said = output();
  int count = 0;
  for (auto at = said.find(" ended"); at != std::string::npos; at = said.find(" ended", at + 1)) {
    ++count;
  }
  return count;
}

}  // namespace cord::scenario
