#include "runtime/client_event_codec.hpp"

#include "runtime/detail/binary.hpp"

namespace cord::core {

BOOST_DESCRIBE_STRUCT(Named, (), (id, name))
BOOST_DESCRIBE_STRUCT(ChannelInfo, (),
                      (id, endpoint, type, state, agent_state, reason, pending, pending_reason,
                       queues, monitored, monitor_mode, media))

BOOST_DESCRIBE_STRUCT(SessionInitialized, (),
                      (agent_id, agent_name, reasons, dispositions, capabilities, permissions))
BOOST_DESCRIBE_STRUCT(SessionEnded, (), (reason))
BOOST_DESCRIBE_STRUCT(GroupCreated, (), (id, name))
BOOST_DESCRIBE_STRUCT(GroupInitialized, (), ())
BOOST_DESCRIBE_STRUCT(GroupDisposed, (), ())
BOOST_DESCRIBE_STRUCT(ChannelCreated, (), (id, endpoint, type))
BOOST_DESCRIBE_STRUCT(ChannelInfoChanged, (), (channel))
BOOST_DESCRIBE_STRUCT(ChannelInitialized, (), ())
BOOST_DESCRIBE_STRUCT(ExternalDispositionsUpdated, (), (dispositions))
BOOST_DESCRIBE_STRUCT(ChannelDisposed, (), ())
BOOST_DESCRIBE_STRUCT(InteractionCreated, (), (id, type, direction))
BOOST_DESCRIBE_STRUCT(InteractionDataChanged, (), (data))
BOOST_DESCRIBE_STRUCT(InteractionPreview, (), (data))
BOOST_DESCRIBE_STRUCT(InteractionScreenPop, (), (data))
BOOST_DESCRIBE_STRUCT(InteractionInitialized, (), ())
BOOST_DESCRIBE_STRUCT(InteractionEnded, (), (cause))
BOOST_DESCRIBE_STRUCT(InteractionDisposed, (), ())
BOOST_DESCRIBE_STRUCT(InteractionQuality, (), (call_id, quality))
BOOST_DESCRIBE_STRUCT(InteractionFocusChanged, (), (conversation))
BOOST_DESCRIBE_STRUCT(ConversationCreated, (), (id, type))
BOOST_DESCRIBE_STRUCT(MemberAdded, (), (member))
BOOST_DESCRIBE_STRUCT(MemberRemoved, (), (member))
BOOST_DESCRIBE_STRUCT(ConversationInitialized, (), ())
BOOST_DESCRIBE_STRUCT(ConversationDisposed, (), ())
BOOST_DESCRIBE_STRUCT(SessionStateUpdated, (), (state, previous, cause, detached))
BOOST_DESCRIBE_STRUCT(ChannelStateUpdated, (),
                      (state, previous, cause, agent_state, reason, pending))
BOOST_DESCRIBE_STRUCT(InteractionStateUpdated, (), (state, previous, cause, recording))
BOOST_DESCRIBE_STRUCT(ConversationStateUpdated, (), (state, previous, cause, muted))

}  // namespace cord::core

namespace cord::runtime {

static_assert(detail::lists_every_member<core::Named>);
static_assert(detail::lists_every_member<core::ChannelInfo>);
static_assert(detail::lists_every_member<core::ClientEventData>);

void append_client_event(std::string& to, const core::ClientEvent& event) {
  detail::write(to, event.time);
  detail::write(to, event.target.group);
  detail::write(to, event.target.channel);
  detail::write(to, event.target.interaction);
  detail::write(to, event.target.conversation);
  detail::write(to, event.data);
}

std::optional<core::ClientEvent> take_client_event(std::string_view& from) {
  detail::Reader reader(from);
  core::ClientEvent event{};
  detail::read(reader, event.time);
  detail::read(reader, event.target.group);
  detail::read(reader, event.target.channel);
  detail::read(reader, event.target.interaction);
  detail::read(reader, event.target.conversation);
  detail::read(reader, event.data);
  if (!reader.ok()) return std::nullopt;
  from = reader.rest();
  return event;
}

}  // namespace cord::runtime
