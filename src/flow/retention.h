#pragma once
// Retention: deletes what has been kept as long as docs/decisions/0009 says. Each round takes a bounded batch of each
// table, each in a transaction of its own, so that nobody waits behind a long one.

#include "base/clock.h"
#include "flow/progress.h"
#include "store/store.h"

namespace billhook::flow {

struct RetentionSettings {
    // After an event or a message was done, and after a checkout session would have expired. Dead letters stay.
    Duration kept = Duration::days(90);
    int batch_max = 500;
};

/// `done` counts the rows deleted. has_more: some table may hold more.
Result<Progress> purge_expired(store::Store& store, Timestamp now, RetentionSettings const& settings = {});

}  // namespace billhook::flow
