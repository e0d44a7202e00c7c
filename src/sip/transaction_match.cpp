#include "sip/transaction_match.hpp"

#include <algorithm>

#include "sip/codec/scanner.hpp"

namespace cord::sip {
namespace {

constexpr std::uint16_t port_default = 5060;  // RFC 3261 §19.1.2

// No byte of a key part can be a line feed, so parts cannot run into each other.
void append_part(std::string& key, std::string_view part) {
  key += part;
  key += '\n';
}

void append_sent_by(std::string& key, const Via& via) {
  for (const char c : via.host) key += to_lower(c);
  key += ':';
  append_part(key, std::to_string(via.port == 0 ? port_default : via.port));
}

// RFC 3261 §7.3.1: branch is a token, compared without regard to case.
void append_branch(std::string& key, std::string_view branch) {
  for (const char c : branch) key += to_lower(c);
  key += '\n';
}

bool has_cookie(std::string_view branch) {
  return branch.size() > branch_cookie.size() &&
         equals_ignoring_case(branch.substr(0, branch_cookie.size()), branch_cookie);
}

}  // namespace

std::string client_key(const Via& via, std::string_view method) {
  std::string key = "c";
  append_branch(key, via.branch());
  append_sent_by(key, via);
  key += method;
  return key;
}

std::string server_key(const Message& request, const Via& via, std::string_view method) {
  std::string key;
  if (has_cookie(via.branch())) {
    key = "s";
    append_branch(key, via.branch());
    append_sent_by(key, via);
  } else {
    key = "o";
    append_part(key, print(request.uri));
    append_part(key, request.from_tag());
    append_part(key, request.call_id());
    append_part(key, std::to_string(request.cseq().number));
    append_part(key, print(via));
  }
  key += method;
  return key;
}

Via stamp_source(Message& request, const Flow& from) {
  Via via = request.top_via();
  const std::string source = print_ipv4(from.remote.address);
  const bool wants_port = via.params.has("rport");
  if (wants_port) via.params.set("rport", std::to_string(from.remote.port));
  // RFC 3581 §4 wants `received` with each rport; one that came along is not believed.
  const bool wants_address = wants_port || via.host != source || via.params.has("received");
  if (wants_address) {
    via.params.set("received", source);
    request.set_top_via(via);
  }
  return via;
}

Flow response_flow(const Flow& from, const Via& via) {
  Flow flow = from;
  if (is_reliable(from.transport) || via.params.has("rport")) return flow;
  flow.remote.port = via.port == 0 ? default_port(flow.transport) : via.port;
  return flow;
}

}  // namespace cord::sip
