#include "runtime/event_codec.hpp"

#include <array>
#include <type_traits>
#include <utility>
#include <variant>

#include <boost/json.hpp>

#include "runtime/detail/described.hpp"

namespace json = boost::json;

// Ids and times are plain numbers in JSON. Found by argument-dependent lookup.
namespace cord {

template <class Tag>
static void tag_invoke(json::value_from_tag, json::value& to, Id<Tag> id) {
  to = id.value;
}
template <class Tag>
static json::result<Id<Tag>> tag_invoke(json::try_value_to_tag<Id<Tag>>, const json::value& from) {
  const auto number = json::try_value_to<std::uint64_t>(from);
  if (!number) return number.error();
  return Id<Tag>{*number};
}

static void tag_invoke(json::value_from_tag, json::value& to, Instant time) {
  to = time.time_since_epoch().count();
}
static json::result<Instant> tag_invoke(json::try_value_to_tag<Instant>, const json::value& from) {
  const auto number = json::try_value_to<std::int64_t>(from);
  if (!number) return number.error();
  return Instant(Duration(*number));
}

}  // namespace cord

namespace cord::core {

// An event's name in the journal is that of its type, its members' names are theirs.
#define CORD_DESCRIBE_EVENT(Type, ...)                 \
  BOOST_DESCRIBE_STRUCT(Type, (), (__VA_ARGS__))       \
  constexpr std::string_view event_name(const Type*) { \
    return #Type;                                      \
  }

CORD_DESCRIBE_EVENT(SessionPrepared, session, agent, connection, name, resume_token)
CORD_DESCRIBE_EVENT(SessionReplaced, old_session, old_connection, old_name, session, connection,
                    name, resume_token)
CORD_DESCRIBE_EVENT(SessionStarted, session)
CORD_DESCRIBE_EVENT(SessionPresented, session)
CORD_DESCRIBE_EVENT(SessionDetached, session)
CORD_DESCRIBE_EVENT(SessionResumed, session, connection, old_connection, starts_over)
CORD_DESCRIBE_EVENT(OffersSuspended, session)
CORD_DESCRIBE_EVENT(SessionOverdue, session)
CORD_DESCRIBE_EVENT(SessionClosed, session, connection, name, reason, cause, was_started)
CORD_DESCRIBE_EVENT(ConnectionForgotten, connection)
CORD_DESCRIBE_EVENT(GroupOpened, group, session, name)
CORD_DESCRIBE_EVENT(GroupPresented, group)
CORD_DESCRIBE_EVENT(GroupInitiated, group)
CORD_DESCRIBE_EVENT(GroupClosed, group, session)
CORD_DESCRIBE_EVENT(ChannelOpened, channel, session, group, type, endpoint, queues, state)
CORD_DESCRIBE_EVENT(ChannelPresented, channel)
CORD_DESCRIBE_EVENT(QueuesChosen, channel, queues)
CORD_DESCRIBE_EVENT(ActivationBegun, channel, request, connection, queue, is_of_group)
CORD_DESCRIBE_EVENT(ActivationEnded, channel)
CORD_DESCRIBE_EVENT(ChannelChanged, channel, state, previous, agent_state, reason, pending,
                    pending_reason, idle_since, cause)
CORD_DESCRIBE_EVENT(DispositionsListed, channel)
CORD_DESCRIBE_EVENT(ChannelClosed, channel, session, group)
CORD_DESCRIBE_EVENT(PhoneCalled, leg, channel)
CORD_DESCRIBE_EVENT(PhoneAnswered, leg)
CORD_DESCRIBE_EVENT(PhoneForgotten, leg)
CORD_DESCRIBE_EVENT(DialBegun, channel, request, connection, number)
CORD_DESCRIBE_EVENT(DialPlaced, channel, leg)
CORD_DESCRIBE_EVENT(DialEnded, channel)
CORD_DESCRIBE_EVENT(CallQueued, call, leg, queue, called, caller, caller_name, call_id, data)
CORD_DESCRIBE_EVENT(CallDialed, call, channel, interaction, conversation, leg, queue, far, number,
                    call_id, data)
CORD_DESCRIBE_EVENT(RefusalsRested, call)
CORD_DESCRIBE_EVENT(CallGone, call, cause)
CORD_DESCRIBE_EVENT(OfferMade, call, channel, interaction, conversation, customer, data, direction)
CORD_DESCRIBE_EVENT(OfferRejected, call, channel, interaction, conversation, reason, cause)
CORD_DESCRIBE_EVENT(OfferWithdrawn, call, channel, interaction, conversation, cause)
CORD_DESCRIBE_EVENT(InteractionPresented, interaction)
CORD_DESCRIBE_EVENT(CallAnswered, interaction, conversation, previous, cause)
CORD_DESCRIBE_EVENT(CallEnded, interaction, conversation, previous, muted, cause)
CORD_DESCRIBE_EVENT(InteractionCompleted, channel, interaction, disposition, notes, cause)
CORD_DESCRIBE_EVENT(DataMerged, interaction, changes)
CORD_DESCRIBE_EVENT(OperationBegun, interaction, kind, request, connection, cause)
CORD_DESCRIBE_EVENT(OperationEnded, interaction)
CORD_DESCRIBE_EVENT(ConversationHeld, conversation, cause)
CORD_DESCRIBE_EVENT(ConversationRetrieved, conversation, cause)
CORD_DESCRIBE_EVENT(ConversationMuted, conversation, muted, cause)
CORD_DESCRIBE_EVENT(PhoneHoldKeyed, conversation, hold)
CORD_DESCRIBE_EVENT(RecordingOrdered, interaction, recording)
CORD_DESCRIBE_EVENT(RecordingChanged, interaction, recording, state, cause, file)
CORD_DESCRIBE_EVENT(RecordingDropped, interaction, recording)

#undef CORD_DESCRIBE_EVENT

}  // namespace cord::core

