// Is the engine's state the sandbox's? Is a line held once, and a customer known once?

#include "tests/oracle/judgement.h"

namespace billhook::oracle {
namespace {

std::string time_text(Json const& object, std::string_view path) {
    auto const seconds = seconds_at(object, path);
    return seconds ? to_rfc3339(Timestamp::from_seconds(*seconds)) : "-";
}

std::string engine_text(Json const& object, std::string_view path) {
    auto const* value = find_path(object, path);
    if (!value || value->is_null()) return "-";
    if (value->is_string()) return std::string(as_view(value->get_string()));
    return to_text(*value);
}

std::string bool_text(bool value) {
    return value ? "true" : "false";
}

void compare_items(Json const& stripe, Json const& engine, std::string const& what, Violations& found) {
    auto const& item = only_item(stripe);
    auto const* items = find(engine, "items");
    if (!items || items->as_array().size() != 1) {
        found.push_back(what + ": the engine does not list its one item");
        return;
    }
    auto const& listed = items->as_array().at(0);
    auto const same = [&](char const* name, std::string const& is, std::string const& should) {
        expect_same(found, what + " item " + name, is, should);
    };
    same("id", engine_text(listed, "id"), string_or(item, "id"));
    same("price", engine_text(listed, "price"), string_or(item, "price.id"));
    same("quantity", engine_text(listed, "quantity"), std::to_string(int_or(item, "quantity")));
    same("period_start", engine_text(listed, "period_start"), time_text(item, "current_period_start"));
    same("period_end", engine_text(listed, "period_end"), time_text(item, "current_period_end"));
}

void compare_live(Case const& at, Json const& stripe, Json const& engine, std::string const& what, Violations& found) {
    auto const sold = sold_by(at.catalog, stripe);
    auto const same = [&](char const* name, std::string const& is, std::string const& should) {
        expect_same(found, what + " " + name, is, should);
    };
    same("status", engine_text(engine, "status"), string_or(stripe, "status"));
    same("plan", engine_text(engine, "plan"), sold.plan);
    same("interval", engine_text(engine, "interval"), sold.interval);
    same("currency", engine_text(engine, "currency"), string_or(stripe, "currency"));
    same("quantity", engine_text(engine, "quantity"), std::to_string(int_or(only_item(stripe), "quantity")));
    same("current_period_start", engine_text(engine, "current_period_start"),
         time_text(only_item(stripe), "current_period_start"));
    same("current_period_end", engine_text(engine, "current_period_end"),
         time_text(only_item(stripe), "current_period_end"));
    same("trial_ends_at", engine_text(engine, "trial_ends_at"), time_text(stripe, "trial_end"));
    same("cancel_at_period_end", engine_text(engine, "cancel_at_period_end"),
         bool_text(bool_or(stripe, "cancel_at_period_end")));
    same("cancel_at", engine_text(engine, "cancel_at"), time_text(stripe, "cancel_at"));
    auto const* row = at.engine.find_by_stripe_id(string_or(stripe, "id"));
    bool const has_grace = string_or(stripe, "status") == "past_due" && row && row->past_due_since;
    same("grace_ends_at", engine_text(engine, "grace_ends_at"),
         has_grace ? to_rfc3339(Timestamp{*row->past_due_since} + at.catalog.grace) : "-");
    compare_items(stripe, engine, what, found);
}

std::string seconds_text(std::optional<std::int64_t> ms) {
    return ms ? std::to_string(*ms / 1000) : "-";
}

std::string seconds_text(Json const& object, std::string_view path) {
    auto const seconds = seconds_at(object, path);
    return seconds ? std::to_string(*seconds) : "-";
}

/// What no answer shows, but later decisions rest on.
void compare_record(Json const& stripe, SubscriptionRow const& row, Sold const& sold, std::string const& what,
                    Violations& found) {
    auto const same = [&](char const* name, std::string const& is, std::string const& should) {
        expect_same(found, what + " recorded " + name, is, should);
    };
    same("interval", row.interval, sold.interval);
    same("currency", row.currency, string_or(stripe, "currency"));
    same("schedule", row.schedule, string_or(stripe, "schedule"));
    same("latest invoice", row.latest_invoice, string_or(stripe, "latest_invoice"));
    same("cancellation", seconds_text(row.canceled_at), seconds_text(stripe, "canceled_at"));
    same("held change", seconds_text(row.pending_update_until), seconds_text(stripe, "pending_update.expires_at"));
    auto const status = string_or(stripe, "status");
    same("arrears", row.past_due_since ? "some" : "none", status == "past_due" || status == "unpaid" ? "some" : "none");
}

/// Every subscription that Stripe ever had of the customer's has its row, also the ended ones.
void compare_rows(Case const& at, std::string const& customer, Violations& found) {
    for (auto const& stripe : at.stripe.subscriptions_of(customer)) {
        auto const id = string_or(stripe, "id");
        auto const* row = at.engine.find_by_stripe_id(id);
        if (!row) {
            found.push_back(customer + " " + id + ": the engine has no record of this subscription, which is " +
                            string_or(stripe, "status"));
            continue;
        }
        expect_same(found, customer + " " + id + " owner", row->customer, customer);
        expect_same(found, customer + " " + id + " recorded status", row->status, string_or(stripe, "status"));
        expect_same(found, customer + " " + id + " recorded plan", row->plan, sold_by(at.catalog, stripe).plan);
        auto const ended = seconds_at(stripe, "ended_at");
        expect_same(found, customer + " " + id + " recorded end",
                    row->ended_at ? std::to_string(*row->ended_at / 1000) : "-", ended ? std::to_string(*ended) : "-");
        compare_record(stripe, *row, sold_by(at.catalog, stripe), customer + " " + id, found);
    }
}

void judge_customer(Case const& at, std::string const& customer, EngineCustomer const& engine, Violations& found) {
    auto const known = at.stripe.customers.find(customer);
    auto const count = known == at.stripe.customers.end() ? 0 : known->second.size();
    if (count > 1) found.push_back(customer + ": has " + std::to_string(count) + " customers at Stripe");
    expect_same(found, customer + " stripe_customer_id", string_or(engine.customer, "stripe_customer_id"),
                count == 1 ? string_or(known->second.front(), "id") : "");
    for (auto const* name : {"name", "email"})
        if (auto const ours = string_or(engine.customer, name); count == 1 && !ours.empty())
            expect_same(found, customer + " " + name, ours, string_or(known->second.front(), name));
    std::map<std::string, Json const*> live;
    for (auto const& subscription : at.stripe.subscriptions_of(customer)) {
        if (!is_live(subscription)) continue;
        auto const line = line_of(at.catalog, subscription);
        if (!live.emplace(line, &subscription).second)
            found.push_back(customer + " " + line + ": the line is held twice at Stripe");
    }
    for (auto const& line : at.catalog.lines) {
        auto const held = live.find(line);
        auto const listed = engine.lines.find(line);
        bool const is_listed = listed != engine.lines.end() && find(listed->second, "ended_at")->is_null();
        if (held == live.end() && is_listed)
            found.push_back(customer + " " + line + ": the engine says " + string_or(listed->second, "status") +
                            ", at Stripe nothing is held");
        else if (held != live.end() && !is_listed)
            found.push_back(customer + " " + line + ": at Stripe it is " + string_or(*held->second, "status") +
                            ", the engine says that nothing is held");
        else if (is_listed)
            compare_live(at, *held->second, listed->second, customer + " " + line, found);
    }
    compare_rows(at, customer, found);
}

}  // namespace

void judge_state(Case const& at, Violations& found) {
    for (auto const& [customer, engine] : at.engine.customers) judge_customer(at, customer, engine, found);
}

}  // namespace billhook::oracle
