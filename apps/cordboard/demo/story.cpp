#include "demo/story.hpp"

#include <algorithm>
#include <filesystem>
#include <vector>

#include <fmt/format.h>

#include "demo/recording_check.hpp"
#include "media/goertzel.hpp"

namespace cord::app {
namespace {

using namespace std::chrono_literals;

constexpr Duration in_flight = 100ms;  // What was on its way when the server had done it.
constexpr Duration ear_span = 400ms;
constexpr Duration line_patience = 10s;
constexpr double clear_share = 0.9;  // Of the energy: that tone and hardly anything else.
constexpr double absent_share = 0.01;
constexpr std::size_t picture_columns = 64;

int peak_of(const std::vector<std::int16_t>& samples) {
  int peak = 0;
  for (const int it : samples) peak = std::max(peak, std::abs(it));
  return peak;
}

std::string percent(double share) {
  return fmt::format("{:.1f} %", share * 100);
}

/// The only file of that ending in the directory, or empty.
std::string only_file(const std::string& directory, std::string_view ending) {
  std::string found;
  std::error_code error;
  for (const auto& it : std::filesystem::directory_iterator(directory, error)) {
    if (it.path().extension() != ending) continue;
    if (!found.empty()) return {};
    found = it.path().string();
  }
  return found;
}

}  // namespace

bool Story::play() {
  return log_in() && get_ready() && be_offered_a_call() && answer() && mute() && hold() &&
         record() && keep_data() && release() && log_out() && inspect_recording();
}

bool Story::ask(std::string_view command, const std::string& target, std::string_view data) {
  auto reply = cast_.desktop.ask(command, target, data, data == "{}" ? "" : data);
  if (!reply) {
    return cast_.transcript.check(false, fmt::format("{}: {}", command, reply.error().detail));
  }
  reply_ = std::move(*reply);
  return reply_.is_success || cast_.transcript.check(false, fmt::format("{} succeeds", command));
}

bool Story::await(std::string_view name, const FlatJson& having) {
  auto event = cast_.desktop.await(name, having);
  if (!event) return cast_.transcript.check(false, "the event comes: " + event.error().detail);
  event_ = std::move(*event);
  return true;
}

bool Story::hears(SoftPhone& who, std::string_view name, std::string_view whom, double hz) {
  const double share = media::tone_share(who.listen(in_flight, ear_span), hz);
  return cast_.transcript.check(
      share > clear_share,
      fmt::format("{} hears {}: {} Hz is {} of the sound", name, whom, hz, percent(share)));
}

bool Story::both_hear_each_other() {
  return hears(cast_.customer, "the customer", "the agent", agent_hz) &&
         hears(cast_.phone, "the agent", "the customer", customer_hz);
}

bool Story::log_in() {
  cast_.transcript.chapter("Alice logs in: a session, and her telephone as a channel of it");
  auto reply =
      cast_.desktop.ask("prepareSession", "", R"({"agent":{"id":"alice","password":"wonderland"}})",
                        "as alice, with her password");
  if (!reply || !reply->is_success) return cast_.transcript.check(false, "alice may log in");
  session_ = value_of(reply->data, "session.id");
  if (!ask("session.start", session_) || !await("channel.created")) return false;
  channel_ = session_ + "." + std::string(value_of(event_.data, "channel.id"));
  return await("session.initialized") &&
         cast_.transcript.check(value_of(event_.data, "agent.id") == "alice",
                                "the session is alice's");
}

bool Story::get_ready() {
  cast_.transcript.chapter("She switches her channel on and says that she is ready");
  return ask("channel.activate", channel_) && await("state.updated", {{"state", "ACTIVE"}}) &&
         ask("channel.ready", channel_) &&
         await("state.updated", {{"state", "ACTIVE"}, {"agentState", "READY"}}) &&
         cast_.transcript.check(true, "the channel is ACTIVE and READY");
}

bool Story::be_offered_a_call() {
  cast_.transcript.chapter("A customer calls: SIP INVITE, the queue, an offer to Alice");
  cast_.transcript.note(fmt::format("the customer dials {}", cast_.number));
  if (auto called = cast_.customer.call(cast_.number, cast_.sip_server); !called) {
    return cast_.transcript.check(false, "the customer can call: " + called.error().detail);
  }
  if (!await("interaction.created")) return false;
  interaction_ = channel_ + "." + std::string(value_of(event_.data, "interaction.id"));
  if (!await("conversation.created")) return false;
  conversation_ = interaction_ + "." + std::string(value_of(event_.data, "conversation.id"));
  if (!await("state.updated", {{"state", "ALERTING"}}) || !await("interaction.preview")) {
    return false;
  }
  const bool knows_queue = value_of(event_.data, "interaction-data.Queue") == "support" &&
                           value_of(event_.data, "interaction-data.DNIS") == cast_.number;
  return cast_.transcript.check(knows_queue, "the offer tells the queue and the number dialled") &&
         await("interaction.initialized") &&
         cast_.transcript.check(cast_.customer.wait_for(Line::ringing, line_patience),
                                "the customer hears that it rings (SIP 180)");
}

bool Story::answer() {
  cast_.transcript.chapter("She answers: her phone is called and picks up, both are joined");
  return ask("conversation.answer", conversation_) &&
         await("state.updated", {{"state", "CONNECTED"}}) && await("interaction.screenpop") &&
         await("state.updated", {{"state", "STARTED"}}) &&
         await("state.updated", {{"agentState", "BUSY"}}) &&
         cast_.transcript.check(cast_.customer.wait_for(Line::talking, line_patience) &&
                                    cast_.phone.wait_for(Line::talking, line_patience),
                                "both lines are up (SIP 200, ACK)") &&
         both_hear_each_other();
}

bool Story::mute() {
  cast_.transcript.chapter("Mute: the customer hears nothing of her, she still hears the customer");
  if (!ask("conversation.request.mute", conversation_) ||
      !await("state.updated", {{"state", "CONNECTED"}, {"muted", "true"}})) {
    return false;
  }
  const auto heard = cast_.customer.listen(in_flight, ear_span);
  const int peak = peak_of(heard);
  return cast_.transcript.check(
             !heard.empty() && peak == 0,
             fmt::format("the customer hears digital silence (peak {})", peak)) &&
         hears(cast_.phone, "the agent", "the customer", customer_hz) &&
         ask("conversation.request.unmute", conversation_) &&
         await("state.updated", {{"state", "CONNECTED"}, {"muted", "false"}}) &&
         both_hear_each_other();
}

bool Story::hold() {
  cast_.transcript.chapter("Hold: music for the customer, nothing for her");
  if (!ask("conversation.hold", conversation_) || !await("state.updated", {{"state", "HELD"}})) {
    return false;
  }
  const auto music = cast_.customer.listen(in_flight, ear_span);
  const double leaked = media::tone_share(music, agent_hz);
  const double heard_by_agent =
      media::tone_share(cast_.phone.listen(in_flight, ear_span), customer_hz);
  return cast_.transcript.check(peak_of(music) > 500 && leaked < absent_share,
                                fmt::format("the customer hears music (peak {}), and of the agent "
                                            "{}",
                                            peak_of(music), percent(leaked))) &&
         cast_.transcript.check(heard_by_agent < absent_share,
                                fmt::format("the agent hears nothing of the customer ({})",
                                            percent(heard_by_agent))) &&
         ask("conversation.retrieve", conversation_) &&
         await("state.updated", {{"state", "CONNECTED"}}) && both_hear_each_other();
}

bool Story::record() {
  cast_.transcript.chapter("Recording: start, pause while a card number is said, resume, stop");
  if (!ask("interaction.request.recording.start", interaction_) ||
      !await("state.updated", {{"recording", "RECORDING"}}) || !both_hear_each_other()) {
    return false;
  }
  const auto pause_asked = Clock::now();
  if (!ask("interaction.request.recording.pause", interaction_)) return false;
  const auto paused = Clock::now();
  if (!await("state.updated", {{"recording", "PAUSED"}}) || !both_hear_each_other()) return false;
  const auto resume_asked = Clock::now();
  if (!ask("interaction.request.recording.resume", interaction_)) return false;
  paused_min_ = resume_asked - paused;
  paused_max_ = Clock::now() - pause_asked;
  return await("state.updated", {{"recording", "RECORDING"}}) && both_hear_each_other() &&
         ask("interaction.request.recording.stop", interaction_) &&
         await("state.updated", {{"recording", "NONE"}});
}

bool Story::keep_data() {
  cast_.transcript.chapter("She notes what the call is about: data that stays with the call");
  return ask("interaction.setdata", interaction_,
             R"({"interaction-data":{"Customer":"ACME","Ticket":"4711"}})") &&
         await("interaction.datachanged", {{"interaction-data.Ticket", "4711"}}) &&
         ask("interaction.getdata", interaction_) &&
         cast_.transcript.check(value_of(reply_.data, "interaction-data.Customer") == "ACME" &&
                                    value_of(reply_.data, "interaction-data.Queue") == "support",
                                "asked for its data, the call has hers and ours");
}

bool Story::release() {
  cast_.transcript.chapter("She hangs up: both lines end, wrap-up begins");
  return ask("conversation.release", conversation_) &&
         await("state.updated", {{"state", "DISCONNECTED"}}) && await("interaction.ended") &&
         await("state.updated", {{"state", "ENDED"}}) &&
         await("state.updated", {{"agentState", "WRAPUP"}}) &&
         cast_.transcript.check(cast_.customer.wait_for(Line::idle, line_patience) &&
                                    cast_.phone.wait_for(Line::idle, line_patience),
                                "the customer's line and her own are free again (SIP BYE)") &&
         ask("interaction.complete", interaction_, R"({"disposition":{"id":"solved"}})") &&
         await("state.updated", {{"state", "COMPLETED"}}) &&
         await("state.updated", {{"agentState", "READY"}}) &&
         cast_.transcript.check(true, "wrap-up is complete, she is READY for the next call");
}

bool Story::log_out() {
  cast_.transcript.chapter("She logs out");
  return ask("session.request.logout", session_) &&
         await("session.ended", {{"reason", "logout"}}) &&
         cast_.transcript.check(
             cast_.desktop.has_no_gap(),
             fmt::format("her {} events were numbered without a hole", cast_.desktop.events()));
}

bool Story::inspect_recording() {
  auto& transcript = cast_.transcript;
  transcript.chapter("The recording: the customer left, the agent right, silence while paused");
  const auto file = only_file(cast_.recordings_directory, ".wav");
  const auto sidecar = only_file(cast_.recordings_directory, ".json");
  if (!transcript.check(!file.empty() && !sidecar.empty(), "there is one recording, complete")) {
    return false;
  }
  const auto sound = read_wav(file);
  if (!sound) return transcript.check(false, sound.error().detail);
  const auto matches = sidecar_matches(file, sidecar);
  const auto gap = longest_silence(*sound);
  const std::chrono::duration<double> gap_length(static_cast<double>(gap.samples()) / 8'000);
  // Around the gap one frame of 20 ms may be cut anywhere.
  constexpr std::size_t margin = 480;
  const auto end = sound->left.size();
  const auto apart = [&](const std::vector<std::int16_t>& samples, double hz) {
    const std::span all(samples);
    if (gap.begin < 2 * margin || gap.end + 2 * margin > end) return 0.0;
    return std::min(
        least_tone_share(all.subspan(margin, gap.begin - 2 * margin), hz),
        least_tone_share(all.subspan(gap.end + margin, end - gap.end - 2 * margin), hz));
  };
  const double left = apart(sound->left, customer_hz), right = apart(sound->right, agent_hz);
  const bool holds =
      transcript.check(sound->sample_hz == 8'000, "it is stereo, 8 kHz") &&
      transcript.check(left > clear_share,
                       fmt::format("left is the customer alone: {} Hz, never below {} of it",
                                   customer_hz, percent(left))) &&
      transcript.check(right > clear_share,
                       fmt::format("right is the agent alone: {} Hz, never below {} of it",
                                   agent_hz, percent(right))) &&
      transcript.check(
          gap_length >= paused_min_ - 60ms && gap_length <= paused_max_ + 60ms,
          fmt::format("while paused it is exact digital silence: {:.2f} s", gap_length.count())) &&
      transcript.check(matches.value_or(false), "the sidecar has the file's SHA-256");
  transcript.raw("");
  transcript.raw("  customer |" + level_picture(sound->left, picture_columns) + "|");
  transcript.raw("  agent    |" + level_picture(sound->right, picture_columns) + "|");
  transcript.raw(fmt::format("  {:.2f} s   {}", sound->seconds(), file));
  return holds;
}

}  // namespace cord::app
