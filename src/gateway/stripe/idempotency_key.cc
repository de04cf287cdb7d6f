#include "gateway/stripe/idempotency_key.h"

#include "base/check.h"
#include "base/digest.h"

namespace billhook::stripe {
namespace {

constexpr std::size_t length_max = 255;  // Stripe's bound

}  // namespace

IdempotencyKey IdempotencyKey::of(std::string_view operation, std::string_view step) {
    CHECK(!operation.empty() && !step.empty());
    std::string key = "billhook:" + std::string(operation) + ':' + std::string(step);
    if (key.size() > length_max) key = "billhook:" + to_hex(sha256(key));
    return IdempotencyKey(std::move(key));
}

}  // namespace billhook::stripe
