#include "runtime/snapshot_codec.hpp"

#include <utility>

#include "runtime/detail/binary.hpp"
#include "runtime/detail/described_state.hpp"
#include "runtime/detail/places.hpp"
#include "runtime/place_book.hpp"

namespace cord::runtime {

BOOST_DESCRIBE_STRUCT(StreamPosition, (), (session, last_seq, told_up_to))
BOOST_DESCRIBE_STRUCT(NotedRequest, (), (session, request, id, digest))
BOOST_DESCRIBE_STRUCT(EngineImage, (), (agents, queues, state, streams, pending))

static_assert(detail::lists_every_member<StreamPosition>);
static_assert(detail::lists_every_member<EngineImage>);

std::string encode_snapshot(EngineImage&& image, const core::Directory& directory) {
  detail::for_each_place(image.state,
                         [&](auto& place) { detail::note_place(image, place, directory); });
  std::string payload;
  detail::write(payload, snapshot_codec_version);
  detail::write(payload, image);
  return payload;
}

Result<EngineImage> decode_snapshot(std::string_view payload) {
  detail::Reader reader(payload);
  const std::uint64_t version = reader.number();
  if (reader.ok() && version != snapshot_codec_version) {
    return refuse(Errc::bad_version, "journal.snapshot",
                  fmt::format("it has version {}, this program reads version {}", version,
                              snapshot_codec_version));
  }
  EngineImage image;
  detail::read(reader, image);
  if (reader.ok() && reader.at_end()) return image;
  return refuse(Errc::corrupt, "journal.snapshot", "it is not as long as it says");
}

Result<void> PlaceBook::relocate(EngineImage& image) const {
  bool is_complete = true;
  detail::for_each_place(image.state, [&](auto& place) {
    is_complete = move(place, detail::names_of(image, place)) && is_complete;
  });
  if (is_complete) return {};
  return refuse(Errc::corrupt, "journal.snapshot", "it does not name an agent or a queue it uses");
}

}  // namespace cord::runtime
