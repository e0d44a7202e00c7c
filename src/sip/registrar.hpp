// The registrar: RFC 3261 §10.3, with digest authentication (§22, RFC 8760), Path (RFC 3327) and
// one contact per device (+sip.instance, RFC 5626 §6). Requests and `now` in, responses out; what a
// contact can be reached by is the flow its REGISTER came on, whatever address it names.
// Left out on purpose: third-party registration, GRUU, several flows of one device, service routes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.hpp"
#include "base/timer_wheel.hpp"
#include "sip/address_guard.hpp"
#include "sip/digest.hpp"
#include "sip/flow.hpp"
#include "sip/message.hpp"
#include "sip/nonces.hpp"

namespace cord::sip {

/// Somebody who may register: the user part of the address of record, which is the digest's
/// username too.
struct Subscriber {
  std::string user;
  std::string password;
};

struct RegistrarConfig {
  std::vector<Subscriber> subscribers{};
  std::string realm = "cordboard";
  /// Offered in this order.
  std::vector<DigestAlgorithm> algorithms{DigestAlgorithm::sha256, DigestAlgorithm::md5};
  Duration expires_min = std::chrono::seconds(60);   ///< a shorter wish gets 423
  Duration expires_max = std::chrono::seconds(300);  ///< granted to a longer wish, and to none
  Duration check_every = std::chrono::seconds(30);   ///< an OPTIONS to each contact; 0: never
  std::size_t contacts_max = 5;  ///< of a subscriber; the one refreshed longest ago gives way
  AddressGuard::Limits addresses{};
  Nonces::Limits nonces{};
};

using BindingId = Id<struct BindingTag>;

/// One contact of a subscriber.
struct Binding {
  BindingId id;
  std::string user;
  Uri contact;
  std::string instance;        ///< +sip.instance as sent; empty: none
  std::uint32_t q = 1'000;     ///< in thousandths
  std::vector<NameAddr> path;  ///< the Route of requests to it
  Flow flow;                   ///< where its REGISTER came from
  std::string call_id;
  std::uint32_t cseq = 0;
  Instant refreshed{};
  Instant expires{};
  bool is_reachable = true;  ///< it answered the last OPTIONS, or has registered since
  TimerHandle expiry, check;
};

/// What became of a contact, or what is to be done about it.
struct RegistrarEvent {
  enum class Kind : std::uint8_t {
    registered,  ///< new, or come from elsewhere
    removed,     ///< by its own wish, or for another one
    expired,
    unreachable,  ///< it does not answer
    reachable,    ///< it answers again
    check,        ///< send it an OPTIONS, then call answered() or silent()
    locked_out,   ///< no contact: the address of `binding.flow` has sent too many wrong passwords
  };
  Kind kind = Kind::registered;
  Binding binding;
};

/// Counts since the start, for metrics.
struct RegistrarCounters {
  std::uint64_t accepted = 0;
  std::uint64_t challenged = 0;  ///< without credentials, or with an old nonce
  std::uint64_t wrong = 0;       ///< unknown user or wrong password
  std::uint64_t throttled = 0;   ///< 503: too many requests, or locked out
  std::uint64_t refused = 0;     ///< any other 4xx or 5xx
};

class Registrar {
 public:
  Registrar(RegistrarConfig config, IdSecret secret);

  /// The answer to a REGISTER, without To tag. An unknown user gets the answer that a wrong
  /// password gets, and costs as much.
  [[nodiscard]] Message on_register(const Message& request, const Flow& flow, Instant now);

  /// Contacts of `user`: those that answer first, then by q, then the one refreshed last.
  [[nodiscard]] std::vector<Binding> contacts(std::string_view user) const;
  [[nodiscard]] bool knows(std::string_view user) const;

  void answered(BindingId id, Instant now);
  void silent(BindingId id, Instant now);
  /// The connection is closed: contacts behind it are gone until they register again.
  void lose_connection(const Flow& flow);

  void on_timer(Instant now);
  [[nodiscard]] std::optional<Instant> next_due() const { return timers_.next_due(); }
  [[nodiscard]] std::vector<RegistrarEvent> take_events();

  [[nodiscard]] std::size_t bindings() const { return bindings_.size(); }
  [[nodiscard]] std::size_t unreachable() const { return unreachable_; }
  [[nodiscard]] std::size_t contacts_most() const { return contacts_most_; }
  [[nodiscard]] std::size_t nonces() const { return nonces_.used(); }
  [[nodiscard]] std::size_t addresses() const { return guard_.addresses(); }
  [[nodiscard]] const RegistrarCounters& counters() const { return counters_; }

 private:
  struct Account {
    std::string password;
    std::vector<BindingId> bindings;
  };
  struct Timer {
    BindingId binding;
    bool is_expiry = false;
  };
  /// A contact that a request wants bound (`expires` after zero) or removed.
  struct Wish {
    NameAddr contact;
    Duration expires{};
  };

  [[nodiscard]] std::optional<Message> guard(const Message& request, const Flow& flow, Instant now);
  [[nodiscard]] std::optional<Message> authenticate(const Message& request, const Flow& flow,
                                                    Instant now);
  [[nodiscard]] Message challenge(const Message& request, bool stale, Instant now);
  [[nodiscard]] Message refuse_request(const Message& request, std::uint16_t status);
  [[nodiscard]] Result<std::vector<Wish>> wishes(const Message& request) const;
  [[nodiscard]] Message update(const Message& request, const Flow& flow, Account& account,
                               Instant now);
  [[nodiscard]] Message remove_all(const Message& request, Account& account, Instant now);
  void bind(const Message& request, const Flow& flow, const Wish& wish, Instant now);
  void make_room(Account& account);
  Binding* find(const Account& account, const NameAddr& contact);
  [[nodiscard]] bool is_bound_at(const Message& request, const Flow& flow) const;
  void remove(BindingId id, RegistrarEvent::Kind why);
  void checked(BindingId id, bool has_answered, Instant now);
  void check_again(Binding& binding, Instant now);
  /// Whether that is news.
  bool set_reachable(Binding& binding, bool is_reachable);
  void tell(RegistrarEvent::Kind kind, const Binding& binding);
  [[nodiscard]] Message list(const Message& request, const Account& account, Instant now) const;

  RegistrarConfig config_;
  Nonces nonces_;
  AddressGuard guard_;
  std::unordered_map<std::string, Account> accounts_;
  std::unordered_map<BindingId, Binding> bindings_;
  TimerWheel<Timer> timers_;
  std::vector<RegistrarEvent> events_;
  std::uint64_t last_binding_ = 0;
  std::size_t contacts_most_ = 0, unreachable_ = 0;
  RegistrarCounters counters_;
};

}  // namespace cord::sip
