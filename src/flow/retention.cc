#include "flow/retention.h"

#include "base/crash_point.h"
#include "store/checkout_session_store.h"
#include "store/idempotency_store.h"
#include "store/inbox_store.h"
#include "store/outbox_store.h"

namespace billhook::flow {

Result<Progress> purge_expired(store::Store& store, Timestamp now, RetentionSettings const& settings) {
    Progress progress;
    using Purge = Result<std::int64_t> (*)(store::Writer&, Timestamp, int);
    for (auto const& [purge, before] : {std::pair<Purge, Timestamp>{store::purge_expired_idempotency_keys, now},
                                        {store::purge_done_events, now - settings.kept},
                                        {store::purge_done_messages, now - settings.kept},
                                        {store::purge_ended_checkout_sessions, now - settings.kept}}) {
        auto const deleted = TRY(store.write_value(
            store::Scope::system(), [&](store::Writer& writer) { return purge(writer, before, settings.batch_max); }));
        if (deleted > 0) crash_point("retention.purged");
        progress.done += static_cast<int>(deleted);
        progress.has_more = progress.has_more || deleted >= settings.batch_max;
    }
    return progress;
}

}  // namespace billhook::flow
