#include "flow/entitlement/gauge.h"

#include <algorithm>

#include "base/crash_point.h"
#include "domain/entitlement/check.h"

namespace billhook::flow {
namespace {

struct Known {
    SnapshotTable::Entry entry;
    std::shared_ptr<catalog::Catalog const> catalog;
    entitlement::FeatureEntitlement const* gauge = nullptr;
};

Result<Known> look_up(SnapshotKeeper& keeper, CustomerId const& customer, std::string const& feature) {
    auto found = keeper.find(customer);
    Known known{found ? std::move(*found) : TRY(keeper.load(customer)), keeper.catalog()};
    auto const* declared = known.catalog->find_feature(feature);
    auto const entitled = known.entry.rights->features.find(feature);
    if (!declared || entitled == known.entry.rights->features.end())
        return fail(not_found("there is no feature '" + feature + "' in the catalog", "unknown_feature"));
    if (!declared->is_gauge)
        return fail(
            invalid("feature", "'" + feature + "' is not a gauge; nothing of it can be allocated", "not_a_gauge"));
    known.gauge = &entitled->second;
    return known;
}

GaugeAnswer render(Known const& known, std::string const& feature, std::int64_t used) {
    GaugeAnswer answer{feature, used, known.gauge->limit, std::nullopt};
    if (answer.limit) answer.remaining = std::max<std::int64_t>(0, *answer.limit - used);
    return answer;
}

/// What the check says of so much more, as the refusal with its hint.
Error refuse(Known const& known, GaugeRequest const& request, std::int64_t used) {
    auto const answer =
        entitlement::check(*known.entry.rights, *known.catalog, {request.feature, request.amount}, used);
    return answer ? entitlement::refusal(*answer) : answer.error();
}

struct Doors {
    SnapshotKeeper& keeper;
    store::Store& store;
    AnswerKeeper<GaugeAnswer> const& answers;
};

template <class Work>
Result<GaugeAnswer> change(Doors const& doors, Known const& known, GaugeRequest const& request, Work work) {
    auto const scope = store::Scope::customer(request.customer);
    auto answer = TRY(doors.store.write_value(scope, [&](store::Writer& writer) -> Result<GaugeAnswer> {
        auto moved = TRY(work(writer));
        auto changed = render(known, request.feature, moved.used);
        TRY_VOID(doors.answers.keep(writer, changed));
        writer.after_commit([&keeper = doors.keeper, moved] {
            keeper.table().put_gauge(moved.customer, moved.feature, {moved.used, moved.version});
        });
        writer.when_unknown([&keeper = doors.keeper, moved] { keeper.doubt(moved.customer); });
        return changed;
    }));
    crash_point("gauge.changed");
    return answer;
}

}  // namespace

Result<GaugeAnswer> allocate_gauge(SnapshotKeeper& keeper, store::Store& store, GaugeRequest const& request,
                                   Timestamp now, AnswerKeeper<GaugeAnswer> const& answers) {
    auto const known = TRY(look_up(keeper, request.customer, request.feature));
    if (!known.gauge->is_allowed) return fail(refuse(known, request, 0));
    store::GaugeAllocation const allocation{request.customer, request.feature, request.allocation_id, request.amount,
                                            now};
    auto answer = change({keeper, store, answers}, known, request, [&](store::Writer& writer) {
        return store::allocate_gauge(writer, allocation, known.gauge->limit);
    });
    if (answer || answer.error().kind != ErrorKind::limit_reached) return answer;
    auto const* used = answer.error().extra.if_contains("used");
    return fail(refuse(known, request, used && used->is_int64() ? used->get_int64() : 0));
}

Result<GaugeAnswer> release_gauge(SnapshotKeeper& keeper, store::Store& store, GaugeRequest const& request,
                                  Timestamp now, AnswerKeeper<GaugeAnswer> const& answers) {
    auto const known = TRY(look_up(keeper, request.customer, request.feature));
    return change({keeper, store, answers}, known, request, [&](store::Writer& writer) {
        if (!request.allocation_id.empty())
            return store::release_gauge(writer, request.customer, request.feature, request.allocation_id, now);
        return store::release_gauge_amount(writer, request.customer, request.feature, request.amount, now);
    });
}

Result<GaugeAnswer> set_gauge(SnapshotKeeper& keeper, store::Store& store, GaugeRequest const& request, Timestamp now,
                              AnswerKeeper<GaugeAnswer> const& answers) {
    auto const known = TRY(look_up(keeper, request.customer, request.feature));
    auto answer = change({keeper, store, answers}, known, request, [&](store::Writer& writer) {
        return store::set_gauge(writer, request.customer, request.feature, request.amount, known.gauge->limit, now);
    });
    if (answer || answer.error().kind != ErrorKind::limit_reached) return answer;
    return fail(refuse(known, request, 0));
}

Result<GaugeAnswer> read_gauge(SnapshotKeeper& keeper, CustomerId const& customer, std::string const& feature) {
    auto const known = TRY(look_up(keeper, customer, feature));
    return render(known, feature, known.entry.used_of(feature));
}

}  // namespace billhook::flow
