// TransactionLayer as a server (RFC 3261 §17.2), its flows and its handles.
#include <numeric>

#include "transaction_world.hpp"

namespace cord::sip {
namespace {

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
  const auto& refused = world.layer.counters().messages_refused;
  EXPECT_EQ(std::accumulate(refused.begin(), refused.end(), 0u), 3u) << "line ends are keep-alives";
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
