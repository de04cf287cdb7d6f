#pragma once
// Settings of the sandbox's account and of what Stripe does not publish (marked [A] in SEMANTICS.md). Set when the
// sandbox is made, and changed through POST /_sandbox/settings.

#include <cstdint>
#include <string>
#include <vector>

namespace billhook::sandbox {

struct Settings {
    std::string account_id = "acct_1Sandbox000000000";
    std::string account_name = "Billhook sandbox";
    std::string country = "US";
    std::string default_currency = "usd";
    std::string public_url = "http://127.0.0.1:12111";  // where hosted pages are reached
    std::vector<std::string> keys = {};                 // the only keys accepted; empty: any well-formed test key

    // Failed payments (SEMANTICS.md section 11): days between attempts, and what follows the last one.
    std::vector<int> retry_days = {1, 3, 5, 7};
    std::string after_last_retry = "cancel";              // cancel | mark_unpaid | leave_past_due
    std::string invoice_after_last_retry = "leave_open";  // leave_open | mark_uncollectible
    int invoice_upcoming_days = 7;
    int invoice_will_be_due_days = 3;  // before the due date of an invoice that was sent
    // A draft is finalized so long after its endpoints acknowledged it, and without that after the latest.
    std::int64_t finalize_after_seconds = 3600;
    std::int64_t finalize_at_latest_seconds = 72 * 3600;
    // The sandbox's one tax registration: what automatic_tax takes wherever the customer's country is known.
    std::string automatic_tax_percentage = "20";

    // Webhook retries: the first after this long, then each `webhook_retry_factor` times later.
    std::int64_t webhook_retry_ms = 1000;
    int webhook_retry_factor = 10;
    int webhook_retries_max = 3;
};

}  // namespace billhook::sandbox
