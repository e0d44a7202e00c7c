// Legs, calls and interactions find each other by the server's numbers, as the newest row of each:
// nothing is kept in memory, so that another process can go on anywhere.
#include "history/fold.hpp"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "runtime/event_codec.hpp"
#include "wire/names.hpp"
#include "wire/strict_json.hpp"

namespace json = boost::json;

namespace cord::history {
namespace {

json::value json_of(const core::DataValue& value) {
  if (!value.is_json) return json::string(value.text);
  json::error_code failed;
  json::value parsed = json::parse(value.text, failed);
  return failed ? json::value(nullptr) : parsed;
}

std::string text_of(json::object&& data) {
  wire::mask_secrets(data);
  return json::serialize(data);
}

std::string text_of(const core::CallData& data) {
  json::object object;
  for (const auto& [key, value] : data) object.emplace(key, json_of(value));
  return text_of(std::move(object));
}

template <class Tag>
Value number(Id<Tag> id) {
  return static_cast<std::int64_t>(id.value);
}

class Fold {
 public:
  Fold(Database& database, const runtime::RecordContent& content, Instant time,
       const FoldOptions& options)
      : database_(database),
        content_(content),
        now_(time.time_since_epoch().count()),
        options_(options) {}

  Result<void> run() {
    for (const core::Event& event : content_.events) {
      std::visit([this](const auto& it) { on(it); }, event);
    }
    return outcome_;
  }

 private:
  // Most events change nothing that is kept.
  template <class Event>
  void on(const Event&) {}

  // --- Sessions and channels ----------------------------------------------------------------

  void on(const core::SessionPrepared& event) {
    write("INSERT OR IGNORE INTO session (number, agent, began_us) VALUES (?1, ?2, ?3)",
          {number(event.session), agent(event.agent), now_});
  }

  void on(const core::SessionReplaced& event) {
    write(
        "INSERT OR IGNORE INTO session (number, agent, began_us)"
        " SELECT ?2, agent, ?3 FROM session"
        " WHERE row = (SELECT max(row) FROM session WHERE number = ?1)",
        {number(event.old_session), number(event.session), now_});
    end_session(event.old_session, core::SessionEnd::replaced);
  }

  void on(const core::SessionClosed& event) { end_session(event.session, event.reason); }

  void end_session(core::SessionId session, core::SessionEnd reason) {
    write(
        "UPDATE session SET ended_us = ?2, how_ended = ?3"
        " WHERE row = (SELECT max(row) FROM session WHERE number = ?1)",
        {number(session), now_, wire::name_of(reason)});
  }

  void on(const core::ChannelOpened& event) {
    write(
        "INSERT OR IGNORE INTO channel (number, agent, type, endpoint, began_us)"
        " SELECT ?1, agent, ?3, ?4, ?5 FROM session"
        " WHERE row = (SELECT max(row) FROM session WHERE number = ?2)",
        {number(event.channel), number(event.session), wire::name_of(event.type), event.endpoint,
         now_});
  }

  void on(const core::ChannelClosed& event) {
    write(
        "UPDATE channel SET ended_us = ?2"
        " WHERE row = (SELECT max(row) FROM channel WHERE number = ?1)",
        {number(event.channel), now_});
  }

  // --- Calls --------------------------------------------------------------------------------

  void on(const core::CallQueued& event) {
    write(
        "INSERT OR IGNORE INTO call (number, type, direction, queue, from_address, from_name,"
        " to_address, call_id, began_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        {number(event.call), wire::name_of(core::MediaType::telephony),
         wire::name_of(core::Direction::inbound), queue(event.queue), text_or_null(event.caller),
         text_or_null(event.caller_name), text_or_null(event.called), text_or_null(event.call_id),
         now_});
    write(
        "INSERT OR IGNORE INTO leg (number, kind, call, began_us)"
        " SELECT ?2, 'customer', max(row), ?3 FROM call WHERE number = ?1",
        {number(event.call), number(event.leg), now_});
  }

