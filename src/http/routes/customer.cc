#include "http/routes/customer.h"

#include "flow/command/customer_command.h"
#include "flow/entitlement/snapshot_keeper.h"
#include "http/context.h"
#include "http/customer_id.h"
#include "http/routes/page.h"
#include "http/wire.h"
#include "store/customer_store.h"

namespace billhook::http {
namespace {

/// A key that is bound to one customer reaches no other.
Result<CustomerId> customer_in_path(Call const& call) {
    auto id = TRY(parse_customer_id(call.path_parameter("id"), "id"));
    bool const is_bound = !call.customer().empty() && !call.request.headers.find("Billhook-Customer");
    if (is_bound && call.customer() != id) return fail(not_found("there is no such customer", "unknown_customer"));
    return id;
}

Result<Answer> show(Call const& call, CustomerId const& id) {
    auto const found = TRY(call.context.store.read_value(
        store::Scope::customer(id), [&](store::Reader& reader) { return store::find_customer(reader, id); }));
    if (!found) return fail(not_found("there is no customer '" + id.str() + "'", "unknown_customer"));
    return ok(to_json(*found));
}

}  // namespace

Result<Answer> put_customer(Call const& call) {
    flow::CustomerWish wish{.customer = TRY(customer_in_path(call))};
    Fields fields(call.body);
    wish.name = fields.optional_text("name");
    wish.email = fields.optional_text("email");
    auto const currency = fields.optional_text("currency", 3);
    TRY_VOID(fields.finish());
    if (currency) wish.currency = TRY(Currency::parse(*currency)).code();
    return ok(to_json(TRY(flow::put_customer(call.context.commands, wish))));
}

Result<Answer> get_customer(Call const& call) {
    return show(call, TRY(customer_in_path(call)));
}

Result<Answer> get_own_customer(Call const& call) {
    return show(call, call.customer());
}

Result<Answer> list_customers(Call const& call) {
    Fields fields(call.query);
    auto const page = TRY(read_page(fields));
    TRY_VOID(fields.finish());
    if (!call.customer().empty()) return show(call, call.customer());
    auto const after = page.after_id.empty() ? std::nullopt : std::optional(CustomerId(page.after_id));
    auto const rows = TRY(call.context.store.read_value(store::Scope::system(), [&](store::Reader& reader) {
        return store::list_customers(reader, after, page.limit + 1);
    }));
    return ok(render_page(
        rows, page.limit, [](auto const& row) { return to_json(row); }, [](auto const& row) { return row.id.str(); }));
}

Result<Answer> refresh_customer(Call const& call) {
    auto const id = TRY(customer_in_path(call));
    TRY(show(call, id));
    TRY_VOID(flow::refresh_customer(call.context.commands, id));
    auto const views = TRY(call.context.store.read_value(
        store::Scope::customer(id), [&](store::Reader& reader) { return flow::view_lines(reader, id); }));
    JsonArray subscriptions;
    auto const catalog = call.context.snapshots.catalog();
    for (auto const& view : views)
        if (view.subscription) subscriptions.push_back(to_json(view, *catalog));
    return ok({{"subscriptions", std::move(subscriptions)}});
}

}  // namespace billhook::http
