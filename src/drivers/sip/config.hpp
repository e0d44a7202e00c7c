// What the operator says about SIP: where we listen, who may call, and every bound of the driver.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "sip/flow.hpp"
#include "sip/locate.hpp"
#include "sip/media_security.hpp"
#include "sip/offer_answer.hpp"
#include "sip/registrar.hpp"

namespace cord::drivers {

/// A number that begins with `prefix` begins with `becomes` instead.
struct RewriteRule {
  std::string prefix;  ///< empty: every number
  std::string becomes;
};

/// `number` by the first rule that fits it; none: as it is.
[[nodiscard]] std::string rewrite(const std::vector<RewriteRule>& rules, std::string_view number);

/// A server as the configuration has it: "HOST", "HOST:PORT", and if need be ";transport=tcp" after
/// that. HOST is an IPv4 address or a name to be looked up (RFC 3263). Calls over UDP come from
/// that port only, without one from any; a TCP connection comes from any port.
struct Peer {
  sip::ServerName server;                  ///< as it is written
  std::optional<std::uint32_t> address{};  ///< none: a name
};

/// A carrier or PBX. Its peers may send us calls without further proof.
struct Trunk {
  std::string name{};
  /// See Peer. Calls to it try them in this order.
  std::vector<std::string> peers{};

  /// Answers challenges to our requests; no user: they end the call.
  sip::DigestAccount account{};
  bool registers = false;   ///< we register there; needs an account
  std::string registrar{};  ///< as a peer; empty: the first peer
  std::string domain{};     ///< of our address there; empty: the registrar's host
  Duration expires = std::chrono::seconds(300);  ///< wished for; 1 min to 1 h

  std::uint32_t calls = 0;             ///< at once, both ways together; 0: any number
  std::uint32_t calls_per_second = 0;  ///< both ways together; 0: any number

  std::vector<RewriteRule> rewrite_called{};   ///< numbers they call, before a queue is looked for
  std::vector<RewriteRule> rewrite_dialled{};  ///< numbers agents dial, before they are sent

  sip::SrtpPolicy srtp = sip::SrtpPolicy::optional;   ///< of its calls, both ways
  std::vector<sip::Codec> codecs{sip::all_codecs()};  ///< most wanted first; not empty
  /// Servers we connect to with TLS have a certificate for the host as it is written (RFC 5922).
  bool tls_verify = true;
};

/// What TLS needs, as PEM files.
struct SipTlsFiles {
  std::string certificate{};  ///< a chain: of our listeners, and shown to servers
  std::string key{};
  std::string ca{};         ///< who vouches for trunks' servers; empty: the system's
  std::string client_ca{};  ///< who connects needs a certificate of it; empty: none
};

/// An agent's phone. One that is not listed: as the defaults say.
struct Phone {
  std::string uri;  ///< as it is called
  sip::SrtpPolicy srtp = sip::SrtpPolicy::optional;
  std::vector<sip::Codec> codecs{sip::all_codecs()};  ///< most wanted first; not empty
};

/// What the callers of a queue hear besides music, by the numbers of the media plane's programs.
struct QueueSounds {
  std::string queue;
  std::optional<std::uint16_t> waiting{};
  std::optional<std::uint16_t> farewell{};  ///< before the release of who has waited for too long
  Duration farewell_takes{};
};

struct SipConfig {
  /// "udp:ADDRESS:PORT", "tcp:..." or "tls:...", IPv4; port 0 lets the system pick. The address
  /// stands in Via and Contact, so 0.0.0.0 is refused. Connections of ours need a listener of
  /// their transport.
  std::vector<std::string> listen{"udp:127.0.0.1:5060", "tcp:127.0.0.1:5060"};
  std::vector<Trunk> trunks;
  /// Who is asked for names: "127.0.0.1:53"; none: those of /etc/resolv.conf.
  std::vector<std::string> name_servers;
  SipTlsFiles tls;            ///< certificate and key: needed by a "tls:" listener
  std::vector<Phone> phones;  ///< those with an address there are no strangers, like the trunks'
  std::vector<QueueSounds> queue_sounds;  ///< of queues whose callers wait with music
  std::uint32_t stranger_rate = 50;  ///< requests a second of any other address: net/source_limiter

