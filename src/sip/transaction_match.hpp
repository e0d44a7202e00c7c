// Which transaction a message belongs to, and where responses go: RFC 3261 §17.1.3, §17.2.3,
// §18.2.1, §18.2.2, RFC 3581. Private to the transaction layer. `maddr` is not followed: it is for
// multicast, and else lets a stranger point our answers at others.
#pragma once

#include <string>
#include <string_view>

#include "sip/flow.hpp"
#include "sip/message.hpp"

namespace cord::sip {

inline constexpr std::string_view branch_cookie = "z9hG4bK";

/// What the messages of one client transaction of `method` have in common.
[[nodiscard]] std::string client_key(const Via& via, std::string_view method);

/// What the requests of one server transaction of `method` have in common. Give INVITE for an ACK,
/// and for the INVITE a CANCEL means. Without a branch of RFC 3261 this is the match of RFC 2543,
/// but for the To tag, which differs between an INVITE and its ACK.
[[nodiscard]] std::string server_key(const Message& request, const Via& via,
                                     std::string_view method);

/// Notes in the top Via where the request really came from. Returns that Via.
Via stamp_source(Message& request, const Flow& from);

/// Where the answers to a request go that came by `from` with the stamped `via`.
[[nodiscard]] Flow response_flow(const Flow& from, const Via& via);

}  // namespace cord::sip
