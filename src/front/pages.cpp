#include "front/pages.hpp"

#include <string_view>

#include <fmt/format.h>

#include "base/log_level_names.hpp"
#include "front/http_pages.hpp"
#include "front/metrics_page.hpp"

namespace cord::front {
namespace {

bool is_read(const net::HttpRequest& request) {
  return request.method == "GET" || request.method == "HEAD";
}

net::HttpResponse only(std::string_view methods) {
  return {.status = 405,
          .body = fmt::format("only {}\n", methods),
          .headers = {{"Allow", std::string(methods)}}};
}

std::string_view without_line_end(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

net::HttpResponse Pages::readiness() const {
  if (is_draining_) return {.status = 503, .body = "draining\n"};
  if (sources_.is_ready && !sources_.is_ready()) return {.status = 503, .body = "not ready\n"};
  return {.status = 200, .body = "ready\n"};
}

net::HttpResponse Pages::answer(const net::HttpRequest& request) const {
  const bool is_known =
      request.path == "/healthz" || request.path == "/readyz" || request.path == "/metrics";
  if (!is_known) return {.status = 404, .body = "not found\n"};
  if (!is_read(request)) return only("GET, HEAD");
  if (request.path == "/healthz") return {.status = 200, .body = "ok\n"};
  if (request.path == "/readyz") return readiness();
  if (sources_.refresh_metrics) sources_.refresh_metrics();
  return {.status = 200,
          .content_type = std::string(metrics_content_type),
          .body = metrics_page(sources_.metrics)};
}

net::HttpResponse Pages::answer_operator(const net::HttpRequest& request,
                                         const std::string& token) const {
  const bool is_open = request.path == "/healthz" || request.path == "/readyz";
  if (!is_open && !token.empty() && !has_token(request, token)) {
    return {
        .status = 401, .body = "a token is needed\n", .headers = {{"WWW-Authenticate", "Bearer"}}};
  }
  if (request.path == "/log-level" && sources_.set_log_level) return log_level(request);
  return answer(request);
}

net::HttpResponse Pages::log_level(const net::HttpRequest& request) const {
  if (request.method == "PUT") {
    const auto level = find_log_level(without_line_end(request.body));
    if (!level) {
      return {.status = 400,
              .body = fmt::format("allowed: {}\n", fmt::join(log_level_names, ", "))};
    }
    sources_.set_log_level(*level);
    // At the level of errors, so that it is always seen who changed what is seen.
    sources_.log.error("log.level_set",
                       {{"to", name_of(*level)}, {"peer", net::to_string(request.peer)}});
  } else if (!is_read(request)) {
    return only("GET, HEAD, PUT");
  }
  return {.status = 200, .body = fmt::format("{}\n", name_of(sources_.log_level()))};
}

}  // namespace cord::front
