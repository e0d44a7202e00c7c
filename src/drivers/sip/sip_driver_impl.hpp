// The inside of the SIP driver, for its sources only.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "drivers/sip/leg.hpp"
#include "drivers/sip/media_desk.hpp"
#include "drivers/sip/name_book.hpp"
#include "drivers/sip/sip_driver.hpp"
#include "drivers/sip/sip_metrics.hpp"
#include "drivers/sip/trunks.hpp"
#include "sip/stream_framer.hpp"

namespace cord::drivers {

/// Why an order failed that the media plane had no room for.
inline constexpr const char* overloaded = "the media plane is overloaded";
inline constexpr const char* no_coder = "too many legs with G.722 or Opus (coded_legs_max)";

/// The transports we have, the preferred one first.
[[nodiscard]] std::vector<sip::Transport> transports_of(
    const std::vector<sip::Listener>& listeners);

/// Where a trunk registers.
struct RegistrarPlace {
  const Trunk* trunk = nullptr;
  Peer at;
  std::optional<NameIndex> name;  ///< none: it has an address
};

class SipDriver::Impl {
 public:
  Impl(SipConfig config, std::vector<sip::Listener> listeners, SipSurroundings surroundings,
       sip::IdSecret secret, Instant now);

  void execute(const core::Effect& order, Instant now);
  void on_timer(Instant now);
  [[nodiscard]] std::optional<Instant> next_due() const;
  void drain(Instant now);
  [[nodiscard]] bool is_quiet() const { return legs_.empty() && agent_.byes() == 0; }
  void on_input(const SipInput& input, Instant now);
  void on_media(const media::Report& report, Instant now);

  [[nodiscard]] std::size_t legs() const { return legs_.size(); }
  [[nodiscard]] std::size_t operations() const { return operations_.size(); }
  [[nodiscard]] std::size_t held_calls() const { return agent_.held_calls(); }

 private:
  // sip_driver.cpp: sockets and legs' beginnings and ends.
  void read(const DatagramsArrived& it, Instant now);
  void read(const StreamBytes& it, Instant now);
  void read(const StreamClosed& it, Instant now);
  void break_stream(const sip::Flow& flow, std::string_view why);
  void settle(Instant now);
  Leg* find(core::LegId id);
  Leg* find_up(core::LegId id);
  Leg* find_by_call(sip::CallHandle call);
  Leg* find_by_stream(media::StreamId stream);
  Leg& add_leg(core::LegId id, bool is_inbound);
  void originate(Leg& leg, core::OriginateLeg plan, Instant now);
  void hang_up(Leg& leg, core::Cause cause, std::string detail, Instant now);
  void end_leg(Leg& leg, core::Cause cause, std::string detail, Instant now);
  void take_orphans(Leg& leg);
  void report_released(Leg& leg, const std::optional<core::LegQuality>& quality = std::nullopt);
  void report(core::Report report) { outside_.report(std::move(report)); }

  // driver_calls.cpp: what the user agent says.
  void take(sip::SendBytes& it, Instant now);
  void take(const sip::CallOffered& it, Instant now);
  void replace_call(Leg& leg, const sip::CallOffered& it, Instant now);
  void take(const sip::CallRinging& it, Instant now);
  void take(const sip::CallAnswered& it, Instant now);
  void take(const sip::MediaAgreed& it, Instant now);
  void take(const sip::KeyPressed& it, Instant now);
  void take(const sip::ReinviteEnded& it, Instant now);
  void take(const sip::CallEnded& it, Instant now);
  void serve_caller(Leg& leg, Instant now);
  void answer_caller(Leg& leg, Instant now);
  void tell_hold(Leg& leg);

  // driver_transfers.cpp: the transfer keys of agents' phones.
  void take(const sip::TransferAsked& it, Instant now);
  void run(const core::AcceptTransfer& it, Instant now);
  void run(const core::EndTransfer& it, Instant now);

  // driver_names.cpp: where trunks are.
  void begin_names();
  void tell_servers();
  void read(const DnsAnswered& it, Instant now);

  // driver_targets.cpp: where a leg is called, one target after the other, and who has registered.
  void take(const sip::PhoneChanged& it, Instant now);
  void take(const sip::RegistrationChanged& it, Instant now);
  void place_call(Leg& leg, Instant now);
  void call_next(Leg& leg, Instant now);
  [[nodiscard]] bool call_another(Leg& leg, const sip::CallEnded& it, Instant now);
  [[nodiscard]] Result<void> find_targets(Leg& leg, Instant now);
  [[nodiscard]] bool finds_contacts(Leg& leg, std::string_view user);
  [[nodiscard]] sip::OutgoingCall outgoing_call(const Leg& leg, const Target& target,
                                                Instant now) const;

