#include "sandbox/resource/meter_error.h"

#include <map>

#include "sandbox/core/object_type.h"
#include "sandbox/resource/resources.h"

namespace billhook::sandbox {
namespace {

constexpr std::string_view kind = "meter.report_errors";
constexpr std::string_view no_meter = "no_meter";
constexpr std::int64_t window_seconds = 60;
constexpr std::size_t samples_max = 5;

JsonObject reason_of(JsonArray const& errors) {
    std::map<std::string, JsonArray> samples;
    std::map<std::string, std::int64_t> counts;
    for (auto const& error : errors) {
        auto const code = string_or(error, "code");
        ++counts[code];
        if (samples[code].size() < samples_max)
            samples[code].push_back({{"error_message", string_or(error, "message")},
                                     {"request", JsonObject{{"identifier", string_or(error, "identifier")}}}});
    }
    JsonArray types;
    for (auto& [code, sample] : samples)
        types.push_back({{"code", code}, {"error_count", counts[code]}, {"sample_errors", std::move(sample)}});
    return {{"error_count", errors.size()}, {"error_types", std::move(types)}};
}

Answer<void> report(Call& call, std::string const& id) {
    auto const* collected = call.store().find(object_type::sandbox_meter_errors, id);
    if (!collected) return {};
    auto const& errors = collected->at("errors").as_array();
    auto const time = [](std::int64_t seconds) { return to_rfc3339(Timestamp::from_seconds(seconds)); };
    auto const from = collected->at("start").as_int64();
    JsonObject const data{
        {"developer_message_summary",
         "There " + std::string(errors.size() == 1 ? "is 1 invalid event"
                                                   : "are " + std::to_string(errors.size()) + " invalid events")},
        {"reason", reason_of(errors)},
        {"validation_end", time(from + window_seconds)},
        {"validation_start", time(from)}};
    if (id == no_meter)
        call.emit_thin("v1.billing.meter.no_meter_found", {}, data);
    else
        call.emit_thin("v1.billing.meter.error_report_triggered",
                       {{"id", id}, {"type", "billing.meter"}, {"url", "/v1/billing/meters/" + id}}, data);
    call.store().erase(object_type::sandbox_meter_errors, id);
    return {};
}

}  // namespace

void note_meter_fault(Call& call, MeterFault const& fault, std::string const& identifier) {
    call.use_clock("");
    auto const id = fault.meter.empty() ? std::string(no_meter) : fault.meter;
    if (!call.store().find(object_type::sandbox_meter_errors, id)) {
        auto const start = call.now() / window_seconds * window_seconds;
        call.store().insert(object_type::sandbox_meter_errors, {{"id", id}, {"start", start}, {"errors", JsonArray{}}});
        call.schedule(kind, id, start + window_seconds);
    }
    call.store().edit(object_type::sandbox_meter_errors, id)["errors"].as_array().push_back(
        {{"code", fault.code}, {"message", fault.message}, {"identifier", identifier}});
}

ApiError refusal_of(MeterFault const& fault) {
    return bad_request(fault.message, fault.param, fault.code);
}

void add_meter_errors(World& world) {
    world.registry.on_due(kind, report);
}

}  // namespace billhook::sandbox
