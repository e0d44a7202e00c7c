// One agent's desktop: logs in, asks for what suits its view of the world (or, in some worlds, for
// nonsense), loses its connection, comes back, and goes home in the end.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "sim/commands.hpp"
#include "sim/network.hpp"
#include "sim/session_model.hpp"

namespace cord::sim {

class Desktop final : public Terminal {
 public:
  Desktop(Surroundings& world, Network& network, const WorldOptions& options,
          core::AgentIndex agent);

  /// Does something, sooner or later, from now on.
  void begin();
  /// Takes no new work, ends what it has, logs out and stays away.
  void go_home();
  [[nodiscard]] bool is_home() const { return is_leaving_ && phase_ == Phase::away; }

  void on_text(core::ConnectionId connection, const std::string& text) override;
  void on_close(core::ConnectionId connection, std::uint16_t code) override;

  [[nodiscard]] const SessionModel& model() const { return model_; }
  [[nodiscard]] core::ConnectionId connection() const { return connection_; }
  /// Its model shows what the server has told so far, if nothing is on its way.
  [[nodiscard]] bool is_at_work() const { return phase_ == Phase::working; }
  [[nodiscard]] std::string status() const;

 private:
  enum class Phase : std::uint8_t { away, preparing, starting, resuming, working };

  struct Asked {
    std::string text;
    std::size_t expected = 1;  ///< responses: one for each time it was sent
  };
  struct Choice {
    const CommandRow* row;
    const std::string* target;
    int weight;
  };

  void plan(Duration delay);
  void act();
  void log_in(bool takes_over);
  void resume();
  void work();
  void drop();
  void ask(std::string_view name, const std::string& target, const std::string& data);
  void ask_nonsense();
  [[nodiscard]] std::vector<Choice> sensible_choices() const;

  void on_reply(const boost::json::object& reply);
  void on_prepared(const boost::json::object& reply);
  void on_resumed(const boost::json::object& reply);
  void repeat_unanswered();
  void check_place(const boost::json::object& reply);

  Surroundings& world_;
  Network& network_;
  const WorldOptions options_;
  const core::AgentIndex agent_;
  Prng prng_;
  Phase phase_ = Phase::away;
  bool is_leaving_ = false;
  core::ConnectionId connection_{};
  SessionModel model_;
  std::map<std::int64_t, Asked> asked_;  ///< over this connection, not answered
  std::map<std::int64_t, Asked> lost_;   ///< over an earlier one
  std::string token_;
  bool can_resume_ = false;
  std::int64_t last_id_ = 0;
  std::uint64_t announced_ = 0;  ///< a response has said that events up to this one follow at once
  std::uint64_t planned_ = 0;
};

}  // namespace cord::sim
