#include "sip/transaction_layer.hpp"

#include <algorithm>
#include <deque>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "base/prng.hpp"
#include "base/timer_wheel.hpp"
#include "sip/build.hpp"
#include "sip/transaction_match.hpp"
#include "sip/transaction_table.hpp"

namespace cord::sip {
namespace {

constexpr int timeout_in_t1 = 64;  // Timers B, D, F, H, J, L and M.

struct Due {
  TransactionId id;
  TransactionInput input = TransactionInput::retransmit_due;
};

struct Transaction {
  TransactionId id;  // Its high half counts how often the slot was used.
  TransactionKind kind = TransactionKind::invite_client;
  TransactionState state = TransactionState::terminated;
  bool is_silent = false;      // A CANCEL of ours: nobody above knows of it.
  bool cancel_wanted = false;  // CANCEL waits for the first provisional response.
  Flow flow;
  std::string key;
  std::string bytes;                // What is sent again: request, last response, or ACK.
  std::unique_ptr<Message> invite;  // Of an INVITE client, until its final response.
  Duration interval{};
  TimerHandle retransmit, timeout, linger;

  [[nodiscard]] bool is_client() const {
    return kind == TransactionKind::invite_client || kind == TransactionKind::non_invite_client;
  }
};

// What a move works with, besides the transaction.
struct Stimulus {
  TransactionInput input;
  Instant now;
  Message* received = nullptr;        // Moved from when it is passed up.
  const Flow* flow = nullptr;         // Where `received` came from.
  const Message* response = nullptr;  // Ordered from above.
};

TransactionInput input_of(std::uint16_t status) {
  if (status < 200) return TransactionInput::provisional;
  return status < 300 ? TransactionInput::success : TransactionInput::failure;
}

// TCP transactions belong to a connection once it is known; all others to the remote address.
std::pair<std::uint8_t, std::uint64_t> place_of(const Flow& flow) {
  if (flow.connection != 0) return {2, flow.connection};
  return {static_cast<std::uint8_t>(flow.transport),
          std::uint64_t{flow.remote.address} << 16 | flow.remote.port};
}

constexpr std::size_t slot_of(TransactionId id) {
  return (id.value & UINT32_MAX) - 1;
}

}  // namespace

class TransactionLayer::Impl {
 public:
  Impl(TransactionConfig config, std::vector<Listener> listeners, std::uint64_t seed)
      : config_(config), listeners_(std::move(listeners)), prng_(seed) {}

  void receive_bytes(std::string_view bytes, const Flow& flow, Instant now);
  void receive(Message message, const Flow& flow, Instant now);
  Result<TransactionId> send_request(Message request, const Flow& flow, Instant now);
  void send_ack(Message& ack, const Flow& flow);
  void respond(TransactionId id, const Message& response, Instant now);
  void resend_success(TransactionId id);
  void cancel(TransactionId id, Instant now);
  void transport_failed(const Flow& flow, Instant now);
  void on_timer(Instant now);

  [[nodiscard]] Transaction* find(TransactionId id);
  [[nodiscard]] std::size_t live() const { return by_key_.size(); }

  TimerWheel<Due> timers_;
  std::vector<TransactionOutput> outputs_;
  TransactionCounters counters_;

 private:
  void receive_request(Message request, const Flow& flow, Instant now);
  void receive_response(Message response, const Flow& flow, Instant now);
  void refuse_overload(const Message& request, const Flow& flow);
  void start_server(Message request, const Flow& from, std::string key, Instant now);
  Transaction& start_client(std::string key, TransactionKind kind, const Flow& flow,
                            std::string bytes, Instant now);
  void start_cancel(Transaction& invite, Instant now);

  Transaction* find_by_key(std::string_view key);
  Transaction& create(std::string key, TransactionKind kind, const Flow& flow);
  void destroy(Transaction& transaction);
  void move_to_connection(Transaction& transaction, const Flow& flow);

