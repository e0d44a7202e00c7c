#include "sip/build.hpp"

#include <utility>

namespace cord::sip {
namespace {

void copy_rows(Message& to, const Message& from, std::string_view name) {
  for (const Header& row : from.headers) {
    if (row.name == name) to.headers.push_back(row);
  }
}

bool makes_dialog(std::string_view name, std::uint16_t status) {
  return status > 100 && status < 300 &&
         (name == method::invite || name == method::subscribe || name == method::refer);
}

// CANCEL and the ACK of a failure go where the INVITE went, by its top Via alone.
Message follow_up(const Message& invite, std::string_view name, std::string to) {
  Message message;
  message.method = std::string(name);
  message.uri = invite.uri;
  message.add(header::via, print(invite.top_via()));
  message.add(header::max_forwards, "70");
  copy_rows(message, invite, header::from);
  message.add(header::to, std::move(to));
  copy_rows(message, invite, header::call_id);
  message.add(header::cseq, print(CSeq{invite.cseq().number, std::string(name)}));
  copy_rows(message, invite, header::route);
  return message;
}

}  // namespace

Message make_request(const RequestParts& parts) {
  Message request;
  request.method = std::string(parts.method);
  request.uri = parts.uri;
  request.headers.reserve(12);
  request.add(header::max_forwards, std::to_string(parts.max_forwards));
  request.add(header::from, print(parts.from));
  request.add(header::to, print(parts.to));
  request.add(header::call_id, std::string(parts.call_id));
  request.add(header::cseq, print(CSeq{parts.cseq, std::string(parts.method)}));
  return request;
}

Message make_response(const Message& request, std::uint16_t status, std::string_view reason,
                      std::string_view to_tag) {
  Message response;
  response.status = status;
  response.reason = std::string(reason.empty() ? reason_phrase(status) : reason);
  response.headers.reserve(12);
  copy_rows(response, request, header::via);
  if (makes_dialog(request.method, status)) copy_rows(response, request, header::record_route);
  copy_rows(response, request, header::from);
  std::string to(request.value(header::to));
  if (status > 100 && !to_tag.empty() && request.to_tag().empty()) {
    to.append(";tag=").append(to_tag);
  }
  response.add(header::to, std::move(to));
  copy_rows(response, request, header::call_id);
  copy_rows(response, request, header::cseq);
  if (status == 100) copy_rows(response, request, header::timestamp);
  return response;
}

Message make_cancel(const Message& invite) {
  return follow_up(invite, method::cancel, std::string(invite.value(header::to)));
}

Message make_ack_for_failure(const Message& invite, const Message& response) {
  return follow_up(invite, method::ack, std::string(response.value(header::to)));
}

void set_body(Message& message, std::string_view content_type, std::string body) {
  message.set(header::content_type, std::string(content_type));
  message.body = std::move(body);
}

}  // namespace cord::sip
