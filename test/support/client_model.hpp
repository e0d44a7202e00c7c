// What a desktop knows that believes every event: a tree of objects, folded from the JSON of events
// or read from a snapshot. The two must be equal (docs/protocol.md, session.snapshot).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace cord::test {

class ClientModel {
 public:
  /// One event's JSON text. Whatever cannot be is noted in faults(): a number out of order, an
  /// unknown object, something after the end.
  void take(std::string_view text) { take(boost::json::parse(to_boost(text)).as_object()); }

  void take(const boost::json::object& event) {
    const auto seq = boost::json::value_to<std::uint64_t>(event.at("seq"));
    if (seq != seq_ + 1) fault("seq {} after {}", seq, seq_);
    seq_ = seq;
    if (is_ended_) fault("event {} after session.ended", seq);
    const std::vector<std::string> path = split(text_of(event.at("target")));
    const std::string name = text_of(event.at("name"));
    const boost::json::object& data = event.at("data").as_object();
    if (session_.empty()) session_ = path.front();
    if (path.front() != session_) fault("event {} is of another session", seq);
    fold(path, name, data);
  }

  /// After resume.gap: everything is told anew, under numbers that go on from `seq`.
  void start_over(std::uint64_t seq) {
    session_.clear();
    root_ = {};
    seq_ = seq;
  }

  /// What a snapshot says: the data of its response.
  static ClientModel of_snapshot(const boost::json::object& data) {
    ClientModel model;
    model.seq_ = boost::json::value_to<std::uint64_t>(data.at("seq"));
    const boost::json::object& session = data.at("session").as_object();
    model.session_ = text_of(session.at("id"));
    model.root_ = model.read(session);
    model.root_.members.erase("id");
    return model;
  }

  [[nodiscard]] std::uint64_t seq() const { return seq_; }
  [[nodiscard]] bool is_ended() const { return is_ended_; }
  [[nodiscard]] const std::string& session() const { return session_; }
  [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }

  /// All of it, a line for each object: equal models give equal texts.
  [[nodiscard]] std::string dump() const {
    std::string all = fmt::format("seq {}\n", seq_);
    dump(all, session_, root_);
    return all;
  }

 private:
  struct Node {
    std::map<std::string, boost::json::value> members;
    std::map<std::string, Node> children;  ///< by id
  };

  static boost::json::string_view to_boost(std::string_view text) {
    return {text.data(), text.size()};
  }
  static std::string text_of(const boost::json::value& value) {
    return boost::json::value_to<std::string>(value);
  }

  static std::vector<std::string> split(const std::string& target) {
    std::vector<std::string> parts(1);
    for (const char c : target) {
      if (c == '.') {
        parts.emplace_back();
      } else {
        parts.back() += c;
      }
    }
    return parts;
  }

  template <class... Args>
  void fault(fmt::format_string<Args...> what, Args&&... args) {
    faults_.push_back(fmt::format(what, std::forward<Args>(args)...));
  }

  Node* find(const std::vector<std::string>& path, std::size_t length) {
    Node* node = &root_;
    for (std::size_t i = 1; i < length; ++i) {
      const auto child = node->children.find(path[i]);
      if (child == node->children.end()) return nullptr;
      node = &child->second;
    }
    return node;
  }

  void fold(const std::vector<std::string>& path, std::string_view name,
            const boost::json::object& data) {
    Node* const node = find(path, path.size());
    if (node == nullptr) return fault("event {} {} is of nothing known", seq_, name);
    if (name == "session.ended") {
      is_ended_ = true;
    } else if (name == "session.initialized") {
      set(*node, data);
      node->members["state"] = "LOGGED_IN";
      node->members["detached"] = false;
    } else if (name.ends_with(".created") || name == "conversation.member.added") {
      add(*node, data.begin()->value().as_object());
    } else if (name == "conversation.member.removed") {
      if (node->children.erase(text_of(data.at("member").at("id"))) == 0) {
        fault("event {} removes nobody", seq_);
      }
    } else if (name.ends_with(".disposed")) {
      Node& parent = *find(path, path.size() - 1);
      parent.children.erase(path.back());
      const auto focus = parent.members.find("focus");
      if (focus != parent.members.end() && text_of(focus->second) == path.back()) {
        parent.members.erase(focus);
      }
    } else if (name == "channel.infochanged") {
      node->members.clear();
      set(*node, data.at("channel").as_object());
      node->members.erase("id");
    } else if (name == "state.updated") {
      set_state(*node, data);
    } else if (data.contains("interaction-data")) {
      node->members["interaction-data"] = data.at("interaction-data");
    } else if (name == "interaction.focuschanged") {
      node->members["focus"] = data.at("conversation").at("id");
    }
  }

  void add(Node& parent, const boost::json::object& object) {
    Node child;
    set(child, object);
    child.members.erase("id");
    const std::string id = text_of(object.at("id"));
    if (!parent.children.emplace(id, std::move(child)).second) fault("{} is there already", id);
  }

  static void set(Node& node, const boost::json::object& object) {
    for (const auto& [key, value] : object) node.members[std::string(key)] = value;
  }

  /// What a state.updated does not mention any more is gone.
  static void set_state(Node& node, const boost::json::object& data) {
    for (const char* flag : {"reason", "pending"}) {
      if (!data.contains(flag)) node.members.erase(flag);
    }
    if (!data.contains("pending")) node.members.erase("pendingReason");
    for (const auto& [key, value] : data) {
      if (key != "previous" && key != "cause") node.members[std::string(key)] = value;
    }
  }

  // In a snapshot the children are in lists.
  Node read(const boost::json::object& object) {
    Node node;
    for (const auto& [key, value] : object) {
      const bool has_children = key == "channelgroups" || key == "channels" ||
                                key == "interactions" || key == "conversations" || key == "members";
      if (!has_children) {
        node.members[std::string(key)] = value;
        continue;
      }
      for (const boost::json::value& it : value.as_array()) {
        Node child = read(it.as_object());
        const std::string id = text_of(child.members.at("id"));
        child.members.erase("id");
        node.children.emplace(id, std::move(child));
      }
    }
    return node;
  }

  static void dump(std::string& all, const std::string& path, const Node& node) {
    all += path;
    for (const auto& [key, value] : node.members) {
      all += fmt::format(" {}={}", key, boost::json::serialize(sorted(value)));
    }
    all += '\n';
    for (const auto& [id, child] : node.children) dump(all, path + "." + id, child);
  }

  /// Objects with their members in order of names.
  static boost::json::value sorted(const boost::json::value& value) {
    if (const auto* list = value.if_array()) {
      boost::json::array copy;
      for (const auto& it : *list) copy.push_back(sorted(it));
      return copy;
    }
    const auto* object = value.if_object();
    if (object == nullptr) return value;
    std::map<std::string, boost::json::value> members;
    for (const auto& [key, it] : *object) members[std::string(key)] = sorted(it);
    boost::json::object copy;
    for (const auto& [key, it] : members) copy[key] = it;
    return copy;
  }

  std::string session_;
  Node root_;
  std::uint64_t seq_ = 0;
  bool is_ended_ = false;
  std::vector<std::string> faults_;
};

}  // namespace cord::test
