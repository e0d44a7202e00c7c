#include "drivers/sip/sip_metrics.hpp"

#include <array>

namespace cord::drivers {
namespace {

constexpr std::string_view refusals = "cord_sip_requests_refused_total";
constexpr std::string_view refusals_help = "SIP requests answered with 4xx or 5xx, by reason";
constexpr std::string_view messages = "cord_sip_messages_total";
constexpr std::string_view messages_help = "SIP messages, by what became of them";
constexpr std::string_view ghosts = "cord_sip_calls_lost_total";
constexpr std::string_view ghosts_help = "Calls ended because the far end was gone, by sign";
constexpr std::string_view faults = "cord_sip_messages_malformed_total";
constexpr std::string_view faults_help = "SIP messages that could not be read, by what is wrong";
constexpr std::string_view registers = "cord_sip_registrations_total";
constexpr std::string_view registers_help = "REGISTER requests, by what became of them";
constexpr std::string_view sounds = "cord_sip_streams_by_quality_total";
constexpr std::string_view sounds_help = "Directions of ended streams, by estimated quality";
// By media::SoundQuality.
constexpr std::array<std::string_view, 4> quality_names{"good", "fair", "poor", "bad"};
// By sip::MessageFault.
constexpr std::array<std::string_view, sip::message_fault_count> fault_names{
    "incomplete",    "too_large",      "version",     "start_line",
    "missing_field", "repeated_field", "field_value", "content_length"};

}  // namespace

SipMetrics::SipMetrics(Metrics& metrics, const SipConfig& config)
    : media_silences(metrics.counter("cord_sip_media_silences_total",
                                     "Orders the media plane did not answer in time")),
      streams_broken(metrics.counter("cord_sip_streams_broken_total",
                                     "TCP connections closed because of their framing")),
      legs_without_rtp(
          metrics.counter("cord_sip_legs_without_rtp_total", "Legs ended because no RTP came")),
      conference_legs(metrics.bound("sip.conference_legs_max", config.conference_legs_max)),
      coded_legs(metrics.bound("sip.coded_legs_max", config.coded_legs_max)),
      browser_legs(metrics.bound("sip.browser_legs_max", config.browser_legs_max)),
      offer_bytes(metrics.bound("sip.offer_bytes_max", config.offer_bytes_max)),
      offers_answered(metrics.counter("cord_sip_browser_offers_total",
                                      "Offers of agents' browsers, by outcome", "answered")),
      offers_refused(metrics.counter("cord_sip_browser_offers_total",
                                     "Offers of agents' browsers, by outcome", "refused")),
      browsers_lost(metrics.counter("cord_sip_browsers_lost_total",
                                    "Browsers from which nothing came any more")),
      coders_refused(metrics.counter("cord_sip_coders_refused_total",
                                     "Legs that could not have G.722 or Opus: coded_legs_max")),
      legs_(metrics.gauge("cord_sip_legs", "Living legs")),
      calls_(metrics.gauge("cord_sip_calls", "Calls in memory, ended ones included")),
      transactions_(metrics.gauge("cord_sip_transactions", "Living SIP transactions")),
      strangers_{metrics.counter(refusals, refusals_help, "stranger")},
      over_limit_{metrics.counter(refusals, refusals_help, "calls_max")},
      merged_{metrics.counter(refusals, refusals_help, "merged")},
      without_dialog_{metrics.counter(refusals, refusals_help, "no_dialog")},
      refused_{metrics.counter("cord_sip_refusals_total", "All SIP requests we refused")},
      without_ack_{metrics.counter("cord_sip_calls_without_ack_total",
                                   "Calls ended because our 200 got no ACK")},
      in_overload_{metrics.counter(refusals, refusals_help, "overload")},
      without_prack_{metrics.counter("cord_sip_calls_without_prack_total",
                                     "Calls refused because our 183 got no PRACK")},
      expired_{metrics.counter(ghosts, ghosts_help, "session_expired")},
      lost_{metrics.counter(ghosts, ghosts_help, "not_known")},
      redirects_{metrics.counter("cord_sip_redirects_total", "INVITEs sent after a 3xx")},
      phones_(metrics.gauge("cord_sip_phones", "Contacts that phones have registered")),
      phones_unreachable_(
          metrics.gauge("cord_sip_phones_unreachable", "Those of them that do not answer")),
      trunks_unregistered_(metrics.gauge("cord_sip_trunks_unregistered",
                                         "Trunks that should be registered and are not")),
      accepted_{metrics.counter(registers, registers_help, "accepted")},
      challenged_{metrics.counter(registers, registers_help, "challenged")},
      wrong_{metrics.counter(registers, registers_help, "wrong")},
      throttled_{metrics.counter(registers, registers_help, "throttled")},
      unregistrable_{metrics.counter(registers, registers_help, "refused")},
      messages_{metrics.counter(messages, messages_help, "received")},
      stray_{metrics.counter(messages, messages_help, "stray")},
      sent_again_{metrics.counter(messages, messages_help, "sent_again")},
      received_again_{metrics.counter(messages, messages_help, "received_again")},
      overload_{metrics.counter(refusals, refusals_help, "transactions_max")},
      legs_used_(metrics.bound("sip.legs_max", config.legs_max)),
      transactions_used_(metrics.bound("sip.transactions_max", config.transactions_max)),
      transactions_busy_(metrics.bound("sip.transactions_busy_max", transactions_busy(config))),
      inputs_used_(metrics.bound("sip.inputs_busy_max", config.inputs_busy_max)),
      contacts_used_(metrics.bound("sip.contacts_max", config.registrar.contacts_max)),
      nonces_used_(metrics.bound("sip.nonces_max", config.registrar.nonces.nonces_max)),
      addresses_used_(metrics.bound("sip.addresses_max", config.registrar.addresses.addresses_max)),
      early_dialogs_used_(
          metrics.bound("sip.early_dialogs_max", sip::UserAgentConfig{}.early_dialogs_max)) {
  for (const std::string_view name : quality_names) {
    by_quality_.push_back(&metrics.counter(sounds, sounds_help, name));
  }
  malformed_.reserve(fault_names.size());
  for (const std::string_view name : fault_names) {
    malformed_.push_back({metrics.counter(faults, faults_help, name)});
  }
}

void SipMetrics::Followed::follow(std::uint64_t count) {
  if (count == seen) return;
  counter.add(count - seen);
  seen = count;
}

void SipMetrics::count_quality(media::SoundQuality quality) {
  by_quality_[static_cast<std::size_t>(quality)]->add();
}

void SipMetrics::show(const sip::UserAgent& agent, std::size_t legs) {
  legs_.set(static_cast<std::int64_t>(legs));
  calls_.set(static_cast<std::int64_t>(agent.held_calls()));
  transactions_.set(static_cast<std::int64_t>(agent.transactions().live_transactions()));
  legs_used_.set(static_cast<std::int64_t>(agent.live_calls()));
  transactions_used_.set(static_cast<std::int64_t>(agent.transactions().live_transactions()));
  transactions_busy_.set(static_cast<std::int64_t>(agent.transactions().live_transactions()));
  const sip::UserAgentCounters& calls = agent.counters();
  early_dialogs_used_.set(static_cast<std::int64_t>(calls.early_dialogs_most));
  strangers_.follow(calls.requests_from_strangers);
  over_limit_.follow(calls.calls_over_limit);
  merged_.follow(calls.requests_merged);
  without_dialog_.follow(calls.requests_without_dialog);
  refused_.follow(calls.requests_refused);
  without_ack_.follow(calls.calls_without_ack);
  in_overload_.follow(calls.calls_in_overload);
  without_prack_.follow(calls.calls_without_prack);
  expired_.follow(calls.sessions_expired);
  lost_.follow(calls.dialogs_lost);
  redirects_.follow(calls.redirects_followed);
  const sip::TransactionCounters& transactions = agent.transactions().counters();
  messages_.follow(transactions.messages_received);
  for (std::size_t i = 0; i < malformed_.size(); ++i) {
    malformed_[i].follow(transactions.messages_refused[i]);
  }
  stray_.follow(transactions.messages_stray);
  sent_again_.follow(transactions.retransmissions_sent);
  received_again_.follow(transactions.retransmissions_received);
  overload_.follow(transactions.requests_over_limit);
  trunks_unregistered_.set(static_cast<std::int64_t>(agent.unregistered()));
  if (agent.registrar() != nullptr) show(*agent.registrar());
}

void SipMetrics::show(const sip::Registrar& registrar) {
  phones_.set(static_cast<std::int64_t>(registrar.bindings()));
  phones_unreachable_.set(static_cast<std::int64_t>(registrar.unreachable()));
  contacts_used_.set(static_cast<std::int64_t>(registrar.contacts_most()));
  nonces_used_.set(static_cast<std::int64_t>(registrar.nonces()));
  addresses_used_.set(static_cast<std::int64_t>(registrar.addresses()));
  const sip::RegistrarCounters& counts = registrar.counters();
  accepted_.follow(counts.accepted);
  challenged_.follow(counts.challenged);
  wrong_.follow(counts.wrong);
  throttled_.follow(counts.throttled);
  unregistrable_.follow(counts.refused);
}

}  // namespace cord::drivers
