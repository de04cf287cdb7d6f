#include "gateway/stripe/idempotency_key.h"

#include "base/check.h"
#include "base/digest.h"

namespace billhook::stripe {
namespace {

constexpr std::size_t length_max = 255;  // Stripe's bound

std::string fitting(std::string const& key) {
    return key.size() > length_max ? "billhook:" + to_hex(sha256(key)) : key;
}

}  // namespace

IdempotencyKey IdempotencyKey::of(std::string_view operation, std::string_view step) {
    CHECK(!operation.empty() && !step.empty());
    return IdempotencyKey(fitting("billhook:" + std::string(operation) + ':' + std::string(step)));
}

IdempotencyKey IdempotencyKey::after(std::string_view failed_request) const {
    CHECK(!failed_request.empty());
    return IdempotencyKey(fitting(value_ + ":after:" + std::string(failed_request)));
}

}  // namespace billhook::stripe
