#pragma once
// Idempotency keys of writes: a caller that repeats a request with its key gets the first answer again. A key is
// claimed before the work, and the answer is kept before the caller hears it: in the work's own transaction where that
// is all the work there is, so that a process that dies leaves both or neither. Source: IETF draft "The Idempotency-Key
// HTTP Header Field".

#include <functional>
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
/// For work of which no single transaction is the whole.
Status keep_answer(store::Store& store, store::IdempotencyRecord record, KeptAnswer answer);
/// The work failed in a way that a repetition may mend: the key is free again.
Status forget_write(store::Store& store, store::IdempotencyRecord const& record);

/// A key that is ours, while the work is under way.
class ClaimedWrite {
  public:
    explicit ClaimedWrite(store::IdempotencyRecord record) : record_(std::move(record)) {}

    /// Within the work's transaction. Conflict "claim_lost" where another has taken the key over: nothing is done then.
    Status keep(store::Writer& writer, KeptAnswer answer);
    /// The transaction that kept it was committed.
    bool is_kept() const { return is_kept_; }
    store::IdempotencyRecord const& record() const { return record_; }

  private:
    store::IdempotencyRecord const record_;
    bool is_kept_ = false;
};

/// What a command of one transaction is handed, to keep the answer that its value becomes. Empty: there is no key.
template <class Value>
class AnswerKeeper {
  public:
    using Render = std::function<KeptAnswer(Value const&)>;

    AnswerKeeper() = default;
    AnswerKeeper(ClaimedWrite& claim, Render render) : claim_(&claim), render_(std::move(render)) {}

    Status keep(store::Writer& writer, Value const& value) const {
        return claim_ ? claim_->keep(writer, render_(value)) : Status{};
    }
    /// The customer's own, but for a key that is not bound to the customer: its record is the system's.
    store::Scope scope(CustomerId const& customer) const {
        bool const is_own = !claim_ || claim_->record().customer == customer;
        return is_own ? store::Scope::customer(customer) : store::Scope::system();
    }

  private:
    ClaimedWrite* claim_ = nullptr;
    Render render_;
};

}  // namespace billhook::flow
