// The driver's numbers for /metrics: levels, and the user agent's own counts carried over.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/metrics.hpp"
#include "drivers/sip/config.hpp"
#include "media/quality.hpp"
#include "sip/user_agent.hpp"

namespace cord::drivers {

class SipMetrics {
 public:
  SipMetrics(Metrics& metrics, const SipConfig& config);

  /// Brings everything up to date.
  void show(const sip::UserAgent& agent, std::size_t legs);
  /// Batches that wait for the engine.
  void show_waiting(std::size_t inputs) { inputs_used_.set(static_cast<std::int64_t>(inputs)); }

  /// Of one direction of a stream that has ended.
  void count_quality(media::SoundQuality quality);

  Counter& media_silences;    ///< orders the media plane did not answer in time
  Counter& streams_broken;    ///< TCP connections with unusable framing
  Counter& legs_without_rtp;  ///< ended by the RTP timeout
  Gauge& conference_legs;     ///< most in one so far, of its bound
  Gauge& coded_legs;          ///< that may send G.722 or Opus, of their bound
  Gauge& browser_legs;        ///< of their bound
  Gauge& offer_bytes;         ///< of the longest offer of a browser, of its bound
  Counter& offers_answered;   ///< of browsers
  Counter& offers_refused;    ///< likewise
  Counter& browsers_lost;     ///< whose audio was lost
  Counter& coders_refused;    ///< legs that got G.711 only, because there are too many others

 private:
  /// A counter that follows a count kept elsewhere.
  struct Followed {
    Counter& counter;
    std::uint64_t seen = 0;
    void follow(std::uint64_t count);
  };
  void show(const sip::Registrar& registrar);

  Gauge& legs_;
  Gauge& calls_;
  Gauge& transactions_;
  Followed strangers_, over_limit_, merged_, without_dialog_, refused_, without_ack_;
  Followed in_overload_, without_prack_, expired_, lost_, redirects_;
  Gauge& phones_;
  Gauge& phones_unreachable_;
  Gauge& trunks_unregistered_;
  Followed accepted_, challenged_, wrong_, throttled_, unregistrable_;
  Followed messages_, stray_, sent_again_, received_again_, overload_;
  // Of bounds.
  Gauge& legs_used_;
  Gauge& transactions_used_;
  Gauge& transactions_busy_;
  Gauge& inputs_used_;
  Gauge& contacts_used_;
  Gauge& nonces_used_;
  Gauge& addresses_used_;
  Gauge& early_dialogs_used_;
  std::vector<Counter*> by_quality_;  // By media::SoundQuality.
  std::vector<Followed> malformed_;   // By sip::MessageFault.
};

}  // namespace cord::drivers
