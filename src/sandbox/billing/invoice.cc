// The operations on invoices.

#include <algorithm>

#include "sandbox/billing/billing_resources.h"
#include "sandbox/billing/discounts.h"
#include "sandbox/billing/fields.h"
#include "sandbox/billing/invoice_collection.h"
#include "sandbox/billing/invoice_draft.h"
#include "sandbox/billing/invoice_lifecycle.h"
#include "sandbox/billing/invoice_lines.h"
#include "sandbox/billing/subscription_update.h"
#include "sandbox/billing/taxes.h"
#include "sandbox/core/object_type.h"
#include "sandbox/payment/payment_method.h"

namespace billhook::sandbox {
namespace {

constexpr std::string_view editable[] = {"account_tax_ids",
                                         "auto_advance",
                                         "automatically_finalizes_at",
                                         "collection_method",
                                         "custom_fields",
                                         "description",
                                         "due_date",
                                         "effective_at",
                                         "footer",
                                         "number",
                                         "on_behalf_of",
                                         "rendering",
                                         "shipping_cost",
                                         "shipping_details",
                                         "statement_descriptor"};

std::string status_of(Call& call) {
    return text_at(*call.find(object_type::invoice, call.path_id()), "status");
}

Answer<JsonObject const*> need_invoice(Call& call) {
    auto const* invoice = TRY(call.need(object_type::invoice, call.path_id()));
    call.use_clock_of(*invoice);
    return invoice;
}

ApiError not_editable(std::string const& what) {
    return bad_request(what, "", "invoice_not_editable");
}

/// The settings of POST /v1/invoices and POST /v1/invoices/{id}.
Answer<void> apply_settings_invoice(Call& call, std::string const& id) {
    auto& invoice = call.edit(object_type::invoice, id);
    copy_given(invoice, call.params, editable);
    merge_metadata(invoice, call.params);
    if (auto const days = time_at(call.params, "days_until_due")) invoice["sandbox_days_until_due"] = *days;
    if (auto const method = call.text("default_payment_method"); !method.empty()) {
        auto const resolved = TRY(resolve_payment_method(call, method, "default_payment_method"));
        invoice["default_payment_method"] = resolved;
    }
    if (auto const* automatic = find(call.params, "automatic_tax"); automatic && automatic->is_object())
        copy_given(invoice["automatic_tax"].as_object(), automatic->get_object(), {"enabled"});
    if (auto const* settings = find(call.params, "payment_settings"); settings && settings->is_object())
        copy_given(invoice["payment_settings"].as_object(), settings->get_object(),
                   {"default_mandate", "payment_method_options", "payment_method_types"});
    bool const is_sent = text_at(invoice, "collection_method") == "send_invoice";
    if (is_sent && !time_at(invoice, "sandbox_days_until_due") && !time_at(invoice, "due_date"))
        return refuse(
            bad_request("If invoice collection method is `send_invoice`, `days_until_due` or `due_date` "
                        "must be set.",
                        "days_until_due", "parameter_missing"));
    if (auto const* rates = find(call.params, "default_tax_rates"))
        invoice["default_tax_rates"] = TRY(read_tax_rates(call, *rates, "default_tax_rates"));
    if (auto const* discounts = find(call.params, "discounts")) {
        auto const customer = text_at(invoice, "customer");
        invoice["discounts"] =
            TRY(redeem_discounts(call, discounts, {.customer = customer, .invoice = id}, "discounts"));
    }
    call.complete(object_type::invoice, invoice);
    return {};
}

/// What auto_advance and automatically_finalizes_at ask for.
void plan_finalization(Call& call, std::string const& id) {
    auto const& invoice = *call.find(object_type::invoice, id);
    if (text_at(invoice, "status") != "draft") return;
    if (bool_at(invoice, "auto_advance") || call.params.contains("automatically_finalizes_at"))
        schedule_finalization(call, id);
    else
        call.unschedule("invoice.finalize", id);
}

Answer<Json> answer_create_invoice(Call& call) {
    auto const customer = call.text("customer");
    if (customer.empty()) return refuse(missing_parameter("customer"));
    auto const& payer = *TRY(call.need("customer", customer, "customer"));
    call.use_clock_of(payer);
    auto const subscription = call.text("subscription");
    if (!subscription.empty()) TRY(call.need("subscription", subscription, "subscription"));
    auto currency = call.text("currency");
    if (currency.empty()) currency = text_at(payer, "currency");
    if (currency.empty()) currency = call.world().settings.default_currency;
    auto const pending = call.text("pending_invoice_items_behavior");
    bool const takes_pending = pending == "include" || (pending.empty() && !subscription.empty());
    auto const drafted =
        draft_invoice(call, {.customer = customer,
                             .subscription = subscription,
                             .currency = currency,
                             .reason = "manual",
                             .period = {call.now(), call.now()},
                             .pending = takes_pending ? PendingItems::of_subscription : PendingItems::none,
                             .auto_advance = false});
    TRY_VOID(apply_settings_invoice(call, drafted.id));
    total_up(call, drafted.id);
    plan_finalization(call, drafted.id);
    return call.view(object_type::invoice, drafted.id);
}

Answer<Json> update_invoice(Call& call) {
    auto const& id = call.path_id();
    TRY(need_invoice(call));
    if (status_of(call) != "draft") {
        constexpr std::string_view always[] = {"metadata", "default_payment_method", "auto_advance",
                                               "payment_settings"};
        for (auto const& [key, value] : call.params)
            if (std::ranges::find(always, std::string_view(key.data(), key.size())) == std::ranges::end(always))
                return refuse(not_editable("Finalized invoices can't be updated in this way"));
    }
    auto const before = call.view(object_type::invoice, id);
    TRY_VOID(apply_settings_invoice(call, id));
    if (status_of(call) == "draft") total_up(call, id);
    plan_finalization(call, id);
    call.emit_change("invoice.updated", object_type::invoice, id, before);
    return call.view(object_type::invoice, id);
}

Answer<Json> finalize(Call& call) {
    auto const& id = call.path_id();
    TRY(need_invoice(call));
    if (status_of(call) != "draft")
        return refuse(not_editable("This invoice is already finalized, you can't re-finalize a non-draft invoice."));
    if (auto const* advance = find(call.params, "auto_advance"))
        call.edit(object_type::invoice, id)["auto_advance"] = *advance;
    finalize_invoice(call, id);
    auto const& invoice = *call.find(object_type::invoice, id);
    bool const is_charged = bool_at(invoice, "auto_advance") &&
                            text_at(invoice, "collection_method") == "charge_automatically" &&
                            text_at(invoice, "status") == "open";
    // The first automatic attempt follows within the hour.
    if (is_charged) call.schedule("invoice.retry", id, call.now() + call.world().settings.finalize_after_seconds);
    return call.view(object_type::invoice, id);
}

Answer<Json> pay(Call& call) {
    auto const& id = call.path_id();
    TRY(need_invoice(call));
    if (status_of(call) == "paid") return refuse(bad_request("Invoice is already paid", "", "invoice_already_paid"));
    if (status_of(call) == "void")
        return refuse(bad_request("Voided invoices cannot be paid.", "", "invoice_not_payable"));
    if (status_of(call) == "draft") finalize_invoice(call, id);
    if (status_of(call) == "paid") return call.view(object_type::invoice, id);
    if (bool_at(call.params, "paid_out_of_band")) {
        mark_paid_out_of_band(call, id);
        return call.view(object_type::invoice, id);
    }
    auto method = call.text("payment_method");
    if (!method.empty()) method = TRY(resolve_payment_method(call, method, "payment_method"));
    if (method.empty()) method = payment_method_of(call, *call.find(object_type::invoice, id));
    if (method.empty()) return refuse(no_payment_method());
    auto const* off_session = find(call.params, "off_session");
    bool const is_on_session = off_session && !off_session->as_bool();
    auto const outcome = attempt_payment(
        call, id, {AttemptKind::manual, is_on_session ? Presence::on_session : Presence::off_session, method});
    if (outcome.kind == PaymentOutcome::Kind::succeeded) return call.view(object_type::invoice, id);
    call.keep_on_refusal = true;
    auto error = outcome.error;
    if (outcome.kind == PaymentOutcome::Kind::requires_action) error.code = "invoice_payment_intent_requires_action";
    return refuse(std::move(error));
}

Answer<Json> void_by_invoice(Call& call) {
    TRY(need_invoice(call));
    auto const status = status_of(call);
    if (status != "open" && status != "uncollectible")
        return refuse(not_editable("You can only pass in open invoices. This invoice isn't open."));
    void_invoice(call, call.path_id());
    return call.view(object_type::invoice, call.path_id());
}

Answer<Json> give_up(Call& call) {
    TRY(need_invoice(call));
    if (status_of(call) != "open")
        return refuse(not_editable("You can only pass in open invoices. This invoice isn't open."));
    mark_uncollectible(call, call.path_id(), "user_forgiven");
    return call.view(object_type::invoice, call.path_id());
}

Answer<Json> send(Call& call) {
    auto const& id = call.path_id();
    TRY(need_invoice(call));
    if (status_of(call) == "draft") finalize_invoice(call, id);
    if (text_at(*call.find(object_type::invoice, id), "collection_method") != "send_invoice")
        return refuse(
            bad_request("You can only manually send an invoice if its collection method is "
                        "'send_invoice'."));
    call.emit_now("invoice.sent", object_type::invoice, id);
    return call.view(object_type::invoice, id);
}

Answer<Json> remove_invoice(Call& call) {
    auto const& id = call.path_id();
    auto const& invoice = *TRY(need_invoice(call));
    if (status_of(call) != "draft") return refuse(not_editable("You can only delete draft invoices."));
    if (!subscription_of(invoice).empty() && text_at(invoice, "billing_reason") != "manual")
        return refuse(not_editable("You cannot delete invoices created by subscriptions."));
    // What waited as an invoice item waits again.
    for (auto const& line : line_ids(call, id)) {
        auto const item = invoice_item_of(*call.find("line_item", line));
        if (call.find("invoiceitem", item)) call.edit("invoiceitem", item)["invoice"] = nullptr;
        call.remove("line_item", line);
    }
    auto const last = call.view(object_type::invoice, id);
    call.unschedule("invoice.finalize", id);
    auto stub = call.remove(object_type::invoice, id);
    call.emit("invoice.deleted", last);
    return stub;
}

Answer<Json> list_invoices(Call& call) {
    ListQuery query{.type = object_type::invoice};
    if (auto const subscription = call.text("subscription"); !subscription.empty()) {
        call.use_clock_of(*TRY(call.need("subscription", subscription, "subscription")));
        query.index = "subscription";
        query.key = subscription;
        query.shows_clock_objects = true;
    } else if (auto const customer = call.text("customer"); !customer.empty()) {
        TRY(call.need("customer", customer, "customer"));
        query.index = "customer";
        query.key = customer;
    }
    query.keep = [&](JsonObject const& invoice) {
        auto const fits = [&](std::string_view name) {
            auto const wanted = call.text(name);
            return wanted.empty() || text_at(invoice, name) == wanted;
        };
        return fits("status") && fits("collection_method") && fits("customer");
    };
    return call.list(query);
}

}  // namespace

void add_invoices(World& world) {
    world.store.add_index(object_type::invoice, "customer");
    world.store.add_index(object_type::invoice, "subscription", subscription_of);
    auto& registry = world.registry;
    registry.on("POST /v1/invoices", answer_create_invoice);
    registry.on("POST /v1/invoices/{id}", update_invoice);
    registry.on("DELETE /v1/invoices/{id}", remove_invoice);
    registry.on("POST /v1/invoices/{id}/finalize", finalize);
    registry.on("POST /v1/invoices/{id}/pay", pay);
    registry.on("POST /v1/invoices/{id}/void", void_by_invoice);
    registry.on("POST /v1/invoices/{id}/mark_uncollectible", give_up);
    registry.on("POST /v1/invoices/{id}/send", send);
    registry.on("GET /v1/invoices/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need(object_type::invoice, call.path_id()));
        return call.view(object_type::invoice, call.path_id());
    });
    registry.on("GET /v1/invoices", list_invoices);
    registry.on("GET /v1/invoices/search", [](Call& call) { return call.search(object_type::invoice); });
    add_invoice_lines(world);
}

}  // namespace billhook::sandbox
