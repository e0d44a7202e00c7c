// What is printed can be read, for any values at all.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "wire/event.hpp"
#include "wire/json_text.hpp"
#include "wire/names.hpp"
#include "wire/reply.hpp"
#include "wire/request.hpp"
#include "wire/target.hpp"

namespace cord::wire {
namespace {

namespace json = boost::json;

/// Any JSON value, as deep as `depth`.
rc::Gen<json::value> any_json(int depth) {
  const auto text =
      rc::gen::map(rc::gen::container<std::string>(rc::gen::inRange<char>(0x20, 0x7f)),
                   [](const std::string& it) { return json::value(json::string_view(it)); });
  const auto number = rc::gen::map(rc::gen::arbitrary<std::int64_t>(),
                                   [](std::int64_t it) { return json::value(it); });
  const auto flag =
      rc::gen::map(rc::gen::arbitrary<bool>(), [](bool it) { return json::value(it); });
  if (depth == 0) return rc::gen::oneOf(text, number, flag, rc::gen::just(json::value(nullptr)));
  const auto inner = rc::gen::scale(0.3, rc::gen::container<std::vector<json::value>>(rc::gen::lazy(
                                             [depth] { return any_json(depth - 1); })));
  const auto array = rc::gen::map(inner, [](const std::vector<json::value>& items) {
    return json::value(json::array(items.begin(), items.end()));
  });
  const auto object = rc::gen::map(inner, [](const std::vector<json::value>& items) {
    json::object it;
    for (std::size_t i = 0; i < items.size(); ++i) it["m" + std::to_string(i)] = items[i];
    return json::value(std::move(it));
  });
  return rc::gen::oneOf(text, number, flag, array, object);
}

json::object any_object() {
  json::object object;
  const int size = *rc::gen::inRange(0, 5);
  for (int i = 0; i < size; ++i) object["k" + std::to_string(i)] = *any_json(3);
  return object;
}

RC_GTEST_PROP(WireProperty, QuotedTextIsReadBack, (const std::string& text)) {
  std::string out;
  append_quoted(out, text);
  json::error_code code;
  const auto read = json::parse(out, code);
  RC_ASSERT(!code);
  const bool is_ascii = std::all_of(text.begin(), text.end(),
                                    [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (is_ascii) RC_ASSERT(read.as_string() == json::string_view(text));
}

RC_GTEST_PROP(WireProperty, SuccessEchoesTheDataAsItWas, ()) {
  const json::object data = any_object();
  std::vector<CommandRow> rows;  // Those that want nothing of their data.
  for (const CommandRow& row : commands) {
    const json::object request{
        {"command", std::string(object_name(row.object)) + "." + std::string(row.verb)},
        {"target", "S"}};
    if (parse_request(json::serialize(request))) rows.push_back(row);
  }
  const auto& row = *rc::gen::elementOf(rows);
  const std::string name =
      std::string(object_name(row.object)) + ".request." + std::string(row.verb);
  const json::object request{{"command", name}, {"target", "S.ch-1"}, {"data", data}, {"id", 5}};
  const auto parsed = parse_request(json::serialize(request));
  RC_ASSERT(parsed.has_value());
  const auto text = print_reply(parsed->echo, core::Reply{{}, {}, core::Success{}, 9});
  const json::object reply = json::parse(text).as_object();
  RC_ASSERT(reply.at("data").as_object() == data);
  RC_ASSERT(reply.at("command").as_string() == json::string_view(name));
  RC_ASSERT(reply.at("id").as_int64() == 5);
  const auto failure =
      json::parse(print_failure(parsed->echo, {Errc::timeout, "x", ""})).as_object();
  RC_ASSERT(failure.at("original").as_object() == request);
}

RC_GTEST_PROP(WireProperty, TheBodyIgnoresTheOrderOfMembers, ()) {
  const json::object data = any_object();
  const json::object forth{
      {"id", 1}, {"command", "session.snapshot"}, {"target", "S"}, {"data", data}};
  json::object turned;
  for (auto it = data.end(); it != data.begin();) {
    --it;
    turned[it->key()] = it->value();
  }
  const json::object back{
      {"data", turned}, {"target", "S"}, {"command", "session.snapshot"}, {"id", 1}};
  RC_ASSERT(parse_request(json::serialize(forth))->body ==
            parse_request(json::serialize(back))->body);
}

RC_GTEST_PROP(WireProperty, PathsAreReadBack,
              (std::uint32_t group, std::uint32_t channel, std::uint64_t interaction,
               std::uint64_t conversation)) {
  const core::ObjectPath path{"S_-9",
                              {group},
                              {channel + 1ULL},
                              {std::max<std::uint64_t>(interaction, 1)},
                              {std::max<std::uint64_t>(conversation, 1)}};
  const auto target = parse_target(path_text(path));
  RC_ASSERT(target.has_value());
  RC_ASSERT(target->session == path.session);
  const auto& below = target->below;
  RC_ASSERT(below.size() == (group == 0 ? 3u : 4u));
  RC_ASSERT(below.back().number == path.conversation.value);
  RC_ASSERT(below[below.size() - 2].number == path.interaction.value);
  RC_ASSERT(below[below.size() - 3].number == path.channel.value);
}

RC_GTEST_PROP(WireProperty, EventsAreJsonWhateverTheyHold,
              (const std::string& address, const std::string& name, const std::string& key)) {
  const core::ObjectPath path{"S", {}, {1}, {2}, {3}};
  const core::Member member{{4}, address, name, core::MemberRole::customer, {}};
  const core::CallData data{{key, {false, address}}, {key + "2", {true, "[{}]"}}};
  for (const core::ClientEventData& payload :
       std::vector<core::ClientEventData>{core::MemberAdded{member}, core::InteractionPreview{data},
                                          core::GroupCreated{{1}, name}}) {
    json::error_code code;
    const auto read = json::parse(print_event({{}, path, payload, 1, Instant{}}), code);
    RC_ASSERT(!code);
    RC_ASSERT(read.as_object().at("name").as_string() ==
              json::string_view(event_name(payload).data(), event_name(payload).size()));
  }
}

RC_GTEST_PROP(WireProperty, AnyBytesAreReadOrRefused, (const std::string& text)) {
  const auto outcome = parse_request(text);
  if (outcome) return;
  json::error_code code;
  const auto read = json::parse(print_failure(outcome.error().echo, outcome.error().error), code);
  RC_ASSERT(!code);
  RC_ASSERT(read.as_object().at("result").as_string() == "failure");
}

}  // namespace
}  // namespace cord::wire
