#include "scenario/support/child_process.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace cord::scenario {

ChildProcess::ChildProcess(std::vector<std::string> arguments,
                           const std::filesystem::path& directory, std::filesystem::path log)
    : log_(std::move(log)) {
  std::vector<char*> argv;
  for (auto& it : arguments) argv.push_back(it.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, directory.c_str());
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, log_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  const int failed = posix_spawnp(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("cannot start " + arguments[0]);
}

ChildProcess::~ChildProcess() {
  if (wait(Duration::zero())) return;
  signal(SIGKILL);
  wait(std::chrono::seconds(10));
}

std::string ChildProcess::output() const {
  std::ostringstream text;
  text << std::ifstream(log_).rdbuf();
  return text.str();
}

void ChildProcess::signal(int number) const {
  if (!status_) kill(pid_, number);
}

std::optional<int> ChildProcess::wait(Duration patience) {
  eventually(
      [&] {
        int raw = 0;
        if (!status_ && waitpid(pid_, &raw, WNOHANG) == pid_) {
          status_ = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
        }
        return status_.has_value();
      },
      patience);
  return status_;
}

Duration ChildProcess::cpu() const {
  std::ifstream stat("/proc/" + std::to_string(pid_) + "/stat");
  std::string skipped;
  std::getline(stat, skipped, ')');
  for (int field = 3; field < 14; ++field) stat >> skipped;
  std::int64_t user = 0, system = 0;
  stat >> user >> system;
  return std::chrono::microseconds((user + system) * 1'000'000 / sysconf(_SC_CLK_TCK));
}

std::uint16_t free_port() {
  for (int attempt = 0; attempt < 100; ++attempt) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    const int tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    const bool both = bind(tcp, raw, length) == 0 && getsockname(tcp, raw, &length) == 0 &&
                      bind(udp, raw, length) == 0;
    close(tcp);
    close(udp);
    if (both) return ntohs(address.sin_port);
  }
  throw std::runtime_error("no free port");
}

void polling_interval() {
  poll(nullptr, 0, 5);
}

}  // namespace cord::scenario
