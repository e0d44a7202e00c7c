// The machine-readable description of the protocol, protocol/, as the tests here compare with it.
#pragma once

#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

namespace cord::wire {

/// Paths of members: `channel`, `channel.id`, `dispositions[].name`.
using Shape = std::set<std::string>;

class Description {
 public:
  static const Description& get() {
    static const Description description;
    return description;
  }

  [[nodiscard]] const boost::json::object& commands() const { return commands_; }
  [[nodiscard]] const boost::json::object& events() const { return events_; }
  /// What schemas/names.json says of a list: its words, in their order.
  [[nodiscard]] std::vector<std::string> words(std::string_view list) const {
    std::vector<std::string> all;
    for (const auto& word : definition("names.json", list).at("enum").as_array()) {
      all.emplace_back(text_of(word));
    }
    return all;
  }
  [[nodiscard]] std::size_t lists_count() const {
    return files_.at("names.json").as_object().size();
  }

  [[nodiscard]] const boost::json::object& definition(std::string_view file,
                                                      std::string_view name) const {
    return files_.at(to_boost(file)).as_object().at(to_boost(name)).as_object();
  }

  /// The schema itself, or what its $ref points to.
  [[nodiscard]] const boost::json::object& resolved(const boost::json::object& schema) const {
    const boost::json::value* ref = schema.if_contains("$ref");
    if (ref == nullptr) return schema;
    const std::string text = text_of(*ref);
    const auto slash = text.find('/');
    return resolved(definition(text.substr(0, slash), text.substr(slash + 1)));
  }

  /// The alternatives of a schema: those of anyOf or oneOf, or itself.
  [[nodiscard]] std::vector<boost::json::object> alternatives(
      const boost::json::value& schema) const {
    std::vector<boost::json::object> all;
    const boost::json::object& it = resolved(schema.as_object());
    for (const char* key : {"anyOf", "oneOf"}) {
      if (const auto* list = it.if_contains(key)) {
        for (const auto& one : list->as_array()) all.push_back(resolved(one.as_object()));
      }
    }
    if (all.empty()) all.push_back(it);
    return all;
  }

  /// The paths of all members that the schema knows, in whatever alternative.
  [[nodiscard]] Shape shape_of_schema(const boost::json::value& schema) const {
    Shape shape;
    for (const boost::json::object& it : alternatives(schema)) add_schema(shape, "", it);
    return shape;
  }

  static std::string text_of(const boost::json::value& value) {
    return boost::json::value_to<std::string>(value);
  }
  static boost::json::string_view to_boost(std::string_view text) {
    return {text.data(), text.size()};
  }

 private:
  Description() {
    commands_ = read("commands.json").at("messages").as_object();
    events_ = read("events.json").at("messages").as_object();
    for (const char* file : {"names.json", "objects.json", "messages.json"}) {
      files_[file] = read(std::string("schemas/") + file).at("definitions");
    }
  }

  /// With each $ref as "objects.json/member", from wherever it is.
  static boost::json::object read(const std::string& name) {
    std::ifstream file(CORD_PROTOCOL "/" + name);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    boost::json::value value = boost::json::parse(text);
    name_refs(value, name.substr(name.rfind('/') + 1));
    return value.as_object();
  }

  static void name_refs(boost::json::value& value, const std::string& file) {
    if (auto* list = value.if_array()) {
      for (auto& it : *list) name_refs(it, file);
    } else if (auto* object = value.if_object()) {
      for (auto& member : *object) {
        if (member.key() != "$ref") {
          name_refs(member.value(), file);
          continue;
        }
        const std::string ref = text_of(member.value());
        const std::string where = ref.substr(0, ref.find('#'));
        member.value() = (where.empty() ? file : where.substr(where.rfind('/') + 1)) + "/" +
                         ref.substr(ref.rfind('/') + 1);
      }
    }
  }

  void add_schema(Shape& shape, const std::string& path, const boost::json::object& schema) const {
    if (const auto* items = schema.if_contains("items")) {
      for (const auto& one : alternatives(*items)) add_schema(shape, path + "[]", one);
    }
    const auto* properties = schema.if_contains("properties");
    if (properties == nullptr) return;
    for (const auto& [key, value] : properties->as_object()) {
      const std::string name = path + (path.empty() ? "" : ".") + std::string(key);
      shape.insert(name);
      for (const auto& one : alternatives(value)) add_schema(shape, name, one);
    }
  }

  boost::json::object commands_, events_, files_;
};

/// The paths of all members of an object. What is in `interaction-data` is not ours to name.
inline void add_shape(Shape& shape, const std::string& path, const boost::json::value& value) {
  if (const auto* list = value.if_array()) {
    for (const auto& it : *list) add_shape(shape, path + "[]", it);
  } else if (const auto* object = value.if_object()) {
    for (const auto& [key, it] : *object) {
      const std::string name = path + (path.empty() ? "" : ".") + std::string(key);
      shape.insert(name);
      if (key != "interaction-data") add_shape(shape, name, it);
    }
  }
}

inline Shape shape_of(const boost::json::value& value) {
  Shape shape;
  add_shape(shape, "", value);
  return shape;
}

}  // namespace cord::wire
