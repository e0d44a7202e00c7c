#include "sim/commands.hpp"

#include <array>

#include <fmt/format.h>

namespace cord::sim {
namespace {

using enum core::ObjectKind;

constexpr std::string_view alive = "STARTED";
constexpr std::string_view talking = "CONNECTED HELD";
constexpr std::string_view idle = "ACTIVE/NOT_READY ACTIVE/READY";
constexpr std::string_view on_agent = R"({"agent":{"id":"$agent"}})";
constexpr std::string_view off_duty = "ACTIVE/NOT_READY";

constexpr std::array rows{
    // name, target, data, moods, weight, weight at the end
    CommandRow{"session.request.logout", session, "{}", "LOGGED_IN/idle", 1, 20},
    CommandRow{"session.request.setagentstate", session,
               R"({"agent":{"id":"$agent"},"agentState":"READY"})", "LOGGED_IN", 2, 0},
    CommandRow{"session.request.setagentstate", session,
               R"({"agent":{"id":"$agent"},"agentState":"NOT_READY","reason":{"code":"$reason"}})",
               "LOGGED_IN", 1, 0},
    CommandRow{"session.request.forcelogout", session, R"({"agent":{"id":"$agent"}})", "LOGGED_IN",
               1, 0},
    CommandRow{"session.request.addchannel", session,
               R"({"channel":{"endpoint":"$text","type":"Chat"}})", "LOGGED_IN", 1, 0},
    CommandRow{"session.request.addchannelgroup", session,
               R"({"channelgroup":{"name":"web","channels":[{"endpoint":"$text","type":"Email"},)"
               R"({"endpoint":"$text","type":"Chat"}]}})",
               "LOGGED_IN", 1, 0},
    CommandRow{"session.request.removechannel", session, R"({"channel":{"id":"ch-$count"}})",
               "LOGGED_IN", 2, 0},
    CommandRow{"session.request.removechannelgroup", session,
               R"({"channelgroup":{"id":"g-$count"}})", "LOGGED_IN", 2, 0},
    CommandRow{"channelgroup.request.activateall", group, "{}", "", 3, 0},
    CommandRow{"channelgroup.request.deactivateall", group, "{}", "", 1, 0},
    CommandRow{"channelgroup.request.ready", group, "{}", "", 3, 0},
    CommandRow{"channelgroup.request.notready", group, R"({"reason":{"code":"$reason"}})", "", 1,
               0},
    CommandRow{"channel.activate", channel, "{}", "INACTIVE", 20, 0},
    CommandRow{"channel.activate", channel, R"({"channeloptions":{"queue":"$queue"}})", "INACTIVE",
               3, 0},
    CommandRow{"channel.deactivate", channel, "{}", "ACTIVE/NOT_READY ACTIVE/READY", 1, 0},
    CommandRow{"channel.ready", channel, "{}", off_duty, 20, 0},
    CommandRow{"channel.ready", channel, "{}", "ACTIVE/BUSY ACTIVE/WRAPUP ACTIVE/READY", 1, 0},
    CommandRow{"channel.notready", channel, R"({"reason":{"code":"$reason"}})", "ACTIVE", 1, 4},
    CommandRow{"channel.notready", channel, "{}", "ACTIVE", 1, 0},
    CommandRow{"interaction.accept", interaction, "{}", "ALERTING", 4, 0},
    CommandRow{"interaction.reject", interaction, R"({"reason":"$text"})", "ALERTING", 4, 20},
    CommandRow{"interaction.complete", interaction,
               R"({"disposition":{"id":"$disposition"},"notes":"$text"})", "ENDED", 15, 40},
    CommandRow{"interaction.complete", interaction, "{}", "ENDED", 2, 2},
    CommandRow{"interaction.complete", interaction, "{}", "STARTED", 1, 4},
    CommandRow{"interaction.getdata", interaction, "{}", "ALERTING STARTED ENDED", 1, 0},
    CommandRow{"interaction.setdata", interaction, R"({"interaction-data":{"crm":"$text"}})",
               "ALERTING STARTED ENDED", 2, 0},
    CommandRow{"interaction.setdata", interaction, R"({"interaction-data":{"crm":null}})", alive, 1,
               0},
    CommandRow{"interaction.request.recording.start", interaction, "{}", "STARTED/NONE", 4, 0},
    CommandRow{"interaction.request.recording.stop", interaction, "{}",
               "STARTED/RECORDING STARTED/PAUSED", 2, 0},
    CommandRow{"interaction.request.recording.pause", interaction, "{}", "STARTED/RECORDING", 5, 0},
    CommandRow{"interaction.request.recording.resume", interaction, "{}", "STARTED/PAUSED", 5, 0},
    CommandRow{"conversation.answer", conversation, "{}", "ALERTING", 15, 0},
    CommandRow{"conversation.release", conversation, "{}", talking, 4, 40},
    CommandRow{"conversation.release", conversation, "{}", "DIALING", 1, 40},
    CommandRow{"conversation.hold", conversation, "{}", "CONNECTED", 5, 0},
    CommandRow{"conversation.retrieve", conversation, "{}", "HELD", 8, 0},
    CommandRow{"conversation.request.mute", conversation, "{}", talking, 3, 0},
    CommandRow{"conversation.request.unmute", conversation, "{}", talking, 3, 0},
    CommandRow{"session.snapshot", session, "{}", "LOGGED_IN", 2, 1},
    CommandRow{"channel.dial", channel, R"({"destination":"$number"})", off_duty, 6, 0},
    CommandRow{"channel.dial", channel, R"({"destination":"$number"})", "ACTIVE/READY", 3, 0},
    CommandRow{"interaction.consult", interaction, R"({"destination":"$number"})", alive, 5, 0},
    CommandRow{"interaction.alternate", interaction, "{}", alive, 2, 0},
    CommandRow{"interaction.reconnect", interaction, "{}", alive, 1, 1},
    CommandRow{"interaction.consulttransfer", interaction, "{}", alive, 2, 0},
    CommandRow{"interaction.consultconference", interaction, "{}", alive, 1, 0},
    CommandRow{"conversation.blindtransfer", conversation, R"({"destination":"$number"})", talking,
               2, 0},
    CommandRow{"conversation.blindconference", conversation, R"({"destination":"$number"})",
               talking, 1, 0},
    CommandRow{"conversation.senddtmf", conversation, R"({"digits":"$digits"})", "CONNECTED", 2, 0},
    CommandRow{"channel.request.externaldispositions", channel, "{}", "ACTIVE", 1, 0},
    CommandRow{"interaction.consultconference", interaction, "{}", alive, 2, 0},
    CommandRow{"conversation.blindconference", conversation, R"({"destination":"$number"})",
               talking, 2, 0},
    CommandRow{"conversation.dropmember", conversation, R"({"member":{"id":"m-$count"}})", talking,
               2, 0},
    CommandRow{"channel.request.monitor", channel, on_agent, idle, 4, 0},
    CommandRow{"channel.request.whisper", channel, on_agent, idle, 2, 0},
    CommandRow{"channel.request.barge", channel, on_agent, idle, 2, 0},
    CommandRow{"channel.request.endmonitor", channel, on_agent, idle, 2, 2},
    CommandRow{"channel.request.intercept", channel, on_agent, idle, 2, 0},
};

std::string draw_word(std::string_view word, const core::Directory& directory, Prng& prng) {
  const auto any = [&](const auto& list) -> const auto& {
    return list[prng.below(list.size())];
  };
  if (word == "agent") return any(directory.agents).id;
  if (word == "queue") return any(directory.queues).name;
  if (word == "reason") return directory.reasons.empty() ? "tea" : any(directory.reasons).id;
  if (word == "disposition") {
    return directory.dispositions.empty() ? "done" : any(directory.dispositions).id;
  }
  if (word == "count") return fmt::format("{}", 1 + prng.below(12));
  if (word == "digits") return fmt::format("{}#", prng.below(10'000));
  if (word == "text") return fmt::format("text {}", prng.below(1'000));
  switch (prng.below(4)) {  // number
    case 0:
      return any(directory.queues).numbers.front();
    case 1:
      return fmt::format("9{}", prng.below(1'000));
    case 2:
      return "no-such-number";
    default:
      return any(directory.agents).extension;
  }
}

}  // namespace

std::span<const CommandRow> command_rows() {
  return rows;
}

bool suits(const CommandRow& row, std::string_view mood) {
  if (row.moods.empty()) return true;
  std::string_view rest = row.moods;
  while (!rest.empty()) {
    const std::string_view first = rest.substr(0, rest.find(' '));
    if (mood.starts_with(first)) return true;
    rest.remove_prefix(std::min(rest.size(), first.size() + 1));
  }
  return false;
}

std::string fill_in(std::string_view data, const core::Directory& directory, Prng& prng) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz";
  std::string text;
  while (!data.empty()) {
    const std::size_t at = data.find('$');
    text += data.substr(0, at);
    if (at == std::string_view::npos) break;
    data.remove_prefix(at + 1);
    const std::size_t end = data.find_first_not_of(letters);
    text += draw_word(data.substr(0, end), directory, prng);
    data.remove_prefix(std::min(end, data.size()));
  }
  return text;
}

}  // namespace cord::sim