  void on(const core::TaskQueued& event) {
    write(
        "INSERT OR IGNORE INTO call (number, type, direction, queue, from_address, call_id,"
        " began_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        {number(event.call), wire::name_of(event.type), wire::name_of(core::Direction::inbound),
         queue(event.queue), text_or_null(event.from), text_or_null(event.key), now_});
  }

  void on(const core::CallDialed& event) {
    begin_call(event, number(event.channel),
               "channel WHERE row = (SELECT max(row) FROM channel WHERE number = ?2)");
    begin_interaction(event, direction_of(event));
  }

  template <class Dialled>
  static core::Direction direction_of(const Dialled& event) {
    return event.leg ? core::Direction::outbound : core::Direction::internal;
  }

  /// A call that an agent makes: from the endpoint of the row that `source` finds with `key` as ?2.
  template <class Dialled>
  void begin_call(const Dialled& event, Value key, std::string_view source) {
    write(fmt::format("INSERT OR IGNORE INTO call (number, type, direction, queue, from_address,"
                      " to_address, call_id, began_us)"
                      " SELECT ?1, type, ?3, ?4, endpoint, ?5, ?6, ?7 FROM {}",
                      source),
          {number(event.call), key, wire::name_of(direction_of(event)),
           event.queue ? queue(*event.queue) : Value(), event.number, text_or_null(event.call_id),
           now_});
    if (event.leg) lead(event.leg, event.call);
  }

  void on(const core::CallGone& event) {
    write(
        "UPDATE leg SET ended_us = ?2 WHERE ended_us IS NULL"
        " AND call = (SELECT max(row) FROM call WHERE number = ?1)",
        {number(event.call), now_});
    end_call(event.call, event.cause);
  }

  void end_call(core::CallId call, core::Cause cause) {
    write(
        "UPDATE call SET ended_us = ?2, cause = ?3"
        " WHERE row = (SELECT max(row) FROM call WHERE number = ?1)",
        {number(call), now_, wire::name_of(cause)});
  }

  // --- Consults and transfers ---------------------------------------------------------------

  void on(const core::ConsultDialed& event) {
    begin_call(event, number(event.interaction),
               "interaction WHERE row = (SELECT max(row) FROM interaction WHERE number = ?2)");
    if (event.was_connected) begin_hold(event.interaction, event.conversation);
    write(
        "UPDATE interaction SET consult = ?2"
        " WHERE row = (SELECT max(row) FROM interaction WHERE number = ?1)",
        {number(event.interaction), number(event.conversation)});
  }

  void on(const core::ConsultAnswered& event) {
    write(
        "UPDATE leg SET answered_us = ?2 WHERE answered_us IS NULL AND ended_us IS NULL"
        " AND kind = 'dialled'"
        " AND interaction = (SELECT max(row) FROM interaction WHERE consult = ?1)",
        {number(event.conversation), now_});
  }

  void on(const core::FocusMoved& event) {
    end_hold(event.conversation);
    if (event.was_connected) begin_hold(event.interaction, event.conversation);
  }

  // Of two conversations, what is left is the interaction's from now on.
  void on(const core::ConversationEnded& event) {
    end_hold(event.conversation);
    if (event.is_retrieved) {
      write(
          "UPDATE hold SET ended_us = ?2 WHERE ended_us IS NULL"
          " AND interaction = (SELECT max(row) FROM interaction WHERE number = ?1)",
          {number(event.interaction), now_});
    }
    write(
        "UPDATE interaction SET consult = NULL,"
        " conversation = CASE WHEN conversation = ?2 THEN consult ELSE conversation END"
        " WHERE row = (SELECT max(row) FROM interaction WHERE number = ?1)",
        {number(event.interaction), number(event.conversation)});
  }

  void on(const core::CallTransferred& event) { move_to_queue(event.call, event.queue); }
  void on(const core::CallOverflowed& event) { move_to_queue(event.call, event.queue); }

  void move_to_queue(core::CallId call, std::optional<core::QueueIndex> to) {
    if (!to) return;
    write(
        "UPDATE call SET queue = ?2"
        " WHERE row = (SELECT max(row) FROM call WHERE number = ?1)",
        {number(call), queue(*to)});
  }

