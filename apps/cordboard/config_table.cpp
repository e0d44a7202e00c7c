#include "config_table.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <unistd.h>

namespace cord::app {
namespace {

const toml::table no_table;

std::string_view name_of(toml::node_type type) {
  switch (type) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "a text";
    case toml::node_type::integer:
      return "a number";
    case toml::node_type::floating_point:
      return "a number with a fraction";
    case toml::node_type::boolean:
      return "true or false";
    default:
      return "a date or time";
  }
}

std::string mistaken(const toml::node& node, std::string_view expected) {
  return fmt::format("is {}; allowed: {}", name_of(node.type()), expected);
}

std::optional<Duration> parse_duration(std::string_view text) {
  std::int64_t amount = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount);
  constexpr std::int64_t amount_max = 1'000'000'000;
  if (error != std::errc{} || amount < 0 || amount > amount_max) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (unit == "ms") return std::chrono::milliseconds(amount);
  if (unit == "s") return std::chrono::seconds(amount);
  if (unit == "m") return std::chrono::minutes(amount);
  if (unit == "h") return std::chrono::hours(amount);
  return std::nullopt;
}

std::string print_duration(Duration it) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(it).count();
  if (ms == 0) return "0s";
  if (ms % 3'600'000 == 0) return fmt::format("{}h", ms / 3'600'000);
  if (ms % 60'000 == 0) return fmt::format("{}m", ms / 60'000);
  if (ms % 1'000 == 0) return fmt::format("{}s", ms / 1'000);
  return fmt::format("{}ms", ms);
}

}  // namespace

void Problems::add(std::uint32_t line, std::string_view key, std::string text) {
  found_.push_back({line, fmt::format("key `{}`: {}", key, text)});
}

std::vector<std::string> Problems::print(const std::string& file) const {
  auto sorted = found_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Problem& a, const Problem& b) { return a.line < b.line; });
  std::vector<std::string> lines;
  for (const auto& it : sorted) lines.push_back(fmt::format("{}:{}: {}", file, it.line, it.text));
  return lines;
}

TableReader::TableReader(const toml::table& table, std::string path, std::uint32_t line,
                         Problems& problems)
    : table_(table), path_(std::move(path)), line_(line), problems_(&problems) {}

std::string TableReader::name(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

std::uint32_t TableReader::line(std::string_view key) const {
  const auto found = table_.find(key);
  if (found == table_.end()) return line_;
  const auto line = found->first.source().begin.line;
  return line != 0 ? line : line_;
}

void TableReader::problem(std::string_view key, std::string text) {
  problems_->add(line(key), name(key), std::move(text));
}

const toml::node* TableReader::find(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
  return table_.get(key);
}

std::optional<std::string> TableReader::text_or_empty(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return std::nullopt;
  auto found = node->value_exact<std::string>();
  if (!found) problem(key, mistaken(*node, "a text in quotes"));
  return found;
}

std::optional<std::string> TableReader::text(std::string_view key) {
  auto found = text_or_empty(key);
  if (found && found->empty()) {
    problem(key, "is empty; leave the key out or give it a value");
    return std::nullopt;
  }
  return found;
}

std::optional<std::string> TableReader::required_text(std::string_view key, std::string_view what) {
  if (find(key) == nullptr) problem(key, fmt::format("is missing; it must be {}", what));
  return text(key);
}

std::optional<bool> TableReader::boolean(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto found = node->value_exact<bool>();
  if (!found) problem(key, mistaken(*node, "true, false"));
  return found;
}

std::optional<std::int64_t> TableReader::integer(std::string_view key, std::int64_t min,
                                                 std::int64_t max) {
  const toml::node* node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto allowed = fmt::format("a number from {} to {}", min, max);
  const auto found = node->value_exact<std::int64_t>();
  if (!found) {
    problem(key, mistaken(*node, allowed));
    return std::nullopt;
  }
  if (*found < min || *found > max) {
    problem(key, fmt::format("{} is out of range; allowed: {}", *found, allowed));
    return std::nullopt;
  }
  return found;
}

std::optional<Duration> TableReader::duration(std::string_view key, Duration min, Duration max) {
  const toml::node* node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto allowed = fmt::format("a duration such as \"500ms\", \"20s\", \"10m\", from {} to {}",
                                   print_duration(min), print_duration(max));
  const auto written = node->value_exact<std::string>();
  if (!written) {
    problem(key, mistaken(*node, allowed));
    return std::nullopt;
  }
  const auto found = parse_duration(*written);
  if (!found) {
    problem(key, fmt::format("\"{}\" is no duration; allowed: {}", *written, allowed));
    return std::nullopt;
  }
  if (*found < min || *found > max) {
    problem(key, fmt::format("\"{}\" is out of range; allowed: {}", *written, allowed));
    return std::nullopt;
  }
  return found;
}

std::vector<Located<std::string>> TableReader::texts(std::string_view key) {
  std::vector<Located<std::string>> found;
  const toml::node* node = find(key);
  if (node == nullptr) return found;
  const toml::array* list = node->as_array();
  if (list == nullptr) {
    problem(key, mistaken(*node, "a list of texts, [\"...\"]"));
    return found;
  }
  for (const toml::node& element : *list) {
    const auto value = element.value_exact<std::string>();
    const std::uint32_t at = element.source().begin.line;
    if (!value) {
      problems_->add(at, name(key), mistaken(element, "texts in quotes"));
    } else if (value->empty()) {
      problems_->add(at, name(key), "holds an empty text; leave it out");
    } else {
      found.push_back({*value, at});
    }
  }
  return found;
}

std::vector<std::string> TableReader::keys() const {
  std::vector<std::string> all;
  for (const auto& [key, value] : table_) all.emplace_back(key.str());
  return all;
}

TableReader TableReader::table(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return {no_table, name(key), line_, *problems_};
  const toml::table* found = node->as_table();
  if (found == nullptr) {
    problem(key, mistaken(*node, fmt::format("a table, [{}]", name(key))));
    return {no_table, name(key), line_, *problems_};
  }
  return {*found, name(key), line(key), *problems_};
}

std::vector<TableReader> TableReader::tables(std::string_view key) {
  std::vector<TableReader> found;
  const toml::node* node = find(key);
  if (node == nullptr) return found;
  const toml::array* list = node->as_array();
  if (list != nullptr && list->empty()) return found;
  if (list == nullptr || !list->is_homogeneous(toml::node_type::table)) {
    problem(key, mistaken(*node, fmt::format("tables, each headed [[{}]]", name(key))));
    return found;
  }
  for (const toml::node& element : *list) {
    found.emplace_back(*element.as_table(), name(key), element.source().begin.line, *problems_);
  }
  return found;
}

void TableReader::finish() {
  for (const auto& [key, value] : table_) {
    if (std::find(known_.begin(), known_.end(), key.str()) != known_.end()) continue;
    problem(key.str(), fmt::format("is unknown; allowed here: {}", fmt::join(known_, ", ")));
  }
}

bool can_be_written(std::filesystem::path path) {
  std::error_code error;
  path = std::filesystem::absolute(path, error);
  while (!std::filesystem::exists(path, error) && path.has_relative_path()) {
    path = path.parent_path();
  }
  return std::filesystem::is_directory(path, error) && ::access(path.c_str(), W_OK | X_OK) == 0;
}

}  // namespace cord::app