  bool step(Transaction& transaction, Stimulus stimulus);
  void send_parts(Transaction& transaction, std::uint16_t actions, const Stimulus& stimulus);
  void time_parts(Transaction& transaction, const TransactionMove& move, Instant now);
  void report_parts(Transaction& transaction, std::uint16_t actions, const Stimulus& stimulus);
  void start_retransmit_timer(Transaction& transaction, const TransactionMove& move, Instant now);
  [[nodiscard]] Duration linger_of(const Transaction& transaction, TransactionState to) const;

  void send(const Flow& flow, std::string bytes);
  Via put_via(Message& request, const Flow& flow);
  std::string new_tag() { return fmt::format("{:016x}", prng_.next()); }
  [[nodiscard]] Duration patience() const { return config_.t1 * timeout_in_t1; }

  const TransactionConfig config_;
  const std::vector<Listener> listeners_;
  Prng prng_;
  std::uint64_t branches_made_ = 0;
  std::deque<Transaction> slots_;  // A deque: keys and transactions stay where they are.
  std::vector<std::size_t> free_slots_;
  std::unordered_map<std::string_view, Transaction*> by_key_;
  std::set<std::tuple<std::uint8_t, std::uint64_t, TransactionId>> by_place_;
};

// Receiving.

void TransactionLayer::Impl::receive_bytes(std::string_view bytes, const Flow& flow, Instant now) {
  // RFC 5626 §4.4: keep-alives of line ends, which over UDP ask for nothing.
  if (bytes.find_first_not_of("\r\n") == std::string_view::npos) return;
  auto message = parse_message(bytes);
  if (message) return receive(std::move(*message), flow, now);
  ++counters_.messages_refused[static_cast<std::size_t>(fault_of(message.error()))];
  auto refusal = refusal_for(bytes, message.error());
  if (!refusal) return;
  if (auto to = parse_name_addr(refusal->value(header::to)); to && to->tag().empty()) {
    to->params.set("tag", new_tag());
    refusal->set(header::to, print(*to));
  }
  send(flow, print(*refusal));
}

void TransactionLayer::Impl::receive(Message message, const Flow& flow, Instant now) {
  ++counters_.messages_received;
  if (message.is_request()) {
    receive_request(std::move(message), flow, now);
  } else {
    receive_response(std::move(message), flow, now);
  }
}

void TransactionLayer::Impl::receive_request(Message request, const Flow& flow, Instant now) {
  const Via via = stamp_source(request, flow);
  const bool is_ack = request.method == method::ack;
  std::string key = server_key(request, via, is_ack ? method::invite : request.method);
  if (Transaction* known = find_by_key(key)) {
    if (is_ack) {
      step(*known, {TransactionInput::ack, now, &request, &flow});
    } else {
      ++counters_.retransmissions_received;
      step(*known, {TransactionInput::request, now, &request, &flow});
    }
    return;
  }
  // The ACK of a 2xx is a transaction of its own: RFC 3261 §17.1.1.1.
  if (is_ack) {
    outputs_.push_back(AckReceived{std::move(request), flow});
  } else if (live() >= config_.transactions_max) {
    refuse_overload(request, response_flow(flow, via));
  } else {
    start_server(std::move(request), flow, std::move(key), now);
  }
}

void TransactionLayer::Impl::refuse_overload(const Message& request, const Flow& flow) {
  ++counters_.requests_over_limit;
  Message response = make_response(request, 503, {}, new_tag());
  response.add(header::retry_after, std::to_string(config_.retry_after_s));
  send(flow, print(response));
}

void TransactionLayer::Impl::start_server(Message request, const Flow& from, std::string key,
                                          Instant now) {
  const Via via = request.top_via();
  const bool is_invite = request.method == method::invite;
  TransactionId cancels;
  if (request.method == method::cancel) {
    const Transaction* meant = find_by_key(server_key(request, via, method::invite));
    if (meant != nullptr) cancels = meant->id;
  }
  Transaction& transaction =
      create(std::move(key),
             is_invite ? TransactionKind::invite_server : TransactionKind::non_invite_server,
             response_flow(from, via));
  // RFC 3261 §17.2.1 allows 200 ms; at once, the far end stops sending again for certain.
  if (is_invite) {
    const Message trying = make_response(request, 100);
    step(transaction, {.input = TransactionInput::provisional, .now = now, .response = &trying});
  }
  outputs_.push_back(RequestReceived{transaction.id, std::move(request), from, cancels});
}

void TransactionLayer::Impl::receive_response(Message response, const Flow& flow, Instant now) {
  Transaction* known = find_by_key(client_key(response.top_via(), response.cseq().method));
  if (known == nullptr) {
    ++counters_.messages_stray;
    return;
  }
  move_to_connection(*known, flow);
  const TransactionInput input = input_of(response.status);
  const bool was_new = step(*known, {input, now, &response, &flow});
  if (!was_new) ++counters_.retransmissions_received;
}

// Orders from above.

Result<TransactionId> TransactionLayer::Impl::send_request(Message request, const Flow& flow,
                                                           Instant now) {
  CORD_ASSERT(request.method != method::ack);
  if (live() >= config_.transactions_max) {
    return refuse(Errc::full, "sip.send_request", config_.transactions_max);
  }
  request.remove(header::via);
  const Via via = put_via(request, flow);
  const bool is_invite = request.method == method::invite;
  Transaction& transaction =
      start_client(client_key(via, request.method),
                   is_invite ? TransactionKind::invite_client : TransactionKind::non_invite_client,
                   flow, print(request), now);
  if (is_invite) {
    request.body.clear();  // Neither CANCEL nor ACK copies it.
    transaction.invite = std::make_unique<Message>(std::move(request));
  }
  return transaction.id;
}

Transaction& TransactionLayer::Impl::start_client(std::string key, TransactionKind kind,
                                                  const Flow& flow, std::string bytes,
                                                  Instant now) {
  Transaction& transaction = create(std::move(key), kind, flow);
  transaction.bytes = std::move(bytes);
  transaction.interval = config_.t1;
  if (!is_reliable(flow.transport)) {
    transaction.retransmit = timers_.start(now + transaction.interval,
                                           {transaction.id, TransactionInput::retransmit_due});
  }
  transaction.timeout =
      timers_.start(now + patience(), {transaction.id, TransactionInput::timed_out});
  send(flow, transaction.bytes);
  return transaction;
}

void TransactionLayer::Impl::send_ack(Message& ack, const Flow& flow) {
  if (!ack.has(header::via)) put_via(ack, flow);
  send(flow, print(ack));
}

void TransactionLayer::Impl::respond(TransactionId id, const Message& response, Instant now) {
  Transaction* transaction = find(id);
  if (transaction == nullptr || transaction->is_client()) return;
  step(*transaction, {.input = input_of(response.status), .now = now, .response = &response});
}

void TransactionLayer::Impl::resend_success(TransactionId id) {
  const Transaction* transaction = find(id);
  if (transaction == nullptr || transaction->kind != TransactionKind::invite_server ||
      transaction->state != TransactionState::accepted) {
    return;
  }
  ++counters_.retransmissions_sent;
  send(transaction->flow, transaction->bytes);
}

void TransactionLayer::Impl::cancel(TransactionId id, Instant now) {
  Transaction* transaction = find(id);
  if (transaction == nullptr || transaction->kind != TransactionKind::invite_client ||
      transaction->cancel_wanted) {
    return;
  }
  transaction->cancel_wanted = true;
  if (transaction->state == TransactionState::proceeding) start_cancel(*transaction, now);
}

void TransactionLayer::Impl::start_cancel(Transaction& invite, Instant now) {
  const Message cancel = make_cancel(*invite.invite);
  Transaction& transaction =
      start_client(client_key(cancel.top_via(), method::cancel), TransactionKind::non_invite_client,
                   invite.flow, print(cancel), now);
  transaction.is_silent = true;
  // RFC 3261 §9.1: no answer to the INVITE for 64*T1 means it is cancelled.
  invite.timeout = timers_.start(now + patience(), {invite.id, TransactionInput::timed_out});
}

void TransactionLayer::Impl::transport_failed(const Flow& flow, Instant now) {
  std::vector<TransactionId> hit;
  Flow unconnected = flow;
  unconnected.connection = 0;
  for (const Flow& where : {flow, unconnected}) {
    const auto [kind, place] = place_of(where);
    auto it = by_place_.lower_bound({kind, place, TransactionId{}});
    for (; it != by_place_.end() && std::get<0>(*it) == kind && std::get<1>(*it) == place; ++it) {
      hit.push_back(std::get<2>(*it));
    }
    if (flow.connection == 0) break;
  }
  for (const TransactionId id : hit) {
    if (Transaction* transaction = find(id)) {
      step(*transaction, {TransactionInput::transport_failed, now});
    }
  }
}

void TransactionLayer::Impl::on_timer(Instant now) {
  while (const auto due = timers_.advance(now)) {
    if (Transaction* transaction = find(due->id)) step(*transaction, {due->input, now});
  }
}

// The table of transactions.

Transaction* TransactionLayer::Impl::find(TransactionId id) {
  if (!id || slot_of(id) >= slots_.size()) return nullptr;
  Transaction& transaction = slots_[slot_of(id)];
  return transaction.id == id && transaction.state != TransactionState::terminated ? &transaction
                                                                                   : nullptr;
}

Transaction* TransactionLayer::Impl::find_by_key(std::string_view key) {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : found->second;
}

Transaction& TransactionLayer::Impl::create(std::string key, TransactionKind kind,
                                            const Flow& flow) {
  if (free_slots_.empty()) {
    slots_.emplace_back();
    slots_.back().id.value = slots_.size();
    free_slots_.push_back(slots_.size() - 1);
  }
  Transaction& transaction = slots_[free_slots_.back()];
  free_slots_.pop_back();
  const TransactionId id{transaction.id.value + (std::uint64_t{1} << 32)};
  transaction.id = id;
  transaction.kind = kind;
  transaction.state = initial_state(kind);
  transaction.flow = flow;
  transaction.key = std::move(key);
  by_key_.emplace(transaction.key, &transaction);
  const auto [place_kind, place] = place_of(flow);
  by_place_.emplace(place_kind, place, id);
  return transaction;
}

void TransactionLayer::Impl::destroy(Transaction& transaction) {
  timers_.cancel(transaction.retransmit);
  timers_.cancel(transaction.timeout);
  timers_.cancel(transaction.linger);
  by_key_.erase(transaction.key);
  const auto [kind, place] = place_of(transaction.flow);
  by_place_.erase({kind, place, transaction.id});
  const TransactionId id = transaction.id;
  transaction = Transaction{};
  transaction.id = id;
  free_slots_.push_back(slot_of(id));
}

// A request sent before its connection was there goes on in the connection its answer came by.
void TransactionLayer::Impl::move_to_connection(Transaction& transaction, const Flow& flow) {
  if (!is_reliable(transaction.flow.transport) || transaction.flow.connection != 0) return;
  const auto [old_kind, old_place] = place_of(transaction.flow);
  by_place_.erase({old_kind, old_place, transaction.id});
  transaction.flow.connection = flow.connection;
  const auto [kind, place] = place_of(transaction.flow);
  by_place_.emplace(kind, place, transaction.id);
}

// Moves.

bool TransactionLayer::Impl::step(Transaction& transaction, Stimulus stimulus) {
  const TransactionMove* move = find_move(transaction.kind, transaction.state, stimulus.input);
  if (move == nullptr) return false;
  send_parts(transaction, move->actions, stimulus);
  time_parts(transaction, *move, stimulus.now);
  const bool is_entered = transaction.state != move->to;
  transaction.state = move->to;
  report_parts(transaction, move->actions, stimulus);
  if (move->to == TransactionState::terminated) {
    destroy(transaction);
    return true;
  }
  if ((move->actions & start_linger) != 0 && linger_of(transaction, move->to) == Duration{}) {
    return step(transaction, {TransactionInput::lingered, stimulus.now});
  }
  if (is_entered && move->to == TransactionState::proceeding && transaction.cancel_wanted) {
    start_cancel(transaction, stimulus.now);
  }
  return true;
}

void TransactionLayer::Impl::send_parts(Transaction& transaction, std::uint16_t actions,
                                        const Stimulus& stimulus) {
  if ((actions & send_again) != 0 && !transaction.bytes.empty()) {
    ++counters_.retransmissions_sent;
    send(transaction.flow, transaction.bytes);
  }
  if ((actions & send_response) != 0) {
    transaction.bytes = print(*stimulus.response);
    send(transaction.flow, transaction.bytes);
  }
  if ((actions & acknowledge) != 0) {
    // Once completed, what is kept is the ACK.
    if (transaction.invite) {
      transaction.bytes = print(make_ack_for_failure(*transaction.invite, *stimulus.received));
      transaction.invite.reset();
    }
    send(transaction.flow, transaction.bytes);
  }
}

void TransactionLayer::Impl::time_parts(Transaction& transaction, const TransactionMove& move,
                                        Instant now) {
  if ((move.actions & stop_retransmit) != 0) timers_.cancel(transaction.retransmit);
  if ((move.actions & stop_timeout) != 0) timers_.cancel(transaction.timeout);
  if ((move.actions & start_retransmit) != 0) start_retransmit_timer(transaction, move, now);
  if ((move.actions & start_timeout) != 0) {
    transaction.timeout =
        timers_.start(now + patience(), {transaction.id, TransactionInput::timed_out});
  }
  if ((move.actions & start_linger) != 0) {
    const Duration linger = linger_of(transaction, move.to);
    if (linger == Duration{}) return;
    transaction.linger = timers_.start(now + linger, {transaction.id, TransactionInput::lingered});
  }
}

// Timer A doubles without end (RFC 3261 §17.1.1.2); E and G double up to T2 (§17.1.2.2, §17.2.1),
// and E is T2 at once while proceeding.
void TransactionLayer::Impl::start_retransmit_timer(Transaction& transaction,
                                                    const TransactionMove& move, Instant now) {
  if (is_reliable(transaction.flow.transport)) return;
  const bool is_first = move.input != TransactionInput::retransmit_due;
  transaction.interval = is_first ? config_.t1 : transaction.interval * 2;
  if (transaction.kind != TransactionKind::invite_client) {
    const bool is_proceeding = transaction.state == TransactionState::proceeding && !is_first;
    transaction.interval = is_proceeding ? config_.t2 : std::min(transaction.interval, config_.t2);
  }
  transaction.retransmit =
      timers_.start(now + transaction.interval, {transaction.id, TransactionInput::retransmit_due});
}

// RFC 3261 table 4, RFC 6026 §7. D is 32 s there, which is 64*T1 with the T1 it assumes.
Duration TransactionLayer::Impl::linger_of(const Transaction& transaction,
                                           TransactionState to) const {
  if (to == TransactionState::accepted) return patience();  // L, M
  if (is_reliable(transaction.flow.transport)) return Duration{};
  switch (transaction.kind) {
    case TransactionKind::invite_client:
      return patience();  // D
    case TransactionKind::non_invite_client:
      return config_.t4;  // K
    case TransactionKind::invite_server:
      return config_.t4;  // I
    case TransactionKind::non_invite_server:
      return patience();  // J
  }
  return Duration{};
}

void TransactionLayer::Impl::report_parts(Transaction& transaction, std::uint16_t actions,
                                          const Stimulus& stimulus) {
  if (transaction.state == TransactionState::accepted) transaction.invite.reset();
  if (transaction.is_silent) return;
  if ((actions & pass_up) != 0) {
    if (transaction.is_client()) {
      outputs_.push_back(
          ResponseReceived{transaction.id, std::move(*stimulus.received), *stimulus.flow});
    } else {
      outputs_.push_back(AckReceived{std::move(*stimulus.received), *stimulus.flow});
    }
  }
  if ((actions & report_timeout) != 0) {
    outputs_.push_back(TransactionTimedOut{transaction.id});
  } else if ((actions & report_transport) != 0) {
    outputs_.push_back(TransportFailed{transaction.id});
  } else if (transaction.state == TransactionState::terminated) {
    outputs_.push_back(TransactionEnded{transaction.id});
  }
}

void TransactionLayer::Impl::send(const Flow& flow, std::string bytes) {
  outputs_.push_back(SendBytes{flow, std::move(bytes)});
}

// RFC 3261 §8.1.1.7, §18.1.1; RFC 3581 §3.
Via TransactionLayer::Impl::put_via(Message& request, const Flow& flow) {
  CORD_ASSERT(flow.listener < listeners_.size());
  const Endpoint& ours = listeners_[flow.listener].address;
  Via via;
  via.transport = via_name(flow.transport);
  via.host = print_ipv4(ours.address);
  via.port = ours.port;
  via.params.set("branch",
                 fmt::format("{}{:016x}.{:x}", branch_cookie, prng_.next(), ++branches_made_));
  if (!is_reliable(flow.transport)) via.params.set_flag("rport");
  request.add_first(header::via, print(via));
  return via;
}

// The door.

TransactionLayer::TransactionLayer(TransactionConfig config, std::vector<Listener> listeners,
                                   std::uint64_t seed)
    : impl_(std::make_unique<Impl>(config, std::move(listeners), seed)) {}
TransactionLayer::~TransactionLayer() = default;
TransactionLayer::TransactionLayer(TransactionLayer&&) noexcept = default;
TransactionLayer& TransactionLayer::operator=(TransactionLayer&&) noexcept = default;

void TransactionLayer::receive_bytes(std::string_view bytes, const Flow& flow, Instant now) {
  impl_->receive_bytes(bytes, flow, now);
}
void TransactionLayer::receive(Message message, const Flow& flow, Instant now) {
  impl_->receive(std::move(message), flow, now);
}
Result<TransactionId> TransactionLayer::send_request(Message request, const Flow& flow,
                                                     Instant now) {
  return impl_->send_request(std::move(request), flow, now);
}
void TransactionLayer::send_ack(Message& ack, const Flow& flow) {
  impl_->send_ack(ack, flow);
}
void TransactionLayer::respond(TransactionId id, const Message& response, Instant now) {
  impl_->respond(id, response, now);
}
void TransactionLayer::resend_success(TransactionId id) {
  impl_->resend_success(id);
}
void TransactionLayer::cancel(TransactionId id, Instant now) {
  impl_->cancel(id, now);
}
void TransactionLayer::transport_failed(const Flow& flow, Instant now) {
  impl_->transport_failed(flow, now);
}
void TransactionLayer::on_timer(Instant now) {
  impl_->on_timer(now);
}
std::optional<Instant> TransactionLayer::next_due() const {
  return impl_->timers_.next_due();
}
std::vector<TransactionOutput> TransactionLayer::take_outputs() {
  return std::exchange(impl_->outputs_, {});
}
std::optional<Flow> TransactionLayer::flow_of(TransactionId id) const {
  const Transaction* transaction = impl_->find(id);
  return transaction == nullptr ? std::nullopt : std::optional(transaction->flow);
}
std::size_t TransactionLayer::live_transactions() const {
  return impl_->live();
}
std::size_t TransactionLayer::live_timers() const {
  return impl_->timers_.size();
}
const TransactionCounters& TransactionLayer::counters() const {
  return impl_->counters_;
}

}  // namespace cord::sip
