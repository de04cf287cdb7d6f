#pragma once
// Idempotency keys: which write a caller already asked for, and what it was answered. Records live until they expire
// and are then purged, so that the index of client-chosen keys stays small.

#include <optional>
#include <string>
#include <string_view>

#include "domain/customer/customer.h"
#include "store/store.h"

namespace billhook::store {

enum class IdempotencyStatus { running, done };
char const* to_string(IdempotencyStatus status);

struct IdempotencyRecord {
    CustomerId customer;      // whom the write concerns; empty where none
    std::string caller;       // who asks, e.g. "key:key_1" or "customer:acme"
    std::string key;          // what the caller sent
    std::string fingerprint;  // of method, path and body: the same key with another one is refused
    IdempotencyStatus status = IdempotencyStatus::running;
    Timestamp running_until;  // a process that died leaves a running record; from then on it may be claimed again
    int response_status = 0;
    std::string response_body;
    Timestamp created_at;
    Timestamp expires_at;
    auto operator<=>(IdempotencyRecord const&) const = default;
};

/// Nothing where the key is now ours and running. Else the record that holds it, for the caller to compare and replay.
/// An expired record, and a running one with the same fingerprint whose running_until has passed, is taken over.
Result<std::optional<IdempotencyRecord>> claim_idempotency_key(Writer& writer, IdempotencyRecord const& record,
                                                               Timestamp now);
/// Keeps the answer. Conflict "claim_lost" where the claim ran out and another process took it over: roll back.
Status complete_idempotency_key(Writer& writer, IdempotencyRecord const& record);
/// Forgets a running claim, so that the same key may be tried again (the write failed in a way worth a retry).
/// Conflict "claim_lost" as above.
Status release_idempotency_key(Writer& writer, IdempotencyRecord const& record);
Result<std::optional<IdempotencyRecord>> find_idempotency_key(Reader& reader, CustomerId const& customer,
                                                              std::string_view caller, std::string_view key);
/// How many were deleted. Under the system's scope only.
Result<std::int64_t> purge_expired_idempotency_keys(Writer& writer, Timestamp now, int limit);

}  // namespace billhook::store
