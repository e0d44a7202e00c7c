#include "sip/transaction_layer.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "sip/build.hpp"

namespace cord::sip {
namespace {

using std::chrono::milliseconds;
using Millis = std::vector<std::int64_t>;

const Flow udp{Transport::udp, 0, {0xc0000201, 5070}, 0};
const Flow tcp{Transport::tcp, 1, {0xc0000201, 40000}, 9};

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

Message request(std::string_view name, std::string_view call_id = "call") {
  RequestParts parts;
  parts.method = name;
  parts.uri = sip_uri("bob", "192.0.2.1", 5070);
  parts.from = *parse_name_addr("<sip:alice@127.0.0.1>;tag=a");
  parts.to = *parse_name_addr("<sip:bob@192.0.2.1>");
  parts.call_id = call_id;
  return make_request(parts);
}

// A request of the far end, with its Via.
Message incoming(std::string_view name, std::string_view branch = "z9hG4bKfar",
                 std::string_view transport = "UDP") {
  Message message = request(name);
  message.add_first(header::via, "SIP/2.0/" + std::string(transport) +
                                     " 192.0.2.1:5070;branch=" + std::string(branch));
  return message;
}

Millis from_to(std::initializer_list<std::int64_t> values) {
  return values;
}

constexpr milliseconds t64 = milliseconds(32'000);

// The client side.

TEST(InviteClient, RetransmitsDoublingUntilTimerB) {
  World world;
  const TransactionId id = world.send(request(method::invite), udp);
  const std::string bytes = world.last<SendBytes>().bytes;
  world.clear();
  EXPECT_EQ(world.run_until(t64 - milliseconds(1)),
            from_to({500, 1'500, 3'500, 7'500, 15'500, 31'500}));
  EXPECT_EQ(world.last<SendBytes>().bytes, bytes);
  EXPECT_EQ(world.count<TransactionTimedOut>(), 0u);
  world.run_until(t64);
  EXPECT_EQ(world.last<TransactionTimedOut>().id, id);
  EXPECT_EQ(world.count<TransactionEnded>(), 0u);
  EXPECT_EQ(world.layer.live_transactions(), 0u);
  EXPECT_EQ(world.layer.live_timers(), 0u);
}

TEST(InviteClient, DoesNotRetransmitOverTcp) {
  World world;
  world.send(request(method::invite), tcp);
  EXPECT_EQ(world.last_sent().top_via().transport, "TCP");
  EXPECT_EQ(world.last_sent().top_via().port, 5061);
  world.clear();
  EXPECT_TRUE(world.run_until(t64).empty());
  EXPECT_EQ(world.count<TransactionTimedOut>(), 1u);
}

TEST(InviteClient, StopsAtAProvisionalResponseAndWaitsForEver) {
  World world;
  world.send(request(method::invite), udp);
  const Message invite = world.last_sent();
  world.receive(make_response(invite, 180, {}, "b"), udp);
  world.receive(make_response(invite, 183, {}, "b"), udp);
  EXPECT_EQ(world.count<ResponseReceived>(), 2u);
  world.clear();
  EXPECT_TRUE(world.run_until(milliseconds(200'000)).empty());
  EXPECT_EQ(world.layer.live_transactions(), 1u);
}

TEST(InviteClient, AcknowledgesAFailureEachTimeAndEndsWithTimerD) {
  World world;
  const TransactionId id = world.send(request(method::invite), udp);
  const Message invite = world.last_sent();
  const Message busy = make_response(invite, 486, {}, "b");
  world.clear();
  world.receive(busy, udp);
  EXPECT_EQ(world.count<ResponseReceived>(), 1u);
  const Message ack = world.last_sent();
  EXPECT_EQ(ack.method, method::ack);
  EXPECT_EQ(ack.top_via(), invite.top_via());
  EXPECT_EQ(ack.to_tag(), "b");
  world.receive(busy, udp);
  EXPECT_EQ(world.count<ResponseReceived>(), 1u) << "told once";
  EXPECT_EQ(world.count<SendBytes>(), 2u) << "acknowledged twice";
  world.clear();
  EXPECT_TRUE(world.run_until(t64 - milliseconds(1)).empty());
  EXPECT_EQ(world.count<TransactionEnded>(), 0u);
  world.run_until(t64);
  EXPECT_EQ(world.last<TransactionEnded>().id, id);
}

TEST(InviteClient, EndsAtOnceAfterAFailureOverTcp) {
  World world;
  world.send(request(method::invite), tcp);
  world.receive(make_response(world.last_sent(), 486, {}, "b"), tcp);
  EXPECT_EQ(world.last_sent().method, method::ack);
  EXPECT_EQ(world.count<TransactionEnded>(), 1u);
  EXPECT_EQ(world.layer.live_timers(), 0u);
}

TEST(InviteClient, PassesEverySuccessUpUntilTimerM) {
  World world;
  world.send(request(method::invite), udp);
  const Message invite = world.last_sent();
  world.clear();
  world.receive(make_response(invite, 200, {}, "b"), udp);
  world.receive(make_response(invite, 200, {}, "c"), udp);  // A fork.
  world.receive(make_response(invite, 200, {}, "b"), udp);
  world.receive(make_response(invite, 180, {}, "b"), udp);  // Late: ignored.
  EXPECT_EQ(world.count<ResponseReceived>(), 3u);
  EXPECT_EQ(world.count<SendBytes>(), 0u) << "the ACK comes from above";
  EXPECT_TRUE(world.run_until(t64).empty());
  EXPECT_EQ(world.count<TransactionEnded>(), 1u);
  world.receive(make_response(invite, 200, {}, "b"), udp);
  EXPECT_EQ(world.count<ResponseReceived>(), 3u);
  EXPECT_EQ(world.layer.counters().messages_stray, 1u);
}

TEST(InviteClient, SendsAcksForSuccessesOutsideTransactions) {
  World world;
  Message ack = request(method::ack);
  world.layer.send_ack(ack, udp);
  world.layer.send_ack(ack, udp);
  world.collect();
  ASSERT_EQ(world.count<SendBytes>(), 2u);
  EXPECT_EQ(std::get<SendBytes>(world.outputs[0]).bytes,
            std::get<SendBytes>(world.outputs[1]).bytes);
  EXPECT_EQ(world.layer.live_transactions(), 0u);
}

TEST(Cancel, WaitsForTheFirstProvisionalResponse) {
  World world;
  const TransactionId id = world.send(request(method::invite), udp);
  const Message invite = world.last_sent();
  world.clear();
  world.layer.cancel(id, world.now);
  world.collect();
  EXPECT_EQ(world.count<SendBytes>(), 0u);
  world.receive(make_response(invite, 180, {}, "b"), udp);
  const Message cancel = world.last_sent();
  EXPECT_EQ(cancel.method, method::cancel);
  EXPECT_EQ(cancel.top_via(), invite.top_via());
  world.layer.cancel(id, world.now);  // Once is enough.
  world.clear();
  world.receive(make_response(cancel, 200, {}, "b"), udp);
  EXPECT_TRUE(world.outputs.empty()) << "nobody asked for the CANCEL's own answer";
  world.receive(make_response(invite, 487, {}, "b"), udp);
  EXPECT_EQ(world.last<ResponseReceived>().response.status, 487);
  world.run_until(t64);
  EXPECT_EQ(world.layer.live_transactions(), 0u);
  EXPECT_EQ(world.count<TransactionEnded>(), 1u);
}

TEST(Cancel, GivesUpAfter64T1) {
  World world;
  const TransactionId id = world.send(request(method::invite), udp);
  world.receive(make_response(world.last_sent(), 180, {}, "b"), udp);
  world.layer.cancel(id, world.now);
  world.run_until(t64 - milliseconds(1));
  EXPECT_EQ(world.count<TransactionTimedOut>(), 0u);
  world.run_until(t64);
  EXPECT_EQ(world.count<TransactionTimedOut>(), 1u) << "of the INVITE; the CANCEL's is silent";
  EXPECT_EQ(world.last<TransactionTimedOut>().id, id);
  EXPECT_EQ(world.layer.live_transactions(), 0u);
}

TEST(Cancel, IsNothingForAnythingElse) {
  World world;
  const TransactionId options = world.send(request(method::options), udp);
  const TransactionId invite = world.send(request(method::invite), udp);
  world.receive(make_response(world.last_sent(), 200, {}, "b"), udp);
  world.clear();
  world.layer.cancel(options, world.now);
  world.layer.cancel(invite, world.now);
  world.layer.cancel(TransactionId{12345}, world.now);
  world.layer.cancel(TransactionId{}, world.now);
  world.collect();
  EXPECT_TRUE(world.outputs.empty());
}

TEST(NonInviteClient, RetransmitsUpToT2UntilTimerF) {
  World world;
  world.send(request(method::options), udp);
  world.clear();
  EXPECT_EQ(world.run_until(t64 - milliseconds(1)),
            from_to({500, 1'500, 3'500, 7'500, 11'500, 15'500, 19'500, 23'500, 27'500, 31'500}));
  world.run_until(t64);
  EXPECT_EQ(world.count<TransactionTimedOut>(), 1u);
}

TEST(NonInviteClient, RetransmitsEveryT2WhileProceeding) {
  World world;
  world.send(request(method::options), udp);
  world.receive(make_response(world.last_sent(), 100), udp);
  world.clear();
  EXPECT_EQ(world.run_until(t64),
            from_to({500, 4'500, 8'500, 12'500, 16'500, 20'500, 24'500, 28'500}));
  EXPECT_EQ(world.count<TransactionTimedOut>(), 1u);
}

TEST(NonInviteClient, AbsorbsRepeatedFinalResponsesUntilTimerK) {
  World world;
  world.send(request(method::bye), udp);
  const Message ok = make_response(world.last_sent(), 200);
  world.clear();
  world.receive(ok, udp);
  world.receive(ok, udp);
  EXPECT_EQ(world.count<ResponseReceived>(), 1u);
  EXPECT_EQ(world.layer.counters().retransmissions_received, 1u);
  world.run_until(milliseconds(4'999));
  EXPECT_EQ(world.count<TransactionEnded>(), 0u);
  world.run_until(milliseconds(5'000));
  EXPECT_EQ(world.count<TransactionEnded>(), 1u);
}

TEST(NonInviteClient, EndsAtOnceOverTcp) {
  World world;
  world.send(request(method::bye), tcp);
  world.receive(make_response(world.last_sent(), 200), tcp);
  EXPECT_EQ(world.count<TransactionEnded>(), 1u);
  EXPECT_EQ(world.layer.live_timers(), 0u);
}

TEST(Client, MatchesByBranchSentByAndMethod) {
  World world;
  world.send(request(method::options), udp);
  const Message sent = world.last_sent();
  Message other_branch = make_response(sent, 200);
  other_branch.set(header::via, "SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKother");
  Message other_host = make_response(sent, 200);
  Via via = other_host.top_via();
  via.host = "192.0.2.7";
  other_host.set_top_via(via);
  Message other_method = make_response(sent, 200);
  other_method.set(header::cseq, "1 BYE");
  for (const Message& stray : {other_branch, other_host, other_method}) world.receive(stray, udp);
  EXPECT_EQ(world.count<ResponseReceived>(), 0u);
  EXPECT_EQ(world.layer.counters().messages_stray, 3u);
  world.receive(make_response(sent, 200), udp);
  EXPECT_EQ(world.count<ResponseReceived>(), 1u);
}

TEST(Client, PutsANewBranchOnEachRequest) {
  World world;
  world.send(request(method::options), udp);
  const Via first = world.last_sent().top_via();
  world.send(request(method::options), udp);
  EXPECT_NE(first.branch(), world.last_sent().top_via().branch());
  EXPECT_TRUE(first.branch().starts_with("z9hG4bK"));
  EXPECT_TRUE(first.params.has("rport"));
  EXPECT_EQ(first.host, "127.0.0.1");
  EXPECT_EQ(first.port, 5060);
}

TEST(Client, IsRefusedBeyondTheLimit) {
  World world({.transactions_max = 2});
  world.send(request(method::options), udp);
  world.send(request(method::options), udp);
  const auto over = world.layer.send_request(request(method::options), udp, world.now);
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code, Errc::full);
}

// The server side.

TEST(InviteServer, SendsTryingAtOnceAndAbsorbsDuplicates) {
  World world;
  const Message invite = incoming(method::invite);
  world.receive(invite, udp);
  EXPECT_EQ(world.last_sent().status, 100);
  EXPECT_EQ(world.count<RequestReceived>(), 1u);
  const TransactionId id = world.last<RequestReceived>().id;
  world.receive(invite, udp);
  EXPECT_EQ(world.last_sent().status, 100);
  world.respond(id, make_response(invite, 180, {}, "us"));
  world.receive(invite, udp);
  EXPECT_EQ(world.last_sent().status, 180) << "the last provisional answer";
  EXPECT_EQ(world.count<RequestReceived>(), 1u);
  EXPECT_EQ(world.count<SendBytes>(), 4u);
  EXPECT_EQ(world.layer.counters().retransmissions_received, 2u);
}

TEST(InviteServer, RetransmitsAFailureUpToT2UntilTimerH) {
  World world;
  world.receive(incoming(method::invite), udp);
  const TransactionId id = world.last<RequestReceived>().id;
  world.respond(id, make_response(incoming(method::invite), 486, {}, "us"));
  world.clear();
  EXPECT_EQ(world.run_until(t64 - milliseconds(1)),
            from_to({500, 1'500, 3'500, 7'500, 11'500, 15'500, 19'500, 23'500, 27'500, 31'500}));
  world.run_until(t64);
  EXPECT_EQ(world.last<TransactionTimedOut>().id, id);
  EXPECT_EQ(world.layer.live_timers(), 0u);
}

TEST(InviteServer, StopsAtTheAckAndEndsWithTimerI) {
  World world;
  const Message invite = incoming(method::invite);
  world.receive(invite, udp);
  const TransactionId id = world.last<RequestReceived>().id;
  const Message busy = make_response(invite, 486, {}, "us");
  world.respond(id, busy);
  world.respond(id, make_response(invite, 200, {}, "us"));  // Too late.
  EXPECT_EQ(world.last_sent().status, 486);
  world.clear();
  world.receive(make_ack_for_failure(invite, busy), udp);
  world.receive(make_ack_for_failure(invite, busy), udp);
  EXPECT_EQ(world.count<AckReceived>(), 0u);
  EXPECT_TRUE(world.run_until(milliseconds(4'999)).empty());
  EXPECT_EQ(world.count<TransactionEnded>(), 0u);
  world.run_until(milliseconds(5'000));
  EXPECT_EQ(world.last<TransactionEnded>().id, id);
}

TEST(InviteServer, SendsAFailureOnceOverTcp) {
  World world;
  const Message invite = incoming(method::invite, "z9hG4bKfar", "TCP");
  world.receive(invite, tcp);
  const Message busy = make_response(invite, 486, {}, "us");
  world.respond(world.last<RequestReceived>().id, busy);
  world.clear();
  EXPECT_TRUE(world.run_until(milliseconds(10'000)).empty());
  world.receive(make_ack_for_failure(invite, busy), tcp);
  EXPECT_EQ(world.count<TransactionEnded>(), 1u) << "timer I is zero";
}

TEST(InviteServer, StaysForTimerLAfterASuccess) {
  World world;
  const Message invite = incoming(method::invite);
  world.receive(invite, udp);
  const TransactionId id = world.last<RequestReceived>().id;
  world.respond(id, make_response(invite, 200, {}, "us"));
  EXPECT_EQ(world.last_sent().status, 200);
  world.clear();
  world.receive(invite, udp);
  EXPECT_TRUE(world.outputs.empty()) << "RFC 6026: absorbed";
  world.layer.resend_success(id);
  world.collect();
  EXPECT_EQ(world.last_sent().status, 200);
  // An ACK of a 2xx has a branch of its own; one without matches the INVITE's.
  world.receive(incoming(method::ack, "z9hG4bKack"), udp);
  world.receive(incoming(method::ack), udp);
  EXPECT_EQ(world.count<AckReceived>(), 2u);
  world.clear();
  EXPECT_TRUE(world.run_until(t64 - milliseconds(1)).empty());
  EXPECT_EQ(world.count<TransactionEnded>(), 0u);
  world.run_until(t64);
  EXPECT_EQ(world.count<TransactionEnded>(), 1u);
  world.clear();
  world.layer.resend_success(id);
  world.collect();
  EXPECT_TRUE(world.outputs.empty());
}

TEST(NonInviteServer, RepeatsItsAnswerUntilTimerJ) {
  World world;
  const Message options = incoming(method::options);
  world.receive(options, udp);
  EXPECT_EQ(world.count<SendBytes>(), 0u);
  world.receive(options, udp);
  EXPECT_EQ(world.count<SendBytes>(), 0u) << "nothing to repeat yet";
  const TransactionId id = world.last<RequestReceived>().id;
  world.respond(id, make_response(options, 200, {}, "us"));
  world.receive(options, udp);
  EXPECT_EQ(world.count<SendBytes>(), 2u);
  EXPECT_EQ(world.count<RequestReceived>(), 1u);
  world.clear();
  EXPECT_TRUE(world.run_until(t64 - milliseconds(1)).empty());
  EXPECT_EQ(world.count<TransactionEnded>(), 0u);
  world.run_until(t64);
  EXPECT_EQ(world.count<TransactionEnded>(), 1u);
  EXPECT_FALSE(world.layer.flow_of(id));
}

TEST(NonInviteServer, EndsAtOnceOverTcp) {
  World world;
  const Message options = incoming(method::options, "z9hG4bKfar", "TCP");
  world.receive(options, tcp);
  world.respond(world.last<RequestReceived>().id, make_response(options, 200, {}, "us"));
  EXPECT_EQ(world.last<SendBytes>().flow, tcp);
  EXPECT_EQ(world.count<TransactionEnded>(), 1u);
  EXPECT_EQ(world.layer.live_timers(), 0u);
}

TEST(Server, TellsWhichInviteACancelMeans) {
  World world;
  const Message invite = incoming(method::invite);
  world.receive(invite, udp);
  const TransactionId id = world.last<RequestReceived>().id;
  world.receive(make_cancel(invite), udp);
  EXPECT_EQ(world.last<RequestReceived>().request.method, method::cancel);
  EXPECT_EQ(world.last<RequestReceived>().cancels, id);
  world.receive(incoming(method::cancel, "z9hG4bKnone"), udp);
  EXPECT_FALSE(world.last<RequestReceived>().cancels);
}

TEST(Server, MatchesOldRequestsWithoutABranch) {
  World world;
  Message invite = request(method::invite);
  invite.add_first(header::via, "SIP/2.0/UDP 192.0.2.1:5070");
  world.receive(invite, udp);
  world.receive(invite, udp);
  EXPECT_EQ(world.count<RequestReceived>(), 1u);
  const Message busy = make_response(invite, 486, {}, "us");
  world.respond(world.last<RequestReceived>().id, busy);
  world.clear();
  world.receive(make_ack_for_failure(invite, busy), udp);
  EXPECT_EQ(world.count<AckReceived>(), 0u) << "it has our To tag, the INVITE had none";
  EXPECT_TRUE(world.run_until(milliseconds(2'000)).empty());
  Message next = invite;
  next.set(header::cseq, "2 INVITE");
  world.receive(next, udp);
  EXPECT_EQ(world.count<RequestReceived>(), 1u) << "another CSeq, another transaction";
}

TEST(Server, KeepsTransactionsOfDifferentSentByApart) {
  World world;
  world.receive(incoming(method::options), udp);
  Message other = request(method::options);
  other.add_first(header::via, "SIP/2.0/UDP 192.0.2.8:5070;branch=z9hG4bKfar");
  world.receive(other, udp);
  EXPECT_EQ(world.count<RequestReceived>(), 2u);
}

// Where responses go: RFC 3261 §18.2.2, RFC 3581 §4.
TEST(Server, AnswersToWhereTheRequestCameFrom) {
  const struct {
    std::string_view via;
    Endpoint expected;
    std::string_view received, rport;
  } cases[] = {
      {"SIP/2.0/UDP 192.0.2.1:5080;branch=z9hG4bK1", {0xc0000201, 5080}, "", ""},
      {"SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK2", {0xc0000201, 5060}, "", ""},
      {"SIP/2.0/UDP phone.example;branch=z9hG4bK3", {0xc0000201, 5060}, "192.0.2.1", ""},
      {"SIP/2.0/UDP 10.0.0.1:5080;branch=z9hG4bK4", {0xc0000201, 5080}, "192.0.2.1", ""},
      {"SIP/2.0/UDP 10.0.0.1:5080;rport;branch=z9hG4bK5", {0xc0000201, 5070}, "192.0.2.1", "5070"},
      {"SIP/2.0/UDP 192.0.2.1;received=9.9.9.9;branch=z9hG4bK6",
       {0xc0000201, 5060},
       "192.0.2.1",
       ""},
      {"SIP/2.0/UDP 192.0.2.1;maddr=9.9.9.9;branch=z9hG4bK7", {0xc0000201, 5060}, "", ""},
  };
  for (const auto& c : cases) {
    World world;
    Message options = request(method::options);
    options.add_first(header::via, std::string(c.via));
    world.receive(options, udp);
    const auto& received = world.last<RequestReceived>();
    world.respond(received.id, make_response(received.request, 200, {}, "us"));
    EXPECT_EQ(world.last<SendBytes>().flow.remote, c.expected) << c.via;
    const Via via = world.last_sent().top_via();
    EXPECT_EQ(via.params.value("received"), c.received) << c.via;
    EXPECT_EQ(via.params.value("rport"), c.rport) << c.via;
  }
}

TEST(Server, AnswersOverloadWithoutATransaction) {
  World world({.transactions_max = 1});
  world.receive(incoming(method::options, "z9hG4bK1"), udp);
  world.clear();
  world.receive(incoming(method::invite, "z9hG4bK2"), udp);
  const Message refusal = world.last_sent();
  EXPECT_EQ(refusal.status, 503);
  EXPECT_EQ(refusal.value(header::retry_after), "5");
  EXPECT_FALSE(refusal.to_tag().empty());
  EXPECT_EQ(world.count<RequestReceived>(), 0u);
  EXPECT_EQ(world.layer.live_transactions(), 1u);
  EXPECT_EQ(world.layer.counters().requests_over_limit, 1u);
  world.receive(incoming(method::ack, "z9hG4bK2"), udp);
  EXPECT_EQ(world.count<AckReceived>(), 1u) << "an ACK needs no room";
}

TEST(Server, AnswersBrokenRequestsAndDropsBrokenResponses) {
  World world;
  std::string bytes = print(incoming(method::options));
  bytes.replace(bytes.find("Max-Forwards: 70"), 16, "Max-Forwards: 7x");
  world.layer.receive_bytes(bytes, udp, world.now);
  world.collect();
  EXPECT_EQ(world.last_sent().status, 400);
  EXPECT_FALSE(world.last_sent().to_tag().empty());
  EXPECT_EQ(world.last<SendBytes>().flow, udp);
  world.clear();
  for (const std::string_view junk : {"", "\r\n", "\r\n\r\n", "junk", "SIP/2.0 200 OK\r\n\r\n"}) {
    world.layer.receive_bytes(junk, udp, world.now);
  }
  world.collect();
  EXPECT_TRUE(world.outputs.empty());
  EXPECT_EQ(world.layer.counters().messages_refused, 3u) << "line ends are keep-alives";
}

// The flow breaks.

TEST(Transport, FailsTheTransactionsOfAConnection) {
  World world;
  const Flow other{Transport::tcp, 1, {0xc0000201, 40000}, 10};
  const TransactionId mine = world.send(request(method::invite), tcp);
  const TransactionId theirs = world.send(request(method::options), other);
  world.receive(incoming(method::options, "z9hG4bK1", "TCP"), tcp);
  const TransactionId server = world.last<RequestReceived>().id;
  world.clear();
  world.layer.transport_failed(tcp, world.now);
  world.collect();
  ASSERT_EQ(world.count<TransportFailed>(), 2u);
  EXPECT_EQ(std::get<TransportFailed>(world.outputs[0]).id, mine);
  EXPECT_EQ(std::get<TransportFailed>(world.outputs[1]).id, server);
  EXPECT_TRUE(world.layer.flow_of(theirs));
  EXPECT_EQ(world.layer.live_transactions(), 1u);
}

TEST(Transport, FollowsARequestIntoTheConnectionMadeForIt) {
  World world;
  Flow unconnected = tcp;
  unconnected.connection = 0;
  const TransactionId connects = world.send(request(method::options), unconnected);
  world.layer.transport_failed(tcp, world.now);  // It never came to be.
  world.collect();
  EXPECT_EQ(world.last<TransportFailed>().id, connects);

  const TransactionId id = world.send(request(method::invite), unconnected);
  world.receive(make_response(world.last_sent(), 180, {}, "b"), tcp);
  EXPECT_EQ(world.layer.flow_of(id), tcp);
  world.layer.cancel(id, world.now);
  world.collect();
  EXPECT_EQ(world.last<SendBytes>().flow, tcp);
}

TEST(Transport, FailsTheTransactionsOfAnAddress) {
  World world;
  world.send(request(method::options), udp);
  Flow elsewhere = udp;
  elsewhere.remote.port = 1;
  world.layer.transport_failed(elsewhere, world.now);
  world.collect();
  EXPECT_EQ(world.count<TransportFailed>(), 0u);
  world.layer.transport_failed(udp, world.now);
  world.collect();
  EXPECT_EQ(world.count<TransportFailed>(), 1u);
  EXPECT_EQ(world.layer.live_timers(), 0u);
}

// Handles.

TEST(TransactionIds, AreNeverTakenForANewTransactionInTheSamePlace) {
  World world;
  const Message options = incoming(method::options, "z9hG4bK1", "TCP");
  world.receive(options, tcp);
  const TransactionId old = world.last<RequestReceived>().id;
  world.respond(old, make_response(options, 200));
  world.receive(incoming(method::options, "z9hG4bK2", "TCP"), tcp);
  const TransactionId fresh = world.last<RequestReceived>().id;
  EXPECT_NE(old, fresh);
  world.clear();
  world.respond(old, make_response(options, 200));
  world.respond(TransactionId{}, make_response(options, 200));
  world.respond(TransactionId{99}, make_response(options, 200));
  EXPECT_TRUE(world.outputs.empty());
  EXPECT_TRUE(world.layer.flow_of(fresh));
}

TEST(TransactionLayer, SaysWhenItsNextTimerIsDue) {
  World world;
  EXPECT_FALSE(world.layer.next_due());
  world.layer.on_timer(world.now);
  world.send(request(method::invite), udp);
  ASSERT_TRUE(world.layer.next_due());
  EXPECT_LE(*world.layer.next_due(), world.now + milliseconds(500));
  EXPECT_GT(*world.layer.next_due(), world.now);
}

TEST(TransactionLayer, IsTheSameForTheSameSeed) {
  const auto run = [] {
    World world;
    world.send(request(method::invite), udp);
    world.run_until(milliseconds(3'000));
    std::string all;
    for (const TransactionOutput& output : world.outputs) all += std::get<SendBytes>(output).bytes;
    return all;
  };
  EXPECT_EQ(run(), run());
}

}  // namespace
}  // namespace cord::sip
