#include "runtime/event_codec.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include <boost/json.hpp>

#include "runtime/detail/described.hpp"
#include "runtime/detail/places.hpp"
#include "runtime/place_book.hpp"

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

namespace cord {

BOOST_DESCRIBE_ENUM(Errc, invalid_request, unknown_command, target_not_found, invalid_target,
                    invalid_state, unsupported, permission_denied, authentication_failed,
                    authentication_throttled, session_not_started, session_already_started,
                    session_limit, resume_gap, ongoing_interaction, endpoint_in_use,
                    endpoint_unreachable, reason_required, disposition_required, rate_limited,
                    cti_error, cti_timeout, timeout, not_accepting, internal_error, too_short,
                    too_long, bad_version, malformed, io_failed, corrupt, full)

}  // namespace cord

namespace cord::core {

template <class Tag>
static void tag_invoke(json::value_from_tag, json::value& to, Place<Tag> place) {
  to = place.value;
}
template <class Tag>
static json::result<Place<Tag>> tag_invoke(json::try_value_to_tag<Place<Tag>>,
                                           const json::value& from) {
  const auto number = json::try_value_to<std::uint32_t>(from);
  if (!number) return number.error();
  return Place<Tag>{*number};
}

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
CORD_DESCRIBE_EVENT(SessionResumed, session, connection, old_connection, starts_over, numbers_after)
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
CORD_DESCRIBE_EVENT(MediaAsked, channel, leg, request, connection)
CORD_DESCRIBE_EVENT(MediaSettled, channel)
CORD_DESCRIBE_EVENT(MediaAwaited, channel)
CORD_DESCRIBE_EVENT(MediaFound, channel)
CORD_DESCRIBE_EVENT(LegParted, leg, interaction, call_id, quality)
CORD_DESCRIBE_EVENT(MonitorAsked, channel, agent_channel, mode, request, connection)
CORD_DESCRIBE_EVENT(MonitorSet, channel)
CORD_DESCRIBE_EVENT(MonitorKept, channel)
CORD_DESCRIBE_EVENT(MonitorEnded, channel, was_set, cause)
CORD_DESCRIBE_EVENT(DialBegun, channel, request, connection, number)
CORD_DESCRIBE_EVENT(DialPlaced, channel, leg)
CORD_DESCRIBE_EVENT(DialEnded, channel)
CORD_DESCRIBE_EVENT(CallQueued, call, leg, queue, called, caller, caller_name, call_id, data)
CORD_DESCRIBE_EVENT(CallDialed, call, channel, interaction, conversation, leg, queue, far, number,
                    call_id, data)
CORD_DESCRIBE_EVENT(TaskQueued, call, type, queue, from, key, data)
CORD_DESCRIBE_EVENT(ConsultDialed, call, interaction, conversation, leg, queue, far, number,
                    call_id, data, was_connected)
CORD_DESCRIBE_EVENT(CallTransferred, call, channel, queue, caller, caller_name, data, request)
CORD_DESCRIBE_EVENT(TransferDialed, call, partner, leg, number, call_id)
CORD_DESCRIBE_EVENT(TransferFailed, call, cause)
CORD_DESCRIBE_EVENT(CallOverflowed, call, queue, data)
CORD_DESCRIBE_EVENT(PartnersJoined, call, partner)
CORD_DESCRIBE_EVENT(CallsMerged, call, other, origin, interaction)
CORD_DESCRIBE_EVENT(ConferenceBegun, call, other, legs)
CORD_DESCRIBE_EVENT(ConferenceDialed, call, conversation, leg, queue, member, number, call_id, data)
CORD_DESCRIBE_EVENT(ConferenceLeft, call, leg)
CORD_DESCRIBE_EVENT(MembersJoined, conversation, first_leg, members, is_retrieved, cause)
CORD_DESCRIBE_EVENT(MemberLeft, conversation, member, cause)
CORD_DESCRIBE_EVENT(RefusalsRested, call)
CORD_DESCRIBE_EVENT(CallGone, call, cause)
CORD_DESCRIBE_EVENT(OfferMade, call, channel, interaction, conversation, customer, data, direction,
                    cause, rings_all)
CORD_DESCRIBE_EVENT(OfferTaken, call, interaction)
CORD_DESCRIBE_EVENT(OfferRejected, call, channel, interaction, conversation, reason, cause)
CORD_DESCRIBE_EVENT(OfferWithdrawn, call, channel, interaction, conversation, cause)
CORD_DESCRIBE_EVENT(TaskRequeued, call, channel, interaction, previous, cause)
CORD_DESCRIBE_EVENT(InteractionPresented, interaction)
CORD_DESCRIBE_EVENT(CallAnswered, interaction, conversation, previous, cause)
CORD_DESCRIBE_EVENT(CallEnded, interaction, conversation, previous, muted, cause)
CORD_DESCRIBE_EVENT(ConsultAnswered, conversation, cause)
CORD_DESCRIBE_EVENT(ConversationEnded, interaction, conversation, previous, muted, cause,
                    is_retrieved)
CORD_DESCRIBE_EVENT(FocusMoved, interaction, conversation, was_connected, cause)
CORD_DESCRIBE_EVENT(FarEndChanged, conversation, removed, added, data)
CORD_DESCRIBE_EVENT(InteractionCompleted, channel, interaction, disposition, notes, cause)
CORD_DESCRIBE_EVENT(DataMerged, interaction, changes)
CORD_DESCRIBE_EVENT(OperationBegun, interaction, conversation, kind, request, connection, cause,
                    number)
CORD_DESCRIBE_EVENT(OperationPlaced, interaction, leg)
CORD_DESCRIBE_EVENT(OperationEnded, interaction)
CORD_DESCRIBE_EVENT(ConversationHeld, conversation, cause)
CORD_DESCRIBE_EVENT(ConversationRetrieved, conversation, cause)
CORD_DESCRIBE_EVENT(ConversationMuted, conversation, muted, cause)
CORD_DESCRIBE_EVENT(PhoneHoldKeyed, conversation, hold)
CORD_DESCRIBE_EVENT(RecordingOrdered, interaction, recording)
CORD_DESCRIBE_EVENT(RecordingChanged, interaction, recording, state, cause, file)
CORD_DESCRIBE_EVENT(RecordingDropped, interaction, recording)
CORD_DESCRIBE_EVENT(ServerRestarted, stopped)

#undef CORD_DESCRIBE_EVENT

}  // namespace cord::core