  void on(const core::TransferDialed& event) {
    write(
        "INSERT OR IGNORE INTO call (number, type, direction, from_address, from_name,"
        " to_address, call_id, began_us) SELECT ?1, type, ?3, from_address, from_name, ?4, ?5, ?6"
        " FROM call WHERE row = (SELECT max(row) FROM call WHERE number = ?2)",
        {number(event.call), number(event.partner), wire::name_of(core::Direction::outbound),
         event.number, text_or_null(event.call_id), now_});
    // An agent's order to dial has made the leg already, a queue's has not.
    write(
        "INSERT OR IGNORE INTO leg (number, kind, began_us) SELECT ?1, 'dialled', ?2"
        " WHERE NOT EXISTS (SELECT 1 FROM leg WHERE number = ?1 AND began_us <= ?2"
        " AND (ended_us IS NULL OR ended_us >= ?2))",
        {number(event.leg), now_});
    lead(event.leg, event.call);
  }

  void on(const core::CallsMerged& event) {
    end_call(event.other, core::Cause::transfer);
    write(
        "UPDATE interaction SET call = (SELECT max(row) FROM call WHERE number = ?2)"
        " WHERE row = (SELECT max(row) FROM interaction WHERE number = ?1)",
        {number(event.interaction), number(event.call)});
  }

  void on(const core::ConferenceBegun& event) {
    end_call(event.other, core::Cause::conference);
    write(
        "UPDATE interaction SET call = (SELECT max(row) FROM call WHERE number = ?2)"
        " WHERE call = (SELECT max(row) FROM call WHERE number = ?1)",
        {number(event.other), number(event.call)});
    write(
        "UPDATE leg SET call = (SELECT max(row) FROM call WHERE number = ?2)"
        " WHERE call = (SELECT max(row) FROM call WHERE number = ?1)",
        {number(event.other), number(event.call)});
  }

  void on(const core::ConferenceDialed& event) {
    begin_call(event, number(event.conversation),
               "interaction WHERE row = (SELECT max(row) FROM interaction"
               " WHERE conversation = ?2 OR consult = ?2)");
  }

  // A phone's leg ends by itself.
  void on(const core::ConferenceLeft& event) {
    write(
        "UPDATE leg SET ended_us = ?2 WHERE kind IN ('customer', 'dialled')"
        " AND row = (SELECT max(row) FROM leg WHERE number = ?1)",
        {number(event.leg), now_});
  }

  void on(const core::MembersJoined& event) {
    if (event.is_retrieved) end_hold(event.conversation);
  }

  void on(const core::FarEndChanged& event) {
    if (!options_.keeps_data) return;
    write(
        "UPDATE interaction SET data = ?2 WHERE row = (SELECT max(row) FROM interaction"
        " WHERE conversation = ?1 OR consult = ?1)",
        {number(event.conversation), text_of(event.data)});
  }

  /// The leg is that of the call, and lives.
  void lead(core::LegId leg, core::CallId call) {
    write(
        "UPDATE leg SET ended_us = NULL, call = (SELECT max(row) FROM call WHERE number = ?2)"
        " WHERE row = (SELECT max(row) FROM leg WHERE number = ?1)",
        {number(leg), number(call)});
  }

  /// The agent turns to another conversation than the one that is the interaction's.
  void begin_hold(core::InteractionId interaction, core::ConversationId other) {
    write(
        "INSERT OR IGNORE INTO hold (interaction, began_us) SELECT row, ?3 FROM interaction"
        " WHERE row = (SELECT max(row) FROM interaction WHERE number = ?1)"
        " AND conversation <> ?2",
        {number(interaction), number(other), now_});
  }

  void end_hold(core::ConversationId conversation) {
    write(
        "UPDATE hold SET ended_us = ?2 WHERE ended_us IS NULL"
        " AND interaction = (SELECT max(row) FROM interaction WHERE conversation = ?1)",
        {number(conversation), now_});
  }

