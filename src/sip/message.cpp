#include "sip/message.hpp"

#include <algorithm>
#include <utility>

#include "sip/codec/scanner.hpp"

namespace cord::sip {
namespace {

auto named(std::string_view name) {
  return [name](const Header& row) { return equals_ignoring_case(row.name, name); };
}

}  // namespace

const std::string* Message::find(std::string_view name) const {
  const auto row = std::find_if(headers.begin(), headers.end(), named(name));
  return row == headers.end() ? nullptr : &row->value;
}

std::string_view Message::value(std::string_view name) const {
  const std::string* found = find(name);
  return found == nullptr ? std::string_view() : std::string_view(*found);
}

std::vector<std::string_view> Message::list(std::string_view name) const {
  std::vector<std::string_view> all;
  for (const Header& row : headers) {
    if (!equals_ignoring_case(row.name, name)) continue;
    const auto elements = split_list(row.value);
    if (elements) all.insert(all.end(), elements->begin(), elements->end());
  }
  return all;
}

bool Message::lists(std::string_view name, std::string_view token) const {
  const auto elements = list(name);
  return std::any_of(elements.begin(), elements.end(),
                     [&](std::string_view e) { return equals_ignoring_case(e, token); });
}

void Message::add(std::string_view name, std::string value) {
  headers.push_back({std::string(canonical_header_name(name)), std::move(value)});
}

void Message::add_first(std::string_view name, std::string value) {
  headers.insert(headers.begin(), {std::string(canonical_header_name(name)), std::move(value)});
}

void Message::set(std::string_view name, std::string value) {
  const auto first = std::find_if(headers.begin(), headers.end(), named(name));
  if (first == headers.end()) return add(name, std::move(value));
  first->value = std::move(value);
  headers.erase(std::remove_if(first + 1, headers.end(), named(name)), headers.end());
}

void Message::remove(std::string_view name) {
  std::erase_if(headers, named(name));
}

Via Message::top_via() const {
  const auto elements = split_list(value(header::via));
  if (!elements) return {};
  return parse_via(elements->front()).value_or(Via{});
}

void Message::set_top_via(const Via& via) {
  const auto row = std::find_if(headers.begin(), headers.end(), named(header::via));
  if (row == headers.end()) return add_first(header::via, print(via));
  const auto elements = split_list(row->value);
  std::string text = print(via);
  if (elements && elements->size() > 1) {
    text += ", ";
    text += row->value.substr(static_cast<std::size_t>((*elements)[1].data() - row->value.data()));
  }
  row->value = std::move(text);
}

NameAddr Message::from() const {
  return parse_name_addr(value(header::from)).value_or(NameAddr{});
}

NameAddr Message::to() const {
  return parse_name_addr(value(header::to)).value_or(NameAddr{});
}

std::string Message::from_tag() const {
  return std::string(from().tag());
}

std::string Message::to_tag() const {
  return std::string(to().tag());
}

CSeq Message::cseq() const {
  return parse_cseq(value(header::cseq)).value_or(CSeq{});
}

std::optional<std::uint32_t> Message::max_forwards() const {
  const auto number = parse_number(value(header::max_forwards), UINT8_MAX);
  return number ? std::optional(*number) : std::nullopt;
}

std::optional<std::uint32_t> Message::expires_s() const {
  const auto number = parse_number(value(header::expires), UINT32_MAX);
  return number ? std::optional(*number) : std::nullopt;
}

std::string Message::content_type() const {
  return parse_content_type(value(header::content_type)).value_or(std::string());
}

Result<Contacts> Message::contacts() const {
  const auto row = std::find_if(headers.begin(), headers.end(), named(header::contact));
  if (row != headers.end() && row->value == "*") {
    if (std::any_of(row + 1, headers.end(), named(header::contact))) {
      return refuse(Errc::malformed, "sip.contact", "* among others");
    }
    return Contacts{true, {}};
  }
  auto items = addresses(header::contact);
  if (!items) return tl::make_unexpected(items.error());
  return Contacts{false, std::move(*items)};
}

Result<std::vector<NameAddr>> Message::addresses(std::string_view name) const {
  std::vector<NameAddr> all;
  for (const Header& row : headers) {
    if (!equals_ignoring_case(row.name, name)) continue;
    const auto elements = split_list(row.value);
    if (!elements) return tl::make_unexpected(elements.error());
    for (const std::string_view element : *elements) {
      auto address = parse_name_addr(element);
      if (!address) return tl::make_unexpected(address.error());
      all.push_back(std::move(*address));
    }
  }
  return all;
}

std::string print(const Message& message) {
  std::string out;
  out.reserve(512 + message.body.size());
  if (message.is_request()) {
    out += message.method;
    out += ' ';
    print_to(out, message.uri);
    out += " SIP/2.0\r\n";
  } else {
    out += "SIP/2.0 ";
    out += std::to_string(message.status);
    out += ' ';
    out += message.reason;
    out += "\r\n";
  }
  for (const Header& row : message.headers) {
    out += row.name;
    out += ": ";
    out += row.value;
    out += "\r\n";
  }
  out += "Content-Length: ";
  out += std::to_string(message.body.size());
  out += "\r\n\r\n";
  out += message.body;
  return out;
}

}  // namespace cord::sip
