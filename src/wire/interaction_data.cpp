#include "wire/interaction_data.hpp"

#include "wire/json_text.hpp"

namespace cord::wire {

void append_interaction_data(std::string& out, const core::CallData& data) {
  out += '{';
  bool is_first = true;
  for (const auto& [key, value] : data) {
    if (!is_first) out += ',';
    is_first = false;
    append_quoted(out, key);
    out += ':';
    if (value.is_json) {
      out += value.text;
    } else {
      append_quoted(out, value.text);
    }
  }
  out += '}';
}

}  // namespace cord::wire
