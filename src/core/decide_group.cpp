// Commands on channel groups: the same for one channel after the other, until one refuses. What was
// done stays done (docs/protocol.md, section 6).
#include <algorithm>

#include "core/channel_steps.hpp"

namespace cord::core {

namespace {

// How far a command gets: through the channels of `done`, and to the end or to a refusal.
struct Walk {
  std::vector<const Channel*> done;
  Result<void> outcome;
};

template <class Command, class Verdict>
Walk walk(const Draft& draft, GroupId group, const Command& command, const Verdict& verdict_on) {
  Walk walk;
  for (const Channel* channel : channels_of(draft.state(), draft.state().at(group))) {
    const std::optional<Result<void>> known = verdict_on(*channel);
    walk.outcome = known ? *known : check(draft, *channel, command);
    if (!walk.outcome) break;
    walk.done.push_back(channel);
  }
  return walk;
}

template <class Command>
Walk walk(const Draft& draft, GroupId group, const Command& command) {
  return walk(draft, group, command, [](const Channel&) { return std::nullopt; });
}

template <class Command>
void change_all(Draft& draft, const std::vector<const Channel*>& channels, const Command& command) {
  for (const Channel* channel : channels) change(draft, *channel, command);
  for (const Channel* channel : channels) follow(draft, *channel, command);
}

Result<Success> reply_of(const Walk& walk) {
  if (!walk.outcome) return tl::make_unexpected(walk.outcome.error());
  return Success{};
}

template <class Command>
Result<void> carry_out_on_each(Draft& draft, const Asked& asked, const Command& command) {
  const Walk reached = walk(draft, asked.path.group, command);
  draft.reply(asked.request, asked.connection, reply_of(reached));
  change_all(draft, reached.done, command);
  return {};
}

}  // namespace

Result<void> carry_out(Draft& draft, const Asked& asked,
                       const EachChannel<ActivateChannel>& command) {
  const Walk reached = walk(draft, asked.path.group, command.command);
  const auto waited = std::find_if(reached.done.begin(), reached.done.end(),
                                   [&](const Channel* it) { return needs_phone(draft, *it); });
  if (waited == reached.done.end()) return carry_out_on_each(draft, asked, command.command);
  // A session has one telephony channel at most per extension, so no other one needs a phone. The
  // channels change together, when it is there: their events then follow the reply.
  begin_activation(draft, **waited, asked, command.command, true);
  return {};
}

void end_group_activation(Draft& draft, const Channel& channel, const Result<void>& phone) {
  const Activation& activation = *channel.activation;
  const ActivateChannel command = command_of(draft, activation);
  const auto phone_verdict = [&](const Channel& it) {
    return it.id == channel.id ? std::optional(phone) : std::nullopt;
  };
  const Walk reached = walk(draft, channel.group, command, phone_verdict);
  draft.reply(activation.request, activation.connection, reply_of(reached));
  draft.emit(ActivationEnded{channel.id});
  const bool is_done = std::count(reached.done.begin(), reached.done.end(), &channel) != 0;
  const bool is_of_no_use = phone && !is_done && !has_browser(draft.directory(), channel);
  if (is_of_no_use) hang_up_phone(draft, channel, Cause::request);
  change_all(draft, reached.done, command);
}

Result<void> carry_out(Draft& draft, const Asked& asked,
                       const EachChannel<DeactivateChannel>& command) {
  return carry_out_on_each(draft, asked, command.command);
}

Result<void> carry_out(Draft& draft, const Asked& asked, const EachChannel<ReadyChannel>& command) {
  return carry_out_on_each(draft, asked, command.command);
}

Result<void> carry_out(Draft& draft, const Asked& asked,
                       const EachChannel<NotReadyChannel>& command) {
  return carry_out_on_each(draft, asked, command.command);
}

}  // namespace cord::core
