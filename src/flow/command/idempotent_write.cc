#include "flow/command/idempotent_write.h"

#include "base/crash_point.h"

namespace billhook::flow {
namespace {

store::Scope scope_of(store::IdempotencyRecord const& record) {
    return record.customer.empty() ? store::Scope::system() : store::Scope::customer(record.customer);
}

store::IdempotencyRecord answered(store::IdempotencyRecord record, KeptAnswer answer) {
    record.status = store::IdempotencyStatus::done;
    record.response_status = answer.status;
    record.response_body = std::move(answer.body);
    return record;
}

}  // namespace

Status ClaimedWrite::keep(store::Writer& writer, KeptAnswer answer) {
    TRY_VOID(store::complete_idempotency_key(writer, answered(record_, std::move(answer))));
    writer.after_commit([this] { is_kept_ = true; });
    return {};
}

Result<std::optional<KeptAnswer>> claim_write(store::Store& store, store::IdempotencyRecord const& record,
                                              Timestamp now) {
    auto const held = TRY(store.write_value(
        scope_of(record), [&](store::Writer& writer) { return store::claim_idempotency_key(writer, record, now); }));
    if (!held) {
        crash_point("idempotent_write.claimed");
        return std::optional<KeptAnswer>{};
    }
    if (held->fingerprint != record.fingerprint)
        return fail(invalid("Idempotency-Key", "this key was already used with another request; take a new one",
                            "idempotency_key_reused"));
    if (held->status == store::IdempotencyStatus::running)
        return fail(conflict("idempotency_key_in_use", "the first request with this key is still running"));
    return std::optional<KeptAnswer>{{held->response_status, held->response_body}};
}

Status keep_answer(store::Store& store, store::IdempotencyRecord record, KeptAnswer answer) {
    crash_point("idempotent_write.answered");
    record = answered(std::move(record), std::move(answer));
    TRY_VOID(store.write(scope_of(record),
                         [&](store::Writer& writer) { return store::complete_idempotency_key(writer, record); }));
    crash_point("idempotent_write.kept");
    return {};
}

Status forget_write(store::Store& store, store::IdempotencyRecord const& record) {
    crash_point("idempotent_write.failed");
    TRY_VOID(store.write(scope_of(record),
                         [&](store::Writer& writer) { return store::release_idempotency_key(writer, record); }));
    crash_point("idempotent_write.forgotten");
    return {};
}

}  // namespace billhook::flow
