#pragma once
// Domain records as JSON. Domain structs never learn JSON; this is where they are spelt for the wire. Times are RFC
// 3339 UTC, amounts integer minor units beside a lower-case currency, absent values null.

#include <optional>

#include "base/json.h"
#include "base/json_writer.h"
#include "domain/access/api_key.h"
#include "domain/entitlement/check.h"
#include "domain/entitlement/snapshot.h"
#include "domain/invoice/invoice.h"
#include "flow/command/change_plan.h"
#include "flow/command/subscription_view.h"
#include "flow/entitlement/gauge.h"

namespace billhook::http {

Json time_or_null(std::optional<Timestamp> const& time);
Json integer_or_null(std::optional<std::int64_t> const& number);
Json text_or_null(std::string const& text);

/// The members type, allowed, reason, limit, used, remaining, resets_at and perhaps upgrade.
void write(JsonWriter& writer, entitlement::CheckAnswer const& answer);
JsonObject to_json(flow::GaugeAnswer const& answer);
JsonObject to_json(customer::Customer const& customer);
JsonObject to_json(subscription::Intent const& intent);
JsonObject to_json(subscription::ScheduledChange const& change);
JsonObject to_json(subscription::HistoryEntry const& entry);
JsonObject to_json(invoice::Invoice const& invoice);
JsonObject to_json(flow::ChangeView const& change);
JsonObject to_json(access::ApiKey const& key);
/// What a plan gives: its flags, and its limits with null for unlimited.
struct PlanContents {
    JsonObject features;
    JsonObject limits;
};
PlanContents contents_of(catalog::Catalog const& catalog, catalog::Plan const& plan);
/// The state that Stripe confirmed, with what is pending beside it; null where nothing of the line was ever held.
Json to_json(flow::SubscriptionView const& view, catalog::Catalog const& catalog);

}  // namespace billhook::http
