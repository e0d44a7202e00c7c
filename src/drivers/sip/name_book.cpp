#include "drivers/sip/name_book.hpp"

#include <algorithm>
#include <utility>

namespace cord::drivers {
namespace {

std::string text(const sip::ServerName& name) {
  return name.port == 0 ? name.host : name.host + ':' + std::to_string(name.port);
}

Duration refresh_after(const sip::Locator& found) {
  if (found.ttl() == Duration{}) return name_refresh;
  return std::clamp(found.ttl(), name_refresh_min, name_refresh_max);
}

}  // namespace

NameBook::NameBook(std::vector<sip::Transport> ours, DnsPort* dns, Log& log, Metrics& metrics,
                   std::uint64_t seed)
    : ours_(std::move(ours)),
      dns_(dns),
      log_(log),
      unknown_(metrics.gauge("cord_sip_names_unknown",
                             "Configured server names of which no address is known")),
      failed_(metrics.counter("cord_sip_name_lookups_failed_total",
                              "Look-ups of server names that gave no address")),
      random_(seed) {}

NameIndex NameBook::add(const sip::ServerName& name) {
  const auto same = std::find_if(entries_.begin(), entries_.end(),
                                 [&](const Entry& it) { return it.name == name; });
  const auto index = static_cast<NameIndex>(same - entries_.begin());
  if (same == entries_.end()) entries_.push_back({.name = name});
  show();
  return index;
}

void NameBook::on_timer(Instant now) {
  for (Entry& entry : entries_) {
    if (now < entry.due) continue;
    if (entry.asking) {
      fail(entry, now);
    } else {
      look_up(entry, now);
    }
  }
}

std::optional<Instant> NameBook::next_due() const {
  const auto first = std::min_element(entries_.begin(), entries_.end(),
                                      [](const Entry& a, const Entry& b) { return a.due < b.due; });
  return first == entries_.end() ? std::nullopt : std::optional(first->due);
}

void NameBook::look_up(Entry& entry, Instant now) {
  entry.asking.emplace(entry.name, ours_);
  entry.due = now + name_answer_max;
  ask(entry, now);
}

void NameBook::ask(Entry& entry, Instant now) {
  for (DnsQuestion& question : entry.asking->take_questions()) {
    if (dns_ == nullptr || !dns_->ask(std::move(question))) return fail(entry, now);
  }
}

bool NameBook::take(const DnsAnswered& answer, Instant now) {
  bool has_changed = false;
  for (Entry& entry : entries_) {
    if (!entry.asking || !entry.asking->awaits(answer.question)) continue;
    // A server that cannot answer for NAPTR may well have the rest.
    if (!answer.records && answer.question.kind != DnsKind::naptr) {
      fail(entry, now);
      continue;
    }
    entry.asking->answer(answer.question, answer.records.value_or(DnsRecords{}));
    ask(entry, now);
    if (!entry.asking || !entry.asking->is_done()) continue;
    has_changed = finish(entry, now) || has_changed;
  }
  return has_changed;
}

bool NameBook::finish(Entry& entry, Instant now) {
  auto hops = entry.asking->next_hops(random_);
  if (hops.empty()) {
    fail(entry, now);
    return false;
  }
  if (!entry.found || entry.has_failed) {
    log_.info("sip.name_found", {{"name", text(entry.name)},
                                 {"addresses", hops.size()},
                                 {"first", sip::print(hops.front().endpoint)}});
  }
  entry.hops = std::move(hops);
  entry.found = std::exchange(entry.asking, std::nullopt);
  entry.has_failed = false;
  entry.due = now + refresh_after(*entry.found);
  show();
  return true;
}

// What was known stays: a server that was there is more likely there than not.
void NameBook::fail(Entry& entry, Instant now) {
  entry.asking.reset();
  entry.due = now + (entry.found ? name_refresh : name_retry);
  failed_.add();
  if (std::exchange(entry.has_failed, true)) return;
  log_.warn("sip.name_not_found",
            {{"name", text(entry.name)}, {"goes_on_with_last", entry.found.has_value()}});
}

void NameBook::show() {
  unknown_.set(std::count_if(entries_.begin(), entries_.end(),
                             [](const Entry& entry) { return !entry.found; }));
}

std::vector<sip::NextHop> NameBook::next_hops(NameIndex name) {
  const Entry& entry = entries_.at(name);
  return entry.found ? entry.found->next_hops(random_) : std::vector<sip::NextHop>{};
}

}  // namespace cord::drivers
