#pragma once
// What the engine says: its API's answers for each customer, and the tables that no answer shows.

#include <map>
#include <string>
#include <vector>

#include "tests/oracle/doors.h"

namespace billhook::oracle {

struct EngineCustomer {
    Json customer;                      // GET /api/v1/customers/{id}
    std::map<std::string, Json> lines;  // GET /api/v1/subscriptions, by line
    Json entitlements;                  // GET /api/v1/entitlements
    std::map<std::string, Json> invoices;
};

struct SubscriptionRow {
    std::string customer, id, line, plan, interval, status, stripe_id;
    std::optional<std::int64_t> ended_at;
    std::string currency, schedule, latest_invoice;
    std::optional<std::int64_t> canceled_at, pending_update_until, past_due_since;
};
struct IntentRow {
    std::string customer, id, subscription, line, kind, status, reason, parameters;
    std::int64_t created_at = 0, ended_at = 0;
};
struct ScheduledChangeRow {
    std::string customer, id, subscription, to_plan, to_interval, schedule, status;
    std::int64_t effective_at = 0, created_at = 0, ended_at = 0, to_quantity = 1;
};
struct HistoryRow {
    std::string customer, subscription, from_status, to_status, from_plan, to_plan, cause, line;
    std::int64_t at = 0;
};
struct InvoiceRow {
    std::string customer, id, subscription;
    std::int64_t subtotal = 0, amount_remaining = 0;
    std::optional<std::int64_t> finalized_at, paid_at;
};
struct QueueRow {
    std::string queue, id, kind, status, error;
};

struct EngineReading {
    std::map<std::string, EngineCustomer> customers;
    std::vector<SubscriptionRow> subscriptions;
    std::vector<IntentRow> intents;
    std::vector<ScheduledChangeRow> scheduled_changes;
    std::vector<HistoryRow> history;  // in the order of appending
    std::map<std::string, InvoiceRow> invoices;
    std::map<std::string, std::int64_t> used;  // by customer and gauge: what its allocations come to
    std::vector<QueueRow> unfinished;          // of inbox and outbox: neither done nor empty

    SubscriptionRow const* find_by_stripe_id(std::string const& id) const;
    SubscriptionRow const* find_subscription(std::string const& customer, std::string const& id) const;
};

EngineReading read_engine(Doors const& doors, std::vector<std::string> const& customers);

}  // namespace billhook::oracle
