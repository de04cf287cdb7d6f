// Is every invoice accounted for? Each of Stripe's stands in the engine as it is, and none stands there that Stripe
// does not have. And each line for a whole period costs what the catalog says.

#include <utility>

#include "tests/oracle/judgement.h"

namespace billhook::oracle {
namespace {

std::string seconds_text(std::optional<std::int64_t> seconds) {
    return seconds ? std::to_string(*seconds) : "-";
}

std::string seconds_of(std::optional<std::int64_t> ms) {
    return seconds_text(ms ? std::optional(*ms / 1000) : ms);
}

/// What no answer shows: whose it is, and the columns that later decisions rest on.
void compare_row(Case const& at, Json const& stripe, std::string const& what, Violations& found) {
    auto const row = at.engine.invoices.find(string_or(stripe, "id"));
    if (row == at.engine.invoices.end()) return;
    auto const* billed = at.engine.find_by_stripe_id(string_or(stripe, "parent.subscription_details.subscription"));
    expect_same(found, what + " subscription", row->second.subscription, billed ? billed->id : "");
    expect_same(found, what + " subtotal", std::to_string(row->second.subtotal),
                std::to_string(int_or(stripe, "subtotal")));
    expect_same(found, what + " amount_remaining", std::to_string(row->second.amount_remaining),
                std::to_string(int_or(stripe, "amount_remaining")));
    expect_same(found, what + " finalized_at", seconds_of(row->second.finalized_at),
                seconds_text(seconds_at(stripe, "status_transitions.finalized_at")));
    expect_same(found, what + " paid_at", seconds_of(row->second.paid_at),
                seconds_text(seconds_at(stripe, "status_transitions.paid_at")));
}

/// Certainly not a part of a period: what Stripe takes for one it reckons alone.
bool is_whole(Json const& line, std::string const& interval) {
    return int_or(line, "period.end") - int_or(line, "period.start") >= (interval == "year" ? 365 : 31) * 86'400;
}

/// A trial costs nothing.
void judge_lines(Case const& at, std::string const& customer, Json const& stripe, std::string const& what,
                 Violations& found) {
    std::int64_t trial_end = 0;
    for (auto const& billed : at.stripe.subscriptions_of(customer))
        if (string_or(billed, "id") == string_or(stripe, "parent.subscription_details.subscription"))
            trial_end = int_or(billed, "trial_end");
    for (auto const& line : find_path(stripe, "lines.data")->as_array()) {
        if (bool_or(line, "parent.subscription_item_details.proration") ||
            bool_or(line, "parent.invoice_item_details.proration"))
            continue;
        auto const key = at.stripe.lookup_keys.find(string_or(line, "pricing.price_details.price"));
        if (key == at.stripe.lookup_keys.end() || !at.catalog.prices.contains(key->second)) continue;
        auto const& sold = at.catalog.prices.at(key->second);
        bool const is_free = int_or(line, "period.start") < trial_end;
        if (!is_free && !is_whole(line, sold.interval)) continue;
        auto const amount = sold.amounts.find(string_or(stripe, "currency"));
        auto const due = is_free || amount == sold.amounts.end() ? 0 : amount->second * int_or(line, "quantity");
        if (int_or(line, "amount") != due)
            found.push_back(what + " line " + key->second + ": costs " + std::to_string(int_or(line, "amount")) +
                            ", by the catalog " + std::to_string(due));
    }
}

}  // namespace

void judge_invoices(Case const& at, Violations& found) {
    for (auto const& [customer, engine] : at.engine.customers) {
        std::set<std::string> known;
        for (auto const& stripe : at.stripe.invoices_of(customer)) {
            auto const id = string_or(stripe, "id");
            auto const what = customer + " invoice " + id;
            known.insert(id);
            auto const listed = engine.invoices.find(id);
            if (listed == engine.invoices.end()) {
                found.push_back(what + ": is " + string_or(stripe, "status") + " at Stripe, and not in the engine");
                continue;
            }
            for (auto const* name : {"status", "number", "billing_reason", "currency"})
                expect_same(found, what + " " + name, string_or(listed->second, name), string_or(stripe, name));
            for (auto const* name : {"total", "amount_due", "amount_paid"})
                expect_same(found, what + " " + name, std::to_string(int_or(listed->second, name)),
                            std::to_string(int_or(stripe, name)));
            for (auto const& [name, path] : {std::pair("period_start", "period_start"),
                                             std::pair("period_end", "period_end"), std::pair("created_at", "created")})
                expect_same(found, what + " " + name, string_or(listed->second, name),
                            to_rfc3339(Timestamp::from_seconds(int_or(stripe, path))));
            compare_row(at, stripe, what, found);
            judge_lines(at, customer, stripe, what, found);
        }
        for (auto const& [id, unused] : engine.invoices)
            if (!known.contains(id))
                found.push_back(customer + " invoice " + id + ": is in the engine, and not at Stripe");
    }
}

}  // namespace billhook::oracle
