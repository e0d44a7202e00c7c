#include "sip/offer_answer.hpp"

#include <algorithm>
#include <utility>

#include "sip/codec/fields.hpp"
#include "sip/codec/params.hpp"

namespace cord::sip {
namespace {

constexpr std::uint32_t g711_clock_hz = 8'000;
constexpr std::string_view audio = "audio";
constexpr std::string_view dtmf_encoding = "telephone-event";
constexpr std::string_view dtmf_events = "0-15";

std::uint8_t payload_type_of(Codec codec) {
  return static_cast<std::uint8_t>(codec);
}

std::string_view encoding_of(Codec codec) {
  return codec == Codec::pcmu ? "PCMU" : "PCMA";
}

const RtpMap* find_map(const MediaDescription& media, std::uint8_t payload_type) {
  const auto found =
      std::find_if(media.rtp_maps.begin(), media.rtp_maps.end(),
                   [&](const RtpMap& map) { return map.payload_type == payload_type; });
  return found == media.rtp_maps.end() ? nullptr : &*found;
}

bool is_map_of(const RtpMap& map, std::string_view encoding) {
  return equals_ignoring_case(map.encoding, encoding) && map.clock_hz == g711_clock_hz &&
         map.channels == 1;
}

// A format of the m-line as one of our codecs. Static types need no rtpmap (RFC 3551 §6), but one
// that says otherwise counts.
std::optional<Codec> codec_of(const MediaDescription& media, const std::string& format) {
  const auto payload_type = parse_number(format, 127);
  if (!payload_type) return std::nullopt;
  const RtpMap* map = find_map(media, static_cast<std::uint8_t>(*payload_type));
  for (const Codec codec : {Codec::pcmu, Codec::pcma}) {
    // Only the static number: what we send carries it.
    if (*payload_type != payload_type_of(codec)) continue;
    if (map == nullptr || map->encoding.empty() || is_map_of(*map, encoding_of(codec))) {
      return codec;
    }
  }
  return std::nullopt;
}

std::optional<Codec> first_common_codec(const MediaDescription& media, const LocalMedia& local) {
  for (const std::string& format : media.formats) {
    const auto codec = codec_of(media, format);
    if (!codec) continue;
    if (std::find(local.codecs.begin(), local.codecs.end(), *codec) != local.codecs.end()) {
      return codec;
    }
  }
  return std::nullopt;
}

std::uint8_t dtmf_payload_type_of(const MediaDescription& media) {
  for (const std::string& format : media.formats) {
    const auto payload_type = parse_number(format, 127);
    if (!payload_type || *payload_type == 0) continue;
    const RtpMap* map = find_map(media, static_cast<std::uint8_t>(*payload_type));
    if (map != nullptr && is_map_of(*map, dtmf_encoding)) return map->payload_type;
  }
  return 0;
}

void add_dtmf(MediaDescription& media, std::uint8_t payload_type) {
  if (payload_type == 0) return;
  media.formats.push_back(std::to_string(payload_type));
  media.rtp_maps.push_back({.payload_type = payload_type,
                            .encoding = std::string(dtmf_encoding),
                            .clock_hz = g711_clock_hz,
                            .fmtp = std::string(dtmf_events)});
}

void add_codec(MediaDescription& media, Codec codec) {
  media.formats.push_back(std::to_string(payload_type_of(codec)));
  media.rtp_maps.push_back({.payload_type = payload_type_of(codec),
                            .encoding = std::string(encoding_of(codec)),
                            .clock_hz = g711_clock_hz,
                            .fmtp = {}});
}

MediaDescription start_of(const LocalMedia& local) {
  MediaDescription media;
  media.media = std::string(audio);
  media.port = local.address.port;
  media.direction = local.direction;
  media.ptime_ms = ptime_ms_default;
  media.ssrc = local.ssrc;
  media.cname = local.cname;
  return media;
}

// RFC 3264 §6: a refused stream keeps its place with port 0; its formats do not matter, but there
// has to be one.
MediaDescription refused(const MediaDescription& offered) {
  MediaDescription media;
  media.media = offered.media;
  media.protocol = offered.protocol;
  media.formats = {offered.formats.front()};
  media.direction = Direction::inactive;
  return media;
}

bool sends(Direction direction) {
  return direction == Direction::sendrecv || direction == Direction::sendonly;
}
bool receives(Direction direction) {
  return direction == Direction::sendrecv || direction == Direction::recvonly;
}
Direction direction_of(bool may_send, bool may_receive) {
  if (may_send) return may_receive ? Direction::sendrecv : Direction::sendonly;
  return may_receive ? Direction::recvonly : Direction::inactive;
}

std::uint32_t address_of(const SessionDescription& sdp, const MediaDescription& media) {
  return media.address ? *media.address : sdp.address.value_or(0);
}

// What their m-line and our wish come to. c=0.0.0.0 (RFC 3264 §8.4, from RFC 2543) asks us to send
// nothing, as does an address that is missing; with ICE the far end's checks tell the address.
Negotiated agree(const SessionDescription& theirs, const MediaDescription& media, Direction ours,
                 Codec codec, SecurityTerms security) {
  Negotiated agreed;
  agreed.remote = {address_of(theirs, media), media.port};
  agreed.codec = codec;
  const bool has_way = agreed.remote.address != 0 || !security.ice_remote_ufrag.empty();
  agreed.may_send = receives(media.direction) && sends(ours) && has_way;
  agreed.may_receive = sends(media.direction) && receives(ours);
  agreed.remote_ssrc = media.ssrc;
  agreed.security = std::move(security);
  return agreed;
}

bool is_usable(const MediaDescription& media, const LocalMedia& local) {
  return media.media == audio && media.port != 0 && first_common_codec(media, local).has_value();
}

struct Taken {
  std::size_t place = 0;
  SecurityAnswer security;
};

// The first m-line that we can answer, and before all others the first that is protected.
std::optional<Taken> choose(const SessionDescription& offer, const LocalMedia& local) {
  std::optional<Taken> chosen;
  for (std::size_t i = 0; i < offer.media.size(); ++i) {
    if (!is_usable(offer.media[i], local)) continue;
    auto security = answer_security(offer.media[i], local.security, local.address);
    if (!security) continue;
    if (security->terms.is_protected()) return Taken{i, std::move(*security)};
    if (!chosen) chosen = Taken{i, std::move(*security)};
  }
  return chosen;
}

// RFC 3264 §8: the version of the o-line grows by one exactly when the description changes.
const SessionDescription& say(LocalSession& session, SessionDescription next) {
  next.origin.session_id = session.session_id;
  next.origin.version = session.last ? session.last->origin.version : session.session_id;
  if (session.last && next != *session.last) ++next.origin.version;
  session.last = std::move(next);
  return *session.last;
}

SessionDescription describe(const LocalMedia& local) {
  SessionDescription sdp;
  sdp.origin.address = print_ipv4(local.address.address);
  sdp.address = local.address.address;
  return sdp;
}

}  // namespace

SessionDescription make_offer(LocalSession& session, const LocalMedia& local) {
  SessionDescription offer = describe(local);
  MediaDescription media = start_of(local);
  for (const Codec codec : local.codecs) add_codec(media, codec);
  add_dtmf(media, local.dtmf_payload_type);
  if (!session.last) {
    offer_security(media, nullptr, local.security, local.address);
    offer.ice_lite = !media.security.ice_pwd.empty();
    offer.media.push_back(std::move(media));
    return say(session, std::move(offer));
  }
  // RFC 3264 §8.1: m-lines stay in their places; ours is the one in use.
  const auto& known = session.last->media;
  const auto in_use = std::find_if(known.begin(), known.end(),
                                   [](const MediaDescription& m) { return m.port != 0; });
  offer_security(media, in_use == known.end() ? nullptr : &*in_use, local.security, local.address);
  offer.group = session.last->group;
  offer.ice_lite = session.last->ice_lite;
  for (auto it = known.begin(); it != known.end(); ++it) {
    offer.media.push_back(it == in_use ? media : refused(*it));
  }
  if (in_use == known.end()) offer.media.push_back(std::move(media));
  return say(session, std::move(offer));
}

Result<Answer> make_answer(LocalSession& session, const SessionDescription& offer,
                           const LocalMedia& local) {
  auto chosen = choose(offer, local);
  if (!chosen) {
    return refuse(Errc::unsupported, "sip.answer", "no audio with a codec and a profile of ours");
  }
  const auto taken = offer.media.begin() + static_cast<std::ptrdiff_t>(chosen->place);
  const Codec codec = *first_common_codec(*taken, local);
  Negotiated agreed =
      agree(offer, *taken, local.direction, codec, std::move(chosen->security.terms));
  agreed.dtmf_payload_type = dtmf_payload_type_of(*taken);

  MediaDescription media = start_of(local);
  // What we may do is answered by what they said, not by whether their address is usable now.
  media.direction = direction_of(sends(local.direction) && receives(taken->direction),
                                 receives(local.direction) && sends(taken->direction));
  add_codec(media, codec);
  add_dtmf(media, agreed.dtmf_payload_type);
  media.protocol = taken->protocol;
  media.security = std::move(chosen->security.ours);
  SessionDescription answer = describe(local);
  answer.ice_lite = !media.security.ice_pwd.empty();
  // RFC 9143 §7.3: of a bundle only what is accepted stays in it.
  if (offer.group.starts_with("BUNDLE") && !media.security.mid.empty()) {
    answer.group = "BUNDLE " + media.security.mid;
  }
  for (auto it = offer.media.begin(); it != offer.media.end(); ++it) {
    answer.media.push_back(it == taken ? media : refused(*it));
  }
  return Answer{say(session, std::move(answer)), agreed};
}

Result<Negotiated> accept_answer(const SessionDescription& offer, const SessionDescription& answer,
                                 const LocalMedia& local) {
  if (answer.media.size() != offer.media.size()) {
    return refuse(Errc::malformed, "sip.accept_answer", "number of m-lines");
  }
  for (std::size_t i = 0; i < offer.media.size(); ++i) {
    if (offer.media[i].port == 0) continue;
    const MediaDescription& media = answer.media[i];
    if (media.media != offer.media[i].media || media.protocol != offer.media[i].protocol) {
      return refuse(Errc::malformed, "sip.accept_answer", "m-lines in another order");
    }
    if (!is_usable(media, local)) {
      return refuse(Errc::unsupported, "sip.accept_answer", "stream refused or no codec of ours");
    }
    const auto security = accept_security(offer.media[i], media, local.security);
    if (!security) {
      return refuse(Errc::unsupported, "sip.accept_answer", "not protected as offered");
    }
    Negotiated agreed = agree(answer, media, offer.media[i].direction,
                              *first_common_codec(media, local), *security);
    if (local.dtmf_payload_type != 0) agreed.dtmf_payload_type = dtmf_payload_type_of(media);
    return agreed;
  }
  return refuse(Errc::malformed, "sip.accept_answer", "the offer had no stream");
}

}  // namespace cord::sip