namespace cord::runtime {

static_assert(detail::lists_every_member<core::Event>);

namespace {

// --- Encoding and decoding ---------------------------------------------------------------------

constexpr std::size_t scratch_bytes = 8 * 1024;

template <class T>
std::string_view name_of() {
  return event_name(static_cast<const T*>(nullptr));
}

json::object encode_event(const core::Event& event, const json::storage_ptr& memory) {
  json::object wrapper(memory);
  std::visit(
      [&](const auto& it) {
        wrapper.emplace(name_of<std::remove_cvref_t<decltype(it)>>(), json::value_from(it, memory));
      },
      event);
  return wrapper;
}

Result<core::Event> decode_event(const json::value& from) {
  const json::object* wrapper = from.if_object();
  if (wrapper == nullptr || wrapper->size() != 1) {
    return refuse(Errc::corrupt, "journal.event", "an event is an object with one member");
  }
  const std::string_view name = wrapper->begin()->key();
  const json::value& members = wrapper->begin()->value();
  Result<core::Event> decoded =
      refuse(Errc::corrupt, "journal.event", fmt::format("unknown event {}", name.substr(0, 64)));
  boost::mp11::mp_for_each<boost::mp11::mp_transform<std::add_pointer_t, core::Event>>(
      [&](auto pointer) {
        using T = std::remove_pointer_t<decltype(pointer)>;
        if (name != name_of<T>()) return;
        auto event = json::try_value_to<T>(members);
        if (event) {
          decoded = std::move(*event);
        } else {
          decoded = refuse(Errc::corrupt, "journal.event",
                           fmt::format("{}: {}", name, event.error().message()));
        }
      });
  return decoded;
}

}  // namespace

std::string encode_events(std::span<const core::Block> blocks) {
  std::array<unsigned char, scratch_bytes> scratch;
  json::monotonic_resource memory(scratch.data(), scratch.size());
  json::array list(&memory);
  for (const core::Block& block : blocks) {
    for (const core::Event& event : block.events) list.push_back(encode_event(event, &memory));
  }
  json::object record(&memory);
  record.emplace("v", event_codec_version);
  record.emplace("events", std::move(list));
  return json::serialize(record);
}

Result<std::vector<core::Event>> decode_events(std::string_view payload) {
  json::error_code failed;
  const json::value record = json::parse(payload, failed);
  if (failed) return refuse(Errc::corrupt, "journal.record", failed.message());
  const json::object* members = record.if_object();
  const json::value* version = members == nullptr ? nullptr : members->if_contains("v");
  if (version == nullptr || !version->is_int64()) {
    return refuse(Errc::corrupt, "journal.record", "no version");
  }
  if (version->get_int64() != event_codec_version) {
    return refuse(Errc::bad_version, "journal.record", version->get_int64());
  }
  const json::value* list = members->if_contains("events");
  if (list == nullptr || !list->is_array()) {
    return refuse(Errc::corrupt, "journal.record", "no list of events");
  }
  std::vector<core::Event> events;
  events.reserve(list->get_array().size());
  for (const json::value& it : list->get_array()) {
    auto event = decode_event(it);
    if (!event) return tl::make_unexpected(std::move(event.error()));
    events.push_back(std::move(*event));
  }
  return events;
}

}  // namespace cord::runtime
