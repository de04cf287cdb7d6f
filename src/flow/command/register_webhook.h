#pragma once
// The webhook endpoint in Stripe: made with exactly the event types that we handle and our API version, and its signing
// secret replaced now and then. Asking for what is already so changes nothing, and a crash in the middle is finished by
// asking again. Endpoints that somebody made by hand are left alone.

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "gateway/stripe/client.h"
#include "store/store.h"

namespace billhook::flow {

struct EndpointContext {
    store::Store& store;
    stripe::Client const& stripe;
    Clock const& clock;
    RandomSource& random;
    std::vector<std::string> event_types;  // handled_event_types() of the projector
};

enum class EndpointChange { created, updated, unchanged };
char const* to_string(EndpointChange change);

struct EndpointReport {
    std::string endpoint_id;
    EndpointChange change = EndpointChange::unchanged;
};

/// One endpoint of ours at this address, enabled. Errors: Stripe's and the store's.
Result<EndpointReport> register_webhook(EndpointContext const& context, std::string const& url);

/// What becomes of the old secret: Stripe may still be retrying deliveries that it signs, so that it stays beside the
/// new one for a day; one that has leaked goes at once.
enum class OldSecret { stays_a_day, goes_at_once };
/// A new endpoint takes over; Stripe has no way to replace the secret of an existing one by the API.
Result<EndpointReport> rotate_webhook_secret(EndpointContext const& context, std::string const& url, OldSecret old);

/// Deletes the endpoints whose secrets have ended. Cheap where there are none: call it now and then.
Status remove_ended_endpoints(EndpointContext const& context);

struct EndpointStatus {
    std::string endpoint_id;  // empty: none is registered
    bool exists = false;      // in Stripe
    bool is_enabled = false;
    std::string url;  // as Stripe has it
    std::string api_version;
    bool has_our_version = false;
    std::vector<std::string> missing_types;    // handled, but not sent
    std::vector<std::string> surplus_types;    // sent, but not handled
    std::vector<std::string> other_endpoints;  // further ones at the same address, by id
    int secrets = 0;                           // that the store holds; two while a rotation lasts

    bool is_as_it_should_be() const {
        return exists && is_enabled && has_our_version && missing_types.empty() && surplus_types.empty();
    }
};
Result<EndpointStatus> webhook_status(EndpointContext const& context, std::string const& url);

}  // namespace billhook::flow