  // --- Legs of agents -----------------------------------------------------------------------

  void on(const core::PhoneCalled& event) {
    const bool stays =
        std::any_of(content_.events.begin(), content_.events.end(), [&](const core::Event& other) {
          const auto* begun = std::get_if<core::ActivationBegun>(&other);
          const auto* awaited = std::get_if<core::MediaAwaited>(&other);
          return (begun != nullptr && begun->channel == event.channel) ||
                 (awaited != nullptr && awaited->channel == event.channel);
        });
    begin_leg(event.leg, event.channel, stays ? "persistent" : "phone");
  }

  void on(const core::PhoneAnswered& event) {
    write(
        "UPDATE leg SET answered_us = ?2"
        " WHERE row = (SELECT max(row) FROM leg WHERE number = ?1)",
        {number(event.leg), now_});
  }

  void on(const core::PhoneForgotten& event) {
    write(
        "UPDATE leg SET ended_us = ?2"
        " WHERE row = (SELECT max(row) FROM leg WHERE number = ?1)",
        {number(event.leg), now_});
  }

  void on(const core::DialPlaced& event) { begin_leg(event.leg, event.channel, "dialled"); }

  // One that became a call lives with that.
  void on(const core::DialEnded& event) {
    write(
        "UPDATE leg SET ended_us = ?2 WHERE channel = ?1 AND began_us <= ?2"
        " AND ended_us IS NULL AND kind = 'dialled' AND call IS NULL",
        {number(event.channel), now_});
  }

  void on(const core::OperationPlaced& event) {
    write(
        "INSERT OR IGNORE INTO leg (number, kind, interaction, channel, agent, began_us)"
        " SELECT ?1, 'dialled', row, channel, agent, ?3 FROM interaction"
        " WHERE row = (SELECT max(row) FROM interaction WHERE number = ?2)",
        {number(event.leg), number(event.interaction), now_});
  }

  // One that becomes a call goes on (lead).
  void on(const core::OperationEnded& event) {
    write(
        "UPDATE leg SET ended_us = ?2 WHERE ended_us IS NULL AND kind = 'dialled' AND call IS NULL"
        " AND interaction = (SELECT max(row) FROM interaction WHERE number = ?1)",
        {number(event.interaction), now_});
  }

  void begin_leg(core::LegId leg, core::ChannelId channel, std::string_view kind) {
    write(
        "INSERT OR IGNORE INTO leg (number, kind, interaction, channel, agent, began_us)"
        " SELECT ?1, ?3, (SELECT row FROM interaction WHERE channel = ?2 AND began_us <= ?4"
        "  AND (completed_us IS NULL OR completed_us > ?4) ORDER BY began_us DESC LIMIT 1),"
        " number, agent, ?4 FROM channel"
        " WHERE row = (SELECT max(row) FROM channel WHERE number = ?2)",
        {number(leg), number(channel), kind, now_});
  }

  // --- Interactions -------------------------------------------------------------------------

  void on(const core::OfferMade& event) { begin_interaction(event, event.direction); }

  template <class Beginning>
  void begin_interaction(const Beginning& event, core::Direction direction) {
    write(
        "INSERT OR IGNORE INTO interaction (number, call, channel, conversation, agent, endpoint,"
        " type, direction, queue, from_address, from_name, to_address, call_id, queued_us,"
        " began_us)"
        " SELECT ?1, call.row, channel.number, ?4, channel.agent, channel.endpoint, channel.type,"
        " ?5, call.queue, call.from_address, call.from_name, call.to_address, call.call_id,"
        " call.began_us, ?6 FROM call, channel"
        " WHERE call.row = (SELECT max(row) FROM call WHERE number = ?2)"
        " AND channel.row = (SELECT max(row) FROM channel WHERE number = ?3)",
        {number(event.interaction), number(event.call), number(event.channel),
         event.conversation ? number(event.conversation) : Value(), wire::name_of(direction),
         now_});
    if (options_.keeps_data) write_data(event.interaction, text_of(event.data));
    // What was called for this, before it was an interaction.
    write(
        "UPDATE leg SET interaction = (SELECT max(row) FROM interaction WHERE number = ?1)"
        " WHERE channel = ?2 AND began_us <= ?3 AND (ended_us IS NULL OR ended_us >= ?3)"
        " AND interaction IS NULL AND kind <> 'persistent'",
        {number(event.interaction), number(event.channel), now_});
  }

