// Any bytes as what arrives at a user agent that has calls in every phase: datagrams, cut at zero
// bytes, from somebody who may call, with time in between. Whatever they say, all calls end once we
// hang up, and nothing stays in memory. Also the header fields that only such an agent reads.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.hpp"
#include "sip/codec/extension_fields.hpp"
#include "sip/user_agent.hpp"

namespace {

using namespace cord;
using namespace cord::sip;

constexpr std::uint32_t loopback = 0x7f000001;
constexpr std::size_t datagrams_max = 32;
const Flow caller{Transport::udp, 0, {loopback, 5080}, 0};

// Tags come from the secret: what a corpus has learnt stays true.
UserAgent make_agent() {
  UserAgentConfig config;
  config.callers = {{loopback, 0}};
  config.calls_max = 64;
  return {config, {{Transport::udp, {loopback, 5060}}}, IdSecret{1, 2}};
}

LocalMedia media() {
  LocalMedia local;
  local.address = {loopback, 20'000};
  return local;
}

std::string invite(std::string_view name, std::string_view extra) {
  std::string text = "INVITE sip:1@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5080;branch=";
  text.append("z9hG4bK").append(name).append("\r\nFrom: <sip:a@b>;tag=").append(name);
  text.append("\r\nTo: <sip:1@127.0.0.1>\r\nCall-ID: ").append(name);
  text.append("\r\nCSeq: 1 INVITE\r\nContact: <sip:a@127.0.0.1:5080>\r\n").append(extra);
  return text +
         "Content-Type: application/sdp\r\n\r\nv=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"
         "c=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n";
}

// Answers each of the calls in another way.
void serve(UserAgent& agent, Instant now) {
  for (auto& output : agent.take_outputs()) {
    const auto* offered = std::get_if<CallOffered>(&output);
    if (offered == nullptr) continue;
    if (offered->call.value % 3 == 0) agent.ring(offered->call, now);
    if (offered->call.value % 3 == 1) agent.progress(offered->call, media(), now);
    if (offered->call.value % 3 == 2) agent.answer(offered->call, media(), now);
  }
}

void pass(UserAgent& agent, Instant& now, Duration duration) {
  const Instant end = now + duration;
  for (auto due = agent.next_due(); due && *due <= end; due = agent.next_due()) {
    now = std::max(now + Duration{1}, *due);
    agent.on_timer(now);
    serve(agent, now);
  }
  now = std::max(now, end);
}

void check_calls(std::string_view bytes) {
  UserAgent agent = make_agent();
  Instant now{std::chrono::seconds(1'000)};
  for (const std::string_view name : {"a", "b", "c"}) {
    agent.receive(invite(name, "Supported: 100rel, timer\r\n"), caller, now);
    serve(agent, now);
  }
  const auto call = agent.invite({.to = sip_uri("2", "127.0.0.1", 5080),
                                  .from = {{}, sip_uri("1", "127.0.0.1"), {}},
                                  .headers = {},
                                  .media = media(),
                                  .ring_max = std::chrono::seconds(20),
                                  .redirects = {{loopback, 0}}},
                                 now);
  CORD_ASSERT(call);
  for (std::size_t i = 0; i < datagrams_max && !bytes.empty(); ++i) {
    const std::string_view datagram = bytes.substr(0, bytes.find('\0'));
    bytes.remove_prefix(std::min(bytes.size(), datagram.size() + 1));
    agent.receive(datagram, caller, now);
    serve(agent, now);
    pass(agent, now, std::chrono::milliseconds(700));
  }
  for (std::uint64_t handle = 1; handle <= 100; ++handle) agent.hang_up({handle}, now);
  pass(agent, now, std::chrono::minutes(5));
  CORD_ASSERT(agent.live_calls() == 0 && agent.held_calls() == 0 && agent.byes() == 0);
  CORD_ASSERT(agent.transactions().live_transactions() == 0);
}

void check_fields(std::string_view text) {
  if (const auto it = parse_rack(text)) CORD_ASSERT(*parse_rack(print(*it)) == *it);
  if (const auto it = parse_session_expires(text)) {
    CORD_ASSERT(*parse_session_expires(print(*it)) == *it);
  }
  if (const auto it = parse_replaces(text)) CORD_ASSERT(!it->call_id.empty());
  (void)parse_seconds(text);
  for (const std::string_view type : {"application/dtmf-relay", "application/dtmf"}) {
    const auto key = parse_key(type, text);
    CORD_ASSERT(!key || key->event < 16);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_fields(bytes);
  check_calls(bytes);
  return 0;
}
