#include "http/routes/asker.h"

#include "flow/command/subscription_view.h"
#include "flow/entitlement/snapshot_keeper.h"
#include "flow/price_book.h"
#include "http/context.h"

namespace billhook::http {
namespace {

Result<IntervalUnit> present_interval(Call const& call, std::string const& line) {
    auto const view =
        TRY(call.context.store.read_value(store::Scope::customer(call.customer()), [&](store::Reader& reader) {
            return flow::view_line(reader, call.customer(), line);
        }));
    bool const is_held = view.subscription && !subscription::has_ended(view.subscription->status);
    return is_held ? view.subscription->interval : IntervalUnit::month;
}

}  // namespace

flow::Asker asker_of(Call const& call) {
    auto const& principal = call.principal;
    return {.customer = principal.customer,
            .cause = principal.name(),
            .is_operator = principal.caller == access::Caller::operator_};
}

Result<subscription::Target> find_target(Call const& call, std::string const& plan,
                                         std::optional<std::string> const& interval, std::int64_t quantity) {
    auto const catalog = call.context.snapshots.catalog();
    auto const* wanted = catalog->find_plan(plan);
    if (!wanted) return fail(not_found("there is no plan '" + plan + "' in the catalog", "unknown_plan"));
    auto const unit = interval ? TRY(parse_interval_unit(*interval)) : TRY(present_interval(call, wanted->line));
    return subscription::Target{.plan = plan, .interval = unit, .quantity = quantity};
}

Status require_line(Call const& call, std::string const& line) {
    if (call.context.snapshots.catalog()->find_line(line)) return {};
    return fail(not_found("there is no product line '" + line + "' in the catalog", "unknown_line"));
}

Result<subscription::Target> find_target_of_price(Call const& call, std::string const& price) {
    auto const book = call.context.commands.projector.prices();
    if (auto const* meaning = book->find(price))
        return subscription::Target{.plan = meaning->plan, .interval = meaning->interval, .quantity = 0};
    auto const catalog = call.context.snapshots.catalog();
    if (auto const found = catalog->find_by_lookup_key(price); found.plan)
        return subscription::Target{.plan = found.plan->code, .interval = found.price->interval, .quantity = 0};
    return fail(
        Error{ErrorKind::not_found, "unknown_price", "there is no price '" + price + "' in the catalog", "priceId"});
}

std::optional<std::string> read_interval(Fields& fields) {
    return fields.optional_one_of("interval", {"month", "year"});
}

std::optional<subscription::Effective> read_effective(Fields& fields) {
    auto const word = fields.optional_one_of("at", {"now", "period_end"});
    return word ? subscription::parse_effective(*word) : std::nullopt;
}

}  // namespace billhook::http
