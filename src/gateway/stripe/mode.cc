#include "gateway/stripe/mode.h"

namespace billhook::stripe {

Status check_mode(Event const& event, std::string_view api_key) {
    // sk_live_…, rk_test_…, sk_org_live_…; what follows has no underscore.
    bool const is_live_key = api_key.contains("_live_");
    if (is_live_key == api_key.contains("_test_") || event.is_live == is_live_key) return {};
    return fail(unavailable(
        "other_mode", event.is_live ? "The event is of live mode, but the configured API key is one of test mode."
                                    : "The event is of test mode, but the configured API key is one of live mode."));
}

}  // namespace billhook::stripe
