// A registration of ours at a carrier or PBX: RFC 3261 §10.2. Responses and `now` in; the next
// REGISTER, and when it is due, out. Who sends it and owns its transaction is the user agent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/instant.hpp"
#include "sip/digest.hpp"
#include "sip/flow.hpp"
#include "sip/id_source.hpp"
#include "sip/message.hpp"

namespace cord::sip {

struct RegistrationConfig {
  std::string name;                 ///< for whoever reads of it
  std::vector<NextHop> registrars;  ///< after each failure the next one; none: it waits
  std::string domain;               ///< of the address of record, and the Request-URI
  DigestAccount account;            ///< `user` is the address of record's, too
  Duration expires = std::chrono::seconds(300);  ///< wished for
  Duration retry_min = std::chrono::seconds(5);  ///< after a failure, doubled each time
  Duration retry_max = std::chrono::minutes(5);  ///< of which a half to the whole is waited
};

/// What a response has led to.
enum class RegistrationStep : std::uint8_t {
  wait,        ///< a provisional response
  repeat,      ///< send request() once more, now
  registered,  ///< for the first time, or after a failure
  refreshed,
  failed,  ///< for the first time; detail() says why
  failed_again,
  left,  ///< after leave()
};

class Registration {
 public:
  Registration(RegistrationConfig config, std::string call_id, std::string from_tag)
      : config_(std::move(config)),
        client_(config_.account),
        call_id_(std::move(call_id)),
        from_tag_(std::move(from_tag)) {}

  /// The next REGISTER, without Via. `contact` is our address as this registrar sees it.
  [[nodiscard]] Message request(const Uri& contact, IdSource& ids);
  [[nodiscard]] RegistrationStep on_response(const Message& response, Instant now, IdSource& ids);
  /// No answer, or the way is broken.
  RegistrationStep on_lost(std::string_view why, Instant now, IdSource& ids);
  /// From now on request() takes the binding back, and is due at once.
  void leave(Instant now);

  /// The one that is used goes on to be, if it is among them. None: nothing changes.
  void set_registrars(std::vector<NextHop> registrars);
  /// Where request() is to be sent, when it is due.
  [[nodiscard]] const NextHop& next_hop() const { return config_.registrars.at(at_); }

  /// When request() is to be sent; none: while one is under way, without a registrar, and after the
  /// end.
  [[nodiscard]] std::optional<Instant> due() const {
    return config_.registrars.empty() ? std::nullopt : due_;
  }
  [[nodiscard]] bool is_registered() const { return is_registered_; }
  [[nodiscard]] const std::string& detail() const { return detail_; }
  [[nodiscard]] const RegistrationConfig& config() const { return config_; }

 private:
  [[nodiscard]] RegistrationStep fail(std::string detail, Duration after, Instant now);
  [[nodiscard]] Duration backoff(IdSource& ids) const;
  [[nodiscard]] Duration granted(const Message& response) const;

  RegistrationConfig config_;
  DigestClient client_;
  std::string call_id_, from_tag_;
  std::uint32_t cseq_ = 0;
  std::uint32_t failures_ = 0;  ///< in a row
  std::size_t at_ = 0;          ///< the registrar that is used
  std::optional<Instant> due_ = Instant{};
  bool is_repeated_ = false;  ///< the request under way answers a challenge
  bool is_registered_ = false;
  bool is_leaving_ = false;
  std::string detail_;
};

}  // namespace cord::sip