namespace cord::runtime {

BOOST_DESCRIBE_STRUCT(NotedRequest, (), (session, request, id, digest))
BOOST_DESCRIBE_STRUCT(NotedAnswer, (), (request, events_before, failure, detail))

static_assert(detail::lists_every_member<core::Event>);
static_assert(detail::lists_every_member<NotedRequest>);
static_assert(detail::lists_every_member<NotedAnswer>);

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

// --- Digests are bytes, JSON is text ---------------------------------------------------------

constexpr std::string_view hex_digits = "0123456789abcdef";

std::string hex_of(std::string_view bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    text += hex_digits[value >> 4U];
    text += hex_digits[value & 0x0fU];
  }
  return text;
}

std::optional<std::string> bytes_of(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const auto high = hex_digits.find(hex[i]);
    const auto low = hex_digits.find(hex[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    bytes += static_cast<char>(high << 4U | low);
  }
  return bytes;
}

// --- Names of places -------------------------------------------------------------------------

template <class Act>
void for_each_place(std::vector<core::Event>& events, const Act& act) {
  for (core::Event& event : events) {
    std::visit([&](auto& it) { detail::for_each_place(it, act); }, event);
  }
}

void note_places(RecordContent& content, const core::Directory& directory) {
  for_each_place(content.events,
                 [&](auto& place) { detail::note_place(content, place, directory); });
}

template <class Place>
void add_places(json::object& record, std::string_view key, const PlaceNames<Place>& names) {
  if (names.empty()) return;
  json::object list(record.storage());
  for (const auto& [place, name] : names) list.emplace(std::to_string(place.value), name);
  record.emplace(key, std::move(list));
}

template <class Place>
bool read_places(const json::object& record, std::string_view key, PlaceNames<Place>& names) {
  const json::value* list = record.if_contains(key);
  if (list == nullptr) return true;
  if (!list->is_object()) return false;
  for (const auto& [place, name] : list->get_object()) {
    std::uint32_t number = 0;
    const auto* end = place.data() + place.size();
    const auto [stop, failed] = std::from_chars(place.data(), end, number);
    if (failed != std::errc() || stop != end || !name.is_string()) return false;
    names.emplace(Place{number}, std::string(name.get_string()));
  }
  return true;
}

// --- A record's parts ------------------------------------------------------------------------

json::array encode_all(const std::vector<core::Event>& events, const json::storage_ptr& memory) {
  json::array list(memory);
  list.reserve(events.size());
  for (const core::Event& event : events) list.push_back(encode_event(event, memory));
  return list;
}

Result<void> read_events(const json::object& record, std::vector<core::Event>& events) {
  const json::value* list = record.if_contains("events");
  if (list == nullptr || !list->is_array()) {
    return refuse(Errc::corrupt, "journal.record", "no list of events");
  }
  events.reserve(list->get_array().size());
  for (const json::value& it : list->get_array()) {
    auto event = decode_event(it);
    if (!event) return tl::make_unexpected(std::move(event.error()));
    events.push_back(std::move(*event));
  }
  return {};
}

template <class T>
bool read_list(const json::object& record, std::string_view key, std::vector<T>& to) {
  const json::value* list = record.if_contains(key);
  if (list == nullptr) return true;
  auto read = json::try_value_to<std::vector<T>>(*list);
  if (read) to = std::move(*read);
  return read.has_value();
}

Result<void> check_version(const json::object* record) {
  const json::value* version = record == nullptr ? nullptr : record->if_contains("v");
  if (version == nullptr || !version->is_int64()) {
    return refuse(Errc::corrupt, "journal.record", "no version");
  }
  if (version->get_int64() == event_codec_version) return {};
  return refuse(Errc::bad_version, "journal.record",
                fmt::format("it has version {}, this program reads version {}",
                            version->get_int64(), event_codec_version));
}

}  // namespace

