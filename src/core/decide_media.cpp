// The browser of an agent as the phone: channel.request.media, and whether its audio is there
// (docs/protocol.md, 6.2 "Audio in the browser"). Offers and answers only pass through here.
#include <algorithm>

#include "core/steps.hpp"

namespace cord::core {

namespace {

constexpr std::string_view where_media = "channel.media";

void settle(Draft& draft, const Channel& channel, Result<Success> outcome) {
  const MediaRequest& asked = *channel.media_request;
  draft.reply(asked.request, asked.connection, std::move(outcome));
  draft.emit(MediaSettled{channel.id});
}

bool asks_too_often(const Draft& draft, const Channel& channel) {
  const Limits& limits = draft.limits();
  const auto late =
      std::count_if(channel.media_offers.begin(), channel.media_offers.end(),
                    [&](Instant it) { return it + limits.media_offers_window > draft.now(); });
  return static_cast<std::size_t>(late) >= limits.media_offers_max;
}

LegId leg_for(Draft& draft, const Channel& channel) {
  if (channel.leg) return channel.leg;
  if (channel.media_request) return channel.media_request->leg;
  return draft.next(&LastIds::leg);
}

// The channel whose request a report is about; null: nobody waits for it any more.
const Channel* find_asking(const State& state, ChannelId id, RequestId request) {
  const Channel* channel = state.find(id);
  const bool is_asking =
      channel != nullptr && channel->media_request && channel->media_request->request == request;
  return is_asking ? channel : nullptr;
}

bool is_wanted(const State& state, ChannelId id, LegId leg) {
  const Channel* channel = state.find(id);
  if (channel == nullptr) return false;
  return channel->leg == leg || (channel->media_request && channel->media_request->leg == leg);
}

Errc code_of(Cause cause) {
  if (cause == Cause::rejected) return Errc::invalid_request;
  return cause == Cause::busy ? Errc::not_accepting : Errc::cti_error;
}

// The channel with the browser on `leg`, or null.
const Channel* find_browser(const State& state, LegId id) {
  const Leg* leg = state.find(id);
  const Channel* channel = leg == nullptr ? nullptr : state.find(leg->channel);
  if (channel == nullptr || !has_browser(state.directory(), *channel)) return nullptr;
  return channel->leg == id ? channel : nullptr;
}

}  // namespace

bool has_browser(const Directory& directory, const Channel& channel) {
  return channel.type == MediaType::telephony &&
         directory.agents[channel.agent].phone_mode == PhoneMode::browser;
}

Result<void> check_media(const Draft& draft, const Channel& channel, std::string_view where) {
  if (!has_browser(draft.directory(), channel)) return {};
  const Leg* leg = draft.state().find(channel.leg);
  if (leg == nullptr) {
    return refuse(Errc::endpoint_unreachable, where,
                  "The browser has no audio connection: channel.request.media comes first.");
  }
  if (!leg->is_answered || !channel.media_wait.runs()) return {};
  return refuse(
      Errc::endpoint_unreachable, where,
      "The audio connection of the browser is lost: channel.request.media makes it anew.");
}

Result<void> carry_out(Draft& draft, const Asked& asked, const RequestMedia& command) {
  const Channel& channel = draft.state().at(asked.path.channel);
  if (!has_browser(draft.directory(), channel)) {
    return refuse(Errc::unsupported, where_media,
                  "The phone of this channel is not a browser (phone-mode).");
  }
  if (asks_too_often(draft, channel)) {
    return refuse(Errc::rate_limited, where_media,
                  fmt::format("at most {} offers a minute", draft.limits().media_offers_max));
  }
  const LegId leg = leg_for(draft, channel);
  // A page that was loaded again does not wait for what the one before has asked.
  if (channel.media_request) {
    settle(draft, channel, refuse(Errc::invalid_state, where_media, "Another offer has come."));
  }
  draft.begin_block();
  draft.emit(MediaAsked{channel.id, leg, asked.request, asked.connection});
  draft.order(AnswerOffer{.leg = leg,
                          .channel = channel.id,
                          .request = asked.request,
                          .phone = agent_of(draft, channel).phone,
                          .offer = command.offer});
  return {};
}

void cancel_media_request(Draft& draft, const Channel& channel, Error why) {
  if (!channel.media_request) return;
  const LegId leg = channel.media_request->leg;
  if (leg != channel.leg) draft.order(ReleaseLeg{leg, Cause::request});
  settle(draft, channel, tl::make_unexpected(std::move(why)));
  draft.begin_block();
}

void give_up_offer(Draft& draft, const Channel& channel) {
  cancel_media_request(
      draft, channel,
      Error{Errc::cti_timeout, where_media, "The platform has not answered in time."});
}

void give_up_media(Draft& draft, const Channel& channel) {
  const LegId leg = channel.leg;
  draft.order(ReleaseLeg{leg, Cause::timeout});
  on_report(draft, LegReleased{leg, Cause::timeout, "No audio comes from the browser."});
}

void on_report(Draft& draft, const OfferAnswered& report) {
  const State& state = draft.state();
  const Channel* channel = find_asking(state, report.channel, report.request);
  if (channel == nullptr) {
    if (!is_wanted(state, report.channel, report.leg)) {
      draft.order(ReleaseLeg{report.leg, Cause::request});
    }
    return;
  }
  settle(draft, *channel, Success{MediaAnswer{report.answer}});
  if (channel->leg) return;
  draft.emit(PhoneCalled{report.leg, channel->id});
  draft.emit(MediaAwaited{channel->id});
  draft.emit(change_of(*channel, Cause::request));
}

void on_report(Draft& draft, const OfferRefused& report) {
  const Channel* channel = find_asking(draft.state(), report.channel, report.request);
  if (channel == nullptr) return;
  settle(draft, *channel, refuse(code_of(report.cause), where_media, report.detail));
}

void on_report(Draft& draft, const LegMediaUp& report) {
  const Channel* channel = find_browser(draft.state(), report.leg);
  if (channel == nullptr || !channel->media_wait.runs()) return;
  const bool is_first = !draft.state().at(report.leg).is_answered;
  if (is_first) draft.emit(PhoneAnswered{report.leg});
  draft.emit(MediaFound{channel->id});
  draft.emit(change_of(*channel, Cause::phone));
  if (channel->activation) end_activation(draft, *channel, {});
}

void on_report(Draft& draft, const LegMediaLost& report) {
  const Channel* channel = find_browser(draft.state(), report.leg);
  if (channel == nullptr || channel->media_wait.runs()) return;
  draft.emit(MediaAwaited{channel->id});
  draft.emit(change_of(*channel, Cause::unreachable));
}

}  // namespace cord::core