  // driver_media.cpp: what the core wants done to media, and what the plane says.
  void take(const media::Done& it, Instant now);
  void take(const media::StreamOpened& it, Instant now);
  void take(const media::StreamFailed& it, Instant now);
  void take(const media::StreamClosed& it, Instant now);
  void take(const media::StreamTimedOut& it, Instant now);
  void take(const media::DtmfReceived& it, Instant now);
  void take(const media::RecorderStarted& it, Instant now);
  void take(const media::RecorderFailed& it, Instant now);
  void expire(const AwaitedReply& reply, Instant now);
  void open_stream(Leg& leg, Instant now);
  void close_stream(Leg& leg, std::uint32_t tries, Instant now);
  void configure(Leg& leg, Instant now);
  void set_source(Leg& leg, media::Source source, Instant now);
  OperationId add_operation(core::LegOrderFailed::Order order, core::LegId customer,
                            core::LegId agent, core::CallId mix = {});
  template <class Order>
  void ask_for(OperationId id, Order order, Instant now, Duration takes = {});
  void advance_operation(OperationId id);
  void fail_operation(OperationId id, std::string detail);
  void report_failed(const Operation& operation, std::string detail);
  void fail_order(core::LegOrderFailed::Order order, core::LegId leg, std::string detail);
  void control_recorder(core::RecordingId recording, AwaitedReply::Kind kind, const std::string& by,
                        Instant now);
  void recorder_answered(const AwaitedReply& reply);
  void mute(core::LegId leg, bool muted, Instant now);

  // driver_waiting.cpp: what callers hear who wait.
  [[nodiscard]] const QueueSounds* sounds_of(const std::string& queue) const;
  [[nodiscard]] bool say_farewell(Leg& leg, const core::ReleaseLeg& order, Instant now);
  void end_farewells(Instant now);

  // driver_codecs.cpp: what legs speak.
  [[nodiscard]] bool speaks(const Trunk& trunk, const sip::CallOffered& it) const;
  [[nodiscard]] bool take_coder(Leg& leg);
  void release_coder(Leg& leg);
  [[nodiscard]] bool limit_codecs(Leg& leg);
  [[nodiscard]] bool answer_codecs(Leg& leg, const sip::CallOffered& it);
  void prefer_codec(Leg& leg, const Leg& other);
  void note_codecs(Leg& leg, Instant now);

  // driver_browsers.cpp: agents whose browser is the phone.
  void run(const core::AnswerOffer& it, Instant now);
  [[nodiscard]] Leg* add_browser(const core::AnswerOffer& it);
  void answer_offer(Leg& leg, Instant now);
  [[nodiscard]] bool take_offered_codecs(Leg& leg, const sip::SessionDescription& offer);
  void agree(Leg& leg, sip::Answer answer, const PendingOffer& asked, Instant now);
  void refuse_offer(Leg& leg, core::Cause cause, std::string detail);
  void forget_browser(Leg& leg);
  void browser_is_there(Leg& leg, Instant now);
  void browser_is_lost(Leg& leg, std::string_view why);
  void take(const media::StreamHeard& it, Instant now);
  void take(const media::StreamProtected& it, Instant now);

  // driver_security.cpp: who is protected, and how.
  [[nodiscard]] const Phone& phone_at(const std::string& uri) const;
  [[nodiscard]] bool refuses(const sip::CallOffered& it, sip::SrtpPolicy policy) const;
  void give_keys(Leg& leg) const;
  [[nodiscard]] bool protect(Leg& leg);
  void take(const media::ProtectionFailed& it, Instant now);

