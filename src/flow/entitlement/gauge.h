#pragma once
// Gauges: allocate, release and set how many of a limited thing exist. Exact under concurrency: the limit is compared
// in the statement that moves the number, and memory learns the new number before the caller is answered.

#include <optional>
#include <string>

#include "flow/command/idempotent_write.h"
#include "flow/entitlement/snapshot_keeper.h"
#include "store/gauge_store.h"

namespace billhook::flow {

struct GaugeAnswer {
    std::string feature;
    std::int64_t used = 0;
    std::optional<std::int64_t> limit;      // nullopt = unlimited
    std::optional<std::int64_t> remaining;  // nullopt = unlimited
};

struct GaugeRequest {
    CustomerId customer;
    std::string feature;
    std::string allocation_id;  // the application's id of the thing; empty: by number alone
    std::int64_t amount = 1;    // > 0; for set the new value, ≥ 0
};

/// Errors: not_found "unknown_feature", invalid "not_a_gauge", conflict "allocation_differs", and the check's refusal
/// (limit_reached, not_in_plan, payment_required …) with an upgrade hint. The answer is kept with the change.
Result<GaugeAnswer> allocate_gauge(SnapshotKeeper& keeper, store::Store& store, GaugeRequest const& request,
                                   Timestamp now, AnswerKeeper<GaugeAnswer> const& answers = {});
Result<GaugeAnswer> release_gauge(SnapshotKeeper& keeper, store::Store& store, GaugeRequest const& request,
                                  Timestamp now, AnswerKeeper<GaugeAnswer> const& answers = {});
Result<GaugeAnswer> set_gauge(SnapshotKeeper& keeper, store::Store& store, GaugeRequest const& request, Timestamp now,
                              AnswerKeeper<GaugeAnswer> const& answers = {});
Result<GaugeAnswer> read_gauge(SnapshotKeeper& keeper, CustomerId const& customer, std::string const& feature);

}  // namespace billhook::flow
