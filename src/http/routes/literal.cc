#include "http/routes/literal.h"

#include "flow/command/cancel_subscription.h"
#include "flow/command/change_plan.h"
#include "flow/entitlement/snapshot_keeper.h"
#include "http/context.h"
#include "http/routes/asker.h"
#include "http/routes/purchase.h"
#include "http/wire.h"

namespace billhook::http {
namespace {

constexpr std::string_view tier_line = "tier";
constexpr std::string_view ai_line = "ai";

using subscription::Direction;
using subscription::Effective;

Json render_literal(Call const& call, flow::SubscriptionView const& view) {
    return to_json(view, *call.context.snapshots.catalog());
}

Status require_plan_of(Call const& call, std::string const& plan, std::string_view line, std::string field) {
    auto const* found = call.context.snapshots.catalog()->find_plan(plan);
    if (!found) return fail(not_found("there is no plan '" + plan + "' in the catalog", "unknown_plan"));
    if (found->line == line) return {};
    return fail(invalid(std::move(field), "expected a plan of the line '" + std::string(line) + "'"));
}

Result<std::vector<flow::SubscriptionView>> own_lines(Call const& call) {
    return call.context.store.read_value(store::Scope::customer(call.customer()), [&](store::Reader& reader) {
        return flow::view_lines(reader, call.customer());
    });
}

/// The line whose change is to be called off where none is named: the only one with a change under way. With none under
/// way it is so already, and a line that is held shows it.
Result<std::string> line_to_withdraw(Call const& call) {
    std::string changing, held;
    for (auto const& view : TRY(own_lines(call))) {
        bool const is_live = view.subscription && !subscription::has_ended(view.subscription->status);
        if (is_live && held.empty()) held = view.subscription->line;
        if (!is_live || (!view.scheduled && !view.pending)) continue;
        if (!changing.empty())
            return fail(invalid("line", "several lines have a change under way; name the line", "missing_field"));
        changing = view.subscription->line;
    }
    if (changing.empty() && held.empty())
        return fail(conflict("no_subscription", "the customer holds nothing whose change could be called off"));
    return changing.empty() ? held : changing;
}

Result<Answer> buy(Call const& call, std::string_view member, std::string_view line) {
    Fields fields(call.body);
    CheckoutWish wish{.plan = fields.required_text(member, 64),
                      .interval = read_interval(fields),
                      .currency = fields.optional_text("currency", 3),
                      .success_url = fields.optional_text("success_url", 2048).value_or(""),
                      .cancel_url = fields.optional_text("cancel_url", 2048).value_or("")};
    TRY_VOID(fields.finish());
    TRY_VOID(require_plan_of(call, wish.plan, line, std::string(member)));
    auto const view = TRY(check_out(call, wish));
    return created({{"checkout_url", view.url}, {"session_id", view.stripe_session_id}});
}

JsonObject with_contents(Call const& call, std::string const& plan_code, JsonObject body) {
    auto const catalog = call.context.snapshots.catalog();
    auto const* plan = catalog->find_plan(plan_code);
    auto contents = plan ? contents_of(*catalog, *plan) : PlanContents{};
    body["features"] = std::move(contents.features);
    body["limits"] = std::move(contents.limits);
    return body;
}

/// In whole percent, rounded down. Nothing is any part of what is unlimited.
Json percentage_of(std::int64_t used, std::optional<std::int64_t> const& limit) {
    if (!limit) return nullptr;
    if (*limit <= 0) return used > 0 ? 100 : 0;
    return static_cast<std::int64_t>(static_cast<__int128>(used) * 100 / *limit);
}

/// What is in use of the gauges that the plan has, and of those that the customer filled before.
Result<JsonObject> usage_of(Call const& call, std::string const& plan_code) {
    auto const known = call.context.snapshots.find(call.customer());
    auto const entry = known ? *known : TRY(call.context.snapshots.load(call.customer()));
    auto const catalog = call.context.snapshots.catalog();
    auto const* plan = catalog->find_plan(plan_code);
    JsonObject usage;
    for (auto const& [code, feature] : catalog->features) {
        auto const used = entry.used_of(code);
        bool const is_in_plan = plan && plan->features.contains(code);
        if (!feature.is_gauge || (!is_in_plan && used == 0)) continue;
        auto const limit = is_in_plan ? plan->features.at(code).limit : std::optional<std::int64_t>(0);
        usage[code] = {{"used", used}, {"limit", integer_or_null(limit)}, {"percentage", percentage_of(used, limit)}};
    }
    return usage;
}

}  // namespace

Result<Answer> check_upgrade(Call const& call) {
    Fields fields(call.query, FieldSource::query);
    auto const plan = fields.required_text("plan", 64);
    auto const interval = read_interval(fields);
    auto const line = fields.optional_text("line", 64);
    TRY_VOID(fields.finish());
    if (line) {
        TRY_VOID(require_line(call, *line));
        TRY_VOID(require_plan_of(call, plan, *line, "plan"));
    }
    flow::ChangeRequest const request{.asker = asker_of(call), .target = TRY(find_target(call, plan, interval))};
    return ok(to_json(TRY(flow::preview_change(call.context.commands, request))));
}

Result<Answer> upgrade_plan(Call const& call) {
    Fields fields(call.body);
    auto const plan = fields.optional_text("plan", 64);
    auto const price = fields.optional_text("priceId", 128);
    auto const interval = read_interval(fields);
    auto const at = read_effective(fields);
    TRY_VOID(fields.finish());
    if (plan.has_value() == price.has_value())
        return fail(invalid("plan", "name either plan or priceId", "missing_field"));
    flow::ChangeRequest request{.asker = asker_of(call), .at = at, .direction = Direction::up_only};
    request.target = plan ? TRY(find_target(call, *plan, interval)) : TRY(find_target_of_price(call, *price));
    auto const answer = TRY(flow::change_plan(call.context.commands, request));
    return ok({{"success", true},
               {"subscription", render_literal(call, answer.subscription)},
               {"change", to_json(answer.change)}});
}

Result<Answer> schedule_downgrade(Call const& call) {
    Fields fields(call.body);
    auto const plan = fields.required_text("plan", 64);
    auto const interval = read_interval(fields);
    TRY_VOID(fields.finish());
    flow::ChangeRequest const request{.asker = asker_of(call),
                                      .target = TRY(find_target(call, plan, interval)),
                                      .at = Effective::period_end,
                                      .direction = Direction::down_only};
    auto const answer = TRY(flow::change_plan(call.context.commands, request));
    auto const& made = answer.subscription.scheduled;
    // Where the plan is the present one there is nothing to schedule, and what is answered would be empty.
    if (!made || made->to_plan != plan)
        return fail(conflict("not_a_downgrade", "'" + plan + "' does not rank lower than the present plan"));
    JsonObject scheduled = to_json(*made);
    JsonObject const change = to_json(answer.change);
    for (auto const* name : {"losses", "exceeds", "devices_to_release"}) scheduled[name] = change.at(name);
    return ok({{"success", true}, {"scheduled_change", std::move(scheduled)}});
}

Result<Answer> cancel_scheduled_downgrade(Call const& call) {
    Fields fields(call.query, FieldSource::query);
    auto const named = fields.optional_text("line", 64);
    TRY_VOID(fields.finish());
    if (named) TRY_VOID(require_line(call, *named));
    auto const line = named ? *named : TRY(line_to_withdraw(call));
    auto const view = TRY(flow::withdraw_change(call.context.commands, asker_of(call), line));
    return ok({{"success", true}, {"subscription", render_literal(call, view)}});
}

Result<Answer> purchase_tier(Call const& call) {
    return buy(call, "tier", tier_line);
}

Result<Answer> upgrade_tier(Call const& call) {
    Fields fields(call.body);
    auto const tier = fields.required_text("tier", 64);
    auto const interval = read_interval(fields);
    TRY_VOID(fields.finish());
    TRY_VOID(require_plan_of(call, tier, tier_line, "tier"));
    flow::ChangeRequest const request{.asker = asker_of(call), .target = TRY(find_target(call, tier, interval))};
    auto const answer = TRY(flow::change_plan(call.context.commands, request));
    return ok({{"subscription", render_literal(call, answer.subscription)}, {"change", to_json(answer.change)}});
}

Result<Answer> get_current_tier(Call const& call) {
    auto const view =
        TRY(call.context.store.read_value(store::Scope::customer(call.customer()), [&](store::Reader& reader) {
            return flow::view_line(reader, call.customer(), tier_line);
        }));
    bool const is_held = view.subscription && !subscription::has_ended(view.subscription->status);
    if (!is_held) {
        auto const* line = call.context.snapshots.catalog()->find_line(tier_line);
        std::string const free_plan = line ? line->default_plan : "";
        return ok(with_contents(call, free_plan,
                                {{"tier", text_or_null(free_plan)},
                                 {"status", "free"},
                                 {"interval", nullptr},
                                 {"current_period_end", nullptr},
                                 {"cancel_at_period_end", false},
                                 {"trial_ends_at", nullptr},
                                 {"grace_ends_at", nullptr},
                                 {"scheduled_change", nullptr},
                                 {"usage", TRY(usage_of(call, free_plan))}}));
    }
    Json const shown = render_literal(call, view);
    auto const& tier = view.subscription->plan;
    JsonObject body{{"tier", tier}, {"usage", TRY(usage_of(call, tier))}};
    for (auto const* name : {"status", "interval", "current_period_end", "cancel_at_period_end", "trial_ends_at",
                             "grace_ends_at", "scheduled_change"})
        body[name] = shown.at(name);
    return ok(with_contents(call, tier, std::move(body)));
}

Result<Answer> subscribe_ai(Call const& call) {
    return buy(call, "plan", ai_line);
}

Result<Answer> cancel_ai(Call const& call) {
    flow::CancelRequest const request{.asker = asker_of(call), .line = std::string(ai_line), .wish = {}};
    auto const view = TRY(flow::cancel_subscription(call.context.commands, request));
    if (!view.subscription) return fail(conflict("no_subscription", "there is no AI plan to cancel"));
    auto const until = view.subscription->cancel_at.value_or(view.subscription->current_period.end);
    return ok({{"success", true}, {"access_until", to_rfc3339(until)}});
}

}  // namespace billhook::http