  // driver_bridges.cpp: who is connected with whom.
  [[nodiscard]] bool is_living(core::LegId id);
  [[nodiscard]] std::vector<core::LegId> members_of(ConferenceId conference) const;
  [[nodiscard]] std::vector<core::LegId> partners_of(const Leg& leg);
  [[nodiscard]] std::vector<core::LegId> voices_on(const Leg& leg);
  [[nodiscard]] std::vector<core::LegId> voices_for(const Leg& leg);
  [[nodiscard]] media::Source background_of(const Leg& leg);
  [[nodiscard]] media::SetSource heard_by(const Leg& leg);
  [[nodiscard]] std::vector<core::LegId> circle_of(const Leg& leg);
  void add_circles(std::vector<core::LegId>& concerned);
  void tell_source(Leg& leg, Instant now);
  void tie(Leg& leg, Connection with);
  void connect(Leg& leg, core::LegId peer);
  void take_seat(Leg& leg, ConferenceId seat);
  void give_up(ConferenceId seat);
  void leave(Leg& leg, Instant now);
  std::vector<core::LegId> begin_change(OperationId id, const std::vector<core::LegId>& legs);
  void refresh(std::vector<core::LegId> concerned, OperationId id, Instant now);
  void join(Leg& customer, Leg& agent, OperationId id, Instant now);
  void undo(const Operation& failed);

  // driver_conferences.cpp: more than two.
  [[nodiscard]] std::vector<ConferenceId> conferences_of(core::CallId call) const;
  [[nodiscard]] std::vector<core::LegId> gather(const std::vector<core::LegId>& talking,
                                                const std::vector<ConferenceId>& old);
  void return_to_conference(const core::RetrieveLeg& it, Instant now);
  [[nodiscard]] std::vector<media::RecordedParty> others_of(const Leg& agent, core::CallId mix);
  void tell_recorders(const std::vector<ConferenceId>& conferences);
  [[nodiscard]] bool move_recorder(const core::MoveRecording& it);

  // driver_orders.cpp, driver_waiting.cpp, driver_bridges.cpp, driver_conferences.cpp: what the
  // core says.
  void run(const core::AcceptLeg& it, Instant now);
  void run(const core::OriginateLeg& it, Instant now);
  void run(const core::DialLeg& it, Instant now);
  void run(const core::PlayRinging& it, Instant now);
  void run(const core::StopRinging& it, Instant now);
  void run(const core::ReleaseLeg& it, Instant now);
  void run(const core::BridgeLegs& it, Instant now);
  void run(const core::ParkLeg& it, Instant now);
  void run(const core::HoldLeg& it, Instant now);
  void run(const core::RetrieveLeg& it, Instant now);
  void run(const core::MuteLeg& it, Instant now);
  void run(const core::UnmuteLeg& it, Instant now);
  void run(const core::MixLegs& it, Instant now);
  void run(const core::LeaveMix& it, Instant now);
  void run(const core::MonitorLeg& it, Instant now);
  void run(const core::SendDigits& it, Instant now);
  void run(const core::StartRecording& it, Instant now);
  void run(const core::MoveRecording& it, Instant now);
  void run(const core::PauseRecording& it, Instant now);
  void run(const core::ResumeRecording& it, Instant now);
  void run(const core::StopRecording& it, Instant now);

  const SipConfig config_;
  const std::vector<sip::Listener> listeners_;
  SipSurroundings outside_;
  sip::IdSource ids_;
  sip::UserAgent agent_;
  MediaDesk desk_;
  SipMetrics metrics_;
  NameBook names_;
  Trunks trunks_;
  std::vector<RegistrarPlace> registrars_;
  std::unordered_map<core::LegId, Leg> legs_;
  std::size_t coded_legs_ = 0;    ///< those with Leg::has_coder
  std::size_t browser_legs_ = 0;  ///< those with Leg::browser
  std::unordered_map<sip::CallHandle, core::LegId> by_call_;
  std::unordered_map<media::StreamId, core::LegId> by_stream_;
  std::map<OperationId, Operation> operations_;
  std::map<ConferenceId, std::vector<core::LegId>> conferences_;  ///< who has a seat
  struct RecordedSeat {
    core::LegId agent;
    core::CallId mix;
  };
  std::unordered_map<core::RecordingId, RecordedSeat> conference_recordings_;
  std::multimap<Instant, core::LegId> farewells_;  ///< when it is over, of legs that may have gone
  /// By connection; none: broken, and being closed.
  std::unordered_map<std::uint64_t, std::optional<sip::StreamFramer>> framers_;
  std::deque<sip::UserAgentOutput> outputs_;
  std::deque<core::LegId> released_;  ///< the last ones, so that none is reported twice
  std::unordered_set<core::LegId> released_set_;
  std::uint64_t last_inbound_ = 0, last_stream_ = 0, last_operation_ = 0, last_conference_ = 0;
};

}  // namespace cord::drivers
