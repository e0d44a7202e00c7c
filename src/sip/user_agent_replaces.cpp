// An INVITE that is to take the place of a dialog: RFC 3891 §3. Who may call may replace, so that
// the rights are those of the call that goes on.
#include "sip/codec/extension_fields.hpp"
#include "sip/user_agent_impl.hpp"

namespace cord::sip {

const InviteSession* UserAgent::Impl::find_dialog(const Replaces& wanted) {
  const InviteSession* call = find_by_tag(wanted.to_tag);
  const bool is_it = call != nullptr && call->dialog && call->dialog->call_id() == wanted.call_id &&
                     call->dialog->remote_tag() == wanted.from_tag;
  return is_it ? call : nullptr;
}

// The refusal, or none with the call to replace; that is none if nothing is to be replaced.
std::optional<Message> UserAgent::Impl::find_replaced(const Message& invite, CallHandle& replaced) {
  const std::string* text = invite.find(header::replaces);
  if (text == nullptr) return std::nullopt;
  const auto wanted = parse_replaces(*text);
  if (!wanted) return response_to(invite, 400, {});
  const InviteSession* call = find_dialog(*wanted);
  // An early dialog of ours could be replaced by whom we call only, and that is no caller.
  if (call == nullptr || call->phase == CallPhase::incoming) return response_to(invite, 481, {});
  if (call->phase == CallPhase::ended) return response_to(invite, 603, {});
  if (wanted->early_only) return response_to(invite, 486, {});
  replaced = call->handle;
  return std::nullopt;
}

}  // namespace cord::sip
