#include "flow/webhook_inbox/replay.h"

namespace billhook::flow {

Result<store::InboxEvent> replay(store::Store& store, std::string_view event_id, Timestamp now,
                                 std::function<void()> const& on_stored) {
    return store.write_value(store::Scope::system(), [&](store::Writer& writer) -> Result<store::InboxEvent> {
        auto const known = TRY(store::find_event(writer, event_id));
        if (!known)
            return fail(
                not_found("There is no event \"" + std::string(event_id) + "\" in the inbox.", "unknown_event"));
        TRY_VOID(store::replay_event(writer, event_id, now));
        if (on_stored) writer.after_commit(on_stored);
        auto replayed = TRY(store::find_event(writer, event_id));
        return replayed.value_or(*known);
    });
}

}  // namespace billhook::flow