  void on(const core::OfferRejected& event) {
    end_interaction(event.interaction, event.cause, "rejected");
    if (!event.reason.empty()) {
      write(
          "UPDATE interaction SET notes = ?2"
          " WHERE row = (SELECT max(row) FROM interaction WHERE number = ?1)",
          {number(event.interaction), event.reason});
    }
    complete(event.interaction);
  }

  void on(const core::OfferWithdrawn& event) {
    end_interaction(event.interaction, event.cause, "unanswered");
    complete(event.interaction);
  }

  void on(const core::TaskRequeued& event) {
    end_interaction(event.interaction, event.cause, "returned");
    complete(event.interaction);
  }

  void on(const core::CallAnswered& event) {
    write(
        "UPDATE interaction SET answered_us = ?2"
        " WHERE row = (SELECT max(row) FROM interaction WHERE number = ?1)",
        {number(event.interaction), now_});
    write(
        "UPDATE leg SET answered_us = ?2 WHERE answered_us IS NULL"
        " AND kind IN ('customer', 'dialled') AND call = (SELECT call FROM interaction"
        " WHERE row = (SELECT max(row) FROM interaction WHERE number = ?1))",
        {number(event.interaction), now_});
  }

  void on(const core::CallEnded& event) {
    end_interaction(event.interaction, event.cause, "handled");
  }

  void end_interaction(core::InteractionId interaction, core::Cause cause,
                       std::string_view outcome) {
    write(
        "UPDATE hold SET ended_us = ?2 WHERE ended_us IS NULL"
        " AND interaction = (SELECT max(row) FROM interaction WHERE number = ?1)",
        {number(interaction), now_});
    write(
        "UPDATE recording SET ended_us = ?2, cause = ?3 WHERE ended_us IS NULL"
        " AND interaction = (SELECT max(row) FROM interaction WHERE number = ?1)",
        {number(interaction), now_, wire::name_of(cause)});
    write(
        "UPDATE interaction SET ended_us = ?2, cause = ?3,"
        " outcome = CASE WHEN ?4 = 'handled' AND answered_us IS NULL THEN 'unanswered' ELSE ?4"
        " END, hold_ms = (SELECT coalesce(sum(ended_us - began_us), 0) / 1000 FROM hold"
        " WHERE interaction = row)"
        " WHERE row = (SELECT max(row) FROM interaction WHERE number = ?1)",
        {number(interaction), now_, wire::name_of(cause), outcome});
  }

  void on(const core::InteractionCompleted& event) {
    write(
        "UPDATE interaction SET disposition = ?2, notes = ?3"
        " WHERE row = (SELECT max(row) FROM interaction WHERE number = ?1)",
        {number(event.interaction), text_or_null(event.disposition), text_or_null(event.notes)});
    complete(event.interaction);
  }

  void complete(core::InteractionId interaction) {
    write(
        "UPDATE interaction SET completed_us = ?2, wrapup_ms = (?2 - ended_us) / 1000"
        " WHERE row = (SELECT max(row) FROM interaction WHERE number = ?1)",
        {number(interaction), now_});
  }

  void on(const core::DataMerged& event) {
    if (!options_.keeps_data || !outcome_) return;
    auto rows = database_.query(
        "SELECT data FROM interaction"
        " WHERE row = (SELECT max(row) FROM interaction WHERE number = ?1)",
        {number(event.interaction)});
    const Result<bool> found = rows ? rows->next() : tl::make_unexpected(rows.error());
    if (!found) return fail(found.error());
    if (!*found || !rows->has(0)) return;
    json::error_code failed;
    json::value kept = json::parse(rows->text(0), failed);
    json::object data = kept.is_object() ? std::move(kept.get_object()) : json::object();
    for (const core::DataChange& change : event.changes) {
      if (change.value) {
        data.insert_or_assign(change.key, json_of(*change.value));
      } else {
        data.erase(change.key);
      }
    }
    write_data(event.interaction, text_of(std::move(data)));
  }

