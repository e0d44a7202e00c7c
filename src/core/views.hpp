// What a client sees of the state: the pieces that events and session.snapshot share, and the
// directory (docs/protocol.md, sections 4 and 7).
#pragma once

#include <string>
#include <vector>

#include "core/client.hpp"
#include "core/state.hpp"

namespace cord::core {

[[nodiscard]] ChannelInfo info_of(const State& state, const Channel& channel);

/// Who the agent is and what may be chosen: the data of session.initialized.
[[nodiscard]] SessionInitialized profile_of(const State& state, const Session& session);

/// Everything there is below `session`, in the order of its making: what a client knows that has
/// seen all its events.
[[nodiscard]] SessionView view_of(const State& state, const Session& session);

/// The telephony channel of `session`; null: it has none.
[[nodiscard]] const Channel* find_telephony(const State& state, const Session& session);

/// The names of those queues, in their order.
[[nodiscard]] std::vector<std::string> names_of(const Directory& directory,
                                                const std::vector<QueueIndex>& queues);

/// What colleagues see of `agent`.
[[nodiscard]] Presence presence_of(const State& state, AgentIndex agent);

/// Everybody and every queue that the operator has configured.
[[nodiscard]] DirectoryAnswer directory_view(const State& state);

}  // namespace cord::core
