#include "http/wire.h"

namespace billhook::http {
namespace {

Json plan_json(flow::PlanQuote const& plan) {
    return {{"code", plan.code},
            {"name", plan.name},
            {"line", plan.line},
            {"rank", plan.rank},
            {"interval", to_string(plan.interval)},
            {"amount", integer_or_null(plan.amount)},
            {"currency", plan.currency}};
}

JsonArray feature_codes(std::vector<subscription::FeatureChange> const& changes) {
    JsonArray codes;
    for (auto const& change : changes) codes.push_back(Json(change.feature));
    return codes;
}

JsonArray excess_json(std::vector<subscription::Excess> const& exceeds) {
    JsonArray list;
    for (auto const& excess : exceeds)
        list.push_back({{"feature", excess.feature},
                        {"used", excess.used},
                        {"limit", excess.limit},
                        {"policy", catalog::to_string(excess.policy)}});
    return list;
}

JsonArray items_json(subscription::Subscription const& held) {
    JsonArray items;
    for (auto const& item : held.items)
        items.push_back({{"id", item.stripe_item_id},
                         {"price", item.stripe_price_id},
                         {"lookup_key", text_or_null(item.lookup_key)},
                         {"quantity", item.quantity},
                         {"is_metered", item.is_metered},
                         {"period_start", to_rfc3339(item.period.start)},
                         {"period_end", to_rfc3339(item.period.end)}});
    return items;
}

std::optional<Timestamp> grace_end(subscription::Subscription const& held, catalog::Catalog const& catalog) {
    if (held.status != subscription::Status::past_due || !held.past_due_since) return std::nullopt;
    return *held.past_due_since + Duration::days(catalog.grace_days);
}

}  // namespace

Json time_or_null(std::optional<Timestamp> const& time) {
    return time ? Json(to_rfc3339(*time)) : Json(nullptr);
}
Json integer_or_null(std::optional<std::int64_t> const& number) {
    return number ? Json(*number) : Json(nullptr);
}
Json text_or_null(std::string const& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

void write(JsonWriter& writer, entitlement::CheckAnswer const& answer) {
    writer.text("type", catalog::to_string(answer.type));
    writer.boolean("allowed", answer.is_allowed);
    writer.text("reason", answer.reason);
    writer.number_or_null("limit", answer.limit);
    writer.number_or_null("used", answer.used);
    writer.number_or_null("remaining", answer.remaining);
    if (answer.resets_at)
        writer.text("resets_at", to_rfc3339(*answer.resets_at));
    else
        writer.null("resets_at");
    if (answer.upgrade)
        writer.open("upgrade").text("line", answer.upgrade->line).text("plan", answer.upgrade->plan).close();
}

JsonObject to_json(flow::GaugeAnswer const& answer) {
    return {{"feature", answer.feature},
            {"used", answer.used},
            {"limit", integer_or_null(answer.limit)},
            {"remaining", integer_or_null(answer.remaining)}};
}

JsonObject to_json(customer::Customer const& customer) {
    return {{"id", customer.id.str()},
            {"name", text_or_null(customer.name)},
            {"email", text_or_null(customer.email)},
            {"currency", text_or_null(customer.currency)},
            {"stripe_customer_id", text_or_null(customer.stripe_customer_id)},
            {"created_at", to_rfc3339(customer.created_at)},
            {"updated_at", to_rfc3339(customer.updated_at)}};
}

JsonObject to_json(subscription::Intent const& intent) {
    return {{"id", intent.id.str()},
            {"kind", subscription::to_string(intent.kind)},
            {"line", intent.line},
            {"status", subscription::to_string(intent.status)},
            {"reason", text_or_null(intent.reason)},
            {"created_at", to_rfc3339(intent.created_at)},
            {"ended_at", time_or_null(intent.ended_at)}};
}

JsonObject to_json(subscription::ScheduledChange const& change) {
    return {{"id", change.id.str()},
            {"from", change.from_plan},
            {"to", change.to_plan},
            {"interval", to_string(change.to_interval)},
            {"quantity", change.to_quantity},
            {"effective_at", to_rfc3339(change.effective_at)},
            {"status", subscription::to_string(change.status)}};
}

JsonObject to_json(subscription::HistoryEntry const& entry) {
    return {{"id", entry.id},
            {"line", entry.line},
            {"from_status", entry.from_status},
            {"to_status", entry.to_status},
            {"from_plan", text_or_null(entry.from_plan)},
            {"to_plan", text_or_null(entry.to_plan)},
            {"cause", entry.cause},
            {"at", to_rfc3339(entry.at)}};
}

JsonObject to_json(invoice::Invoice const& invoice) {
    return {{"id", invoice.stripe_invoice_id},
            {"number", text_or_null(invoice.number)},
            {"status", invoice::to_string(invoice.status)},
            {"billing_reason", invoice.billing_reason},
            {"currency", invoice.currency},
            {"total", invoice.total},
            {"amount_due", invoice.amount_due},
            {"amount_paid", invoice.amount_paid},
            {"period_start", to_rfc3339(invoice.period.start)},
            {"period_end", to_rfc3339(invoice.period.end)},
            {"hosted_invoice_url", text_or_null(invoice.hosted_invoice_url)},
            {"invoice_pdf", text_or_null(invoice.invoice_pdf)},
            {"created_at", to_rfc3339(invoice.created_at)}};
}

JsonObject to_json(access::ApiKey const& key) {
    JsonArray scopes;
    for (auto scope : access::to_list(key.scopes)) scopes.push_back(Json(access::to_string(scope)));
    return {{"id", key.id},
            {"name", key.name},
            {"scopes", std::move(scopes)},
            {"customer", text_or_null(key.customer.str())},
            {"created_at", to_rfc3339(key.created_at)},
            {"expires_at", time_or_null(key.expires_at)},
            {"revoked_at", time_or_null(key.revoked_at)},
            {"last_used_at", time_or_null(key.last_used_at)}};
}

JsonObject to_json(flow::ChangeView const& change) {
    JsonObject body{{"relation", subscription::to_string(change.relation)},
                    {"current", change.current ? plan_json(*change.current) : Json(nullptr)},
                    {"target", plan_json(change.target)},
                    {"effective", subscription::to_string(change.effective)},
                    {"effective_at", to_rfc3339(change.effective_at)},
                    {"amount_due_now", change.amount_due_now},
                    {"credit", change.credit},
                    {"currency", change.currency},
                    {"next_invoice", nullptr},
                    {"gains", feature_codes(change.gains)},
                    {"losses", feature_codes(change.losses)},
                    {"exceeds", excess_json(change.exceeds)},
                    {"devices_to_release", JsonArray{}},
                    {"blocked", nullptr}};
    if (change.next_invoice)
        body["next_invoice"] = {{"amount", change.next_invoice->amount}, {"at", to_rfc3339(change.next_invoice->at)}};
    if (change.blocked) body["blocked"] = {{"code", change.blocked->code}, {"detail", change.blocked->detail}};
    if (change.proration_date) body["proration_date"] = to_rfc3339(*change.proration_date);
    return body;
}

PlanContents contents_of(catalog::Catalog const& catalog, catalog::Plan const& plan) {
    PlanContents contents;
    for (auto const& [code, value] : plan.features) {
        auto const* feature = catalog.find_feature(code);
        if (!feature) continue;
        if (feature->type == catalog::FeatureType::flag)
            contents.features[code] = value.is_enabled;
        else
            contents.limits[code] = integer_or_null(value.limit);
    }
    return contents;
}

Json to_json(flow::SubscriptionView const& view, catalog::Catalog const& catalog) {
    if (!view.subscription) return nullptr;
    auto const& held = *view.subscription;
    return JsonObject{{"id", held.id.str()},
                      {"line", held.line},
                      {"plan", held.plan},
                      {"interval", to_string(held.interval)},
                      {"currency", held.currency},
                      {"status", subscription::to_string(held.status)},
                      {"quantity", subscription::plan_quantity(held)},
                      {"current_period_start", to_rfc3339(held.current_period.start)},
                      {"current_period_end", to_rfc3339(held.current_period.end)},
                      {"trial_ends_at", time_or_null(held.trial_end)},
                      {"cancel_at_period_end", held.cancel_at_period_end},
                      {"cancel_at", time_or_null(held.cancel_at)},
                      {"ended_at", time_or_null(held.ended_at)},
                      {"grace_ends_at", time_or_null(grace_end(held, catalog))},
                      {"scheduled_change", view.scheduled ? Json(to_json(*view.scheduled)) : Json(nullptr)},
                      {"pending_intent", view.pending ? Json(to_json(*view.pending)) : Json(nullptr)},
                      {"items", items_json(held)}};
}

}  // namespace billhook::http
