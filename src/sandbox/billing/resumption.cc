#include "sandbox/billing/resumption.h"

#include "sandbox/billing/fields.h"
#include "sandbox/billing/invoice_collection.h"
#include "sandbox/billing/invoice_items.h"
#include "sandbox/billing/invoice_lifecycle.h"
#include "sandbox/billing/pending_update.h"
#include "sandbox/billing/renewal.h"
#include "sandbox/billing/subscription_change.h"
#include "sandbox/billing/subscription_time.h"
#include "sandbox/billing/subscription_update.h"
#include "sandbox/core/object_type.h"

namespace billhook::sandbox {
namespace {

Answer<void> check_pausable(JsonObject const& subscription) {
    auto const status = text_at(subscription, "status");
    if (status != "active" && status != "trialing")
        return refuse(bad_request("Only active or trialing subscriptions can be paused; this one is " + status + ".",
                                  "", "status_transition_invalid"));
    if (!text_at(subscription, "schedule").empty())
        return refuse(
            bad_request("The subscription is managed by a subscription schedule and cannot be paused "
                        "directly.",
                        ""));
    return {};
}

bool is_trial_ahead(Call& call, JsonObject const& subscription) {
    auto const trial_end = time_at(subscription, "trial_end");
    return trial_end && *trial_end > call.now();
}

/// What bill_for and invoicing_behavior ask for: unused time credited, usage billed, now or with the next invoice.
Answer<void> bill_pause(Call& call, std::string const& id) {
    auto const from = call.text("bill_for.unused_time_from.type");
    bool const credits = from == "now" || from == "item_current_period_start";
    auto const& subscription = *call.find(object_type::subscription, id);
    if (credits && text_at(subscription, "status") != "trialing") {
        std::vector<PlannedLine> lines;
        for (auto const& item : item_terms(call, subscription, load_items(call, id), call.now())) {
            auto const start = from == "now" ? call.now() : item.period.start;
            auto unused = credit_lines(item, text_at(subscription, "billing_mode.type") != "classic",
                                       int_at(subscription, "billing_cycle_anchor"), start);
            std::ranges::move(unused, std::back_inserter(lines));
        }
        create_proration_items(call, id, lines);
        for (auto& item : load_items(call, id)) {
            item.debits.clear();
            save_item(call, id, item);
        }
    }
    if (call.text("invoicing_behavior") != "invoice") return {};
    auto const invoice = draft_final_invoice(call, id, "subscription_update");
    return invoice.empty() ? Answer<void>{} : collect_update(call, id, invoice, {});
}

Answer<Json> pause(Call& call) {
    auto const& id = call.path_id();
    auto const& subscription = *TRY(call.need(object_type::subscription, id));
    call.use_clock_of(subscription);
    TRY_VOID(check_pausable(subscription));
    TRY_VOID(bill_pause(call, id));
    pause_subscription(call, id, "pause_requested");
    return call.view(object_type::subscription, id);
}

/// The periods that begin with a resumption, and what they cost; nothing where the paused time simply goes on.
Answer<std::optional<PlannedUpdate>> plan_resumption(Call& call, std::string const& id) {
    auto const& subscription = *call.find(object_type::subscription, id);
    auto const period = shortest_period(call, id);
    bool const keeps_anchor = call.text("billing_cycle_anchor.type") == "unchanged";
    bool const goes_on = keeps_anchor && period.end > call.now();
    if (goes_on || is_trial_ahead(call, subscription)) return std::nullopt;
    if (keeps_anchor) {
        // The period that is running now, laid out from the anchor; the part of it that is left is billed.
        PlannedUpdate update{.subscription = id, .items = load_items(call, id), .proration_date = call.now()};
        update.plan.anchor = int_at(subscription, "billing_cycle_anchor");
        auto const terms = item_terms(call, subscription, update.items, call.now());
        bool const prorates = read_proration_behavior(call.params) != ProrationBehavior::none;
        for (std::size_t i = 0; i < update.items.size(); ++i) {
            auto& item = update.items[i];
            item.period = period_from(update.plan.anchor, *item.price.interval, item.period.end, call.now());
            Span const part{call.now(), item.period.end};
            if (prorates && !item.price.is_metered)
                update.plan.lines.push_back({LineKind::debit, item.id, item.price.id, item.quantity,
                                             share_of(terms[i].amount, part, item.period), part});
        }
        update.plan.invoices_now = !update.plan.lines.empty();
        return update;
    }
    return TRY(plan_update(call, id, {.proration = ProrationBehavior::none, .resets_anchor = true}));
}

/// The subscription stays paused, and its periods as they were, until the invoice is paid.
void await_payment(Call& call, std::string const& id, PlannedUpdate const& update, std::string const& invoice) {
    auto& waiting = call.edit(object_type::subscription, id);
    waiting["sandbox_resumption"] = to_json(update);
    waiting["sandbox_resumption_invoice"] = invoice;
    waiting["sandbox_resumption_expires_at"] = call.now() + seconds_to_pay;
    finalize_invoice(call, invoice);
    if (text_at(*call.find("invoice", invoice), "status") == "open")
        attempt_payment(call, invoice, {AttemptKind::unretried, Presence::on_session});
    follow_up(call, id);
}

Answer<Json> resume(Call& call) {
    auto const& id = call.path_id();
    auto const& subscription = *TRY(call.need(object_type::subscription, id));
    call.use_clock_of(subscription);
    if (text_at(subscription, "status") != "paused")
        return refuse(bad_request(
            "Only paused subscriptions can be resumed; this one is " + text_at(subscription, "status") + ".", "",
            "status_transition_invalid"));
    drop_resumption(call, id);
    auto update = TRY(plan_resumption(call, id));
    auto const invoice = update ? bill_update(call, *update, "subscription_update", true) : std::string{};
    if (!invoice.empty() && call.text("payment_behavior") == "resume_on_payment_success") {
        await_payment(call, id, *update, invoice);
        return call.view(object_type::subscription, id);
    }
    if (update) commit_update(call, *update);
    finish_resumption(call, id);
    if (!invoice.empty()) TRY_VOID(collect_update(call, id, invoice, {}));
    return call.view(object_type::subscription, id);
}

std::string forget_resumption(Call& call, std::string const& id) {
    auto invoice = resumption_invoice_of(*call.find(object_type::subscription, id));
    auto& subscription = call.edit(object_type::subscription, id);
    subscription.erase("sandbox_resumption");
    subscription.erase("sandbox_resumption_invoice");
    subscription.erase("sandbox_resumption_expires_at");
    return invoice;
}

}  // namespace

void pause_subscription(Call& call, std::string const& id, std::string_view cause) {
    auto const before = call.view(object_type::subscription, id);
    auto& subscription = call.edit(object_type::subscription, id);
    subscription["status"] = "paused";
    subscription["status_details"] = {
        {"paused", {{"type", "subscription"}, {"subscription", {{"type", cause}}}, {"transitioned_at", call.now()}}}};
    call.emit_now("customer.subscription.paused", object_type::subscription, id);
    call.emit_change("customer.subscription.updated", object_type::subscription, id, before);
    follow_up(call, id);
}

std::string resumption_invoice_of(JsonObject const& subscription) {
    return text_at(subscription, "sandbox_resumption_invoice");
}

void finish_resumption(Call& call, std::string const& id) {
    auto const before = call.view(object_type::subscription, id);
    if (auto const* held = find(*call.find(object_type::subscription, id), "sandbox_resumption"))
        commit_update(call, planned_update_from(call, JsonObject(held->as_object())));
    forget_resumption(call, id);
    auto& subscription = call.edit(object_type::subscription, id);
    subscription["status"] = is_trial_ahead(call, subscription) ? "trialing" : "active";
    subscription.erase("status_details");
    call.emit_now("customer.subscription.resumed", object_type::subscription, id);
    call.emit_change("customer.subscription.updated", object_type::subscription, id, before);
    follow_up(call, id);
}

void expire_resumption(Call& call, std::string const& id) {
    drop_resumption(call, id);
}

void drop_resumption(Call& call, std::string const& id) {
    auto const invoice = forget_resumption(call, id);
    if (!invoice.empty() && text_at(*call.find("invoice", invoice), "status") == "open") void_invoice(call, invoice);
}

void add_pause_and_resume(World& world) {
    world.registry.on("POST /v1/subscriptions/{id}/pause", pause);
    world.registry.on("POST /v1/subscriptions/{id}/resume", resume);
}

}  // namespace billhook::sandbox
