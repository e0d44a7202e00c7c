#include "sip/transfer_subscription.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "sip/build.hpp"

namespace cord::sip {
namespace {

constexpr std::string_view sipfrag_type = "message/sipfrag;version=2.0";

std::string subscription_state(const TransferSubscription& it, Instant now) {
  if (it.is_over) {
    return fmt::format("terminated;reason={}", it.status < 200 ? "timeout" : "noresource");
  }
  const auto left = std::chrono::duration_cast<std::chrono::seconds>(it.due - now).count();
  return fmt::format("active;expires={}", std::max<std::int64_t>(left, 0));
}

}  // namespace

std::string transfer_event(const Message& refer, bool is_first) {
  if (is_first) return "refer";
  return fmt::format("refer;id={}", refer.cseq().number);
}

void write_report(const TransferSubscription& it, Instant now, Message& notify) {
  notify.add(header::event, it.event);
  notify.add(header::subscription_state, subscription_state(it, now));
  set_body(notify, sipfrag_type,
           fmt::format("SIP/2.0 {} {}\r\n", it.status, reason_phrase(it.status)));
}

}  // namespace cord::sip
