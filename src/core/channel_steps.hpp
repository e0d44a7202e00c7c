// What a command on a channel refuses, and what it changes, one channel at a time: channel.* asks
// for one, channelgroup.* for each of a group (docs/protocol.md, section 6).
#pragma once

#include <optional>
#include <vector>

#include "core/steps.hpp"

namespace cord::core {

/// Each: whether `command` is possible for `channel` now.
[[nodiscard]] Result<void> check(const Draft& draft, const Channel& channel,
                                 const ActivateChannel& command);
[[nodiscard]] Result<void> check(const Draft& draft, const Channel& channel,
                                 const DeactivateChannel& command);
[[nodiscard]] Result<void> check(const Draft& draft, const Channel& channel,
                                 const ReadyChannel& command);
[[nodiscard]] Result<void> check(const Draft& draft, const Channel& channel,
                                 const NotReadyChannel& command);

/// Each: the secondary events, none if the goal holds already. Presumes check(), and for activation
/// that the phone is there.
void change(Draft& draft, const Channel& channel, const ActivateChannel& command);
void change(Draft& draft, const Channel& channel, const DeactivateChannel& command);
void change(Draft& draft, const Channel& channel, const ReadyChannel& command,
            Cause cause = Cause::request);
void change(Draft& draft, const Channel& channel, const NotReadyChannel& command,
            Cause cause = Cause::request);

/// Each: what that means to others, in blocks of their own. After the last change().
void follow(Draft& draft, const Channel& channel, const ActivateChannel& command);
void follow(Draft& draft, const Channel& channel, const DeactivateChannel& command);
inline void follow(Draft&, const Channel&, const ReadyChannel&) {}
inline void follow(Draft&, const Channel&, const NotReadyChannel&) {}

/// True if activating `channel` begins with a call to its persistent phone.
[[nodiscard]] bool needs_phone(const Draft& draft, const Channel& channel);
/// Calls it; end_activation() follows. `is_of_group`: for activateall.
void begin_activation(Draft& draft, const Channel& channel, const Asked& asked,
                      const ActivateChannel& command, bool is_of_group);
/// The command that `activation` carries out.
[[nodiscard]] ActivateChannel command_of(const Draft& draft, const Activation& activation);
/// The phone of `channel`, called for activateall, is there, or is not.
void end_group_activation(Draft& draft, const Channel& channel, const Result<void>& phone);

}  // namespace cord::core
