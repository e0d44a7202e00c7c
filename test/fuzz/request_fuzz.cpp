// Any bytes: the parser decides, and whatever it says can be printed and is JSON again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <boost/json/object.hpp>

#include "core/client.hpp"
#include "wire/reply.hpp"
#include "wire/request.hpp"
#include "wire/strict_json.hpp"

namespace {

void must_be_json(const std::string& text) {
  if (!cord::wire::parse_object(text)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cord;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto request = wire::parse_request(text);
  const wire::Echo& echo = request ? request->echo : request.error().echo;
  const Error error = request ? Error{Errc::invalid_state, "fuzz", "why"} : request.error().error;
  // The answer is one level deeper than the request, and so may be too deep to be read here.
  must_be_json(echo.data);
  if (!request && request.error().is_malformed) must_be_json(wire::print_failure(echo, error));
  if (echo.original.front() == '{') must_be_json(echo.original);
  if (request) {
    (void)wire::print_failure(echo, error);
    const core::Prepared prepared{"name", "token"};
    (void)wire::print_reply(echo, core::Reply{{}, {}, core::Success(prepared), 1});
    if (request->body.empty() != echo.id.empty()) std::abort();
  }
  return 0;
}
