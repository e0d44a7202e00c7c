#include "sip/dialog.hpp"

#include <algorithm>
#include <utility>

#include "sip/build.hpp"

namespace cord::sip {
namespace {

Result<Uri> contact_of(const Message& message) {
  const auto contacts = message.contacts();
  if (!contacts) return tl::make_unexpected(contacts.error());
  if (contacts->is_star || contacts->items.size() != 1) {
    return refuse(Errc::malformed, "dialog.contact", "exactly one Contact is needed");
  }
  const Uri& uri = contacts->items[0].uri;
  if (!uri.is_sip()) return refuse(Errc::malformed, "dialog.contact", uri.scheme);
  return uri;
}

Result<std::vector<NameAddr>> routes_of(const Message& message) {
  auto routes = message.addresses(header::record_route);
  if (routes && routes->size() > route_set_max) {
    return refuse(Errc::too_long, "dialog.routes", routes->size());
  }
  return routes;
}

// What may not stand in a Request-URI: RFC 3261 §19.1.1, table 1.
Uri as_request_uri(Uri uri) {
  uri.params.remove("method");
  uri.headers.clear();
  return uri;
}

}  // namespace

Result<Dialog> Dialog::as_server(const Message& invite, std::string_view local_tag) {
  auto target = contact_of(invite);
  if (!target) return tl::make_unexpected(target.error());
  auto routes = routes_of(invite);
  if (!routes) return tl::make_unexpected(routes.error());
  Dialog dialog;
  dialog.call_id_ = invite.call_id();
  dialog.local_ = invite.to();
  dialog.local_.params.set("tag", local_tag);
  dialog.remote_ = invite.from();
  dialog.target_ = std::move(*target);
  dialog.routes_ = std::move(*routes);
  dialog.remote_cseq_ = invite.cseq().number;
  return dialog;
}

Result<Dialog> Dialog::as_client(const Message& invite, const Message& response) {
  auto routes = routes_of(response);
  if (!routes) return tl::make_unexpected(routes.error());
  std::reverse(routes->begin(), routes->end());
  Dialog dialog;
  dialog.target_ = invite.uri;
  if (response.has(header::contact)) {
    auto target = contact_of(response);
    if (!target) return tl::make_unexpected(target.error());
    dialog.target_ = std::move(*target);
  }
  dialog.call_id_ = invite.call_id();
  dialog.local_ = invite.from();
  dialog.remote_ = response.to();
  dialog.routes_ = std::move(*routes);
  dialog.local_cseq_ = invite.cseq().number;
  return dialog;
}

Message Dialog::make_request(std::string_view method) {
  return build(method, ++local_cseq_);
}

Message Dialog::make_ack(std::uint32_t cseq) const {
  return build(method::ack, cseq);
}

Message Dialog::build(std::string_view method, std::uint32_t cseq) const {
  const bool strict = !routes_.empty() && !routes_[0].uri.params.has("lr");
  Message request = sip::make_request({.method = method,
                                       .uri = as_request_uri(strict ? routes_[0].uri : target_),
                                       .from = local_,
                                       .to = remote_,
                                       .call_id = call_id_,
                                       .cseq = cseq});
  // A strict router takes the first route from the Request-URI and finds the target at the end.
  for (std::size_t i = strict ? 1 : 0; i < routes_.size(); ++i) {
    request.add(header::route, print(routes_[i]));
  }
  if (strict) request.add(header::route, print(NameAddr{{}, target_, {}}));
  return request;
}

bool Dialog::accept_cseq(const Message& request) {
  const std::uint32_t number = request.cseq().number;
  if (remote_cseq_ && number <= *remote_cseq_) return false;
  remote_cseq_ = number;
  return true;
}

void Dialog::continue_from(const Dialog& early) {
  local_cseq_ = early.local_cseq_;
  remote_cseq_ = early.remote_cseq_;
}

void Dialog::refresh_target(const Message& message) {
  if (!message.has(header::contact)) return;
  if (auto target = contact_of(message)) target_ = std::move(*target);
}

bool Dialog::matches(const Message& request) const {
  return request.call_id() == call_id_ && request.to_tag() == local_tag() &&
         request.from_tag() == remote_tag();
}

}  // namespace cord::sip
