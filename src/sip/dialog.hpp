// Dialogs: RFC 3261 §12. What a dialog is made of, the requests sent inside it and the checks on
// those received. No transactions and no timers: those are the user agent's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "sip/message.hpp"

namespace cord::sip {

inline constexpr std::size_t route_set_max = 16;  ///< Record-Route values of one dialog

class Dialog {
 public:
  /// The dialog that our answers to `invite` with `local_tag` make: §12.1.1.
  /// Errors: malformed (no usable Contact or Record-Route), too_long (route_set_max).
  [[nodiscard]] static Result<Dialog> as_server(const Message& invite, std::string_view local_tag);

  /// The dialog that `response` (101 to 299) to our `invite` makes: §12.1.2. Without a Contact the
  /// remote target is where the INVITE went: many phones leave it out of a 180.
  /// Errors: malformed (Contact or Record-Route), too_long (route_set_max).
  [[nodiscard]] static Result<Dialog> as_client(const Message& invite, const Message& response);

  /// The next request of ours inside the dialog (§12.2.1.1), with routes and a new CSeq; without
  /// Via, Contact and body. Not for ACK.
  [[nodiscard]] Message make_request(std::string_view method);
  /// The ACK of a 2xx to our INVITE with that CSeq number: §13.2.2.4.
  [[nodiscard]] Message make_ack(std::uint32_t cseq) const;

  /// Whether a request from the far end is in order; if so its CSeq is remembered. False: answer
  /// 500 (§12.2.2). Not for ACK and CANCEL.
  [[nodiscard]] bool accept_cseq(const Message& request);

  /// Goes on with the CSeq numbers of `early`, the same dialog before its 2xx: §12.1, §13.2.2.4.
  void continue_from(const Dialog& early);

  /// Takes the Contact of a target refresh request, or of the 2xx to ours, as the new remote
  /// target (§12.2.1.2, §12.2.2). A missing or unusable one leaves the old.
  void refresh_target(const Message& message);

  /// Where the next request goes: the first route, else the remote target.
  [[nodiscard]] const Uri& next_hop() const { return routes_.empty() ? target_ : routes_[0].uri; }

  /// Whether `request`, which came to us, belongs here: Call-ID and both tags (§12.2.2).
  [[nodiscard]] bool matches(const Message& request) const;

  [[nodiscard]] const std::string& call_id() const { return call_id_; }
  [[nodiscard]] std::string_view local_tag() const { return local_.tag(); }
  [[nodiscard]] std::string_view remote_tag() const { return remote_.tag(); }
  [[nodiscard]] const Uri& target() const { return target_; }
  [[nodiscard]] const std::vector<NameAddr>& routes() const { return routes_; }
  [[nodiscard]] std::uint32_t local_cseq() const { return local_cseq_; }

 private:
  [[nodiscard]] Message build(std::string_view method, std::uint32_t cseq) const;

  std::string call_id_;
  NameAddr local_, remote_;       ///< From and To of our requests, with tags
  Uri target_;                    ///< the far end's Contact
  std::vector<NameAddr> routes_;  ///< in the order of our requests
  std::uint32_t local_cseq_ = 0;
  std::optional<std::uint32_t> remote_cseq_;
};

}  // namespace cord::sip
