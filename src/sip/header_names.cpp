// The spellings of header field names (RFC 3261 §7.3.3, §20) and the phrases of status codes.
#include <algorithm>
#include <array>

#include "sip/codec/params.hpp"
#include "sip/codec/scanner.hpp"
#include "sip/message.hpp"

namespace cord::sip {
namespace {

// In the order of lower-case names, so that a search takes six steps.
constexpr std::array known_names{
    header::accept,
    header::accept_encoding,
    header::alert_info,
    header::allow,
    header::allow_events,
    header::authorization,
    header::call_id,
    header::call_info,
    header::contact,
    header::content_disposition,
    header::content_encoding,
    header::content_length,
    header::content_type,
    header::cseq,
    header::date,
    header::event,
    header::expires,
    header::from,
    header::max_forwards,
    header::min_expires,
    header::min_se,
    header::p_asserted_identity,
    header::proxy_authenticate,
    header::proxy_authorization,
    header::proxy_require,
    header::rack,
    header::reason,
    header::record_route,
    header::refer_sub,
    header::refer_to,
    header::referred_by,
    header::replaces,
    header::require,
    header::retry_after,
    header::route,
    header::rseq,
    header::server,
    header::session_expires,
    header::subject,
    header::subscription_state,
    header::supported,
    header::timestamp,
    header::to,
    header::unsupported,
    header::user_agent,
    header::via,
    header::warning,
    header::www_authenticate,
};

constexpr bool is_before(std::string_view a, std::string_view b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [](char x, char y) { return to_lower(x) < to_lower(y); });
}

static_assert(std::is_sorted(known_names.begin(), known_names.end(), is_before));

std::string_view long_form(char compact) {
  switch (to_lower(compact)) {
    case 'b':
      return header::referred_by;  // RFC 3892
    case 'c':
      return header::content_type;
    case 'e':
      return header::content_encoding;
    case 'f':
      return header::from;
    case 'i':
      return header::call_id;
    case 'k':
      return header::supported;
    case 'l':
      return header::content_length;
    case 'm':
      return header::contact;
    case 'o':
      return header::event;  // RFC 6665
    case 'r':
      return header::refer_to;  // RFC 3515
    case 's':
      return header::subject;
    case 't':
      return header::to;
    case 'u':
      return header::allow_events;  // RFC 6665
    case 'v':
      return header::via;
    case 'x':
      return header::session_expires;  // RFC 4028
    default:
      return {};
  }
}

struct Phrase {
  std::uint16_t status;
  std::string_view text;
};

constexpr std::array phrases{
    Phrase{100, "Trying"},
    Phrase{180, "Ringing"},
    Phrase{181, "Call Is Being Forwarded"},
    Phrase{182, "Queued"},
    Phrase{183, "Session Progress"},
    Phrase{200, "OK"},
    Phrase{202, "Accepted"},
    Phrase{300, "Multiple Choices"},
    Phrase{301, "Moved Permanently"},
    Phrase{302, "Moved Temporarily"},
    Phrase{305, "Use Proxy"},
    Phrase{380, "Alternative Service"},
    Phrase{400, "Bad Request"},
    Phrase{401, "Unauthorized"},
    Phrase{402, "Payment Required"},
    Phrase{403, "Forbidden"},
    Phrase{404, "Not Found"},
    Phrase{405, "Method Not Allowed"},
    Phrase{406, "Not Acceptable"},
    Phrase{407, "Proxy Authentication Required"},
    Phrase{408, "Request Timeout"},
    Phrase{410, "Gone"},
    Phrase{413, "Request Entity Too Large"},
    Phrase{414, "Request-URI Too Long"},
    Phrase{415, "Unsupported Media Type"},
    Phrase{416, "Unsupported URI Scheme"},
    Phrase{420, "Bad Extension"},
    Phrase{421, "Extension Required"},
    Phrase{422, "Session Interval Too Small"},
    Phrase{423, "Interval Too Brief"},
    Phrase{469, "Bad Info Package"},
    Phrase{480, "Temporarily Unavailable"},
    Phrase{481, "Call/Transaction Does Not Exist"},
    Phrase{482, "Loop Detected"},
    Phrase{483, "Too Many Hops"},
    Phrase{484, "Address Incomplete"},
    Phrase{485, "Ambiguous"},
    Phrase{486, "Busy Here"},
    Phrase{487, "Request Terminated"},
    Phrase{488, "Not Acceptable Here"},
    Phrase{489, "Bad Event"},
    Phrase{491, "Request Pending"},
    Phrase{493, "Undecipherable"},
    Phrase{500, "Server Internal Error"},
    Phrase{501, "Not Implemented"},
    Phrase{502, "Bad Gateway"},
    Phrase{503, "Service Unavailable"},
    Phrase{504, "Server Time-out"},
    Phrase{505, "Version Not Supported"},
    Phrase{513, "Message Too Large"},
    Phrase{600, "Busy Everywhere"},
    Phrase{603, "Decline"},
    Phrase{604, "Does Not Exist Anywhere"},
    Phrase{606, "Not Acceptable"},
};

}  // namespace

std::string_view canonical_header_name(std::string_view name) {
  if (name.size() == 1) {
    const std::string_view known = long_form(name.front());
    return known.empty() ? name : known;
  }
  const auto* found = std::lower_bound(known_names.begin(), known_names.end(), name, is_before);
  return found != known_names.end() && equals_ignoring_case(*found, name) ? *found : name;
}

std::string_view reason_phrase(std::uint16_t status) {
  const auto* found =
      std::lower_bound(phrases.begin(), phrases.end(), status,
                       [](const Phrase& phrase, std::uint16_t s) { return phrase.status < s; });
  if (found != phrases.end() && found->status == status) return found->text;
  switch (status / 100) {
    case 1:
      return "Progress";
    case 2:
      return "OK";
    case 3:
      return "Redirected";
    case 4:
      return "Request Failure";
    case 5:
      return "Server Failure";
    default:
      return "Global Failure";
  }
}

}  // namespace cord::sip
