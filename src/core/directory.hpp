// What the operator configured and the core needs to know. Constant while the process lives; a
// replayed journal must be given the same directory.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "core/ids.hpp"

namespace cord::core {

/// How an agent's phone takes part (docs/ARCHITECTURE.md, "Agent phones").
enum class PhoneMode : std::uint8_t {
  on_answer,   ///< called, with auto-answer headers, when the agent answers
  persistent,  ///< one leg from channel.activate on; calls are bridged onto it
  ring,        ///< rings with the offer; picking it up answers
  browser,     ///< the desktop's browser, one leg from channel.request.media on
};

/// What a caller hears until an agent answers.
enum class Waiting : std::uint8_t {
  ringing,  ///< 180: the carrier plays the ringing tone; the call is not yet answered
  tone,     ///< 183: our ringing tone as early media
  music,    ///< 200: the call is answered at once and hears music
};

/// Which of the ready agents gets the next call of a queue (docs/queues.md).
enum class Strategy : std::uint8_t {
  longest_idle,
  round_robin,   ///< in the order of the agents' list, each in turn
  fewest_calls,  ///< who has taken the fewest since log-in
  ring_all,      ///< rings at all of them, and whoever answers first has it
};

/// What an agent can, or a queue asks for.
struct Skill {
  std::string name;
  std::uint32_t level = 1;  ///< 1 to skill_level_max; the more the better
};
inline constexpr std::uint32_t skill_level_max = 100;
inline constexpr std::uint32_t priority_max = 100;

struct Named {
  std::string id;
  std::string name;
};

struct Agent {
  std::string id;
  std::string name;       ///< display name; the id if the operator gave none
  std::string extension;  ///< endpoint of the telephony channel
  std::string phone;      ///< SIP URI
  PhoneMode phone_mode = PhoneMode::on_answer;
  std::vector<QueueIndex> queues;  ///< those whose skills the agent lacks included
  std::vector<Skill> skills{};
  std::string channel_group;  ///< empty: the channel stands alone
  bool may_supervise = false;
  bool is_gone = false;  ///< only the journal knows of it: configured once, and not any more

  /// As `session.initialized` lists them: "supervise".
  [[nodiscard]] std::vector<std::string> permissions() const;
};

struct Queue {
  std::string name;
  std::vector<std::string> numbers;  ///< user part of the called URI
  Waiting waiting = Waiting::ringing;
  Duration ring_timeout = std::chrono::seconds(20);  ///< an unanswered offer goes on; 1 s to 10 min
  Duration service_level = std::chrono::seconds(20);  ///< answered within it: in time; 1 s to 1 h
  Duration wait_max = std::chrono::minutes(10);       ///< then as `overflow_` says; 1 s to 24 h
  std::size_t waiting_max = 1'000;                    ///< one more is refused with 486
  Strategy strategy = Strategy::longest_idle;
  std::uint32_t priority = 0;   ///< of several queues an agent is free for, the highest comes first
  std::vector<Skill> skills{};  ///< who serves it has each of them, at this level at least
  /// Where a call goes that has waited for wait_max: into another queue, or to a number outside. At
  /// most one of them; neither: it is released with 480. Leads never back to a queue it has been
  /// in.
  std::optional<QueueIndex> overflow_queue{};
  std::string overflow_number{};
  bool is_gone = false;  ///< as Agent::is_gone
};

/// Numbers that agents dial and that leave through a trunk.
struct Route {
  std::vector<std::string> numbers;  ///< a trailing * stands for any rest, "9*"
  std::string trunk;                 ///< its name, for the driver
};

/// Where a dialled number leads.
struct Destination {
  enum class Kind : std::uint8_t {
    colleague,  ///< the number is an agent's extension
    queue,
    outside,  ///< through `trunk`
  };
  Kind kind = Kind::colleague;
  QueueIndex queue = 0;
  std::string trunk{};
};
inline constexpr std::size_t dialled_bytes_max = 64;

/// Every bound and deadline of the core.
struct Limits {
  Duration request_timeout = std::chrono::seconds(10);   ///< deadline of a request
  Duration answer_timeout = std::chrono::seconds(40);    ///< of answer, activate, dial, senddtmf
  Duration phone_pickup_max = std::chrono::seconds(10);  ///< of a phone called to answer by itself
  Duration phone_activation_max = std::chrono::seconds(30);  ///< of a persistent one, activated
  Duration browser_grace =
      std::chrono::seconds(30);  ///< a browser's audio that is not there, or not
                                 ///< any more, is waited for; then it is lost
  Duration media_offers_window = std::chrono::seconds(60);
  std::size_t media_offers_max = 10;  ///< of a channel in that time; one more is rate_limited
  Duration dial_ring_max = std::chrono::seconds(60);  ///< a dialled number then has not answered
  Duration colleague_ring_max = std::chrono::seconds(20);  ///< and a colleague who is dialled
  Duration wrapup_max = std::chrono::minutes(10);          ///< wrap-up then completes by itself
  Duration detached_not_ready_after = std::chrono::seconds(5);
  Duration detached_grace = std::chrono::seconds(60);
  Duration refusal_rest = std::chrono::seconds(5);  ///< not offered again to who refused it
  Duration start_max = std::chrono::seconds(60);    ///< prepared and never started: expired
  std::size_t sessions_max = 20'000;
  std::size_t channels_max = 16;  ///< of a session; one more is refused
  std::size_t groups_max = 8;     ///< of a session; one more is refused
  std::size_t calls_max = 10'000;
  std::size_t tasks_max = 10'000;                       ///< chats and e-mails that have not ended
  std::size_t task_keys_max = 10'000;                   ///< remembered of tasks that have ended
  Duration task_wait_max = std::chrono::hours(7 * 24);  ///< one nobody takes is dropped
  std::size_t monitors_max = 4;  ///< of an agent's call; one more supervisor is refused
  std::size_t call_data_bytes_max = 32 * 1024;
  std::size_t conference_legs_max = 32;  ///< who may talk in one call, agents and others
  std::size_t refusals_max = 64;         ///< remembered per call, the oldest is forgotten
};

/// What the platform below can do. A command it lacks is refused as unsupported before it is asked.
struct Capabilities {
  bool hold = true;
  bool mute = true;
  bool recording = true;
  bool recording_pause = true;
  bool dial = true;
  bool dtmf = true;
  bool consult = true;  ///< to have two calls and speak in one of them
  bool transfer = true;
  bool monitor = true;     ///< to let a supervisor take part in an agent's calls
  bool conference = true;  ///< to mix more than two

