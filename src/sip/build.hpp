// Messages made from other messages: responses (RFC 3261 §8.2.6), CANCEL (§9.1), the ACK of a
// non-2xx (§17.1.1.3), and the start of a request outside a dialog (§8.1.1).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sip/message.hpp"

namespace cord::sip {

/// What goes into a new request. The transaction layer puts on the Via.
struct RequestParts {
  std::string_view method;
  Uri uri;
  NameAddr from;  ///< with our tag
  NameAddr to;    ///< with their tag inside a dialog
  std::string_view call_id;
  std::uint32_t cseq = 1;
  std::uint32_t max_forwards = 70;
};

/// A request without Via, Contact, routes and body: add those.
[[nodiscard]] Message make_request(const RequestParts& parts);

/// A response to `request`: Via, From, To, Call-ID, CSeq copied, and Record-Route where it makes a
/// dialog (a 101-299 to INVITE, SUBSCRIBE or REFER), Timestamp in a 100. `to_tag` is added to a To
/// that has none, but for a 100. An empty `reason` is reason_phrase(status).
[[nodiscard]] Message make_response(const Message& request, std::uint16_t status,
                                    std::string_view reason = {}, std::string_view to_tag = {});

/// The CANCEL of `invite`, which must have its Via: same branch, so that it finds its way.
[[nodiscard]] Message make_cancel(const Message& invite);

/// The ACK of the non-2xx final `response` to `invite`, in the INVITE's own transaction.
[[nodiscard]] Message make_ack_for_failure(const Message& invite, const Message& response);

/// Sets body and Content-Type together.
void set_body(Message& message, std::string_view content_type, std::string body);

}  // namespace cord::sip
