// What one REFER has begun (RFC 3515 §2.4): its answer, and the subscription in which the one who
// asked hears what comes of it (RFC 6665 §4.2). Data; what moves it is user_agent_refer.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/instant.hpp"
#include "sip/message.hpp"
#include "sip/transaction_layer.hpp"
#include "sip/user_agent.hpp"

namespace cord::sip {

struct TransferSubscription {
  TransferHandle handle{};
  Message refer;
  TransactionId asked{};  ///< of the REFER; none: it has been accepted
  std::string event;      ///< the Event of all NOTIFYs
  std::uint16_t status = 100;
  bool is_over = false;    ///< nothing else follows
  bool is_told = true;     ///< the far end has been sent that
  TransactionId notify{};  ///< under way; one at a time
  Instant due{};           ///< asked: no answer of ours; then: nobody has said how it ended
};

/// The Event of the NOTIFYs for `refer`: RFC 3515 §2.4.6. Only a dialog's first needs no id.
[[nodiscard]] std::string transfer_event(const Message& refer, bool is_first);

/// Writes what `it` has to tell at `now` into its NOTIFY: Event, Subscription-State and the
/// message/sipfrag body (RFC 3420).
void write_report(const TransferSubscription& it, Instant now, Message& notify);

}  // namespace cord::sip
