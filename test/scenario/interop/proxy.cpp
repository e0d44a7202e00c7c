#include "scenario/interop/proxy.hpp"

#include <csignal>
#include <fstream>
#include <stdexcept>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cord::scenario {
namespace {

using namespace std::chrono_literals;

constexpr const char* head = R"(
debug=2
log_stderror=yes
children=1
tcp_children=1
auto_aliases=no
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "siputils.so"
loadmodule "textops.so"
loadmodule "path.so"
loadmodule "xlog.so"
modparam("rr", "enable_double_rr", 1)
)";

// {0}: what is done with session descriptions, {1}: the phone's user, {2} and {3}: next hops.
constexpr const char* routes = R"(
request_route {{
  if (!mf_process_maxfwd_header("10")) {{
    sl_send_reply("483", "Too Many Hops");
    exit;
  }}
  {0}
  if (has_totag()) {{
    if (!loose_route() && !(is_method("ACK") && t_check_trans())) {{
      sl_send_reply("404", "Not Here");
      exit;
    }}
    t_on_reply("ANSWERS");
    t_relay();
    exit;
  }}
  if (is_method("CANCEL")) {{
    if (t_check_trans()) t_relay();
    exit;
  }}
  if (is_method("REGISTER")) {{
    add_path();
    $du = "sip:{3}";
    t_relay();
    exit;
  }}
  record_route();
  if (is_present_hf("Route")) {{
    loose_route();  # It calls a Route that ends here no reason to relay.
    xlog("L_NOTICE", "by its Path: $rm\n");
    t_relay();
    exit;
  }}
  if ($rU == "{1}") $du = "sip:{2}"; else $du = "sip:{3}";
  t_on_reply("ANSWERS");
  t_relay();
}}
onreply_route[ANSWERS] {{
  {0}
  exit;
}}
)";

constexpr const char* tls = R"(
enable_tls=yes
listen=tls:127.0.0.1:{}
loadmodule "tls.so"
modparam("tls", "tls_method", "TLSv1.2+")
modparam("tls", "certificate", "{}")
modparam("tls", "private_key", "{}")
modparam("tls", "ca_list", "{}")
modparam("tls", "verify_certificate", 1)
)";

std::string tls_configuration(const Kamailio::Options& options) {
  if (options.tls_port == 0) return {};
  const Certificates& files = *options.certificates;
  return fmt::format(tls, options.tls_port, files.path("kamailio.pem"), files.path("kamailio.key"),
                     files.path("ca.pem"));
}

std::string configuration(const Kamailio::Options& options) {
  std::string text = "#!KAMAILIO\n";
  text += fmt::format("listen=udp:127.0.0.1:{0}\nlisten=tcp:127.0.0.1:{0}\n", options.port);
  text += head + tls_configuration(options);
  std::string media;
  if (options.media != nullptr) {
    text += fmt::format(
        "loadmodule \"rtpengine.so\"\n"
        "modparam(\"rtpengine\", \"rtpengine_sock\", \"udp:127.0.0.1:{}\")\n",
        options.media->control_port());
    media = "rtpengine_manage(\"replace-origin replace-session-connection\");";
  }
  return text + fmt::format(routes, media, options.user,
                            fmt::format("127.0.0.1:{}", options.phone_port), options.server);
}

bool listens_on(std::uint16_t port) {
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(port);
  const bool does = connect(connection, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  close(connection);
  return does;
}

void end_by_asking(ChildProcess& process) {
  process.signal(SIGTERM);
  process.wait(10s);
}

}  // namespace

Rtpengine::Rtpengine(const std::filesystem::path& directory) : control_port_(free_port()) {
  process_ = std::make_unique<ChildProcess>(
      std::vector<std::string>{
          "rtpengine", "--config-file=none", "--table=-1", "--interface=127.0.0.1",
          fmt::format("--listen-ng=127.0.0.1:{}", control_port_), "--port-min=32000",
          "--port-max=32767", "--num-threads=1", "--foreground", "--log-stderr", "--log-level=6"},
      directory, directory / "rtpengine.log");
  const bool starts =
      eventually([&] { return output().find("Startup complete") != std::string::npos; }, 20s);
  if (!starts) throw std::runtime_error("no rtpengine: " + output());
}

Rtpengine::~Rtpengine() {
  end_by_asking(*process_);
}

Kamailio::Kamailio(const std::filesystem::path& directory, const Options& options) {
  const auto file = directory / "kamailio.cfg";
  std::ofstream(file) << configuration(options);
  process_ = std::make_unique<ChildProcess>(
      std::vector<std::string>{"kamailio", "-DD", "-E", "-f", file.string(), "-w",
                               directory.string(), "-Y", directory.string(), "-m", "16"},
      directory, directory / "kamailio.log");
  const bool starts = eventually(
      [&] {
        return listens_on(options.port) && (options.tls_port == 0 || listens_on(options.tls_port));
      },
      20s);
  if (!starts) throw std::runtime_error("no kamailio: " + output());
}

Kamailio::~Kamailio() {
  end_by_asking(*process_);
}

}  // namespace cord::scenario
