// What becomes of a customer by Stripe's word: each line is an event, and its subscription, invoice or schedule a look
// at Stripe, in that order. Whatever shape they have, the record, its history and the rights that follow fit together.

#include <algorithm>
#include <vector>

#include "domain/entitlement/build.h"
#include "domain/entitlement/check.h"
#include "domain/subscription/project.h"
#include "flow/projector/translate.h"
#include "gateway/stripe/invoice.h"
#include "gateway/stripe/subscription.h"
#include "gateway/stripe/subscription_schedule.h"
#include "tests/fuzz/property.h"

namespace billhook::fuzz {
namespace {

constexpr char const* line = "tier";

catalog::Catalog make_catalog() {
    catalog::Catalog catalog;
    catalog.features["clients"] = {.code = "clients", .type = catalog::FeatureType::limit};
    for (auto const* code : {"starter", "professional"}) {
        catalog::Plan plan{.code = code, .name = code, .line = line};
        for (auto const interval : {IntervalUnit::month, IntervalUnit::year})
            plan.prices.push_back({line + ("_" + plan.code) + "_" + to_string(interval), interval, {}, {}});
        plan.features["clients"] = {true, 9};
        catalog.plans[code] = plan;
    }
    return catalog;
}

struct Life {
    catalog::Catalog const catalog = make_catalog();
    flow::PriceBook const prices{
        {{"price_pro", "eur", "tier_professional_month", "prod_1", "professional", IntervalUnit::month, 1, true}}};
    std::optional<subscription::Subscription> record;
    std::vector<subscription::HistoryEntry> history;
    Timestamp now = Timestamp::from_seconds(1'790'000'000);

    void look(stripe::Subscription const& from) {
        auto observed = flow::translate(from);
        hold(observed || !observed.error().detail.empty(), "a status that is not known is explained");
        auto const item = flow::find_plan_item(catalog, prices, from, line);
        if (!observed || !item) return;
        hold(item->meaning.plan->line == line, "the plan is of the line that was asked for");
        observed->plan = item->meaning.plan->code;
        observed->interval = item->meaning.interval;
        observed->line = line;
        // Of one subscription, as the projector finds the record: by Stripe's id.
        if (record) observed->stripe_subscription_id = record->stripe_subscription_id;
        auto const before = record;
        auto const made = subscription::project(before, *observed, {now, now}, {}, "event:evt_1");
        if (made.history) history.push_back(*made.history);
        record = made.record;
        hold(!before || !subscription::has_ended(before->status) || subscription::has_ended(record->status),
             "what has ended stays ended");
        hold(!before || before->observed_at <= record->observed_at, "what is known never grows older");
    }

    void judge() const {
        if (!record) return;
        hold(!history.empty(), "a record has a history");
        for (std::size_t i = 1; i < history.size(); ++i)
            hold(history[i].from_status == history[i - 1].to_status && history[i].from_plan == history[i - 1].to_plan,
                 "each entry goes on where the one before it ended");
        hold(history.back().to_status == to_string(record->status) && history.back().to_plan == record->plan,
             "the history ends where the record stands");
        auto const held = entitlement::hold_plans({*record}, entitlement::grace_policy(catalog), now);
        hold(!held.valid_until || *held.valid_until > now, "what holds now holds for a while");
        auto const rights = entitlement::derive_rights(held.lines, catalog);
        auto const answer = entitlement::check(rights, catalog, {"clients", 1}, std::nullopt);
        hold(answer.has_value(), "a feature of the catalog has an answer");
        using enum subscription::Status;
        auto const status = record->status;
        if (status == incomplete || status == incomplete_expired || status == unpaid || status == paused)
            hold(!answer->is_allowed, "what is not paid for is not granted");
    }
};

void take(Life& life, Json const& object) {
    if (auto const from = stripe::parse_subscription(object)) life.look(*from);
    if (auto const from = stripe::parse_invoice(object)) {
        auto const invoice = flow::translate(*from);
        hold(invoice || !invoice.error().detail.empty(), "an invoice's status that is not known is explained");
        hold(!invoice || invoice->total == from->total, "an amount stays what it is");
    }
    if (auto const from = stripe::parse_subscription_schedule(object))
        if (auto const planned = flow::find_planned_change(life.catalog, life.prices, *from, line))
            hold(planned->plan->line == line, "a planned change is of the line that was asked for");
}

}  // namespace

void try_input(std::string_view input) {
    Life life;
    while (!input.empty()) {
        auto const text = take_line(input);
        auto const tree = parse_json(text, {.depth_max = 64, .bytes_max = text.size()});
        if (!tree) continue;
        auto const* object = find_path(*tree, "data.object");
        take(life, object ? *object : *tree);
        life.now = life.now + Duration::hours(30);
        life.judge();
    }
}

}  // namespace billhook::fuzz
