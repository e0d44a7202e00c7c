#include "runtime/outbox.hpp"

#include <iterator>
#include <utility>

#include "base/assert.hpp"

namespace cord::runtime {
namespace {

template <class T>
void move_to_end(std::vector<T>& to, std::vector<T>& from) {
  if (to.empty()) {
    to = std::move(from);
  } else {
    std::move(from.begin(), from.end(), std::back_inserter(to));
  }
}

}  // namespace

void Outbox::push(Outputs&& outputs) {
  if (outputs.messages.empty() && outputs.effects.empty()) return;
  CORD_ASSERT(held_.empty() || held_.back().sequence <= outputs.sequence);
  message_count_ += outputs.messages.size();
  held_.push_back(std::move(outputs));
}

void Outbox::release(std::uint64_t committed, std::vector<ToClient>& messages,
                     std::vector<core::Effect>& effects) {
  while (!held_.empty() && held_.front().sequence <= committed) {
    Outputs& first = held_.front();
    message_count_ -= first.messages.size();
    move_to_end(messages, first.messages);
    move_to_end(effects, first.effects);
    held_.pop_front();
  }
}

}  // namespace cord::runtime