  /// Phones that register; without subscribers a REGISTER gets 405.
  sip::RegistrarConfig registrar{};

  Duration t1 = std::chrono::milliseconds(500);     ///< RFC 3261 §17.1.1.1; 100 ms to 5 s
  Duration t2 = std::chrono::seconds(4);            ///< longest retransmit interval; t1 to 30 s
  Duration rtp_timeout = std::chrono::seconds(30);  ///< silence of the far end that ends a leg, but
                                                    ///< while it holds us; 0: never; to 1 h
  Duration browser_silence = std::chrono::seconds(5);  ///< nothing of a browser for so long: its
                                                       ///< audio is lost; 1 s to 1 min
  Duration media_reply_max =
      std::chrono::seconds(2);  ///< the media plane's answer; 100 ms to 1 min
  Duration recorder_reply_max = std::chrono::seconds(30);  ///< and a recorder's; 1 s to 10 min

  /// RFC 4028: an answered call is refreshed within it, or ends; 0: no session timers; to 1 day.
  Duration session_expires = std::chrono::minutes(30);
  Duration min_se = std::chrono::seconds(90);  ///< who wants less gets 422; 90 s to session_expires
  /// How often a far end without session timers is asked whether it knows the call still; 0: never;
  /// to 1 h.
  Duration dialog_check = std::chrono::seconds(60);

  std::size_t inputs_busy_max = 1'024;   ///< batches from sockets that wait: from then on new calls
                                         ///< get 503
  std::size_t conference_legs_max = 32;  ///< who are in one; another does not join
  std::size_t coded_legs_max = 100;      ///< that may send G.722 or Opus, which cost the media
                                         ///< thread much; others get G.711 only
  std::size_t offer_bytes_max = 16 * 1024;     ///< of a browser; a longer one is refused
  std::size_t browser_legs_max = 1'000;        ///< living ones; an agent beyond it gets no audio
  std::size_t legs_max = 8'000;                ///< living ones; an INVITE beyond it gets 503
  std::size_t transactions_max = 200'000;      ///< a request beyond it gets 503
  std::size_t stream_connections_max = 4'000;  ///< of a TCP or TLS listener, both directions

  /// Refuses with invalid_request, naming the first bad field.
  [[nodiscard]] Result<void> validate() const;
};

inline constexpr std::size_t listeners_max = 16;
inline constexpr std::size_t trunk_peers_max = 1'024;  ///< of all trunks together
inline constexpr std::size_t name_servers_max = 8;
inline constexpr std::size_t rewrite_rules_max = 64;  ///< of one table

/// How core::Agent::phone says that the phone is wherever `user` has registered: a SIP URI whose
/// host can be nobody's (RFC 2606 §2), so that it passes through core and journal like any other.
[[nodiscard]] std::string registered_phone(std::string_view user);
/// Whose, if `uri` is such a one.
[[nodiscard]] std::optional<std::string> registered_user(const sip::Uri& uri);

/// How core::Agent::phone says that the phone is the browser of whoever has that extension: in the
/// same way.
[[nodiscard]] std::string browser_phone(std::string_view extension);

/// Living transactions from which on new calls get 503: four fifths of transactions_max. What is
/// left is for those who talk, each of whom may still want to hang up.
[[nodiscard]] std::size_t transactions_busy(const SipConfig& config);

/// One entry of SipConfig::listen. Errors: invalid_request, with what is expected.
[[nodiscard]] Result<sip::Listener> parse_listen(std::string_view text);

/// One entry of Trunk::peers. Errors: invalid_request.
[[nodiscard]] Result<Peer> parse_peer(std::string_view text);

/// Where requests to a peer with an address go.
[[nodiscard]] sip::NextHop next_hop(const Peer& peer);

/// Refuses a server of `trunk` that needs a transport without listener. Errors: invalid_request.
[[nodiscard]] Result<void> check_transports(const SipConfig& config, const Trunk& trunk);

/// Whether a trunk has a server that has to be looked up.
[[nodiscard]] bool names_servers(const SipConfig& config);

/// Where `trunk` registers: its registrar, or its first peer.
[[nodiscard]] Peer registrar_of(const Trunk& trunk);

}  // namespace cord::drivers
