#include "front/config.hpp"

#include <string_view>
#include <unordered_set>

#include "front/http_pages.hpp"
#include "wire/request.hpp"
#include "wire/task.hpp"

namespace cord::front {
namespace {

template <class Text>
tl::unexpected<Error> bad(const Text& what) {
  return refuse(Errc::malformed, "front.config", what);
}

Result<void> validate_agents(const std::vector<Credential>& agents, bool may_use_tokens) {
  std::unordered_set<std::string_view> ids;
  for (const Credential& it : agents) {
    if (it.agent.empty()) return bad("agent: the id is empty");
    if (!ids.insert(it.agent).second) return bad(fmt::format("agent {}: given twice", it.agent));
    const int given = int{!it.password.empty()} + int{!it.password_hash.empty()};
    if (given == 2 || (given == 0 && !may_use_tokens)) {
      return bad(fmt::format("agent {}: give a password or a password hash, not both", it.agent));
    }
    if (!it.password_hash.empty() && !is_password_hash(it.password_hash)) {
      return bad(fmt::format(
          "agent {}: the password hash is none; make one with `cordboard passwd`", it.agent));
    }
  }
  return {};
}

Result<void> validate_listener(const net::WebServerOptions& web, bool insecure) {
  const bool is_plain = web.tls_certificate_file.empty();
  if (is_plain && !web.listen.is_loopback() && !insecure) {
    return bad(
        fmt::format("listen {}: passwords would cross the network as plain text; set "
                    "tls-certificate and tls-key, or insecure = true",
                    web.listen));
  }
  return {};
}

Result<void> validate_operators(const OperatorConfig& config) {
  if (auto outcome = validate_listener(config.web, config.insecure); !outcome) return outcome;
  if (config.token.empty() && !config.web.listen.is_loopback()) {
    return bad(fmt::format("listen {}: is beyond loopback and needs a token", config.web.listen));
  }
  if (!config.token.empty() && config.token.size() < bearer_token_bytes_min) {
    return bad(fmt::format("the operators' token must have at least {} characters",
                           bearer_token_bytes_min));
  }
  return config.web.validate();
}

}  // namespace

net::WebServerOptions agent_endpoint() {
  net::WebServerOptions options;
  options.websocket_path = "/v1/agent";
  options.subprotocol = "cordboard.v1";
  options.message_bytes_max = wire::message_bytes_max;
  options.http_methods = {"POST", "DELETE"};
  options.http_body_bytes_max = wire::task_body_bytes_max;
  return options;
}

net::WebServerOptions operator_endpoint() {
  net::WebServerOptions options;
  options.listen = net::loopback(9090);
  options.connections_max = 100;
  options.connections_per_address_max = 100;
  options.http_methods = {"PUT"};
  options.http_body_bytes_max = 64;
  options.name = "admin";
  return options;
}

Result<void> FrontConfig::validate() const {
  if (auto outcome = validate_listener(web, insecure); !outcome) return outcome;
  if (operators) {
    if (auto outcome = validate_operators(*operators); !outcome) return outcome;
  }
  if (requests_per_second == 0 || requests_burst == 0) {
    return bad("requests_per_second and requests_burst must be at least 1");
  }
  if (pending_max == 0) return bad("pending_max must be at least 1");
  if (unsent_max == 0) return bad("unsent_max must be at least 1");
  if (!tasks.token.empty() && tasks.token.size() < bearer_token_bytes_min) {
    return bad(fmt::format("tasks.token must have at least {} characters", bearer_token_bytes_min));
  }
  if (!history.token.empty() && history.token.size() < bearer_token_bytes_min) {
    return bad(
        fmt::format("history.token must have at least {} characters", bearer_token_bytes_min));
  }
  if (!queues.token.empty() && queues.token.size() < bearer_token_bytes_min) {
    return bad(
        fmt::format("queues.token must have at least {} characters", bearer_token_bytes_min));
  }
  if (history.waiting_max == 0) return bad("history.waiting_max must be at least 1");
  if (tasks.requests_per_second == 0 || tasks.requests_burst == 0 || tasks.pending_max == 0) {
    return bad("tasks.requests_per_second, requests_burst and pending_max must be at least 1");
  }
  if (throttle.entries_max == 0) return bad("throttle.entries_max must be at least 1");
  if (log_in_threads == 0 || log_in_threads > 64) return bad("log_in_threads must be 1 to 64");
  if (log_in_queue_max == 0) return bad("log_in_queue_max must be at least 1");
  if (auto outcome = token.validate(); !outcome) return outcome;
  if (auto outcome = validate_agents(agents, token.is_given()); !outcome) return outcome;
  return web.validate();
}

}  // namespace cord::front
