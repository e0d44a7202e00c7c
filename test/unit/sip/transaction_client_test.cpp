// TransactionLayer as a client: RFC 3261 §17.1.
#include "transaction_world.hpp"

namespace cord::sip {
namespace {

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

}  // namespace
}  // namespace cord::sip
