#include "front/http_pages.hpp"

#include <cctype>
#include <string_view>
#include <utility>

#include "front/sodium.hpp"
#include "wire/task.hpp"

namespace cord::front {
namespace {

constexpr std::string_view bearer = "bearer ";  // In whatever case: RFC 9110 §11.1.

unsigned status_of(Errc code) {
  switch (code) {
    case Errc::invalid_request:
      return 400;
    case Errc::authentication_failed:
      return 401;
    case Errc::target_not_found:
      return 404;
    case Errc::rate_limited:
      return 429;
    case Errc::not_accepting:
      return 503;
    default:
      return 500;
  }
}

}  // namespace

bool has_token(const net::HttpRequest& request, const std::string& token) {
  const std::string_view given = request.authorization;
  if (given.size() < bearer.size()) return false;
  for (std::size_t i = 0; i < bearer.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(given[i])) != bearer[i]) return false;
  }
  return is_same_secret(given.substr(bearer.size()), token);
}

net::HttpResponse json_page(unsigned status, std::string body) {
  return {.status = status, .content_type = "application/json", .body = std::move(body) + "\n"};
}

net::HttpResponse failure_page(const Error& error) {
  const unsigned status = status_of(error.code);
  net::HttpResponse page = json_page(status, wire::print_http_error(error));
  if (status == 401) page.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (status == 429 || status == 503) page.headers.emplace_back("Retry-After", "1");
  return page;
}

}  // namespace cord::front
