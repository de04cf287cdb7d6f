#pragma once
// Idempotency keys of writes: a caller that repeats a request with its key gets the first answer again. A key is
// claimed before the work, and the answer is kept before the caller hears it. Source: IETF draft
// "The Idempotency-Key HTTP Header Field".

#include <optional>
#include <string>

#include "base/clock.h"
#include "store/idempotency_store.h"

namespace billhook::flow {

struct KeptAnswer {
    int status = 0;
    std::string body;
};

/// Nothing: the key is ours now, do the work. A kept answer: give it again. Errors: conflict
/// "idempotency_key_in_use" while the first request runs; invalid "idempotency_key_reused" with another request.
Result<std::optional<KeptAnswer>> claim_write(store::Store& store, store::IdempotencyRecord const& record,
                                              Timestamp now);
Status keep_answer(store::Store& store, store::IdempotencyRecord record, KeptAnswer answer);
/// The work failed in a way that a repetition may mend: the key is free again.
Status forget_write(store::Store& store, store::IdempotencyRecord const& record);

}  // namespace billhook::flow
