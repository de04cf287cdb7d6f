#include "sandbox/billing/preview.h"

#include "sandbox/billing/cancellation.h"
#include "sandbox/billing/discounts.h"
#include "sandbox/billing/fields.h"
#include "sandbox/billing/invoice_draft.h"
#include "sandbox/billing/invoice_items.h"
#include "sandbox/billing/items.h"
#include "sandbox/billing/pending_update.h"
#include "sandbox/billing/phase_reader.h"
#include "sandbox/billing/renewal.h"
#include "sandbox/billing/schedule_phases.h"
#include "sandbox/billing/subscription_create.h"
#include "sandbox/billing/subscription_status.h"
#include "sandbox/billing/subscription_update.h"
#include "sandbox/clock/foresight.h"
#include "sandbox/core/inner_operation.h"
#include "sandbox/core/object_type.h"

namespace billhook::sandbox {
namespace {

std::string view_id(Call& call) {
    return call.new_id("upcoming_in_");
}

/// The draft as a preview shows it: under a name of its own, not yet numbered, charged at its time.
JsonObject as_preview(Call& call, std::string const& invoice, std::string_view reason) {
    auto tree = call.view(object_type::invoice, invoice);
    auto const id = view_id(call);
    tree["id"] = id;
    tree["status"] = "draft";
    tree["number"] = nullptr;
    tree["billing_reason"] = reason;
    tree["attempted"] = false;
    tree["auto_advance"] = true;
    tree["automatically_finalizes_at"] = nullptr;
    tree["hosted_invoice_url"] = nullptr;
    tree["invoice_pdf"] = nullptr;
    tree["effective_at"] = nullptr;
    tree["ending_balance"] = int_at(tree, "starting_balance") + int_at(tree, "total") - int_at(tree, "amount_due");
    tree["next_payment_attempt"] = int_at(tree, "created") + call.world().settings.finalize_after_seconds;
    tree["status_transitions"] = call.find(object_type::invoice, invoice)->at("status_transitions");
    for (auto& [moment, at] : tree["status_transitions"].as_object()) at = nullptr;
    for (auto& line : tree["lines"].as_object()["data"].as_array()) line.as_object()["invoice"] = id;
    return tree;
}

/// Lets the time of the next boundary come and drafts its invoice; empty where none comes.
std::string draft_next_cycle(Call& call, std::string const& subscription, std::optional<Foresight>& foresight) {
    if (is_terminal(text_at(*call.find("subscription", subscription), "status"))) return {};
    auto const end = shortest_period(call, subscription).end;
    if (end > call.now()) foresight.emplace(call, end);
    if (!run_schedule(call, subscription)) return {};
    auto const& present = *call.find("subscription", subscription);
    if (is_terminal(text_at(present, "status"))) return text_at(present, "latest_invoice");
    if (auto const at = time_at(present, "cancel_at"); at && *at <= call.now())
        return draft_final_invoice(call, subscription, "subscription_cycle");
    if (text_at(present, "status") == "trialing") call.edit("subscription", subscription)["status"] = "active";
    return renew_items(call, subscription, call.now());
}

ApiError nothing_upcoming(Call& call, std::string const& subscription) {
    auto const customer = text_at(*call.find("subscription", subscription), "customer");
    return {404, "invalid_request_error", "invoice_upcoming_none", "No upcoming invoices for customer: " + customer,
            ""};
}

/// What create_preview adds to the invoice itself.
Answer<void> add_extras(Call& call, std::string const& invoice) {
    auto const customer = text_at(*call.find(object_type::invoice, invoice), "customer");
    if (call.has("discounts"))
        call.edit(object_type::invoice, invoice)["discounts"] =
            TRY(redeem_discounts(call, find(call.params, "discounts"), {.customer = customer}, "discounts"));
    std::size_t position = 0;
    for (auto const& entry : array_at(call.params, "invoice_items")) {
        auto params = entry.as_object();
        params["customer"] = customer;
        params["invoice"] = invoice;
        if (!params.contains("currency")) params["currency"] = call.find(object_type::invoice, invoice)->at("currency");
        if (auto const price = text_at(params, "price"); !price.empty()) params["pricing"] = {{"price", price}};
        TRY(create_invoice_item(call, params, "invoice_items[" + std::to_string(position++) + "]"));
    }
    total_up(call, invoice);
    return {};
}

Answer<JsonObject> show(Call& call, std::string const& invoice, std::string_view reason) {
    TRY_VOID(add_extras(call, invoice));
    return as_preview(call, invoice, reason);
}

Answer<JsonObject> show_next_cycle(Call& call, std::string const& subscription) {
    std::optional<Foresight> foresight;
    auto const invoice = draft_next_cycle(call, subscription, foresight);
    if (invoice.empty()) return refuse(nothing_upcoming(call, subscription));
    return show(call, invoice, "upcoming");
}

void drop_everything_waiting(Call& call, std::string const& subscription) {
    auto const customer = text_at(*call.find("subscription", subscription), "customer");
    std::vector<std::string> ids;
    for (auto const& [sequence, item] : call.store().where("invoiceitem", "pending", customer)) ids.push_back(item->id);
    for (auto const& id : ids) call.remove("invoiceitem", id);
}

/// The change of subscription_details applied, and the invoice to which it leads.
Answer<JsonObject> preview_change(Call& call, std::string const& id, JsonObject const& details) {
    bool const is_recurring = call.text("preview_mode") == "recurring";
    drop_pending_update(call, id);
    auto& subscription = call.edit("subscription", id);
    JsonObject cancellation;
    copy_given(cancellation, details, {"cancel_at", "cancel_at_period_end"});
    TRY_VOID(set_cancellation(call, subscription, cancellation));
    if (bool_at(details, "cancel_now")) {
        bool const prorates = text_at(details, "proration_behavior") != "none";
        auto const before = text_at(subscription, "latest_invoice");
        cancel_subscription(call, id, {.prorates = prorates, .invoices_now = true});
        auto const invoice = text_at(*call.find("subscription", id), "latest_invoice");
        if (invoice == before) return refuse(nothing_upcoming(call, id));
        return as_preview(call, invoice, "subscription_update");
    }
    auto change = TRY(read_change(call, id, details, "subscription_details"));
    if (is_recurring) change.proration = ProrationBehavior::none;
    auto update = TRY(plan_update(call, id, change));
    auto const invoice = bill_update(call, update, "subscription_update", true);
    commit_update(call, update);
    if (!invoice.empty() && !is_recurring) return show(call, invoice, "subscription_update");
    if (is_recurring) drop_everything_waiting(call, id);
    return show_next_cycle(call, id);
}

Answer<JsonObject> preview_new(Call& call, JsonObject const& details) {
    auto customer = call.text("customer");
    JsonObject params;
    copy_given(params, details,
               {"items", "billing_mode", "trial_end", "proration_behavior", "cancel_at", "cancel_at_period_end"});
    if (auto const* anchor = value_at(details, "billing_cycle_anchor.timestamp"))
        params["billing_cycle_anchor"] = *anchor;
    if (auto const* start = find(details, "start_date")) params["backdate_start_date"] = *start;
    if (auto const currency = call.text("currency"); !currency.empty()) params["currency"] = currency;
    if (auto const* tax = find(call.params, "automatic_tax"); tax && tax->is_object()) params["automatic_tax"] = *tax;
    if (customer.empty()) {
        customer = call.new_id("cus_");
        call.create("customer", {{"id", customer},
                                 {"balance", 0},
                                 {"created", call.now()},
                                 {"invoice_prefix", "PREVIEW"},
                                 {"invoice_settings", JsonObject{}},
                                 {"metadata", JsonObject{}},
                                 {"tax_exempt", "none"}});
    }
    params["customer"] = customer;
    params["payment_behavior"] = "default_incomplete";
    auto const subscription = TRY(create_subscription(call, params));
    auto const invoice = text_at(*call.find("subscription", subscription), "latest_invoice");
    TRY_VOID(add_extras(call, invoice));
    return as_preview(call, invoice, "subscription_create");
}

Answer<JsonObject> preview_schedule(Call& call, std::string const& schedule_id, JsonObject const& details) {
    auto const& schedule = *TRY(call.need("subscription_schedule", schedule_id, "schedule"));
    call.use_clock_of(schedule);
    auto const subscription = text_at(schedule, "subscription");
    if (subscription.empty())
        return refuse(bad_request("The sandbox previews schedules that have started.", "schedule"));
    if (details.contains("phases")) {
        PhaseFrame const frame{.current_start = int_at(schedule, "current_phase.start_date"),
                               .subscription = subscription,
                               .customer = text_at(schedule, "customer"),
                               .agreed = array_at(schedule, "phases")};
        auto phases = TRY(read_phases(call, details, frame));
        auto& changed = call.edit("subscription_schedule", schedule_id);
        for (auto const& phase : phases)
            if (int_at(phase.as_object(), "start_date") == *frame.current_start)
                changed["current_phase"].as_object()["end_date"] = phase.at("end_date");
        changed["phases"] = std::move(phases);
    }
    return show_next_cycle(call, subscription);
}

Answer<JsonObject> preview_wanted(Call& call) {
    static JsonObject const none;
    auto const* given = find(call.params, "subscription_details");
    auto const& details = given && given->is_object() ? given->get_object() : none;
    if (auto const schedule = call.text("schedule"); !schedule.empty()) {
        auto const* phases = find(call.params, "schedule_details");
        return preview_schedule(call, schedule, phases && phases->is_object() ? phases->get_object() : none);
    }
    auto const id = call.text("subscription");
    if (id.empty()) {
        auto const customer = call.text("customer");
        if (!customer.empty()) call.use_clock_of(*TRY(call.need("customer", customer, "customer")));
        if (details.contains("items")) return preview_new(call, details);
        if (customer.empty()) return refuse(missing_parameter("customer"));
        auto const& living = call.store().where("subscription", "living", customer);
        if (living.empty())
            return refuse(ApiError{404, "invalid_request_error", "invoice_upcoming_none",
                                   "No upcoming invoices for customer: " + customer, ""});
        return show_next_cycle(call, living.begin()->second->id);
    }
    auto const& subscription = *TRY(call.need("subscription", id, "subscription"));
    call.use_clock_of(subscription);
    if (is_terminal(text_at(subscription, "status"))) return refuse(nothing_upcoming(call, id));
    return preview_change(call, id, details);
}

Answer<Json> create_preview(Call& call) {
    Rehearsal const rehearsal(call);
    return Json(TRY(preview_wanted(call)));
}

/// What GET /v1/invoices/upcoming said beside each other is said in subscription_details today.
JsonObject preview_parameters(JsonObject const& upcoming) {
    JsonObject wanted, details;
    if (auto const* given = find(upcoming, "subscription_details"); given && given->is_object())
        details = given->get_object();
    constexpr std::string_view prefix = "subscription_";
    for (auto const& [key, value] : upcoming) {
        std::string_view const name(key.data(), key.size());
        if (name == "subscription_details" || name == "limit" || name.ends_with("ing_after") ||
            name.ends_with("ing_before") || value.is_null())
            continue;
        if (name == "coupon")
            wanted["discounts"] = JsonArray{JsonObject{{"coupon", value}}};
        else if (name.starts_with(prefix))
            details[name.substr(prefix.size())] = value;
        else
            wanted[name] = value;
    }
    if (auto* anchor = details.if_contains("billing_cycle_anchor"); anchor && anchor->is_string())
        *anchor = JsonObject{{"type", Json(*anchor)}};
    else if (anchor && anchor->is_int64())
        *anchor = JsonObject{{"type", "timestamp"}, {"timestamp", Json(*anchor)}};
    if (!details.empty()) wanted["subscription_details"] = std::move(details);
    return wanted;
}

Answer<Json> show_upcoming(Call& call) {
    return perform(call, "POST", "/v1/invoices/create_preview", preview_parameters(call.params));
}

Answer<Json> list_upcoming_lines(Call& call) {
    auto const upcoming = TRY(show_upcoming(call));
    return call.page_of(value_at(upcoming.get_object(), "lines.data")->as_array());
}

}  // namespace

std::optional<JsonObject> preview_next_cycle(Call& call, std::string const& subscription) {
    Rehearsal const rehearsal(call);
    std::optional<Foresight> foresight;
    auto const invoice = draft_next_cycle(call, subscription, foresight);
    if (invoice.empty()) return std::nullopt;
    return as_preview(call, invoice, "upcoming");
}

void add_invoice_previews(World& world) {
    world.registry.on("POST /v1/invoices/create_preview", create_preview);
    world.registry.on("GET /v1/invoices/upcoming", show_upcoming);
    world.registry.on("GET /v1/invoices/upcoming/lines", list_upcoming_lines);
}

}  // namespace billhook::sandbox