  /// As `session.initialized` lists them: "hold", "mute", "recording", "recording.pause", "dial",
  /// "dtmf", "consult", "transfer", "monitor", "conference".
  [[nodiscard]] std::vector<std::string> names() const;
};

struct Directory {
  std::vector<Agent> agents;
  std::vector<Queue> queues;
  std::vector<Named> reasons;  ///< not-ready reasons an agent may give; empty: any is taken
  bool reason_required = false;
  std::vector<Named> dispositions;  ///< empty: any is taken
  bool disposition_required = false;
  std::vector<Route> routes;
  bool record_automatically = false;
  Capabilities capabilities;  ///< of the driver, set once at start
  Limits limits;

  /// Not what is gone. Linear: used at log-in and for a new call only.
  [[nodiscard]] std::optional<AgentIndex> find_agent(std::string_view id) const;
  [[nodiscard]] std::optional<QueueIndex> find_queue_by_number(std::string_view number) const;
  [[nodiscard]] std::optional<QueueIndex> find_queue(std::string_view name) const;
  /// Whether `agent` has the skills that `queue` asks for.
  [[nodiscard]] bool is_skilled(AgentIndex agent, QueueIndex queue) const;
  /// How well: the sum of the agent's levels of those skills.
  [[nodiscard]] std::int64_t level_in(AgentIndex agent, QueueIndex queue) const;
  /// Of the queues that the agent is in, those that it has the skills for.
  [[nodiscard]] std::vector<QueueIndex> queues_of(AgentIndex agent) const;
  /// How long an offer may ring: of that queue, or none's.
  [[nodiscard]] Duration ring_max(const std::optional<QueueIndex>& queue) const;
  /// An extension, else a queue's number, else the route that names most of it; none: it leads
  /// nowhere.
  [[nodiscard]] std::optional<Destination> find_destination(std::string_view number) const;

  /// The place of whoever has, or had, that name: one that is gone is added as such. Before the
  /// directory is used by anybody: a state has room for the places there are when it is made.
  [[nodiscard]] AgentIndex place_of_agent(const std::string& id);
  [[nodiscard]] QueueIndex place_of_queue(const std::string& name);
};

}  // namespace cord::core
