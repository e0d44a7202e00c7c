// The server's own tables and what protocol/ says are the same: no name more, none less.
#include "unit/wire/description.hpp"

#include <algorithm>
#include <functional>
#include <map>

#include <gtest/gtest.h>

#include "base/utc_text.hpp"
#include "core/directory.hpp"
#include "core/steps.hpp"
#include "support/every_client_event.hpp"
#include "unit/wire/whole_floor.hpp"
#include "wire/event.hpp"
#include "wire/floor.hpp"
#include "wire/names.hpp"
#include "wire/reply.hpp"
#include "wire/request.hpp"

namespace cord::wire {
namespace {

namespace json = boost::json;
using Words = std::vector<std::string>;

const Description& description() {
  return Description::get();
}

std::string text_of(const json::value& value) {
  return Description::text_of(value);
}

json::value parsed(const std::string& text) {
  return json::parse(text);
}

Words sorted(Words words) {
  std::sort(words.begin(), words.end());
  return words;
}

// --- Words ------------------------------------------------------------------------------------

/// The list's words are the names of the enumerators, in their order, and there is no enumerator
/// after them.
template <class Enum>
void expect_names(std::string_view list) {
  const Words words = description().words(list);
  for (std::size_t i = 0; i < words.size(); ++i) {
    EXPECT_EQ(name_of(static_cast<Enum>(i)), words[i]) << list;
  }
  EXPECT_DEATH((void)name_of(static_cast<Enum>(words.size())), "assertion failed") << list;
}

TEST(Description, HasTheServersWords) {
  expect_names<core::SessionState>("sessionState");
  expect_names<core::ChannelState>("channelState");
  expect_names<core::AgentState>("agentState");
  expect_names<core::InteractionState>("interactionState");
  expect_names<core::ConversationState>("conversationState");
  expect_names<core::RecordingState>("recordingState");
  expect_names<core::Cause>("cause");
  expect_names<core::SessionEnd>("sessionEnd");
  expect_names<core::MediaType>("mediaType");
  expect_names<core::Direction>("direction");
  expect_names<core::ConversationType>("conversationType");
  expect_names<core::MemberRole>("memberRole");
  expect_names<core::MonitorMode>("monitorMode");
  expect_names<core::MediaState>("mediaState");
  expect_names<core::Presence>("presence");
  expect_names<core::FloorSession>("floorSession");

  Words codes;
  for (const FailureName& failure : failures) codes.emplace_back(failure.code_name);
  EXPECT_EQ(description().words("failureCode"), codes);
  EXPECT_EQ(description().words("capability"), core::Capabilities{}.names());
  core::Agent supervisor;
  supervisor.may_supervise = true;
  EXPECT_EQ(description().words("permission"), supervisor.permissions());
  EXPECT_EQ(
      description().words("serverReason"),
      sorted({std::string(core::reason_connection_lost), std::string(core::reason_no_answer),
              std::string(core::reason_phone_lost), std::string(core::reason_phone_unreachable)}));
  // The 20 above, what setagentstate takes (see ItsCommandsAreRead), and the codes of closing,
  // which the front has and tools/protocol.py compares.
  EXPECT_EQ(description().lists_count(), 22U);
}

// --- Events -----------------------------------------------------------------------------------

TEST(Description, HasTheServersEvents) {
  std::map<std::string, std::set<Shape>> said;
  for (const core::ClientEvent& event : test::every_client_event()) {
    const json::value text = parsed(print_event(event));
    Shape envelope;
    for (const auto& member : text.as_object()) envelope.insert(std::string(member.key()));
    EXPECT_EQ(envelope,
              description().shape_of_schema(description().definition("messages.json", "event")));
    said[text_of(text.at("name"))].insert(shape_of(text.at("data")));
  }
  said["floor.updated"].insert(shape_of(parsed(print_floor(whole_floor(), Instant{}))));
  std::map<std::string, std::set<Shape>> described;
  for (const auto& [name, message] : description().events()) {
    const json::value& properties = message.at("payload").at("properties");
    EXPECT_EQ(text_of(properties.at("name").at("const")), name);
    for (const auto& one : description().alternatives(properties.at("data"))) {
      described[name].insert(description().shape_of_schema(one));
    }
  }
  EXPECT_EQ(said, described);
}

TEST(Description, HasTheEventThatIsNotCounted) {
  const json::value text = parsed(print_floor_event("s", "{}", Instant{}));
  EXPECT_EQ(text.at("name").as_string(), "floor.updated");
  EXPECT_EQ(shape_of(text),
            description().shape_of_schema(description().definition("messages.json", "liveEvent")));
}

// --- Commands ---------------------------------------------------------------------------------

std::string plain_spelling(std::string name) {
  const auto at = name.find(".request.");
  return at == std::string::npos ? name : name.erase(at, std::string_view(".request").size());
}

TEST(Description, HasTheServersCommands) {
  std::map<std::string, std::string> known{{std::string(prepare_session_name), ""}};
  for (const CommandRow& row : commands) {
    const std::string object(object_name(row.object));
    known[object + "." + std::string(row.verb)] = object;
  }
  std::map<std::string, std::string> described;
  for (const auto& [name, message] : description().commands()) {
    EXPECT_EQ(text_of(message.at("payload").at("properties").at("command").at("const")), name);
    const json::value* target = message.as_object().if_contains("x-target");
    described[plain_spelling(name)] = target == nullptr ? "" : text_of(*target);
  }
  EXPECT_EQ(known, described);
}

/// Something that a schema allows, every member included. Of alternatives, the one numbered
/// `choice`, or the last one.
json::value example(const json::value& schema, std::size_t choice) {
  const auto all = description().alternatives(schema);
  const json::object& it = all[std::min(choice, all.size() - 1)];
  if (const auto* words = it.if_contains("enum")) return words->as_array().front();
  const std::string type = text_of(it.at("type"));
  if (type == "boolean") return true;
  if (type == "integer") return 1;
  if (type == "array") return json::array{example(it.at("items"), choice)};
  if (it.contains("format")) return json::value_from(utc_text(Instant{}));
  if (type == "string") return "1";
  json::object object;
  if (const auto* properties = it.if_contains("properties")) {
    for (const auto& [key, value] : properties->as_object()) object[key] = example(value, choice);
  }
  return object;
}

std::string request_text(std::string_view command, const json::value& data) {
  return json::serialize(
      json::object{{"command", Description::to_boost(command)}, {"target", "s"}, {"data", data}});
}

/// What is wrong with it; empty: nothing.
std::string complaint(std::string_view command, const json::value& data) {
  const auto request = parse_request(request_text(command, data));
  if (request) return {};
  EXPECT_EQ(request.error().error.code, Errc::invalid_request);
  return request.error().error.detail;
}

/// One member of an example, and what its schema says of it.
struct Place {
  std::string path;  ///< "data.agent.id"
  bool is_required;
  json::value wrong;                                  ///< of a type that it must not have
  std::function<json::object&(json::value&)> holder;  ///< the object it is in, of an example
  std::string key;
};

void add_places(std::vector<Place>& places, const Place& at, const json::value& schema,
                std::size_t choice) {
  const auto all = description().alternatives(schema);
  const json::object& it = all[std::min(choice, all.size() - 1)];
  if (const auto* items = it.if_contains("items")) {
    Place inner = at;
    inner.path += "[0]";
    inner.holder = [at](json::value& data) -> json::object& {
      return at.holder(data)[at.key].as_array()[0].as_object();
    };
    inner.key.clear();
    return add_places(places, inner, *items, choice);
  }
  const auto* properties = it.if_contains("properties");
  if (properties == nullptr) return;
  for (const auto& [key, value] : properties->as_object()) {
    const auto* required = it.if_contains("required");
    const auto of_type = description().alternatives(value).front();
    const bool is_count = of_type.contains("type") && of_type.at("type") == "integer";
    Place place{at.path + "." + std::string(key), false,
                is_count ? json::value("x") : json::value(5),
                [at](json::value& data) -> json::object& {
                  json::object& holder = at.holder(data);
                  return at.key.empty() ? holder : holder[at.key].as_object();
                },
                std::string(key)};
    if (required != nullptr) {
      const json::array& names = required->as_array();
      place.is_required = std::find(names.begin(), names.end(), json::value(key)) != names.end();
    }
    places.push_back(place);
    add_places(places, place, value, choice);
  }
}

void expect_is_read(const std::string& command, const json::value& schema, std::size_t choice) {
  const json::value whole = example(schema, choice);
  EXPECT_EQ(complaint(command, whole), "") << command;
  std::vector<Place> places;
  add_places(
      places,
      {"data", true, {}, [](json::value& data) -> json::object& { return data.as_object(); }, ""},
      schema, choice);
  for (const Place& place : places) {
    json::value wrong = whole;
    place.holder(wrong)[place.key] = place.wrong;
    EXPECT_EQ(complaint(command, wrong).rfind(place.path + " must be", 0), 0U)
        << command << ": " << place.path << ": " << complaint(command, wrong);
    json::value without = whole;
    place.holder(without).erase(place.key);
    EXPECT_EQ(complaint(command, without).empty(), !place.is_required)
        << command << " without " << place.path;
  }
}

// A member that is described is read, and must be there or not as it is described. One that is
// described for other commands only is not read.
TEST(Description, ItsCommandsAreRead) {
  json::object everything;
  for (const auto& [name, message] : description().commands()) {
    const json::object& payload = message.at("payload").as_object();
    const json::object& properties = payload.at("properties").as_object();
    const json::value* data = properties.if_contains("data");
    const bool needs_data = data != nullptr && data->as_object().contains("required");
    EXPECT_EQ(payload.contains("required"), needs_data) << name;
    if (data == nullptr) continue;
    for (const std::string& path : description().shape_of_schema(*data)) {
      everything[path.substr(path.rfind('.') + 1)] = 5;
    }
  }
  for (const auto& [key, message] : description().commands()) {
    const std::string name(key);
    const json::object& properties = message.at("payload").at("properties").as_object();
    const json::value none = json::object{{"type", "object"}};
    const json::value* described = properties.if_contains("data");
    const json::value& schema = described == nullptr ? none : *described;
    for (std::size_t choice : {0, 1}) expect_is_read(name, schema, choice);

    json::value more = everything;
    const json::value own = example(schema, 0);
    for (const auto& member : own.as_object()) more.as_object()[member.key()] = member.value();
    EXPECT_EQ(complaint(name, more), "") << name << " reads what is not described";
  }
  const json::value states = json::object{{"agent", json::object{{"id", "a"}}}};
  for (int i = 0; i < 5; ++i) {
    const std::string state(name_of(static_cast<core::AgentState>(i)));
    json::value data = states;
    data.as_object()["agentState"] = state;
    const Words settable = description().words("settableAgentState");
    EXPECT_EQ(complaint("session.setagentstate", data).empty(),
              std::find(settable.begin(), settable.end(), state) != settable.end());
  }
}

// --- Answers ----------------------------------------------------------------------------------

core::SessionView whole_session() {
  core::ChannelInfo info =
      std::get<core::ChannelInfoChanged>(
          std::find_if(test::every_client_event().begin(), test::every_client_event().end(),
                       [](const core::ClientEvent& it) {
                         return std::holds_alternative<core::ChannelInfoChanged>(it.data);
                       })
              ->data)
          .channel;
  const core::ConversationView conversation{
      {4}, {}, {}, true, {{{5}, "555", "Ann", core::MemberRole::customer, {}}}};
  const core::InteractionView interaction{
      {3}, {}, {}, {}, {}, {{"ANI", {false, "5"}}}, {4}, {conversation}};
  return {
      "NAME",          core::SessionState::logged_in,
      false,           {"alice", "Alice", {{"lunch", "Lunch"}}, {{"sold", "Sold"}}, {"hold"}, {}},
      {{{1}, "desk"}}, {{{1}, info, {interaction}}, {{}, info, {interaction}}}};
}

Shape shape_of_answer(core::Success what) {
  Echo echo;
  echo.command = "x";
  const core::Reply reply{{}, {}, std::move(what), 1};
  return shape_of(parsed(print_reply(echo, reply)).at("data"));
}

TEST(Description, HasWhatTheServersAnswersAdd) {
  const std::map<std::string, Shape> added{
      {"prepareSession", shape_of_answer(core::Prepared{"NAME", "TOKEN"})},
      {"session.resume", shape_of_answer(core::Resumed{})},
      {"session.snapshot", shape_of_answer(whole_session())},
      {"session.request.directory",
       shape_of_answer(core::DirectoryAnswer{{{"alice", "Alice", "1001", core::Presence::ready}},
                                             {{"support", {"1800"}}}})},
      {"channel.request.media", shape_of_answer(core::MediaAnswer{"v=0"})},
      {"interaction.getdata", shape_of_answer(core::DataAnswer{{{"ANI", {false, "5"}}}})},
  };
  std::map<std::string, Shape> described;
  for (const auto& [name, message] : description().commands()) {
    const auto* adds = message.as_object().if_contains("x-adds");
    if (adds != nullptr) described[name] = description().shape_of_schema(*adds);
  }
  // What the history has is compared there: OwnHistory.IsPrintedAsItIsDescribed.
  EXPECT_EQ(described.erase("session.request.history"), 1U);
  EXPECT_EQ(added, described);
}

Shape members_of(const std::string& text) {
  Shape names;
  const json::value message = parsed(text);
  for (const auto& member : message.as_object()) names.insert(std::string(member.key()));
  return names;
}

Shape members_of_definition(std::string_view name) {
  Shape names;
  const json::object& schema = description().definition("messages.json", name);
  for (const auto& member : schema.at("properties").as_object()) {
    names.insert(std::string(member.key()));
  }
  return names;
}

TEST(Description, HasTheServersAnswers) {
  const auto request = parse_request(
      R"({"command":"conversation.hold","target":"s.ch-1.i-2.c-3","data":{},"id":7})");
  ASSERT_TRUE(request);
  const Error error{Errc::invalid_state, "test", "It rings."};
  EXPECT_EQ(members_of(print_reply(request->echo, core::Reply{{}, {}, core::Success{}, 1})),
            members_of_definition("success"));
  const std::string failure = print_failure(request->echo, error);
  EXPECT_EQ(members_of(failure), members_of_definition("failure"));
  EXPECT_EQ(
      shape_of(parsed(failure).at("failure")),
      description().shape_of_schema(description().definition("messages.json", "failureReason")));

  Echo echo = request->echo;
  echo.target.reset();
  EXPECT_EQ(
      members_of(print_reply(echo, core::Reply{{}, {}, core::Success{core::Confirm{"?"}}, 0})),
      members_of_definition("confirm"));
}

}  // namespace
}  // namespace cord::wire
