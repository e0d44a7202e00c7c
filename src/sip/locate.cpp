#include "sip/locate.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "sip/message.hpp"

namespace cord::sip {
namespace {

struct ServiceName {
  Transport transport;
  std::string_view naptr;  // RFC 3263 §4.1
  std::string_view srv;    // RFC 3263 §4.2
};
constexpr std::array service_names{
    ServiceName{Transport::udp, "SIP+D2U", "_sip._udp."},
    ServiceName{Transport::tcp, "SIP+D2T", "_sip._tcp."},
    ServiceName{Transport::tls, "SIPS+D2T", "_sips._tcp."},
};

const ServiceName& service_of(Transport transport) {
  return *std::find_if(service_names.begin(), service_names.end(),
                       [&](const ServiceName& it) { return it.transport == transport; });
}

std::string srv_name(Transport transport, std::string_view host) {
  return std::string(service_of(transport).srv) + std::string(host);
}

bool is_same_name(std::string_view a, std::string_view b) {
  if (a.ends_with('.')) a.remove_suffix(1);
  if (b.ends_with('.')) b.remove_suffix(1);
  return equals_ignoring_case(a, b);
}

template <class Record>
void bound(std::vector<Record>& records) {
  if (records.size() > located_records_max) records.resize(located_records_max);
}

using SrvIterator = std::vector<SrvRecord>::iterator;

// RFC 2782, "Usage rules": one of the records after the other, each by chance in proportion to its
// weight; those without weight come first in the sum, so that they have a small chance.
void order_by_weight(SrvIterator begin, SrvIterator end, Prng& random) {
  std::stable_sort(begin, end,
                   [](const SrvRecord& a, const SrvRecord& b) { return a.weight < b.weight; });
  for (; begin != end; ++begin) {
    std::uint64_t sum = 0;
    for (auto it = begin; it != end; ++it) sum += it->weight;
    const std::uint64_t drawn = random.below(sum + 1);
    std::uint64_t so_far = begin->weight;
    auto chosen = begin;
    while (so_far < drawn) so_far += (++chosen)->weight;
    std::rotate(begin, chosen, chosen + 1);
  }
}

}  // namespace

Locator::Locator(ServerName name, std::vector<Transport> ours)
    : name_(std::move(name)), ours_(std::move(ours)) {
  if (name_.port != 0) {
    // A port says that there are no SRV records to ask for.
    services_.push_back({default_transport(), {}, {{0, 0, name_.port, name_.host}}});
    begin_addresses();
  } else if (name_.transport) {
    begin_services();
  } else {
    ask(DnsKind::naptr, name_.host);
  }
}

bool Locator::has_transport(Transport transport) const {
  return std::find(ours_.begin(), ours_.end(), transport) != ours_.end();
}

// RFC 3263 §4.1: UDP for a sip: URI that does not say more; but one that we have.
Transport Locator::default_transport() const {
  if (name_.transport) return *name_.transport;
  return ours_.empty() || has_transport(Transport::udp) ? Transport::udp : ours_.front();
}

void Locator::ask(DnsKind kind, std::string name) {
  asked_.push_back({kind, name});
  untold_.push_back({kind, std::move(name)});
}

std::vector<DnsQuestion> Locator::take_questions() {
  return std::exchange(untold_, {});
}

bool Locator::awaits(const DnsQuestion& question) const {
  return std::find(asked_.begin(), asked_.end(), question) != asked_.end();
}

void Locator::answer(const DnsQuestion& question, DnsRecords records) {
  const auto asked = std::find(asked_.begin(), asked_.end(), question);
  if (asked == asked_.end()) return;
  asked_.erase(asked);
  switch (question.kind) {
    case DnsKind::naptr:
      bound(records.naptr);
      naptr_ = std::move(records.naptr);
      break;
    case DnsKind::srv:
      bound(records.srv);
      for (Service& it : services_) {
        if (it.name == question.name) it.records = records.srv;
      }
      break;
    case DnsKind::address:
      bound(records.addresses);
      if (records.ttl > Duration{}) {
        ttl_ = ttl_ > Duration{} ? std::min(ttl_, records.ttl) : records.ttl;
      }
      addresses_.emplace_back(question.name, std::move(records.addresses));
      break;
  }
  if (asked_.empty()) finish_round();
}

void Locator::finish_round() {
  switch (round_) {
    case Round::naptr:
      return begin_services();
    case Round::srv:
      return begin_addresses();
    case Round::addresses:
      round_ = Round::done;
      return;
    case Round::done:
      return;
  }
}

// The SRV records to ask for: those NAPTR names, or those of every transport that is possible.
void Locator::begin_services() {
  round_ = Round::srv;
  std::stable_sort(naptr_.begin(), naptr_.end(), [](const NaptrRecord& a, const NaptrRecord& b) {
    return std::pair(a.order, a.preference) < std::pair(b.order, b.preference);
  });
  for (const NaptrRecord& record : naptr_) {
    if (!equals_ignoring_case(record.flags, "s")) continue;
    for (const ServiceName& known : service_names) {
      const bool fits = equals_ignoring_case(record.service, known.naptr);
      if (!fits || !has_transport(known.transport)) continue;
      services_.push_back({known.transport, record.replacement, {}});
    }
  }
  if (services_.empty()) {
    for (const Transport transport : name_.transport ? std::vector{*name_.transport} : ours_) {
      services_.push_back({transport, srv_name(transport, name_.host), {}});
    }
  }
  for (const Service& it : services_) ask(DnsKind::srv, it.name);
  if (asked_.empty()) finish_round();
}

void Locator::begin_addresses() {
  round_ = Round::addresses;
  const bool has_records = std::any_of(services_.begin(), services_.end(),
                                       [](const Service& it) { return !it.records.empty(); });
  if (!has_records) {
    const Transport transport = default_transport();
    services_ = {{transport, {}, {{0, 0, default_port(transport), name_.host}}}};
  }
  for (const Service& service : services_) {
    for (const SrvRecord& record : service.records) {
      // A target of "." means that the service is decidedly not there.
      if (record.target.empty() || record.target == ".") continue;
      const DnsQuestion question{DnsKind::address, record.target};
      const bool is_asked = std::find(asked_.begin(), asked_.end(), question) != asked_.end();
      if (!is_asked && asked_.size() < located_records_max) ask(DnsKind::address, record.target);
    }
  }
  if (asked_.empty()) finish_round();
}

std::vector<NextHop> Locator::next_hops(Prng& random) const {
  std::vector<NextHop> out;
  for (const Service& service : services_) add_hops(out, service, random);
  return out;
}

void Locator::add_hops(std::vector<NextHop>& out, const Service& service, Prng& random) const {
  std::vector<SrvRecord> records = service.records;
  std::stable_sort(records.begin(), records.end(),
                   [](const SrvRecord& a, const SrvRecord& b) { return a.priority < b.priority; });
  for (auto begin = records.begin(); begin != records.end();) {
    const auto end = std::find_if(
        begin, records.end(), [&](const SrvRecord& it) { return it.priority != begin->priority; });
    order_by_weight(begin, end, random);
    begin = end;
  }
  for (const SrvRecord& record : records) {
    for (const std::uint32_t address : addresses_of(record.target)) {
      const NextHop hop{service.transport, {address, record.port}};
      if (out.size() == located_hops_max) return;
      if (std::find(out.begin(), out.end(), hop) == out.end()) out.push_back(hop);
    }
  }
}

std::vector<std::uint32_t> Locator::addresses_of(std::string_view name) const {
  const auto known = std::find_if(addresses_.begin(), addresses_.end(),
                                  [&](const auto& it) { return is_same_name(it.first, name); });
  return known == addresses_.end() ? std::vector<std::uint32_t>{} : known->second;
}

}  // namespace cord::sip
