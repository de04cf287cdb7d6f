#include "http/routes/subscription.h"

#include "flow/command/cancel_subscription.h"
#include "flow/command/change_plan.h"
#include "flow/command/purchase.h"
#include "flow/entitlement/snapshot_keeper.h"
#include "http/context.h"
#include "http/routes/asker.h"
#include "http/routes/page.h"
#include "http/wire.h"
#include "store/intent_store.h"
#include "store/subscription_store.h"

namespace billhook::http {
namespace {

Result<std::string> line_in_path(Call const& call) {
    auto const& line = call.path_parameter("line");
    TRY_VOID(require_line(call, line));
    return line;
}

Result<JsonObject> render(Call const& call, flow::SubscriptionView const& view) {
    Json body = to_json(view, *call.context.snapshots.catalog());
    if (body.is_object()) return std::move(body.get_object());
    return fail(not_found("the customer holds nothing of this line", "no_subscription"));
}

template <class Work>
auto read_own(Call const& call, Work work) {
    return call.context.store.read_value(store::Scope::customer(call.customer()), work);
}

/// The target of a change: what is not named stays as it is.
Result<flow::ChangeRequest> read_change(Call const& call, std::string const& line) {
    Fields fields(call.body);
    auto const plan = fields.optional_text("plan", 64);
    auto const interval = read_interval(fields);
    auto const quantity = fields.optional_integer("quantity", 1, 1'000'000).value_or(0);
    auto const at = read_effective(fields);
    TRY_VOID(fields.finish());
    if (!plan && !interval && quantity == 0)
        return fail(invalid("plan", "name what is to change: plan, interval or quantity", "missing_field"));
    flow::ChangeRequest request{.asker = asker_of(call), .at = at};
    std::string wanted = plan.value_or("");
    if (!plan) {
        auto const view =
            TRY(read_own(call, [&](store::Reader& reader) { return flow::view_line(reader, call.customer(), line); }));
        if (!view.subscription || subscription::has_ended(view.subscription->status))
            return fail(conflict("no_subscription", "the customer holds nothing of this line; buy a plan first"));
        wanted = view.subscription->plan;
    }
    request.target = TRY(find_target(call, wanted, interval, quantity));
    if (call.context.snapshots.catalog()->find_plan(wanted)->line != line)
        return fail(invalid("plan", "expected a plan of the line '" + line + "'"));
    return request;
}

}  // namespace

Result<Answer> list_subscriptions(Call const& call) {
    auto const views =
        TRY(read_own(call, [&](store::Reader& reader) { return flow::view_lines(reader, call.customer()); }));
    JsonArray data;
    auto const catalog = call.context.snapshots.catalog();
    for (auto const& view : views)
        if (view.subscription) data.push_back(to_json(view, *catalog));
    return ok({{"data", std::move(data)}});
}

Result<Answer> get_subscription(Call const& call) {
    auto const line = TRY(line_in_path(call));
    auto const view =
        TRY(read_own(call, [&](store::Reader& reader) { return flow::view_line(reader, call.customer(), line); }));
    return ok(TRY(render(call, view)));
}

Result<Answer> list_history(Call const& call) {
    auto const line = TRY(line_in_path(call));
    Fields fields(call.query, FieldSource::query);
    auto const page = read_page(fields);
    TRY_VOID(fields.finish());
    auto const rows = TRY(read_own(call, [&](store::Reader& reader) {
        return store::list_history(reader, call.customer(), line, page.after, page.limit + 1);
    }));
    return ok(render_page(
        rows, page.limit, [](auto const& entry) { return to_json(entry); },
        [](auto const& entry) { return cursor_text({entry.at, entry.id}); }));
}

Result<Answer> start_trial(Call const& call) {
    Fields fields(call.body);
    auto const plan = fields.required_text("plan", 64);
    auto const interval = read_interval(fields);
    auto const currency = fields.optional_text("currency", 3);
    TRY_VOID(fields.finish());
    flow::PurchaseRequest request{.asker = asker_of(call), .target = TRY(find_target(call, plan, interval, 1))};
    if (currency) request.currency = TRY(Currency::parse(*currency)).code();
    request.is_separate_attempt = call.request.headers.find("Idempotency-Key").has_value();
    return created(TRY(render(call, TRY(flow::start_trial(call.context.commands, request)))));
}

Result<Answer> preview_change(Call const& call) {
    auto const request = TRY(read_change(call, TRY(line_in_path(call))));
    return ok(to_json(TRY(flow::preview_change(call.context.commands, request))));
}

Result<Answer> change_subscription(Call const& call) {
    auto const request = TRY(read_change(call, TRY(line_in_path(call))));
    auto const answer = TRY(flow::change_plan(call.context.commands, request));
    return ok({{"subscription", TRY(render(call, answer.subscription))}, {"change", to_json(answer.change)}});
}

Result<Answer> withdraw_scheduled_change(Call const& call) {
    auto const line = TRY(line_in_path(call));
    return ok(TRY(render(call, TRY(flow::withdraw_change(call.context.commands, asker_of(call), line)))));
}

Result<Answer> cancel_subscription(Call const& call) {
    flow::CancelRequest request{.asker = asker_of(call), .line = TRY(line_in_path(call))};
    Fields fields(call.body);
    auto const at = fields.one_of("at", {"period_end", "now"});
    auto const refund = fields.one_of("refund", {"none", "prorated", "full"});
    request.wish.reason = fields.optional_text("reason", 500).value_or("");
    TRY_VOID(fields.finish());
    request.wish.at = *subscription::parse_cancel_at(at);
    request.wish.refund = *subscription::parse_refund(refund);
    return ok(TRY(render(call, TRY(flow::cancel_subscription(call.context.commands, request)))));
}

Result<Answer> resume_subscription(Call const& call) {
    auto const line = TRY(line_in_path(call));
    return ok(TRY(render(call, TRY(flow::resume_subscription(call.context.commands, asker_of(call), line)))));
}

Result<Answer> get_intent(Call const& call) {
    IntentId const id(call.path_parameter("id"));
    auto const intent =
        TRY(read_own(call, [&](store::Reader& reader) { return store::find_intent(reader, call.customer(), id); }));
    if (!intent) return fail(not_found("there is no such intent", "unknown_intent"));
    return ok(to_json(*intent));
}

}  // namespace billhook::http
