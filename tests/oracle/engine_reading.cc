#include "tests/oracle/engine_reading.h"

namespace billhook::oracle {
namespace {

using Columns = std::vector<Json>;

std::string text(Json const& column) {
    return column.is_string() ? std::string(as_view(column.get_string())) : "";
}

std::optional<std::int64_t> number(Json const& column) {
    return column.is_int64() ? std::optional(column.get_int64()) : std::nullopt;
}

EngineCustomer read_customer(Doors const& doors, std::string const& id) {
    EngineCustomer out;
    out.customer = doors.engine("/api/v1/customers/" + id, "");
    auto const subscriptions = doors.engine("/api/v1/subscriptions", id);
    if (auto const* data = find(subscriptions, "data"))
        for (auto const& each : data->as_array()) out.lines[string_or(each, "line")] = each;
    out.entitlements = doors.engine("/api/v1/entitlements", id);
    for (std::string after;;) {
        auto const page =
            doors.engine("/api/v1/invoices?limit=100" + (after.empty() ? "" : "&starting_after=" + after), id);
        auto const* data = find(page, "data");
        if (!data) break;
        for (auto const& each : data->as_array()) out.invoices[string_or(each, "id")] = each;
        after = string_or(page, "next");
        if (after.empty()) break;
    }
    return out;
}

void read_tables(Doors const& doors, EngineReading& out) {
    for (auto const& c : doors.rows("SELECT customer_id, id, line, plan, billing_interval, status, "
                                    "stripe_subscription_id, ended_at, currency, stripe_schedule_id, "
                                    "latest_invoice_id, canceled_at, pending_update_expires_at, past_due_since "
                                    "FROM subscription ORDER BY customer_id, id",
                                    "tttttttitttiii"))
        out.subscriptions.push_back({text(c[0]), text(c[1]), text(c[2]), text(c[3]), text(c[4]), text(c[5]), text(c[6]),
                                     number(c[7]), text(c[8]), text(c[9]), text(c[10]), number(c[11]), number(c[12]),
                                     number(c[13])});
    for (auto const& c : doors.rows("SELECT customer_id, id, subscription_id, line, kind, status, reason, parameters, "
                                    "created_at, ended_at FROM intent ORDER BY customer_id, created_at, id",
                                    "ttttttttii"))
        out.intents.push_back({text(c[0]), text(c[1]), text(c[2]), text(c[3]), text(c[4]), text(c[5]), text(c[6]),
                               text(c[7]), number(c[8]).value_or(0), number(c[9]).value_or(0)});
    for (auto const& c :
         doors.rows("SELECT customer_id, id, subscription_id, to_plan, to_interval, stripe_schedule_id, status, "
                    "effective_at, created_at, ended_at, to_quantity FROM scheduled_change "
                    "ORDER BY customer_id, created_at, id",
                    "tttttttiiii"))
        out.scheduled_changes.push_back({text(c[0]), text(c[1]), text(c[2]), text(c[3]), text(c[4]), text(c[5]),
                                         text(c[6]), number(c[7]).value_or(0), number(c[8]).value_or(0),
                                         number(c[9]).value_or(0), number(c[10]).value_or(0)});
    for (auto const& c : doors.rows("SELECT customer_id, subscription_id, from_status, to_status, from_plan, to_plan, "
                                    "cause, line, at FROM subscription_history ORDER BY customer_id, sequence",
                                    "tttttttti"))
        out.history.push_back({text(c[0]), text(c[1]), text(c[2]), text(c[3]), text(c[4]), text(c[5]), text(c[6]),
                               text(c[7]), number(c[8]).value_or(0)});
    for (auto const& c : doors.rows("SELECT customer_id, stripe_invoice_id, subscription_id, subtotal, "
                                    "amount_remaining, finalized_at, paid_at FROM invoice",
                                    "tttiiii"))
        out.invoices[text(c[1])] = {
            text(c[0]),   text(c[1]),  text(c[2]), number(c[3]).value_or(0), number(c[4]).value_or(0),
            number(c[5]), number(c[6])};
    for (auto const& c : doors.rows("SELECT customer_id, feature, CAST(SUM(amount) AS BIGINT) FROM gauge_allocation "
                                    "GROUP BY customer_id, feature",
                                    "tti"))
        out.used[text(c[0]) + " " + text(c[1])] = number(c[2]).value_or(0);
    for (auto const& c : doors.rows("SELECT 'inbox', id, type, status, error FROM inbox_event "
                                    "WHERE status <> 'done' ORDER BY id",
                                    "ttttt"))
        out.unfinished.push_back({text(c[0]), text(c[1]), text(c[2]), text(c[3]), text(c[4])});
    for (auto const& c : doors.rows("SELECT 'outbox', id, kind, status, error FROM outbox_message "
                                    "WHERE status <> 'done' ORDER BY id",
                                    "ttttt"))
        out.unfinished.push_back({text(c[0]), text(c[1]), text(c[2]), text(c[3]), text(c[4])});
}

}  // namespace

EngineReading read_engine(Doors const& doors, std::vector<std::string> const& customers) {
    EngineReading out;
    for (auto const& id : customers) out.customers[id] = read_customer(doors, id);
    read_tables(doors, out);
    return out;
}

SubscriptionRow const* EngineReading::find_by_stripe_id(std::string const& id) const {
    for (auto const& row : subscriptions)
        if (row.stripe_id == id) return &row;
    return nullptr;
}

SubscriptionRow const* EngineReading::find_subscription(std::string const& customer, std::string const& id) const {
    for (auto const& row : subscriptions)
        if (row.customer == customer && row.id == id) return &row;
    return nullptr;
}

}  // namespace billhook::oracle
