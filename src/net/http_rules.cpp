#include <strings.h>

#include "net/detail/http_session.hpp"

namespace cord::net::detail {
namespace {

std::string_view view(beast::string_view text) {
  return {text.data(), text.size()};
}

std::string_view path_of(const HttpIn& request) {
  const std::string_view target = view(request.target());
  return target.substr(0, target.find('?'));
}

bool is_same_origin_text(const std::string& a, std::string_view b) {
  // Scheme and host are case-insensitive, and a browser's Origin has nothing else.
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

bool is_origin_allowed(const HttpIn& request, const WebServerOptions& options) {
  const auto origin = request.find(http::field::origin);
  if (options.allowed_origins.empty() || origin == request.end()) return true;
  const std::string_view value = view(origin->value());
  return std::any_of(options.allowed_origins.begin(), options.allowed_origins.end(),
                     [&](const std::string& it) { return is_same_origin_text(it, value); });
}

bool is_method_allowed(const HttpIn& request, const WebServerOptions& options) {
  const auto& more = options.http_methods;
  return request.method() == http::verb::get || request.method() == http::verb::head ||
         std::find(more.begin(), more.end(), view(request.method_string())) != more.end();
}

std::string allowed_methods(const WebServerOptions& options) {
  std::string all = "GET, HEAD";
  for (const std::string& it : options.http_methods) all += ", " + it;
  return all;
}

}  // namespace

std::optional<HttpResponse> refuse_request(const HttpIn& request, WebShared& shared) {
  if (!is_method_allowed(request, shared.options)) {
    const std::string allowed = allowed_methods(shared.options);
    return HttpResponse{
        .status = 405, .body = "only " + allowed + "\n", .headers = {{"Allow", allowed}}};
  }
  const bool is_websocket_path =
      !shared.options.websocket_path.empty() && path_of(request) == shared.options.websocket_path;
  if (!websocket::is_upgrade(request)) {
    if (!is_websocket_path) return std::nullopt;
    return HttpResponse{
        .status = 426, .body = "this is a WebSocket\n", .headers = {{"Upgrade", "websocket"}}};
  }
  if (!is_websocket_path) {
    return HttpResponse{.status = 404, .body = "no WebSocket at this path\n"};
  }
  if (!is_origin_allowed(request, shared.options)) {
    shared.metrics.refused_origin.add();
    return HttpResponse{.status = 403, .body = "this origin is not allowed\n"};
  }
  return std::nullopt;
}

void note_sizes(const HttpIn& request, WebMetrics& metrics) {
  constexpr std::size_t separators_bytes = 4;  // ": " and the end of the line.
  std::size_t bytes = request.target().size();
  for (const auto& field : request) {
    bytes += field.name_string().size() + field.value().size() + separators_bytes;
  }
  metrics.header_bytes_used.raise(static_cast<std::int64_t>(bytes));
  metrics.body_bytes_used.raise(static_cast<std::int64_t>(request.body().size()));
}

std::string select_subprotocol(const HttpIn& request, const WebServerOptions& options) {
  if (options.subprotocol.empty()) return {};
  const auto [first, last] = request.equal_range(http::field::sec_websocket_protocol);
  for (auto it = first; it != last; ++it) {
    if (http::token_list(it->value()).exists(options.subprotocol)) return options.subprotocol;
  }
  return {};
}

HttpRequest to_request(HttpIn&& request, const Address& peer) {
  const std::string_view target = view(request.target());
  const std::string_view path = path_of(request);
  const std::string_view query = target.substr(std::min(path.size() + 1, target.size()));
  return {.method = std::string(view(request.method_string())),
          .path = std::string(path),
          .query = std::string(query),
          .authorization = std::string(view(request[http::field::authorization])),
          .body = std::move(request.body()),
          .peer = peer};
}

HttpResponse route(const HttpRequest& request, const WebCallbacks& callbacks) {
  if (!callbacks.handle) return {.status = 404, .body = "not found\n"};
  return callbacks.handle(request);
}

std::optional<HttpResponse> refuse_unreadable(beast::error_code error, WebMetrics& metrics) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    metrics.refused_header.add();
    return HttpResponse{.status = 431, .body = "the request's head is too long\n"};
  }
  if (error == http::error::body_limit) {
    metrics.refused_malformed.add();
    return HttpResponse{.status = 413, .body = "the request's body is too long\n"};
  }
  if (error == beast::error::timeout) metrics.refused_timeout.add();
  const bool is_gone = error == http::error::end_of_stream ||
                       error == http::error::partial_message ||
                       error.category() != make_error_code(http::error::bad_method).category();
  if (is_gone) return std::nullopt;
  metrics.refused_malformed.add();
  return HttpResponse{.status = 400, .body = "not a request this server understands\n"};
}

HttpOut to_beast(HttpResponse response, unsigned version, bool is_head, bool keeps_alive) {
  HttpOut out(static_cast<http::status>(response.status), version);
  out.set(http::field::content_type, response.content_type);
  for (const auto& [name, value] : response.headers) out.set(name, value);
  out.keep_alive(keeps_alive);
  out.content_length(response.body.size());
  // The answer to HEAD tells the length, and has no body.
  if (!is_head) out.body() = std::move(response.body);
  return out;
}

}  // namespace cord::net::detail
