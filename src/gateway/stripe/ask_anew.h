#pragma once
// Asking anew for what failed. Stripe keeps the first answer of an idempotency key for a day, a 5xx too, whether or not
// it did what was asked: the same request brings nothing new for so long. So a look decides. What was done is not asked
// for again; what was not is asked for under the next key. That follows from the request that failed, so that whoever
// repeats the operation, in whatever process, comes to the same one, and each has looked after the failure.

#include <optional>

#include "base/json.h"
#include "base/result.h"
#include "gateway/stripe/idempotency_key.h"

namespace billhook::stripe {

/// More than the retries of a message: each call adds at most one.
inline constexpr int kept_failures_max = 50;

/// `ask(key)` makes the request, `is_done()` looks at Stripe and gives a Result<bool>. The answer; nothing where the
/// look has found it done. Errors: theirs.
template <class Ask, class IsDone>
auto ask_anew(IdempotencyKey const& first, Ask const& ask, IsDone const& is_done)
    -> Result<std::optional<typename decltype(ask(first))::value_type>> {
    auto key = first;
    for (int failures = 0;; ++failures) {
        auto answer = ask(key);
        if (answer) return std::move(*answer);
        auto const failed = string_or(answer.error().extra, "kept_failure");
        if (failed.empty() || failures == kept_failures_max) return fail(std::move(answer).error());
        if (TRY(is_done())) return std::nullopt;
        key = first.after(failed);
    }
}

/// The same for what does no harm if it is done twice, or is refused the second time: there is nothing to look for.
template <class Ask>
auto ask_anew(IdempotencyKey const& first, Ask const& ask) -> decltype(ask(first)) {
    return TRY(ask_anew(first, ask, []() -> Result<bool> { return false; })).value();
}

}  // namespace billhook::stripe
