#include "sip/registration.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "sip/build.hpp"

namespace cord::sip {
namespace {

using std::chrono::seconds;
using Step = RegistrationStep;

constexpr std::uint32_t seconds_max = 3'600;
constexpr std::uint32_t doublings_max = 16;

std::uint64_t whole_seconds(Duration it) {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<seconds>(it).count());
}

}  // namespace

Message Registration::request(const Uri& contact, IdSource& ids) {
  if (!std::exchange(is_repeated_, false)) client_.begin();
  due_.reset();
  const NameAddr record{{}, sip_uri(config_.account.user, config_.domain), {}};
  NameAddr from = record;
  from.params.set("tag", from_tag_);
  Message request = make_request({.method = method::register_,
                                  .uri = sip_uri("", config_.domain),
                                  .from = std::move(from),
                                  .to = record,
                                  .call_id = call_id_,
                                  .cseq = ++cseq_});
  request.add(header::contact, print(NameAddr{{}, contact, {}}));
  request.add(header::expires, std::to_string(is_leaving_ ? 0 : whole_seconds(config_.expires)));
  client_.sign(request, ids.tag());
  return request;
}

Step Registration::on_response(const Message& response, Instant now, IdSource& ids) {
  const std::uint16_t status = response.status;
  if (status < 200) return Step::wait;
  if ((status == 401 || status == 407) && client_.take(response)) {
    is_repeated_ = true;
    return Step::repeat;
  }
  if (is_leaving_) return Step::left;
  if (status < 300) {
    // Three quarters of what was granted: time for a lost request, and for another try.
    due_ = now + std::max<Duration>(granted(response) * 3 / 4, seconds(1));
    failures_ = 0;
    detail_.clear();
    return std::exchange(is_registered_, true) ? Step::refreshed : Step::registered;
  }
  if (status == 423) {
    const auto min = parse_number(response.value(header::min_expires), seconds_max);
    if (min && seconds(*min) > config_.expires) {
      config_.expires = seconds(*min);
      return Step::repeat;
    }
  }
  const auto after = parse_number(response.value(header::retry_after), seconds_max);
  const Duration wait =
      after ? std::max<Duration>(seconds(*after), config_.retry_min) : backoff(ids);
  return fail(fmt::format("{} {}", status, response.reason), wait, now);
}

Step Registration::on_lost(std::string_view why, Instant now, IdSource& ids) {
  if (is_leaving_) return Step::left;
  return fail(std::string(why), backoff(ids), now);
}

Step Registration::fail(std::string detail, Duration after, Instant now) {
  ++failures_;
  is_registered_ = false;
  detail_ = std::move(detail);
  due_ = now + after;
  at_ = (at_ + 1) % config_.registrars.size();
  return failures_ == 1 ? Step::failed : Step::failed_again;
}

void Registration::set_registrars(std::vector<NextHop> registrars) {
  if (registrars.empty()) return;
  const NextHop used = config_.registrars.empty() ? NextHop{} : next_hop();
  const auto again = std::find(registrars.begin(), registrars.end(), used);
  at_ = again == registrars.end() ? 0 : static_cast<std::size_t>(again - registrars.begin());
  config_.registrars = std::move(registrars);
}

// RFC 5626 §4.5: twice as long each time, and not all at the same moment after an outage.
Duration Registration::backoff(IdSource& ids) const {
  const std::uint32_t doublings = std::min(failures_, doublings_max);
  const Duration whole =
      std::min<Duration>(config_.retry_min * (1L << doublings), config_.retry_max);
  const auto half = static_cast<std::uint64_t>(whole.count() / 2);
  return whole / 2 + Duration(static_cast<Duration::rep>(ids.below(half + 1)));
}

// RFC 3261 §10.2.4: the Contact that is ours says so; a registrar that lists none grants the wish.
Duration Registration::granted(const Message& response) const {
  const auto contacts = response.contacts();
  if (contacts) {
    for (const NameAddr& it : contacts->items) {
      if (it.uri.user_text() != config_.account.user) continue;
      const auto given = parse_number(it.params.value("expires"), UINT32_MAX);
      if (given && *given > 0) return std::min<Duration>(seconds(*given), config_.expires);
    }
  }
  const auto given = response.expires_s();
  return given && *given > 0 ? std::min<Duration>(seconds(*given), config_.expires)
                             : config_.expires;
}

void Registration::leave(Instant now) {
  if (std::exchange(is_leaving_, true)) return;
  due_.reset();
  if (std::exchange(is_registered_, false)) due_ = now;
}

}  // namespace cord::sip
