#include "sandbox/billing/subscription_status.h"

#include <ranges>

#include "sandbox/billing/cancellation.h"
#include "sandbox/billing/fields.h"
#include "sandbox/billing/invoice_collection.h"
#include "sandbox/billing/invoice_draft.h"
#include "sandbox/billing/invoice_lifecycle.h"
#include "sandbox/billing/pending_update.h"
#include "sandbox/billing/resumption.h"
#include "sandbox/billing/subscription_time.h"
#include "sandbox/core/object_type.h"

namespace billhook::sandbox {
namespace {

struct Behind {  // an invoice, as its subscription sees it
    std::string subscription;
    std::string status;
    bool is_latest = false;
    bool is_first = false;
    bool is_of_pending_update = false;  // also of one that has been dropped since
    bool is_of_resumption = false;
};

bool is_of_pending_update(JsonObject const& invoice) {
    return bool_at(invoice, "sandbox_is_of_pending_update");
}

/// The one that the status hangs on. While a change waits for its payment the subscription goes on on its old terms, so
/// whether that is paid, or given up, says nothing about what is owed for the periods.
std::string latest_invoice_of_terms(Call& call, std::string const& subscription) {
    auto const& invoices = call.store().live("invoice", "subscription", subscription);
    for (auto const& [sequence, invoice] : invoices | std::views::reverse)
        if (!is_of_pending_update(invoice->object)) return std::string(invoice->id);
    return {};
}

/// Nothing for an invoice without a living subscription.
std::optional<Behind> behind(Call& call, std::string const& invoice_id) {
    auto const& invoice = *call.find("invoice", invoice_id);
    auto const id = subscription_of(invoice);
    auto const* subscription = id.empty() ? nullptr : call.find(object_type::subscription, id);
    if (!subscription) return std::nullopt;
    Behind found{.subscription = id, .status = text_at(*subscription, "status")};
    if (is_terminal(found.status)) return std::nullopt;
    found.is_latest = latest_invoice_of_terms(call, id) == invoice_id;
    found.is_first = text_at(invoice, "billing_reason") == "subscription_create";
    found.is_of_pending_update = is_of_pending_update(invoice);
    found.is_of_resumption = resumption_invoice_of(*subscription) == invoice_id;
    return found;
}

void change_status(Call& call, std::string const& id, std::string_view status) {
    auto const before = call.view(object_type::subscription, id);
    call.edit(object_type::subscription, id)["status"] = status;
    call.emit_change("customer.subscription.updated", object_type::subscription, id, before);
    follow_up(call, id);
}

/// payment_settings.save_default_payment_method=on_subscription
void remember_method(Call& call, std::string const& id, std::string const& invoice) {
    auto const& subscription = *call.find(object_type::subscription, id);
    if (text_at(subscription, "payment_settings.save_default_payment_method") != "on_subscription") return;
    auto const* intent = call.find("payment_intent", payment_intent_of(call, invoice));
    auto const method = intent ? text_at(*intent, "payment_method") : std::string{};
    if (!method.empty()) call.edit(object_type::subscription, id)["default_payment_method"] = method;
}

}  // namespace

bool is_terminal(std::string const& status) {
    return status == "canceled" || status == "incomplete_expired";
}

void invoice_was_paid(Call& call, std::string const& invoice) {
    auto const found = behind(call, invoice);
    if (!found) return;
    auto const& id = found->subscription;
    if (found->is_of_pending_update) {
        auto const& subscription = *call.find(object_type::subscription, id);
        bool const is_kept = subscription.contains("sandbox_pending_update");
        if (is_kept && pending_invoice_of(subscription) == invoice) apply_pending_update(call, id);
        return;
    }
    if (found->is_of_resumption) return finish_resumption(call, id);
    bool const becomes_active = (found->status == "incomplete" && found->is_first) ||
                                ((found->status == "past_due" || found->status == "unpaid") && found->is_latest);
    if (!becomes_active) return;
    remember_method(call, id, invoice);
    change_status(call, id, "active");
}

void invoice_payment_failed(Call& call, std::string const& invoice) {
    auto const found = behind(call, invoice);
    if (!found || found->is_of_pending_update || found->is_of_resumption) return;
    // While a subscription begins, its own rules say what a failure means; one to be paid by invoice is active already.
    if (found->is_first && text_at(*call.find("invoice", invoice), "collection_method") != "send_invoice") return;
    if (found->status == "active" || found->status == "trialing") change_status(call, found->subscription, "past_due");
}

void invoice_was_closed(Call& call, std::string const& invoice) {
    auto const found = behind(call, invoice);
    if (!found) return;
    bool const is_void = text_at(*call.find("invoice", invoice), "status") == "void";
    if (found->is_of_pending_update) {
        if (pending_invoice_of(*call.find(object_type::subscription, found->subscription)) != invoice) return;
        auto const before = call.view(object_type::subscription, found->subscription);
        drop_pending_update(call, found->subscription);
        call.emit_change("customer.subscription.updated", object_type::subscription, found->subscription, before);
    } else if (found->is_of_resumption) {
        is_void ? drop_resumption(call, found->subscription) : finish_resumption(call, found->subscription);
    } else if (found->status == "incomplete" && found->is_first && is_void) {
        expire_incomplete(call, found->subscription);
    } else if (found->status == "past_due" && found->is_latest) {
        change_status(call, found->subscription, "active");
    }
}

void invoice_retries_exhausted(Call& call, std::string const& invoice) {
    auto const& settings = call.world().settings;
    if (auto const found = behind(call, invoice); found && found->status == "past_due") {
        if (settings.after_last_retry == "cancel")
            cancel_subscription(call, found->subscription, {.reason = "payment_failed"});
        else if (settings.after_last_retry == "mark_unpaid")
            change_status(call, found->subscription, "unpaid");
    }
    bool const is_open = text_at(*call.find("invoice", invoice), "status") == "open";
    if (is_open && settings.invoice_after_last_retry == "mark_uncollectible")
        mark_uncollectible(call, invoice, "max_payment_attempts");
}

}  // namespace billhook::sandbox
