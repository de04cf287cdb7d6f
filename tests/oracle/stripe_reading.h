#pragma once
// What the sandbox says: its objects as it answers them, found by the ids that ours bear in their metadata.

#include <map>
#include <string>
#include <vector>

#include "tests/oracle/catalog_reading.h"
#include "tests/oracle/doors.h"

namespace billhook::oracle {

struct StripeReading {
    std::map<std::string, std::vector<Json>> customers;      // by our customer's id
    std::map<std::string, std::vector<Json>> subscriptions;  // by Stripe's customer; ended ones too
    std::map<std::string, std::vector<Json>> invoices;       // by Stripe's customer
    std::vector<Json> schedules;
    std::map<std::string, Json> open_sessions;              // by intent
    std::map<std::string, int> sessions;                    // by intent: how many there ever were
    std::map<std::string, std::string> lookup_keys;         // by price
    std::map<std::string, std::vector<Timestamp>> arrears;  // by subscription: when each began, newest first

    std::vector<Json> const& subscriptions_of(std::string const& customer) const;
    std::vector<Json> const& invoices_of(std::string const& customer) const;
    Json const* find_subscription(std::string const& id) const;
};

StripeReading read_stripe(Doors const& doors);

/// Neither canceled nor incomplete_expired.
bool is_live(Json const& subscription);
/// What the subscription's price means in the catalog; empty words where it means nothing.
Sold sold_by(CatalogReading const& catalog, Json const& subscription);
/// Its line in the catalog.
std::string line_of(CatalogReading const& catalog, Json const& subscription);
Json const& only_item(Json const& subscription);
/// Unix seconds at a path; nullopt where it is null.
std::optional<std::int64_t> seconds_at(Json const& object, std::string_view path);

}  // namespace billhook::oracle
