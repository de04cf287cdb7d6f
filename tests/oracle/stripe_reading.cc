#include "tests/oracle/stripe_reading.h"

namespace billhook::oracle {
namespace {

std::vector<Json> read_all(Doors const& doors, std::string const& list) {
    std::vector<Json> all;
    for (std::string after;;) {
        auto page = doors.stripe(list + (after.empty() ? "" : "&starting_after=" + after));
        if (!find(page, "data") || !page.at("data").is_array() || page.at("data").get_array().empty()) return all;
        for (auto& element : page.at("data").get_array()) all.push_back(std::move(element));
        if (!bool_or(page, "has_more")) return all;
        after = string_or(all.back(), "id");
    }
}

bool is_owing(std::string const& status) {
    return status == "past_due" || status == "unpaid";
}

/// As far as Stripe's events of the last 30 days tell.
void read_arrears(Doors const& doors, StripeReading& reading) {
    for (auto const& event : read_all(doors, "/v1/events?type=customer.subscription.updated&limit=100")) {
        auto const before = find_string(event, "data.previous_attributes.status");
        if (before && !is_owing(*before) && is_owing(string_or(event, "data.object.status")))
            reading.arrears[string_or(event, "data.object.id")].push_back(
                Timestamp::from_seconds(int_or(event, "created")));
    }
}

std::vector<Json> const none;

std::vector<Json> const& found_in(std::map<std::string, std::vector<Json>> const& map, std::string const& key) {
    auto const found = map.find(key);
    return found == map.end() ? none : found->second;
}

}  // namespace

StripeReading read_stripe(Doors const& doors) {
    StripeReading reading;
    for (auto& customer : read_all(doors, "/v1/customers?limit=100"))
        reading.customers[string_or(customer, "metadata.billhook_customer")].push_back(std::move(customer));
    for (auto& subscription : read_all(doors, "/v1/subscriptions?status=all&limit=100"))
        reading.subscriptions[string_or(subscription, "customer")].push_back(std::move(subscription));
    for (auto& invoice : read_all(doors, "/v1/invoices?limit=100"))
        reading.invoices[string_or(invoice, "customer")].push_back(std::move(invoice));
    for (auto const& price : read_all(doors, "/v1/prices?limit=100"))
        reading.lookup_keys[string_or(price, "id")] = string_or(price, "lookup_key");
    reading.schedules = read_all(doors, "/v1/subscription_schedules?limit=100");
    for (auto& session : read_all(doors, "/v1/checkout/sessions?limit=100"))
        if (auto const intent = string_or(session, "metadata.billhook_intent"); !intent.empty()) {
            ++reading.sessions[intent];
            if (string_or(session, "status") == "open") reading.open_sessions[intent] = std::move(session);
        }
    read_arrears(doors, reading);
    return reading;
}

std::vector<Json> const& StripeReading::subscriptions_of(std::string const& customer) const {
    auto const& known = found_in(customers, customer);
    return known.empty() ? none : found_in(subscriptions, string_or(known.front(), "id"));
}

std::vector<Json> const& StripeReading::invoices_of(std::string const& customer) const {
    auto const& known = found_in(customers, customer);
    return known.empty() ? none : found_in(invoices, string_or(known.front(), "id"));
}

Json const* StripeReading::find_subscription(std::string const& id) const {
    for (auto const& [customer, held] : subscriptions)
        for (auto const& subscription : held)
            if (string_or(subscription, "id") == id) return &subscription;
    return nullptr;
}

bool is_live(Json const& subscription) {
    auto const status = string_or(subscription, "status");
    return status != "canceled" && status != "incomplete_expired";
}

Json const& only_item(Json const& subscription) {
    return find_path(subscription, "items.data")->as_array().at(0);
}

Sold sold_by(CatalogReading const& catalog, Json const& subscription) {
    auto const found = catalog.prices.find(string_or(only_item(subscription), "price.lookup_key"));
    return found == catalog.prices.end() ? Sold{} : found->second;
}

std::string line_of(CatalogReading const& catalog, Json const& subscription) {
    auto const plan = catalog.plans.find(sold_by(catalog, subscription).plan);
    return plan == catalog.plans.end() ? "" : plan->second.line;
}

std::optional<std::int64_t> seconds_at(Json const& object, std::string_view path) {
    return find_int(object, path);
}

}  // namespace billhook::oracle