std::string encode_record(RecordContent&& content, const core::Directory& directory) {
  std::array<unsigned char, scratch_bytes> scratch;
  json::monotonic_resource memory(scratch.data(), scratch.size());
  note_places(content, directory);
  for (NotedRequest& it : content.requests) it.digest = hex_of(it.digest);
  json::object record(&memory);
  record.emplace("v", event_codec_version);
  add_places(record, "agents", content.agents);
  add_places(record, "queues", content.queues);
  record.emplace("events", encode_all(content.events, &memory));
  if (!content.requests.empty()) {
    record.emplace("requests", json::value_from(content.requests, &memory));
  }
  if (!content.answers.empty()) {
    record.emplace("answers", json::value_from(content.answers, &memory));
  }
  return json::serialize(record);
}

Result<RecordContent> decode_record(std::string_view payload) {
  json::error_code failed;
  const json::value parsed = json::parse(payload, failed);
  if (failed) return refuse(Errc::corrupt, "journal.record", failed.message());
  const json::object* record = parsed.if_object();
  if (auto known = check_version(record); !known) return tl::make_unexpected(known.error());
  RecordContent content;
  if (auto read = read_events(*record, content.events); !read) {
    return tl::make_unexpected(std::move(read.error()));
  }
  bool is_sound = read_places(*record, "agents", content.agents) &&
                  read_places(*record, "queues", content.queues) &&
                  read_list(*record, "requests", content.requests) &&
                  read_list(*record, "answers", content.answers);
  for (NotedRequest& it : content.requests) {
    auto digest = bytes_of(it.digest);
    is_sound = is_sound && digest;
    if (digest) it.digest = std::move(*digest);
  }
  if (!is_sound) return refuse(Errc::corrupt, "journal.record", "requests or names");
  return content;
}

Result<void> PlaceBook::relocate(RecordContent& content) const {
  bool is_complete = true;
  for_each_place(content.events, [&](auto& place) {
    is_complete = move(place, detail::names_of(content, place)) && is_complete;
  });
  if (is_complete) return {};
  return refuse(Errc::corrupt, "journal.record", "it does not name an agent or a queue it uses");
}

}  // namespace cord::runtime
