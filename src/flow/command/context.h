#pragma once
// What a command may reach, wired once by server/. Thread-safe; outlives every command.

#include <string>

#include "flow/projector/context.h"
#include "gateway/stripe/subscription_calls.h"
#include "store/store.h"

namespace billhook::flow {

struct CommandSettings {
    // Where Checkout and the portal send people back to when a request names no address of its own.
    std::string success_url;
    std::string cancel_url;
    std::string portal_return_url;
    stripe::MissingPaymentMethod trial_without_payment_method = stripe::MissingPaymentMethod::cancel;
    bool allows_promotion_codes = true;
    bool has_automatic_tax = false;
};

struct CommandContext {
    store::Store& store;
    ProjectorContext const& projector;
    CommandSettings settings;
};

/// For whom and by whom something is asked.
struct Asker {
    CustomerId customer;
    std::string cause;  // "customer:…", "operator:…", "key:…"; kept in intents and history
    bool is_operator = false;
};

}  // namespace billhook::flow
