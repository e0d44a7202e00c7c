// What the transaction tests share: a layer, its clock, and the messages of a far end.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "sip/build.hpp"
#include "sip/transaction_layer.hpp"

namespace cord::sip {

using std::chrono::milliseconds;
using Millis = std::vector<std::int64_t>;

inline const Flow udp{Transport::udp, 0, {0xc0000201, 5070}, 0};
inline const Flow tcp{Transport::tcp, 1, {0xc0000201, 40000}, 9};

/// A transaction layer, its clock, and what came out of it.
class World {
 public:
  explicit World(TransactionConfig config = {})
      : layer(config, {{Transport::udp, {0x7f000001, 5060}}, {Transport::tcp, {0x7f000001, 5061}}},
              1) {}

  TransactionLayer layer;
  Instant now{std::chrono::hours(500'000)};
  const Instant start = now;
  std::vector<TransactionOutput> outputs;

  std::int64_t elapsed_ms() const {
    return std::chrono::duration_cast<milliseconds>(now - start).count();
  }
  void collect() {
    for (TransactionOutput& output : layer.take_outputs()) outputs.push_back(std::move(output));
  }
  void receive(const Message& message, const Flow& flow) {
    layer.receive_bytes(print(message), flow, now);
    collect();
  }
  TransactionId send(Message request, const Flow& flow) {
    const auto id = layer.send_request(std::move(request), flow, now);
    EXPECT_TRUE(id);
    collect();
    return id.value_or(TransactionId{});
  }
  void respond(TransactionId id, const Message& response) {
    layer.respond(id, response, now);
    collect();
  }
  /// Lets time pass in steps of a millisecond. Returns when messages were sent, in ms from start.
  Millis run_until(milliseconds end) {
    Millis sent;
    while (now < start + end) {
      now += milliseconds(1);
      layer.on_timer(now);
      collect();
      for (std::size_t i = count<SendBytes>(); i > sent_seen_; --i) sent.push_back(elapsed_ms());
      sent_seen_ = count<SendBytes>();
    }
    return sent;
  }
  /// Forgets what came out so far.
  void clear() {
    outputs.clear();
    sent_seen_ = 0;
  }
  template <class T>
  std::size_t count() const {
    std::size_t n = 0;
    for (const TransactionOutput& output : outputs) n += std::holds_alternative<T>(output);
    return n;
  }
  /// The last output of that kind; there must be one.
  template <class T>
  const T& last() const {
    const T* found = nullptr;
    for (const TransactionOutput& output : outputs) {
      if (const T* it = std::get_if<T>(&output)) found = it;
    }
    EXPECT_NE(found, nullptr);
    return *found;
  }
  Message last_sent() const { return *parse_message(last<SendBytes>().bytes); }

 private:
  std::size_t sent_seen_ = 0;
};

inline Message request(std::string_view name, std::string_view call_id = "call") {
  RequestParts parts;
  parts.method = name;
  parts.uri = sip_uri("bob", "192.0.2.1", 5070);
  parts.from = *parse_name_addr("<sip:alice@127.0.0.1>;tag=a");
  parts.to = *parse_name_addr("<sip:bob@192.0.2.1>");
  parts.call_id = call_id;
  return make_request(parts);
}

// A request of the far end, with its Via.
inline Message incoming(std::string_view name, std::string_view branch = "z9hG4bKfar",
                        std::string_view transport = "UDP") {
  Message message = request(name);
  message.add_first(header::via, "SIP/2.0/" + std::string(transport) +
                                     " 192.0.2.1:5070;branch=" + std::string(branch));
  return message;
}

inline Millis from_to(std::initializer_list<std::int64_t> values) {
  return values;
}

inline constexpr milliseconds t64 = milliseconds(32'000);

}  // namespace cord::sip
