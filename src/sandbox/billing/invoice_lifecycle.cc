#include "sandbox/billing/invoice_lifecycle.h"

#include <cstdio>

#include "sandbox/billing/due_date.h"
#include "sandbox/billing/fields.h"
#include "sandbox/billing/invoice_collection.h"
#include "sandbox/billing/invoice_draft.h"
#include "sandbox/billing/period.h"
#include "sandbox/billing/settlement.h"
#include "sandbox/billing/subscription_status.h"
#include "sandbox/billing/usage.h"
#include "sandbox/core/object_type.h"
#include "sandbox/delivery/endpoint_directory.h"
#include "sandbox/resource/customer_balance.h"

namespace billhook::sandbox {
namespace {

std::string next_invoice_number(Call& call, std::string const& customer_id) {
    auto& customer = call.edit("customer", customer_id);
    auto const sequence = int_at(customer, "next_invoice_sequence", 1);
    customer["next_invoice_sequence"] = sequence + 1;
    char digits[24];
    std::snprintf(digits, sizeof digits, "-%04lld", static_cast<long long>(sequence));
    return text_at(customer, "invoice_prefix") + digits;
}

/// What pause_collection wants instead of collecting; empty where it does not hold.
std::string pause_behavior(Call& call, JsonObject const& invoice) {
    auto const* subscription = call.find("subscription", subscription_of(invoice));
    return subscription ? text_at(*subscription, "pause_collection.behavior") : std::string{};
}

Answer<void> finalize_when_due(Call& call, std::string const& id) {
    auto const* invoice = call.find(object_type::invoice, id);
    if (!invoice || text_at(*invoice, "status") != "draft" || !bool_at(*invoice, "auto_advance")) return {};
    auto const pause = pause_behavior(call, *invoice);
    bool const is_sent = text_at(*invoice, "collection_method") == "send_invoice";
    finalize_invoice(call, id);
    if (text_at(*call.find(object_type::invoice, id), "status") != "open") return {};
    if (pause == "void")
        void_invoice(call, id);
    else if (pause == "mark_uncollectible")
        mark_uncollectible(call, id, "subscription_paused");
    else if (!is_sent)
        attempt_payment(call, id, {.kind = AttemptKind::on_schedule});
    return {};
}

/// A draft's hour begins when its endpoints know of it. Where time is being advanced they are taken to answer at once,
/// as on a test clock.
bool waits_for_endpoints(Call& call) {
    auto& world = call.world();
    return call.clock() == root_clock && !world.root_target && !endpoints_for(world, "invoice.created").empty();
}

void close(Call& call, std::string const& id, std::string_view status, std::string_view moment,
           std::string_view event) {
    auto const before = call.view(object_type::invoice, id);
    auto& invoice = call.edit(object_type::invoice, id);
    invoice["status"] = status;
    invoice["auto_advance"] = false;
    invoice["next_payment_attempt"] = nullptr;
    invoice["status_transitions"].as_object()[moment] = call.now();
    call.unschedule("invoice.retry", id);
    call.emit_change("invoice.updated", object_type::invoice, id, before);
    call.emit_now(event, object_type::invoice, id);
}

}  // namespace

void schedule_finalization(Call& call, std::string const& id) {
    auto& invoice = call.edit(object_type::invoice, id);
    auto const& settings = call.world().settings;
    auto const wanted = time_at(invoice, "automatically_finalizes_at");
    if (!wanted && waits_for_endpoints(call)) {
        invoice["sandbox_awaits_endpoints"] = true;
        call.schedule("invoice.finalize", id, call.now() + settings.finalize_at_latest_seconds);
        return;
    }
    auto const at = wanted.value_or(call.now() + settings.finalize_after_seconds);
    invoice["automatically_finalizes_at"] = at;
    invoice["webhooks_delivered_at"] = call.now();
    call.schedule("invoice.finalize", id, at);
}

bool has_waiting_drafts(World& world) {
    return !world.store.live(object_type::invoice, "awaits_endpoints", "yes").empty();
}

void invoice_was_announced(Call& call, std::string const& id) {
    auto const* draft = call.find(object_type::invoice, id);
    if (!draft || text_at(*draft, "status") != "draft" || !bool_at(*draft, "sandbox_awaits_endpoints")) return;
    call.use_clock_of(*draft);
    auto const at = call.now() + call.world().settings.finalize_after_seconds;
    auto& invoice = call.edit(object_type::invoice, id);
    invoice["sandbox_awaits_endpoints"] = false;
    invoice["webhooks_delivered_at"] = call.now();
    if (!bool_at(invoice, "auto_advance")) return;
    invoice["automatically_finalizes_at"] = at;
    call.schedule("invoice.finalize", id, at);
}

void finalize_invoice(Call& call, std::string const& id) {
    count_late_usage(call, id);
    total_up(call, id);
    auto const& draft = *call.find(object_type::invoice, id);
    auto const customer = text_at(draft, "customer");
    auto const currency = text_at(draft, "currency");
    auto const total = int_at(draft, "total");
    auto const balance = balance_in(*call.find("customer", customer), currency);
    auto const settled = settle(total, balance, minimum_charge(currency));
    if (settled.balance_after != balance) {
        bool const is_too_small = total > 0 && settled.due == 0 && settled.balance_after > 0;
        change_customer_balance(call, customer,
                                {.amount = settled.balance_after - balance,
                                 .currency = currency,
                                 .type = is_too_small ? "invoice_too_small" : "applied_to_invoice",
                                 .invoice = id});
    }
    auto const own_number = text_at(*call.find(object_type::invoice, id), "number");
    auto const number = own_number.empty() ? next_invoice_number(call, customer) : own_number;
    auto& invoice = call.edit(object_type::invoice, id);
    invoice["number"] = number;
    invoice["status"] = "open";
    invoice["starting_balance"] = balance;
    invoice["ending_balance"] = settled.balance_after;
    invoice["effective_at"] = int_at(invoice, "effective_at", call.now());
    invoice["status_transitions"].as_object()["finalized_at"] = call.now();
    invoice["automatically_finalizes_at"] = nullptr;
    if (!time_at(invoice, "webhooks_delivered_at")) invoice["webhooks_delivered_at"] = int_at(invoice, "created");
    auto const page = call.world().settings.public_url + "/i/" + id;
    invoice["hosted_invoice_url"] = page;
    invoice["invoice_pdf"] = page + "/pdf";
    call.unschedule("invoice.finalize", id);
    if (settled.due == 0) {
        set_paid(call, invoice);
        call.emit_now("invoice.finalized", object_type::invoice, id);
        announce_paid(call, id);
        invoice_was_paid(call, id);
        return;
    }
    bool const is_sent = text_at(invoice, "collection_method") == "send_invoice";
    if (is_sent && !time_at(invoice, "due_date"))
        invoice["due_date"] = call.now() + int_at(invoice, "sandbox_days_until_due") * seconds_per_day;
    create_invoice_payment(call, id);
    call.emit_now("invoice.finalized", object_type::invoice, id);
    if (!is_sent) return;
    plan_due_date(call, id);
    if (bool_at(invoice, "auto_advance")) call.emit_now("invoice.sent", object_type::invoice, id);
}

void void_invoice(Call& call, std::string const& id) {
    cancel_invoice_payment(call, id);
    auto const& invoice = *call.find(object_type::invoice, id);
    auto const taken_in = int_at(invoice, "ending_balance") - int_at(invoice, "starting_balance");
    if (taken_in != 0)
        change_customer_balance(call, text_at(invoice, "customer"),
                                {.amount = -taken_in,
                                 .currency = text_at(invoice, "currency"),
                                 .type = "unapplied_from_invoice",
                                 .invoice = id});
    close(call, id, "void", "voided_at", "invoice.voided");
    invoice_was_closed(call, id);
}

void mark_uncollectible(Call& call, std::string const& id, std::string_view reason) {
    call.edit(object_type::invoice, id)["status_details"] = {{"uncollectible", {{"reason", reason}}}};
    close(call, id, "uncollectible", "marked_uncollectible_at", "invoice.marked_uncollectible");
    invoice_was_closed(call, id);
}

void stop_collection(Call& call, std::string const& subscription) {
    std::vector<std::string> ids;
    for (auto const& [sequence, invoice] : call.store().where(object_type::invoice, "collectable", subscription))
        ids.push_back(invoice->id);
    for (auto const& id : ids) {
        auto const before = call.view(object_type::invoice, id);
        auto& invoice = call.edit(object_type::invoice, id);
        invoice["auto_advance"] = false;
        invoice["next_payment_attempt"] = nullptr;
        invoice["automatically_finalizes_at"] = nullptr;
        call.unschedule("invoice.finalize", id);
        call.unschedule("invoice.retry", id);
        call.emit_change("invoice.updated", object_type::invoice, id, before);
    }
}

void add_invoice_lifecycle(World& world) {
    // Drafts and open invoices that are collected automatically, by subscription: few, however long it has run.
    world.store.add_index(object_type::invoice, "collectable", [](JsonObject const& invoice) {
        auto const status = text_at(invoice, "status");
        bool const is_collectable = bool_at(invoice, "auto_advance") && (status == "draft" || status == "open");
        return is_collectable ? subscription_of(invoice) : std::string{};
    });
    world.store.add_index(object_type::invoice, "awaits_endpoints", [](JsonObject const& invoice) {
        return bool_at(invoice, "sandbox_awaits_endpoints") ? std::string("yes") : std::string{};
    });
    world.registry.on_due("invoice.finalize", finalize_when_due);
    add_due_dates(world);
    add_invoice_collection(world);
}

}  // namespace billhook::sandbox