  void write_data(core::InteractionId interaction, const std::string& data) {
    write(
        "UPDATE interaction SET data = ?2"
        " WHERE row = (SELECT max(row) FROM interaction WHERE number = ?1)",
        {number(interaction), data});
  }

  // --- Conversations and recordings ---------------------------------------------------------

  void on(const core::ConversationHeld& event) {
    write(
        "INSERT OR IGNORE INTO hold (interaction, began_us)"
        " SELECT max(row), ?2 FROM interaction WHERE conversation = ?1"
        " HAVING max(row) IS NOT NULL",
        {number(event.conversation), now_});
  }

  void on(const core::ConversationRetrieved& event) { end_hold(event.conversation); }

  void on(const core::RecordingChanged& event) {
    if (event.state == core::RecordingState::none) {
      write(
          "UPDATE recording SET ended_us = ?2, cause = ?3"
          " WHERE row = (SELECT max(row) FROM recording WHERE number = ?1)",
          {number(event.recording), now_, wire::name_of(event.cause)});
    } else if (!event.file.empty()) {
      write(
          "INSERT OR IGNORE INTO recording (number, interaction, file, began_us)"
          " SELECT ?2, max(row), ?3, ?4 FROM interaction WHERE number = ?1"
          " HAVING max(row) IS NOT NULL",
          {number(event.interaction), number(event.recording), event.file, now_});
    }
  }

  // --- Names --------------------------------------------------------------------------------

  template <class Place>
  static Value name_at(const runtime::PlaceNames<Place>& names, Place place) {
    const auto found = std::find_if(names.begin(), names.end(),
                                    [&](const auto& it) { return it.first.value == place.value; });
    return found == names.end() ? Value() : Value(found->second);
  }
  Value agent(core::AgentIndex place) const { return name_at(content_.agents, place); }
  Value queue(core::QueueIndex place) const { return name_at(content_.queues, place); }

  // After the first error nothing more is written.
  void write(std::string_view sql, std::initializer_list<Value> values) {
    if (outcome_) outcome_ = database_.run(sql, values);
  }
  void fail(const Error& error) { outcome_ = tl::make_unexpected(error); }

  Database& database_;
  const runtime::RecordContent& content_;
  const std::int64_t now_;
  const FoldOptions& options_;
  Result<void> outcome_;
};

}  // namespace

Result<void> apply(Database& database, const journal::Record& record, const FoldOptions& options) {
  const auto content = runtime::decode_record(record.payload);
  if (!content) return tl::make_unexpected(content.error());
  return Fold(database, *content, record.time, options).run();
}

Result<void> give_up_what_lives(Database& database, Instant time) {
  Result<void> done;
  for (const char* sql : {
           "UPDATE session SET ended_us = ?1, how_ended = 'lost' WHERE ended_us IS NULL",
           "UPDATE channel SET ended_us = ?1 WHERE ended_us IS NULL",
           "UPDATE call SET ended_us = ?1, cause = 'lost' WHERE ended_us IS NULL",
           "UPDATE interaction SET completed_us = ?1, ended_us = coalesce(ended_us, ?1),"
           " outcome = coalesce(outcome, 'lost') WHERE completed_us IS NULL",
           "UPDATE recording SET ended_us = ?1, cause = 'lost' WHERE ended_us IS NULL",
           "UPDATE hold SET ended_us = ?1 WHERE ended_us IS NULL",
           "UPDATE leg SET ended_us = ?1 WHERE ended_us IS NULL",
       }) {
    if (done) done = database.run(sql, {time.time_since_epoch().count()});
  }
  return done;
}

}  // namespace cord::history
