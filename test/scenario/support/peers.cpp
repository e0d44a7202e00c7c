#include "scenario/support/peers.hpp"

#include <algorithm>
#include <fstream>
#include <regex>
#include <sstream>
#include <stdexcept>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include "media/tone.hpp"
#include "scenario/support/wav.hpp"

namespace cord::scenario {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> sipp_arguments(const Sipp::Options& options,
                                        const std::filesystem::path& messages) {
  const std::string file = fmt::format("{}/scenario/sipp/{}", CORD_TEST_SOURCE, options.scenario);
  std::vector<std::string> all{"sipp",
                               "-sf",
                               file,
                               "-m",
                               std::to_string(options.count),
                               "-i",
                               options.address,
                               "-nostdin",
                               "-key",
                               "tone_port",
                               std::to_string(options.media_port),
                               "-key",
                               "caller",
                               options.caller};
  const auto add = [&](std::string key, std::string value) {
    all.push_back(std::move(key));
    all.push_back(std::move(value));
  };
  if (options.port != 0) add("-p", std::to_string(options.port));
  if (!options.called.empty()) add("-s", options.called);
  if (options.tcp) add("-t", "t1");
  if (options.trace) {
    all.push_back("-trace_msg");
    add("-message_file", messages.string());
  }
  all.insert(all.end(), options.more.begin(), options.more.end());
  if (options.to_port != 0) all.push_back(fmt::format("127.0.0.1:{}", options.to_port));
  return all;
}

// Without them a baresip speaks G.711 only.
constexpr const char* more_codecs = "module g722.so\nmodule opus.so\n";

std::filesystem::path new_file(const std::filesystem::path& directory, const std::string& stem) {
  for (int number = 1;; ++number) {
    auto path = directory / fmt::format("{}-{}.log", stem, number);
    if (!std::filesystem::exists(path)) {
      std::ofstream{path};
      return path;
    }
  }
}

}  // namespace

Sipp::Sipp(const std::filesystem::path& directory, Options options)
    : messages_file_(new_file(directory, "sipp-messages")),
      process_(sipp_arguments(options, messages_file_), directory,
               new_file(directory, "sipp-output")) {}

std::string Sipp::messages() const {
  std::ostringstream all;
  all << std::ifstream(messages_file_).rdbuf();
  return all.str();
}

std::uint16_t Sipp::remote_media_port(Duration patience) const {
  std::uint16_t port = 0;
  eventually(
      [&] {
        // Its own descriptions are between those it received: each message is looked at alone.
        const std::string all = messages();
        const std::string received = "message received", sent = "message sent";
        for (auto at = all.find(received); at != std::string::npos; at = all.find(received, at)) {
          at += received.size();
          const auto end = std::min(all.find(received, at), all.find(sent, at));
          const std::string message = all.substr(at, end - at);
          std::smatch found;
          const std::regex line("m=audio ([0-9]+) ");
          if (std::regex_search(message, found, line)) {
            port = static_cast<std::uint16_t>(std::stoi(found[1]));
          }
        }
        return port != 0;
      },
      patience);
  return port;
}

Baresip::Baresip(const std::filesystem::path& directory, const std::string& user,
                 const std::string& options, std::uint16_t registrar, double tone_hz)
    : registrar_(registrar), directory_(directory) {
  std::filesystem::create_directories(directory);
  std::vector<std::int16_t> tone(8'000 * 60);
  media::Tone(tone_hz, 8'000).fill(tone);
  write_wav(directory / "tone.wav", tone);
  std::ofstream(directory / "contacts") << "";
  // It wants the port behind its own as well, which the system may give to another meanwhile.
  constexpr int tries = 20;
  for (int i = 0; i < tries; ++i) {
    if (starts(user, options)) return;
  }
  throw std::runtime_error("no baresip: " + process_->output());
}

bool Baresip::starts(const std::string& user, const std::string& options) {
  port_ = free_port();
  control_port_ = free_port();
  const std::string where = directory_.string();
  std::ofstream(directory_ / "config")
      << fmt::format("sip_listen 127.0.0.1:{}\nnet_interface 127.0.0.1\n", port_)
      << "audio_source aufile," << where << "/tone.wav\naudio_player aufile,none\n"
      << "audio_alert aufile,none\nausrc_srate 8000\nauplay_srate 8000\n"
      << "ausrc_channels 1\nauplay_channels 1\n"
      << "rtp_ports 30000-31999\nsnd_path " << where << "\nmodule_path /usr/lib/baresip/modules\n"
      << "module g711.so\nmodule aufile.so\nmodule sndfile.so\n"
      << "module srtp.so\nmodule dtls_srtp.so\n"
      << (options.find("audio_codecs") == std::string::npos ? "" : more_codecs)
      << "module_app account.so\nmodule_app menu.so\nmodule_app ctrl_tcp.so\n"
      << fmt::format("ctrl_tcp_listen 127.0.0.1:{}\n", control_port_);
  std::ofstream(directory_ / "accounts")
      << fmt::format("<sip:{}@127.0.0.1:{}>;regint={};{}\n", user,
                     registrar_ != 0 ? registrar_ : port_, registrar_ != 0 ? 60 : 0, options);
  process_ = std::make_unique<ChildProcess>(std::vector<std::string>{"baresip", "-f", where},
                                            directory_, directory_ / "baresip.log");
  const auto says = [&](const char* words) {
    return process_->output().find(words) != std::string::npos;
  };
  return eventually([&] { return says("baresip is ready") || says("already in use"); }, 20s) &&
         says("baresip is ready");
}

std::vector<std::int16_t> Baresip::audio(const std::string& ending) const {
  std::vector<std::filesystem::path> files;
  for (const auto& it : std::filesystem::directory_iterator(directory_)) {
    const std::string name = it.path().filename().string();
    if (name.rfind("dump-", 0) == 0 && name.size() > ending.size() &&
        name.compare(name.size() - ending.size(), ending.size(), ending) == 0) {
      files.push_back(it.path());
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<std::int16_t> samples;
  for (const auto& it : files) {
    const auto more = read_growing_wav(it);
    samples.insert(samples.end(), more.begin(), more.end());
  }
  return samples;
}

std::vector<std::int16_t> Baresip::listen(std::chrono::milliseconds span) const {
  const std::size_t before = heard().size();
  const auto enough = static_cast<std::size_t>(span.count()) * 8;
  std::vector<std::int16_t> all;
  const bool came = eventually(
      [&] {
        all = heard();
        return all.size() >= before + enough;
      },
      span + 5s);
  if (!came) return {};
  return {all.begin() + static_cast<std::ptrdiff_t>(before), all.end()};
}

void Baresip::command(const std::string& name, const std::string& parameters) const {
  const std::string json = fmt::format(R"({{"command":"{}","params":"{}"}})", name, parameters);
  const std::string netstring = fmt::format("{}:{},", json.size(), json);
  const int control = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(control_port_);
  const bool sent = connect(control, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0 &&
                    send(control, netstring.data(), netstring.size(), 0) ==
                        static_cast<ssize_t>(netstring.size());
  char answer[512];
  if (sent) [[maybe_unused]]
    const ssize_t ignored = recv(control, answer, sizeof answer, 0);
  close(control);
  if (!sent) throw std::runtime_error("baresip does not take commands");
}

}  // namespace cord::scenario
