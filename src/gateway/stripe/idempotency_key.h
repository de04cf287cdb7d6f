#pragma once
// IdempotencyKey: names one business operation to Stripe, so that a retry, also after a crash, is the same request. It
// is derived from what is being done (an intent and a step of it), never from the time or the number of the attempt;
// and where Stripe keeps a failure for it, from the request that failed. Stripe answers the same key with other
// parameters by an error, so a key belongs to exactly one body.

#include <string>
#include <string_view>

namespace billhook::stripe {

class IdempotencyKey {
  public:
    /// `operation` is an id that outlives a restart ("int_…", "refund:…"); `step` tells its calls apart ("update").
    /// Both not empty (CHECK).
    static IdempotencyKey of(std::string_view operation, std::string_view step);
    /// The next one of the same operation and step, once Stripe repeats that request's failure for this one.
    IdempotencyKey after(std::string_view failed_request) const;
    std::string const& str() const { return value_; }

  private:
    explicit IdempotencyKey(std::string value) : value_(std::move(value)) {}
    std::string value_;
};

}  // namespace billhook::stripe
