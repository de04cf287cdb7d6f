#include "http/routes/entitlement.h"

#include "base/digest.h"
#include "domain/entitlement/check.h"
#include "flow/entitlement/gauge.h"
#include "http/context.h"
#include "http/fields.h"
#include "http/keep_answer.h"
#include "http/wire.h"
#include "http/without_fields.h"

namespace billhook::http {
namespace {

using flow::SnapshotTable;

std::optional<std::int64_t> used_of(SnapshotTable::Entry const& entry, catalog::Feature const& feature) {
    return feature.is_gauge ? std::optional(entry.used_of(feature.code)) : std::nullopt;
}

Result<entitlement::CheckAnswer> check_one(Call const& call, SnapshotTable::Entry const& entry,
                                           catalog::Catalog const& catalog, std::string_view code,
                                           std::int64_t amount) {
    auto const* feature = catalog.find_feature(code);
    auto const used = feature ? used_of(entry, *feature) : std::nullopt;
    auto answer = TRY(entitlement::check(*entry.rights, catalog, {code, amount}, used));
    bool const is_stale = call.context.snapshots.table().is_stale(call.now, call.context.stale_after);
    return is_stale ? entitlement::answer_stale(answer, feature->when_stale) : answer;
}

struct Wish {
    std::string feature;
    std::int64_t amount = 1;
};

std::int64_t read_amount(Fields& fields) {
    return fields.optional_integer("amount", 0, INT64_MAX / 2).value_or(1);
}

Result<Wish> wish_of_query(Call const& call) {
    if (call.query.empty()) return Wish{call.path_parameter("feature")};
    Fields fields(call.query, FieldSource::query);
    Wish wish{call.path_parameter("feature"), read_amount(fields)};
    TRY_VOID(fields.finish());
    return wish;
}

Result<Wish> wish_of_body(Call const& call) {
    Fields fields(call.body);
    Wish wish{fields.required_text("feature", 128), read_amount(fields)};
    TRY_VOID(fields.finish());
    return wish;
}

Result<Answer> render_check(Call const& call, SnapshotTable::Entry const& entry, Wish const& wish) {
    auto const catalog = call.context.snapshots.catalog();
    auto const answer = TRY(check_one(call, entry, *catalog, wish.feature, wish.amount));
    JsonWriter body;
    write(body, answer);
    body.text("feature", answer.feature).text("customer", call.customer().str()).boolean("stale", answer.is_stale);
    return json_answer(body.finish());
}

/// The status of the first held line in the catalog's order; "free" without any.
std::string overall_status(entitlement::Rights const& rights, catalog::Catalog const& catalog) {
    for (auto const& line : catalog.lines)
        if (auto const held = rights.lines.find(line.code); held != rights.lines.end())
            return subscription::to_string(held->second.status);
    return "free";
}

Result<Answer> render_list(Call const& call, SnapshotTable::Entry const& entry) {
    auto const catalog = call.context.snapshots.catalog();
    auto const& rights = *entry.rights;
    JsonWriter body;
    body.text("customer", call.customer().str()).text("status", overall_status(rights, *catalog));
    body.open("plans");
    std::size_t place = 0;
    for (auto const& [line, held] : rights.lines) {
        body.open(line).text("plan", held.plan).text("status", subscription::to_string(held.status));
        body.text("period_end", to_rfc3339(entry.period_end(place++))).close();
    }
    body.close().open("features");
    for (auto const& [code, unused] : rights.features) {
        body.open(code);
        write(body, TRY(check_one(call, entry, *catalog, code, 1)));
        body.close();
    }
    body.close().text("as_of", to_rfc3339(entry.as_of));
    body.boolean("stale", call.context.snapshots.table().is_stale(call.now, call.context.stale_after));
    Answer answer = json_answer(body.finish());
    answer.headers.emplace_back("ETag", "\"" + to_hex(sha256(*answer.text)).substr(0, 32) + "\"");
    answer.headers.emplace_back("Cache-Control", "private, no-cache");
    return answer;
}

Result<SnapshotTable::Entry> find_or_load(Call const& call) {
    if (auto entry = call.context.snapshots.find(call.customer())) return std::move(*entry);
    return call.context.snapshots.load(call.customer());
}

flow::GaugeRequest gauge_request(Call const& call, std::string allocation_id, std::int64_t amount) {
    return {call.customer(), call.path_parameter("feature"), std::move(allocation_id), amount};
}

Result<flow::GaugeRequest> read_gauge_request(Call const& call) {
    Fields fields(call.body);
    auto const id = fields.optional_text("id", 200);
    auto const amount = fields.optional_integer("amount", 1, INT64_MAX / 4).value_or(1);
    TRY_VOID(fields.finish());
    return gauge_request(call, id.value_or(""), amount);
}

Answer render_gauge(flow::GaugeAnswer const& gauge) {
    return ok(to_json(gauge));
}

}  // namespace

Result<Answer> list_entitlements(Call const& call) {
    return render_list(call, TRY(find_or_load(call)));
}

std::optional<Result<Answer>> list_entitlements_from_memory(Call const& call) {
    if (auto const known = refuse_fields(call); !known) return Result<Answer>(fail(known.error()));
    auto const entry = call.context.snapshots.find(call.customer());
    return entry ? std::optional(render_list(call, *entry)) : std::nullopt;
}

Result<Answer> get_entitlement(Call const& call) {
    auto const wish = TRY(wish_of_query(call));
    return render_check(call, TRY(find_or_load(call)), wish);
}

std::optional<Result<Answer>> get_entitlement_from_memory(Call const& call) {
    auto const entry = call.context.snapshots.find(call.customer());
    if (!entry) return std::nullopt;
    auto const wish = wish_of_query(call);
    return wish ? render_check(call, *entry, *wish) : Result<Answer>(fail(wish.error()));
}

Result<Answer> check_entitlement(Call const& call) {
    auto const wish = TRY(wish_of_body(call));
    return render_check(call, TRY(find_or_load(call)), wish);
}

std::optional<Result<Answer>> check_entitlement_from_memory(Call const& call) {
    auto const entry = call.context.snapshots.find(call.customer());
    if (!entry) return std::nullopt;
    auto const wish = wish_of_body(call);
    return wish ? render_check(call, *entry, *wish) : Result<Answer>(fail(wish.error()));
}

Result<Answer> get_gauge(Call const& call) {
    return render_gauge(TRY(flow::read_gauge(call.context.snapshots, call.customer(), call.path_parameter("feature"))));
}

Result<Answer> put_gauge(Call const& call) {
    Fields fields(call.body);
    auto const used = fields.required_integer("used", 0, INT64_MAX / 4);
    TRY_VOID(fields.finish());
    return render_gauge(TRY(flow::set_gauge(call.context.snapshots, call.context.store, gauge_request(call, "", used),
                                            call.now, keep_answer(call, render_gauge))));
}

Result<Answer> allocate_gauge(Call const& call) {
    auto const request = TRY(read_gauge_request(call));
    return render_gauge(TRY(flow::allocate_gauge(call.context.snapshots, call.context.store, request, call.now,
                                                 keep_answer(call, render_gauge))));
}

Result<Answer> release_gauge(Call const& call) {
    auto const request = TRY(read_gauge_request(call));
    return render_gauge(TRY(flow::release_gauge(call.context.snapshots, call.context.store, request, call.now,
                                                keep_answer(call, render_gauge))));
}

}  // namespace billhook::http
