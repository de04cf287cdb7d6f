#include "gateway/stripe/subscription_schedule_calls.h"

#include "gateway/stripe/answer.h"
#include "gateway/stripe/parameters.h"
#include "gateway/stripe/tree.h"

namespace billhook::stripe {
namespace {

void put_discounts(Parameters& body, std::vector<PhaseDiscount> const& discounts) {
    JsonArray elements;
    for (auto const& discount : discounts) {
        Parameters element;
        // A discount that exists already keeps its remaining duration; its coupon alone would start it anew.
        if (!discount.discount_id.empty())
            element.put_text("discount", discount.discount_id);
        else if (!discount.promotion_code_id.empty())
            element.put_text("promotion_code", discount.promotion_code_id);
        else
            element.put_text("coupon", discount.coupon_id);
        elements.emplace_back(element.object());
    }
    if (!elements.empty()) body.put("discounts", Json(std::move(elements)));
}

void put_ids(Parameters& body, std::string_view name, std::vector<std::string> const& ids) {
    JsonArray elements;
    for (auto const& id : ids) elements.emplace_back(id);
    if (!elements.empty()) body.put(name, Json(std::move(elements)));
}

Parameters item_parameters(PhaseItem const& item) {
    Parameters body;
    body.put_text("price", item.price_id).put("quantity", item.quantity).put("metadata", item.metadata);
    put_discounts(body, item.discounts);
    put_ids(body, "tax_rates", item.tax_rate_ids);
    return body;
}

Parameters phase_parameters(PhaseWish const& wish) {
    auto const& phase = wish.content;
    Parameters body;
    JsonArray items;
    for (auto const& item : phase.items) items.emplace_back(item_parameters(item).object());
    body.put("items", Json(std::move(items)));
    body.put("start_date", wish.start).put("end_date", wish.end);
    if (wish.duration) {
        Parameters duration;
        duration.put_text("interval", to_string(wish.duration->unit));
        duration.put("interval_count", Json(wish.duration->count));
        body.put_object("duration", duration);
    }
    put_discounts(body, phase.discounts);
    put_ids(body, "default_tax_rates", phase.default_tax_rate_ids);
    body.put("trial_end", phase.trial_end);
    body.put_object("automatic_tax", Parameters().put("enabled", phase.has_automatic_tax));
    body.put_text("proration_behavior", phase.proration_behavior);
    body.put_text("billing_cycle_anchor", phase.billing_cycle_anchor);
    body.put_text("collection_method", phase.collection_method);
    body.put_text("default_payment_method", phase.default_payment_method_id);
    body.put_text("description", phase.description).put_text("currency", phase.currency);
    body.put("metadata", phase.metadata);
    return body;
}

}  // namespace

PhaseWish repeat(Phase const& phase) {
    return {.content = phase, .start = phase.period.start, .end = phase.period.end, .duration = std::nullopt};
}

Result<SubscriptionSchedule> create_schedule(Client const& client, std::string const& subscription_id,
                                             IdempotencyKey const& key) {
    return parse_answer(client.post({"/v1/subscription_schedules", {}}, {{"from_subscription", subscription_id}}, key),
                        parse_subscription_schedule);
}

Result<SubscriptionSchedule> update_schedule(Client const& client, std::string const& id, ScheduleChange const& change,
                                             IdempotencyKey const& key) {
    Parameters body;
    JsonArray phases;
    for (auto const& phase : change.phases) phases.emplace_back(phase_parameters(phase).object());
    if (!phases.empty()) body.put("phases", Json(std::move(phases)));
    body.put_text("end_behavior", change.end_behavior).put_text("proration_behavior", change.proration_behavior);
    body.put("metadata", change.metadata);
    return parse_answer(client.post({"/v1/subscription_schedules/{id}", {id}}, body.object(), key),
                        parse_subscription_schedule);
}

Result<SubscriptionSchedule> release_schedule(Client const& client, std::string const& id, IdempotencyKey const& key) {
    return parse_answer(client.post({"/v1/subscription_schedules/{id}/release", {id}}, {}, key),
                        parse_subscription_schedule);
}

Result<SubscriptionSchedule> retrieve_schedule(Client const& client, std::string const& id) {
    return parse_answer(client.get({"/v1/subscription_schedules/{id}", {id}}), parse_subscription_schedule);
}

Status for_each_schedule(Client const& client, std::string const& customer_id,
                         std::function<Result<Client::Walk>(SubscriptionSchedule const&)> const& visit) {
    Parameters query;
    query.put_text("customer", customer_id);
    return visit_all(client, {"/v1/subscription_schedules", {}}, query.object(), parse_subscription_schedule, visit);
}

}  // namespace billhook::stripe
