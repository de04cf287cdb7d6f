#include "http/routes/customer.h"

#include "flow/command/customer_command.h"
#include "flow/entitlement/snapshot_keeper.h"
#include "http/context.h"
#include "http/customer_id.h"
#include "http/keep_answer.h"
#include "http/routes/page.h"
#include "http/wire.h"
#include "store/customer_store.h"

namespace billhook::http {
namespace {

Error unknown_customer(CustomerId const& id) {
    return not_found("there is no customer '" + id.str() + "'", "unknown_customer");
}

/// A key that acts for one customer, being bound to it or naming it in the header, reaches no other.
Result<CustomerId> customer_in_path(Call const& call) {
    auto id = TRY(parse_customer_id(call.path_parameter("id"), "id"));
    if (!call.customer().empty() && call.customer() != id) return fail(unknown_customer(id));
    return id;
}

Answer render_customer(customer::Customer const& customer) {
    return ok(to_json(customer));
}

Result<customer::Customer> read_customer(Call const& call, CustomerId const& id) {
    auto found = TRY(call.context.store.read_value(
        store::Scope::customer(id), [&](store::Reader& reader) { return store::find_customer(reader, id); }));
    if (!found) return fail(unknown_customer(id));
    return std::move(*found);
}

Result<std::vector<customer::Customer>> read_customers(Call const& call, std::optional<CustomerId> const& after,
                                                       int limit) {
    if (!call.customer().empty()) {
        if (after && after->str() >= call.customer().str()) return std::vector<customer::Customer>{};
        auto own = TRY(read_customer(call, call.customer()));
        return std::vector{std::move(own)};
    }
    return call.context.store.read_value(
        store::Scope::system(), [&](store::Reader& reader) { return store::list_customers(reader, after, limit + 1); });
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
    return render_customer(TRY(flow::put_customer(call.context.commands, wish, keep_answer(call, render_customer))));
}

Result<Answer> get_customer(Call const& call) {
    return ok(to_json(TRY(read_customer(call, TRY(customer_in_path(call))))));
}

Result<Answer> get_own_customer(Call const& call) {
    return ok(to_json(TRY(read_customer(call, call.customer()))));
}

Result<Answer> list_customers(Call const& call) {
    Fields fields(call.query, FieldSource::query);
    int const limit = read_limit(fields);
    auto const last = fields.optional_text("starting_after", 128);
    TRY_VOID(fields.finish());
    auto const after = last ? std::optional(TRY(parse_customer_id(*last, "starting_after"))) : std::nullopt;
    auto const rows = TRY(read_customers(call, after, limit));
    return ok(render_page(
        rows, limit, [](auto const& row) { return to_json(row); }, [](auto const& row) { return row.id.str(); }));
}

Result<Answer> refresh_customer(Call const& call) {
    auto const id = TRY(customer_in_path(call));
    TRY(read_customer(call, id));
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
