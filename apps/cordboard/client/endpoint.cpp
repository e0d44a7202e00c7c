#include "client/endpoint.hpp"

#include <algorithm>
#include <charconv>
#include <memory>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <sys/resource.h>

namespace cord::app {
namespace {

constexpr std::string_view allowed = "allowed: ADDRESS:PORT, ws://HOST[:PORT] or wss://HOST[:PORT]";

tl::unexpected<Error> no_endpoint(std::string_view text, std::string_view why) {
  return refuse(Errc::malformed, "client.endpoint",
                fmt::format("\"{}\" {}; {}", text, why, allowed));
}

/// Whether `text` began with `prefix`, which is cut off.
bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

Result<std::uint32_t> look_up(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(found, &::freeaddrinfo);
  if (error != 0) {
    return refuse(Errc::io_failed, "client.endpoint",
                  fmt::format("{}: {}", host, ::gai_strerror(error)));
  }
  return ntohl(reinterpret_cast<const sockaddr_in*>(found->ai_addr)->sin_addr.s_addr);
}

}  // namespace

Result<Endpoint> find_endpoint(std::string_view text, const std::string& ca_file) {
  Endpoint endpoint;
  endpoint.shown = text;
  std::string_view rest = text;
  endpoint.options.tls = take(rest, "wss://");
  const bool has_scheme = endpoint.options.tls || take(rest, "ws://");
  if (rest.ends_with('/')) rest.remove_suffix(1);
  const auto colon = rest.rfind(':');
  unsigned port = endpoint.options.tls ? 443 : 80;
  if (colon != std::string_view::npos) {
    const char* const end = rest.data() + rest.size();
    const auto [stop, error] = std::from_chars(rest.data() + colon + 1, end, port);
    if (error != std::errc{} || stop != end || port == 0 || port > 65'535) {
      return no_endpoint(text, "has no port from 1 to 65535");
    }
  } else if (!has_scheme) {
    return no_endpoint(text, "has no port");
  }
  const std::string host(rest.substr(0, colon));
  if (host.empty() || host.find('/') != std::string::npos) return no_endpoint(text, "has no host");
  const auto ip = look_up(host);
  if (!ip) return tl::make_unexpected(ip.error());
  endpoint.address = {*ip, static_cast<std::uint16_t>(port)};
  if (!net::parse_ip(host)) endpoint.options.host = host;
  endpoint.options.subprotocol = "cordboard.v1";
  endpoint.options.tls_ca_file = ca_file;
  return endpoint;
}

Result<void> allow_open_files(std::size_t count) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < count) {
    const rlim_t most = limit.rlim_max;
    limit.rlim_cur = count;
    limit.rlim_max = std::max<rlim_t>(most, count);  // Which only root may raise.
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) {
      return refuse(Errc::full, "client.files",
                    fmt::format("{} open files are needed, and this user may have {}; raise it "
                                "with `ulimit -n {}` as root, or LimitNOFILE= of the unit",
                                count, most, count));
    }
  }
  return {};
}

}  // namespace cord::app
