#include "sip/offer_answer.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "sip/codec/fields.hpp"
#include "sip/codec/params.hpp"

namespace cord::sip {
namespace {

constexpr std::string_view audio = "audio";
constexpr std::string_view dtmf_encoding = "telephone-event";
constexpr std::string_view dtmf_events = "0-15";

constexpr std::uint8_t noise_payload_type = 13;  // RFC 3389 §4
constexpr std::string_view noise_format = "13";
constexpr std::string_view noise_encoding = "CN";
constexpr std::uint8_t payload_type_max = 127;
constexpr std::uint8_t dynamic_payload_type_min = 35;  // RFC 5761 §4
constexpr std::uint32_t narrow_clock_hz = 8'000, opus_clock_hz = 48'000;

struct Encoding {
  std::string_view name;
  std::uint32_t clock_hz;
  std::uint8_t channels;
  std::string_view fmtp;
};

// RFC 3551 §4.5.2: the clock of G.722 is said to be 8 kHz. RFC 7587 §7: Opus is always said to be
// 48 kHz and two channels; what we want of it is in the parameters.
Encoding encoding_of(Codec codec) {
  switch (codec) {
    case Codec::pcmu:
      return {"PCMU", narrow_clock_hz, 1, {}};
    case Codec::pcma:
      return {"PCMA", narrow_clock_hz, 1, {}};
    case Codec::g722:
      return {"G722", narrow_clock_hz, 1, {}};
    case Codec::opus:
      break;
  }
  return {"opus", opus_clock_hz, 2, "useinbandfec=1;stereo=0"};
}

const RtpMap* find_map(const MediaDescription& media, std::uint8_t payload_type) {
  const auto found =
      std::find_if(media.rtp_maps.begin(), media.rtp_maps.end(),
                   [&](const RtpMap& map) { return map.payload_type == payload_type; });
  return found == media.rtp_maps.end() ? nullptr : &*found;
}

bool is_map_of(const RtpMap& map, const Encoding& encoding) {
  return equals_ignoring_case(map.encoding, encoding.name) && map.clock_hz == encoding.clock_hz &&
         map.channels == encoding.channels;
}

// A format of the m-line as one of our codecs. Static types need no rtpmap (RFC 3551 §6), but one
// that says otherwise counts.
std::optional<Codec> codec_of(const MediaDescription& media, const std::string& format) {
  const auto payload_type = parse_number(format, payload_type_max);
  if (!payload_type) return std::nullopt;
  const RtpMap* map = find_map(media, static_cast<std::uint8_t>(*payload_type));
  if (*payload_type >= dynamic_payload_type_min) {
    const bool is_opus = map != nullptr && is_map_of(*map, encoding_of(Codec::opus));
    return is_opus ? std::optional(Codec::opus) : std::nullopt;
  }
  for (const Codec codec : {Codec::pcmu, Codec::pcma, Codec::g722}) {
    // Only the static number: what we send carries it.
    if (*payload_type != static_cast<std::uint8_t>(codec)) continue;
    if (map == nullptr || map->encoding.empty() || is_map_of(*map, encoding_of(codec))) {
      return codec;
    }
  }
  return std::nullopt;
}

bool has(const std::vector<Codec>& codecs, Codec codec) {
  return std::find(codecs.begin(), codecs.end(), codec) != codecs.end();
}

std::optional<Codec> first_common_codec(const MediaDescription& media, const LocalMedia& local) {
  for (const std::string& format : media.formats) {
    const auto codec = codec_of(media, format);
    if (codec && has(local.codecs, *codec)) return codec;
  }
  return std::nullopt;
}

// The number of Opus in an m-line; 0: it has none.
std::uint8_t opus_payload_type_of(const MediaDescription& media) {
  for (const std::string& format : media.formats) {
    if (codec_of(media, format) != Codec::opus) continue;
    return static_cast<std::uint8_t>(*parse_number(format, payload_type_max));
  }
  return 0;
}

std::uint8_t dtmf_payload_type_of(const MediaDescription& media, std::uint32_t clock_hz) {
  for (const std::string& format : media.formats) {
    const auto payload_type = parse_number(format, payload_type_max);
    if (!payload_type || *payload_type == 0) continue;
    const RtpMap* map = find_map(media, static_cast<std::uint8_t>(*payload_type));
    if (map != nullptr && is_map_of(*map, {dtmf_encoding, clock_hz, 1, {}})) {
      return map->payload_type;
    }
  }
  return 0;
}

// RFC 4733 §2.1: events have the clock of the audio. Far ends that send Opus and know none but that
// of 8 kHz are taken at their word.
void agree_dtmf(const MediaDescription& media, Negotiated& agreed) {
  if (agreed.codec == Codec::opus) {
    agreed.dtmf_payload_type = dtmf_payload_type_of(media, opus_clock_hz);
    agreed.dtmf_clock_khz = 48;
    if (agreed.dtmf_payload_type != 0) return;
  }
  agreed.dtmf_payload_type = dtmf_payload_type_of(media, narrow_clock_hz);
  agreed.dtmf_clock_khz = 8;
}

bool has_g722(const MediaDescription& media) {
  return std::any_of(media.formats.begin(), media.formats.end(), [&](const std::string& format) {
    return codec_of(media, format) == Codec::g722;
  });
}

bool has_noise(const MediaDescription& media) {
  return std::find(media.formats.begin(), media.formats.end(), noise_format) != media.formats.end();
}

void add_format(MediaDescription& media, std::uint8_t payload_type, const Encoding& encoding) {
  media.formats.push_back(std::to_string(payload_type));
  media.rtp_maps.push_back({.payload_type = payload_type,
                            .encoding = std::string(encoding.name),
                            .clock_hz = encoding.clock_hz,
                            .channels = encoding.channels,
                            .fmtp = std::string(encoding.fmtp)});
}

void add_dtmf(MediaDescription& media, std::uint8_t payload_type, std::uint32_t clock_hz) {
  if (payload_type == 0) return;
  add_format(media, payload_type, {dtmf_encoding, clock_hz, 1, dtmf_events});
}

void add_codec(MediaDescription& media, Codec codec, std::uint8_t opus_payload_type) {
  const bool is_opus = codec == Codec::opus;
  add_format(media, is_opus ? opus_payload_type : static_cast<std::uint8_t>(codec),
             encoding_of(codec));
}

// `wanted`, or the next number that means nothing else. RFC 3551 §6: dynamic ones begin at 96.
std::uint8_t untaken(std::uint8_t wanted, std::initializer_list<std::uint8_t> taken) {
  while (std::find(taken.begin(), taken.end(), wanted) != taken.end()) ++wanted;
  return wanted;
}

// `known`: our m-line as we said it last, whose numbers stay (RFC 3264 §8.3.2).
void add_formats(MediaDescription& media, const LocalMedia& local, const MediaDescription* known) {
  const std::uint8_t in_use = known != nullptr ? opus_payload_type_of(*known) : std::uint8_t{0};
  const std::uint8_t opus =
      in_use != 0 ? in_use : untaken(opus_payload_type_default, {local.dtmf_payload_type});
  for (const Codec codec : local.codecs) add_codec(media, codec, opus);
  add_dtmf(media, local.dtmf_payload_type, narrow_clock_hz);
  const bool has_opus = has(local.codecs, Codec::opus);
  if (has_opus && local.dtmf_payload_type != 0) {
    add_dtmf(media, untaken(dtmf_48khz_payload_type, {local.dtmf_payload_type, opus}),
             opus_clock_hz);
  }
}

// Only the codec that was chosen.
void add_answered_formats(MediaDescription& media, const Negotiated& agreed) {
  add_codec(media, agreed.codec, agreed.opus_payload_type);
  if (agreed.has_noise) {
    add_format(media, noise_payload_type, {noise_encoding, narrow_clock_hz, 1, {}});
  }
  add_dtmf(media, agreed.dtmf_payload_type, agreed.dtmf_clock_khz * 1'000u);
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
  agreed.opus_payload_type = codec == Codec::opus ? opus_payload_type_of(media) : std::uint8_t{0};
  agreed.has_g722 = codec == Codec::g722;
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

const std::vector<Codec>& all_codecs() {
  static const std::vector<Codec> all{Codec::pcmu, Codec::pcma, Codec::g722, Codec::opus};
  return all;
}

SessionDescription make_offer(LocalSession& session, const LocalMedia& local) {
  SessionDescription offer = describe(local);
  MediaDescription media = start_of(local);
  if (!session.last) {
    add_formats(media, local, nullptr);
    offer_security(media, nullptr, local.security, local.address);
    offer.ice_lite = !media.security.ice_pwd.empty();
    offer.media.push_back(std::move(media));
    return say(session, std::move(offer));
  }
  // RFC 3264 §8.1: m-lines stay in their places; ours is the one in use.
  const auto& known = session.last->media;
  const auto in_use = std::find_if(known.begin(), known.end(),
                                   [](const MediaDescription& m) { return m.port != 0; });
  const MediaDescription* said = in_use == known.end() ? nullptr : &*in_use;
  add_formats(media, local, said);
  offer_security(media, said, local.security, local.address);
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
  agreed.has_noise = codec != Codec::opus && has_noise(*taken);
  agree_dtmf(*taken, agreed);

  MediaDescription media = start_of(local);
  // What we may do is answered by what they said, not by whether their address is usable now.
  media.direction = direction_of(sends(local.direction) && receives(taken->direction),
                                 receives(local.direction) && sends(taken->direction));
  add_answered_formats(media, agreed);
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
    // RFC 3264 §7: any that they listed may come.
    if (has(local.codecs, Codec::opus)) agreed.opus_payload_type = opus_payload_type_of(media);
    agreed.has_g722 = has(local.codecs, Codec::g722) && has_g722(media);
    if (local.dtmf_payload_type != 0) agree_dtmf(media, agreed);
    return agreed;
  }
  return refuse(Errc::malformed, "sip.accept_answer", "the offer had no stream");
}

}  // namespace cord::sip
