// What every scenario starts from: a directory of its own, and short ways to the usual parts.
#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "scenario/support/desktop.hpp"
#include "scenario/support/peers.hpp"
#include "scenario/support/server.hpp"
#include "scenario/support/tone_party.hpp"
#include "support/temporary_directory.hpp"
#include "unit/net/raw_socket.hpp"

namespace cord::scenario {

using namespace std::chrono_literals;

inline constexpr double customer_hz = 440;
inline constexpr double agent_hz = 1'000;

/// Of alice's phone, which registers: for the phone, and for the server.
inline constexpr const char* phones_account =
    "answermode=auto;auth_user=1001;auth_pass=phone-secret";
inline ServerSettings registered_alice() {
  return {.agents = {{.id = "alice",
                      .extension = "1001",
                      .more = "sip-password = \"phone-secret\"\n",
                      .phone = "registered"}},
          // baresip 1.0 gives up at a challenge for SHA-256, also if there is one for MD5.
          .more = "[registrar]\ndigest = [\"md5\"]\n"};
}

class Scenario : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path directory(const std::string& name) const {
    const auto path = root_ / name;
    std::filesystem::create_directories(path);
    return path;
  }

  void start_server(const ServerSettings& settings) {
    server = std::make_unique<Server>(directory("server"), settings);
  }

  /// Options of a SIPp customer that calls the queue with the audio of `party`.
  [[nodiscard]] Sipp::Options customer(const ToneParty& party,
                                       const std::string& scenario = "customer.xml") const {
    return {.scenario = scenario,
            .to_port = server->sip_udp(),
            .port = free_port(),
            .media_port = party.port(),
            .called = queue_number};
  }

  /// A SIPp phone on a port of its own.
  [[nodiscard]] Sipp::Options phone(const std::string& scenario, std::uint16_t port,
                                    const ToneParty& party, int ring_ms = 200) const {
    return {.scenario = scenario,
            .port = port,
            .media_port = party.port(),
            .more = {"-d", std::to_string(ring_ms)}};
  }

  /// Alice logs in, takes a customer's call with the phone, both hear each other, and she logs out.
  void expect_call_with(const Baresip& phone);

  void TearDown() override {
    if (HasFailure() && server) std::cerr << server->process().output();
  }

 private:
  test::TemporaryDirectory root_;

 protected:
  std::unique_ptr<Server> server;
};

inline void expect_success(const object& response) {
  EXPECT_EQ(text(response, "result"), "success") << boost::json::serialize(response);
}

inline void expect_failure(const object& response, const std::string& code) {
  EXPECT_EQ(text(response, "result"), "failure") << boost::json::serialize(response);
  EXPECT_EQ(text(response, "failure", "code"), code) << boost::json::serialize(response);
}

/// Logs alice in, ready on a chat channel. Gives its target.
inline std::string be_ready_to_chat(Desktop& desktop) {
  desktop.log_in("alice");
  expect_success(desktop.request("session.request.addchannel", desktop.session,
                                 {{"channel", {{"endpoint", "web"}, {"type", "Chat"}}}}));
  const object created = desktop.await("channel.created", [](const object& it) {
    return text(it.at("data").as_object(), "channel", "type") == "Chat";
  });
  const std::string channel =
      desktop.session + "." + text(created.at("data").as_object(), "channel", "id");
  expect_success(desktop.request("channel.activate", channel));
  expect_success(desktop.request("channel.ready", channel));
  return channel;
}

/// The target of the chat that is offered on `channel`.
inline std::string await_chat(Desktop& desktop, const std::string& channel) {
  const object offered = desktop.await("interaction.created");
  return channel + "." + text(offered.at("data").as_object(), "interaction", "id");
}

/// What another system asks of the HTTP pages at `server`, and the answer to it.
struct HttpSystem {
  net::Address server;
  std::string_view token;

  std::string ask(std::string_view method, std::string_view target,
                  std::string_view body = {}) const {
    net::test::RawSocket socket(server);
    socket.send(
        fmt::format("{} {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
                    "{}\r\nContent-Length: {}\r\n\r\n{}",
                    method, target, token, body.size(), body));
    return socket.receive_all();
  }
};

/// Enough of the energy is the tone for it to be the only thing heard.
inline void expect_tone(const std::vector<std::int16_t>& samples, double hz) {
  ASSERT_FALSE(samples.empty());
  EXPECT_GT(share_of_tone(samples, hz), 0.9) << hz << " Hz, loudness " << loudness(samples);
}

/// Neither the tone nor a remainder of it: less than -40 dB of what a tone party sends.
inline void expect_no_tone(const std::vector<std::int16_t>& samples, double hz) {
  ASSERT_FALSE(samples.empty());
  EXPECT_LT(share_of_tone(samples, hz) * loudness(samples), 57) << hz << " Hz";
}

inline void Scenario::expect_call_with(const Baresip& phone) {
  Desktop desktop(server->http());
  desktop.be_ready("alice");
  ToneParty party(customer_hz);
  Sipp call(directory("customer"), customer(party));
  desktop.await_offer();
  expect_success(desktop.request("conversation.answer", desktop.conversation));
  party.send_to(call.remote_media_port(10s));
  expect_tone(party.listen(400ms), agent_hz);
  expect_tone(phone.listen(400ms), customer_hz);
  expect_success(desktop.request("conversation.release", desktop.conversation));
  EXPECT_EQ(call.wait(10s), 0) << call.output();
  expect_success(desktop.request("interaction.complete", desktop.interaction));
  expect_success(desktop.request("session.request.logout", desktop.session));
}

}  // namespace cord::scenario
