#include "sandbox/billing/first_period.h"

#include <algorithm>

#include "sandbox/billing/fields.h"
#include "sandbox/billing/period.h"
#include "sandbox/billing/subscription_invoice.h"

namespace billhook::sandbox {
namespace {

Answer<std::optional<Seconds>> read_trial_end(Call& call, JsonObject const& params,
                                              std::vector<BilledItem> const& items) {
    auto const* trial_end = find(params, "trial_end");
    auto const days = time_at(params, "trial_period_days");
    if (trial_end && days)
        return refuse(
            bad_request("You may only specify one of these parameters: trial_end, trial_period_days.", "trial_end"));
    if (days && *days < 0)
        return refuse(bad_request("This value must be greater than or equal to 0.", "trial_period_days",
                                  "parameter_invalid_integer"));
    if (days) return *days == 0 ? std::optional<Seconds>{} : call.now() + *days * seconds_per_day;
    if (trial_end && trial_end->is_int64()) {
        if (trial_end->get_int64() <= call.now())
            return refuse(bad_request("Timestamp must be an integer Unix timestamp in the future.", "trial_end"));
        return trial_end->get_int64();
    }
    if (trial_end || !bool_at(params, "trial_from_plan")) return std::optional<Seconds>{};
    auto const& price = *call.store().find("price", items.front().price.id);
    auto const plan_days = time_at(price, "recurring.trial_period_days");
    return plan_days ? std::optional(call.now() + *plan_days * seconds_per_day) : std::nullopt;
}

/// The next moment that fits billing_cycle_anchor_config; what it leaves open is as it is now.
Seconds configured_anchor(JsonObject const& config, Seconds now) {
    auto const days = now / seconds_per_day;
    auto const today = civil_from_days(days);
    auto const time_of_day = now - days * seconds_per_day;
    auto const clock = int_at(config, "hour", time_of_day / 3600) * 3600 +
                       int_at(config, "minute", time_of_day / 60 % 60) * 60 +
                       int_at(config, "second", time_of_day % 60);
    auto const month = time_at(config, "month");
    for (int ahead = 0;; ++ahead) {
        auto const index = today.month - 1 + ahead;
        CivilDate date{today.year + index / 12, index % 12 + 1, 1};
        if (month && date.month != *month) continue;
        date.day = static_cast<int>(
            std::min<std::int64_t>(int_at(config, "day_of_month"), days_in_month(date.year, date.month)));
        auto const at = days_from_civil(date) * seconds_per_day + clock;
        if (at >= now) return at;
    }
}

Answer<Seconds> read_anchor(Call& call, JsonObject const& params, std::vector<BilledItem> const& items, Seconds start) {
    if (auto const* config = find(params, "billing_cycle_anchor_config"); config && config->is_object())
        return configured_anchor(config->get_object(), call.now());
    auto const given = time_at(params, "billing_cycle_anchor");
    if (!given) return start;
    if (*given < call.now())
        return refuse(bad_request("billing_cycle_anchor cannot be in the past.", "billing_cycle_anchor"));
    auto const shortest = std::ranges::min(
        items, {}, [&](BilledItem const& item) { return add_intervals(call.now(), *item.price.interval, 1); });
    if (*given > add_intervals(call.now(), *shortest.price.interval, 1))
        return refuse(
            bad_request("billing_cycle_anchor cannot be later than next natural billing date", "billing_cycle_anchor"));
    return *given;
}

}  // namespace

Answer<FirstPeriod> plan_first_period(Call& call, JsonObject const& params, std::vector<BilledItem> const& items) {
    FirstPeriod first{.start = call.now(), .now = call.now()};
    if (auto const backdate = time_at(params, "backdate_start_date")) {
        if (*backdate > call.now())
            return refuse(bad_request("`backdate_start_date` cannot be in the future.", "backdate_start_date"));
        first.start = *backdate;
    }
    first.trial_end = TRY(read_trial_end(call, params, items));
    first.anchor = TRY(read_anchor(call, params, items, call.now()));
    bool const has_anchor = params.contains("billing_cycle_anchor") || params.contains("billing_cycle_anchor_config");
    if (first.trial_end && !has_anchor) first.anchor = *first.trial_end;
    first.is_stub_free = text_at(params, "proration_behavior") == "none";
    first.is_flexible = text_at(params, "billing_mode.type") != "classic";
    return first;
}

Span first_span(BilledItem const& item, FirstPeriod const& first) {
    if (first.trial_end) return {first.start, *first.trial_end};
    auto const interval = *item.price.interval;
    if (!first.is_flexible || first.start >= first.now || first.anchor <= first.now)
        return first_period(first.anchor, interval, first.now);
    // The running one of the periods that lie back from the anchor.
    std::int64_t back = 1;
    while (add_intervals(first.anchor, interval, -back) > first.now) ++back;
    return {std::max(first.start, add_intervals(first.anchor, interval, -back)),
            add_intervals(first.anchor, interval, 1 - back)};
}

std::int64_t first_amount(BilledItem const& item, FirstPeriod const& first) {
    auto const gross = amount_of(item.price, item.quantity);
    auto const whole = whole_period(first.anchor, *item.price.interval, item.period);
    if (whole == item.period) return gross;
    return first.is_stub_free ? 0 : share_of(gross, item.period, whole);
}

bool is_billed_with_the_past(FirstPeriod const& first) {
    return !first.is_flexible && !first.trial_end && !first.is_stub_free && first.start < first.now &&
           first.anchor > first.now;
}

std::vector<NewLine> backdated_lines(Call& call, std::string const& subscription, BilledItem const& item,
                                     FirstPeriod const& first) {
    std::vector<NewLine> lines;
    if (first.start >= first.now || first.is_stub_free || first.trial_end) return lines;
    auto const interval = *item.price.interval;
    auto const gross = amount_of(item.price, item.quantity);
    if (!first.is_flexible) {
        auto const end = std::max(first.anchor, first.now);
        std::int64_t amount = 0;
        for (std::int64_t n = 0; add_intervals(first.start, interval, n) < end; ++n) {
            Span const whole{add_intervals(first.start, interval, n), add_intervals(first.start, interval, n + 1)};
            amount += share_of(gross, {whole.start, std::min(whole.end, end)}, whole);
        }
        lines.push_back(item_line(call, subscription, item, {first.start, end}, amount));
        return lines;
    }
    for (std::int64_t back = 0; add_intervals(first.anchor, interval, -back) > first.start; ++back) {
        Span const whole{add_intervals(first.anchor, interval, -back - 1),
                         add_intervals(first.anchor, interval, -back)};
        if (whole.end > item.period.start) continue;
        Span const part{std::max(whole.start, first.start), whole.end};
        lines.push_back(item_line(call, subscription, item, part, share_of(gross, part, whole)));
    }
    std::ranges::reverse(lines);
    return lines;
}

}  // namespace billhook::sandbox
