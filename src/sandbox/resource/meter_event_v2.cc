// The second generation of meter events: one at a time, judged at once; or in streams of up to 100 with a session
// token, judged later. JSON bodies, RFC 3339 times.

#include "sandbox/core/call.h"
#include "sandbox/resource/meter.h"
#include "sandbox/resource/resources.h"

namespace billhook::sandbox {
namespace {

constexpr std::string_view session_type = "v2.billing.meter_event_session";
constexpr std::size_t stream_events_max = 100;
constexpr std::int64_t session_seconds = 15 * 60;

std::string rfc3339(std::int64_t seconds) {
    return to_rfc3339(Timestamp::from_seconds(seconds));
}

Answer<MeterEventInput> read_input(JsonObject const& given) {
    MeterEventInput input{.event_name = string_or(given, "event_name"),
                          .payload = given.at("payload").as_object(),
                          .identifier = string_or(given, "identifier")};
    auto const timestamp = string_or(given, "timestamp");
    if (timestamp.empty()) return input;
    auto const time = parse_rfc3339(timestamp);
    if (!time) return refuse(bad_request("Invalid timestamp: expected RFC 3339.", "timestamp", "invalid_timestamp"));
    input.timestamp = time->seconds();
    return input;
}

Answer<Json> create_meter_event_v2(Call& call) {
    auto input = TRY(read_input(call.params));
    TRY_VOID(check_meter_event(call, input));
    auto const recorded = record_meter_event(call, input);
    if (!recorded) return refuse(refusal_of(recorded.error()));
    return JsonObject{{"object", "v2.billing.meter_event"},
                      {"created", rfc3339(call.now())},
                      {"event_name", input.event_name},
                      {"identifier", *recorded},
                      {"livemode", false},
                      {"payload", input.payload},
                      {"timestamp", rfc3339(input.timestamp == 0 ? call.now() : input.timestamp)}};
}

Answer<Json> adjust_meter_event_v2(Call& call) {
    auto const identifier = call.text("cancel.identifier");
    TRY_VOID(cancel_meter_event(call, call.text("event_name"), identifier));
    return JsonObject{{"id", call.new_id("mtr_adj_test_")},
                      {"object", "v2.billing.meter_event_adjustment"},
                      {"cancel", JsonObject{{"identifier", identifier}}},
                      {"created", rfc3339(call.now())},
                      {"event_name", call.text("event_name")},
                      {"livemode", false},
                      {"status", "complete"},
                      {"type", "cancel"}};
}

Answer<Json> open_session(Call& call) {
    auto const id = call.new_id("mes_test_");
    call.store().insert(session_type, {{"id", id},
                                       {"object", session_type},
                                       {"authentication_token", call.new_id("mes_token_")},
                                       {"created", rfc3339(call.now())},
                                       {"expires_at", rfc3339(call.now() + session_seconds)},
                                       {"livemode", false}});
    return *call.store().find(session_type, id);
}

Answer<void> check_session(Call& call) {
    for (auto const& [sequence, session] : call.store().where(session_type, "authentication_token", call.credential)) {
        auto const until = parse_rfc3339(as_view(session->object.at("expires_at").as_string()));
        if (until && until->seconds() > call.now()) return {};
        return refuse(
            {401, "invalid_request_error", "billing_meter_event_session_expired", "The session has expired.", ""});
    }
    return refuse(
        {401, "invalid_request_error", "", "Expected the authentication token of a meter event session.", ""});
}

Answer<Json> take_stream(Call& call) {
    TRY_VOID(check_session(call));
    auto const& events = call.params.at("events").as_array();
    if (events.empty() || events.size() > stream_events_max)
        return refuse(bad_request("Expected 1 to 100 events.", "events", "too_many_events"));
    for (auto const& event : events) {
        call.use_clock("");
        auto input = TRY(read_input(event.as_object()));
        if (input.identifier.empty()) input.identifier = call.new_id("mevt_");
        if (auto const fits = check_meter_event(call, input); !fits) {
            // A repeated identifier is dropped in silence; a time out of bounds is reported.
            if (fits.error().code != "duplicate_meter_event")
                note_meter_fault(call, {fits.error().code, fits.error().message}, input.identifier);
            continue;
        }
        if (auto const recorded = record_meter_event(call, input); !recorded)
            note_meter_fault(call, recorded.error(), input.identifier);
    }
    return JsonObject{};
}

}  // namespace

void add_meter_events_v2(World& world) {
    world.store.add_index(session_type, "authentication_token");
    auto& registry = world.registry;
    registry.on("POST /v2/billing/meter_events", create_meter_event_v2);
    registry.on("POST /v2/billing/meter_event_adjustments", adjust_meter_event_v2);
    registry.on("POST /v2/billing/meter_event_session", open_session);
    registry.on("POST /v2/billing/meter_event_stream", take_stream);
}

}  // namespace billhook::sandbox
