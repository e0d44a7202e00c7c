// Any bytes: as a datagram, as the body of one, and as a stream cut into pieces. What is read must
// print and read again as the same value; all ways of cutting a stream must give the same frames.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.hpp"
#include "sip/message.hpp"
#include "sip/offer_answer.hpp"
#include "sip/sdp.hpp"
#include "sip/stream_framer.hpp"

namespace {

using namespace cord::sip;

void check_message(std::string_view bytes) {
  const auto message = parse_message(bytes);
  if (!message) {
    const auto refusal = refusal_for(bytes, message.error());
    CORD_ASSERT(!refusal || refusal->has(header::via));
    return;
  }
  const auto again = parse_message(print(*message));
  CORD_ASSERT(again && *again == *message);
  CORD_ASSERT(parse_via(print(message->top_via())));
  CORD_ASSERT(message->contacts() && message->addresses(header::route));
  (void)message->content_type();
  (void)message->expires_s();
}

void check_sdp(std::string_view text) {
  const auto sdp = parse_sdp(text);
  if (!sdp) return;
  const auto again = parse_sdp(print(*sdp));
  CORD_ASSERT(again && *again == *sdp);
  LocalSession session{1};
  LocalMedia local;
  local.address = {0x7f000001, 20'000};
  const auto answer = make_answer(session, *sdp, local);
  CORD_ASSERT(!answer || answer->sdp.media.size() == sdp->media.size());
}

std::vector<std::string> frames_of(std::string_view stream, std::size_t piece_bytes) {
  StreamFramer framer;
  std::vector<std::string> frames;
  for (std::size_t at = 0; at < stream.size(); at += piece_bytes) {
    framer.push(stream.substr(at, piece_bytes));
    for (;;) {
      const auto frame = framer.next();
      if (!frame || !*frame) break;
      const auto* message = std::get_if<FramedMessage>(&**frame);
      frames.push_back(message != nullptr ? message->bytes : std::string());
    }
  }
  return frames;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_message(bytes);
  check_sdp(bytes);
  if (const auto end = bytes.find("\r\n\r\n"); end != std::string_view::npos) {
    check_sdp(bytes.substr(end + 4));
  }
  const auto whole = frames_of(bytes, size == 0 ? 1 : size);
  CORD_ASSERT(frames_of(bytes, 7) == whole);
  for (const std::string& frame : whole) check_message(frame);
  return 0;
}
