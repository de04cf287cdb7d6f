#include "sandbox/billing/cancellation.h"

#include "sandbox/billing/fields.h"
#include "sandbox/billing/invoice_collection.h"
#include "sandbox/billing/invoice_items.h"
#include "sandbox/billing/invoice_lifecycle.h"
#include "sandbox/billing/items.h"
#include "sandbox/billing/pending_update.h"
#include "sandbox/billing/renewal.h"
#include "sandbox/billing/schedule_phases.h"
#include "sandbox/billing/subscription_time.h"
#include "sandbox/core/object_type.h"

namespace billhook::sandbox {
namespace {

void credit_unused_time(Call& call, std::string const& id) {
    auto const& subscription = *call.find(object_type::subscription, id);
    if (text_at(subscription, "status") == "trialing") return;
    bool const is_flexible = text_at(subscription, "billing_mode.type") != "classic";
    auto const anchor = int_at(subscription, "billing_cycle_anchor");
    std::vector<PlannedLine> lines;
    for (auto const& item : item_terms(call, subscription, load_items(call, id), call.now())) {
        auto credits = credit_lines(item, is_flexible, anchor, call.now());
        std::ranges::move(credits, std::back_inserter(lines));
    }
    create_proration_items(call, id, lines);
}

/// Nothing renews any more; what is still open is left to the merchant.
void end(Call& call, std::string const& id, std::string_view status) {
    drop_pending_update(call, id);
    stop_collection(call, id);
    end_schedule_of(call, id);
    auto& subscription = call.edit(object_type::subscription, id);
    subscription["status"] = status;
    subscription["ended_at"] = call.now();
    subscription["pause_collection"] = nullptr;
    subscription.erase("status_details");
    follow_up(call, id);
}

void collect_final_invoice(Call& call, std::string const& invoice) {
    if (invoice.empty()) return;
    finalize_invoice(call, invoice);
    auto const& open = *call.find("invoice", invoice);
    bool const is_charged = text_at(open, "collection_method") == "charge_automatically";
    if (text_at(open, "status") == "open" && is_charged)
        attempt_payment(call, invoice, {.kind = AttemptKind::unretried});
}

}  // namespace

void cancel_subscription(Call& call, std::string const& id, Cancellation const& how) {
    auto const& present = *call.find(object_type::subscription, id);
    bool const was_incomplete = text_at(present, "status") == "incomplete";
    auto const first_invoice = text_at(present, "latest_invoice");
    if (how.prorates && !was_incomplete) credit_unused_time(call, id);
    if (how.invoices_now && !was_incomplete)
        collect_final_invoice(call, draft_final_invoice(call, id, "subscription_update"));
    else if (!how.prorates)
        drop_pending_prorations(call, id);
    auto& subscription = call.edit(object_type::subscription, id);
    if (!time_at(subscription, "canceled_at")) subscription["canceled_at"] = call.now();
    subscription["cancel_at"] = nullptr;
    subscription["cancel_at_period_end"] = false;
    if (!how.reason.empty()) subscription["cancellation_details"].as_object()["reason"] = how.reason;
    end(call, id, "canceled");
    if (was_incomplete && !first_invoice.empty() && text_at(*call.find("invoice", first_invoice), "status") == "open")
        void_invoice(call, first_invoice);
    call.emit_now("customer.subscription.deleted", object_type::subscription, id);
}

void end_at_its_time(Call& call, std::string const& id) {
    auto const invoice = draft_final_invoice(call, id, "subscription_cycle");
    auto& subscription = call.edit(object_type::subscription, id);
    if (!time_at(subscription, "canceled_at")) subscription["canceled_at"] = call.now();
    auto const status = text_at(subscription, "status");
    end(call, id, "canceled");
    if (!invoice.empty() && status != "unpaid") schedule_finalization(call, invoice);
    if (!invoice.empty() && status != "unpaid") call.edit("invoice", invoice)["auto_advance"] = true;
    call.emit_now("customer.subscription.deleted", object_type::subscription, id);
}

void expire_incomplete(Call& call, std::string const& id) {
    auto const before = call.view(object_type::subscription, id);
    auto const invoice = text_at(*call.find(object_type::subscription, id), "latest_invoice");
    end(call, id, "incomplete_expired");
    if (!invoice.empty() && text_at(*call.find("invoice", invoice), "status") == "open") void_invoice(call, invoice);
    call.emit_change("customer.subscription.updated", object_type::subscription, id, before);
}

}  // namespace billhook::sandbox
