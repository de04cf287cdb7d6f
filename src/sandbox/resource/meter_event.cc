// Meter events: taking them in, taking them back, adding them up.

#include <algorithm>
#include <charconv>

#include "base/digest.h"
#include "sandbox/core/object_type.h"
#include "sandbox/resource/meter.h"
#include "sandbox/resource/resources.h"

namespace billhook::sandbox {
namespace {

constexpr std::int64_t day_seconds = 86'400;
constexpr std::int64_t past_seconds_max = 35 * day_seconds;
constexpr std::int64_t future_seconds_max = 300;
constexpr std::size_t identifier_length_max = 100;
constexpr std::size_t digits_max = 12;  // before the point; what fits in 64 bits as millionths

std::string usage_key(std::string_view meter, std::string_view customer) {
    return std::string(meter) + " " + std::string(customer);
}

// "12", "-3", "0.25": at most six decimals.
std::optional<std::int64_t> parse_millionths(std::string_view text) {
    bool const is_negative = text.starts_with('-');
    if (is_negative) text.remove_prefix(1);
    auto const point = text.find('.');
    auto const whole = text.substr(0, point);
    std::string fraction(point == std::string_view::npos ? std::string_view{} : text.substr(point + 1));
    if (whole.empty() || whole.size() > digits_max || fraction.size() > 6) return std::nullopt;
    if (point != std::string_view::npos && fraction.empty()) return std::nullopt;
    fraction.resize(6, '0');
    auto const digits = std::string(whole) + fraction;
    if (!std::ranges::all_of(digits, [](unsigned char c) { return std::isdigit(c); })) return std::nullopt;
    std::int64_t millionths = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), millionths);
    return is_negative ? -millionths : millionths;
}

using Faulty = std::unexpected<MeterFault>;

std::expected<JsonObject const*, MeterFault> active_meter(Call& call, std::string const& event_name) {
    auto const& meters = call.store().where("billing.meter", "active_event_name", event_name);
    if (!meters.empty()) return &meters.begin()->second->object;
    for (auto const& [sequence, meter] : call.store().all("billing.meter"))
        if (meter->object.at("event_name") == Json(event_name))
            return Faulty({"archived_meter", "The meter for the event name '" + event_name + "' is inactive.",
                           "event_name", meter->id});
    return Faulty({"no_meter", "No active meter found for the event name '" + event_name + "'.", "event_name"});
}

struct Counted {
    std::string customer;
    std::int64_t millionths = 0;
};

std::expected<Counted, MeterFault> read_payload(Call& call, JsonObject const& meter, JsonObject const& payload) {
    std::string const id(as_view(meter.at("id").as_string()));
    auto const customer_key = string_or(meter.at("customer_mapping"), "event_payload_key");
    auto const value_key = string_or(meter.at("value_settings"), "event_payload_key");
    auto const member = [&](std::string const& key) {
        auto const* value = find(payload, key);
        return value && value->is_string() ? std::string(as_view(value->get_string())) : std::string{};
    };
    auto const customer_param = "payload[" + customer_key + "]", value_param = "payload[" + value_key + "]";
    Counted counted{.customer = member(customer_key)};
    if (counted.customer.empty())
        return Faulty({"meter_event_no_customer_defined",
                       "The payload names no customer: expected `" + customer_key + "`.", customer_param, id});
    if (!call.find("customer", counted.customer))
        return Faulty(
            {"meter_event_customer_not_found", "No such customer: '" + counted.customer + "'", customer_param, id});
    bool const counts_only = string_or(meter.at("default_aggregation"), "formula") == "count";
    auto const value = member(value_key);
    if (value.empty() && counts_only) return counted;
    auto const millionths = parse_millionths(value);
    if (!millionths) {
        bool const is_long =
            value.size() > digits_max && std::ranges::all_of(value, [](unsigned char c) { return std::isdigit(c); });
        return Faulty({is_long ? "meter_event_value_too_many_digits" : "meter_event_invalid_value",
                       "Invalid value: '" + value + "' is not a number of at most 12 digits and 6 decimals.",
                       value_param, id});
    }
    counted.millionths = *millionths;
    return counted;
}

// Accepted is not counted: what concerns the meter, the customer or the value is found out later and reported.
Answer<Json> create_meter_event(Call& call) {
    MeterEventInput input{.event_name = call.text("event_name"),
                          .payload = call.params.at("payload").as_object(),
                          .identifier = call.text("identifier"),
                          .timestamp = int_or(call.params, "timestamp", 0)};
    TRY_VOID(check_meter_event(call, input));
    if (input.identifier.empty()) input.identifier = call.new_id("mevt_");
    if (auto const recorded = record_meter_event(call, input); !recorded)
        note_meter_fault(call, recorded.error(), input.identifier);
    return JsonObject{{"object", object_type::billing_meter_event},
                      {"created", call.now()},
                      {"event_name", input.event_name},
                      {"identifier", input.identifier},
                      {"livemode", false},
                      {"payload", input.payload},
                      {"timestamp", input.timestamp == 0 ? call.now() : input.timestamp}};
}

Answer<Json> adjust_meter_event(Call& call) {
    auto const identifier = call.text("cancel.identifier");
    if (identifier.empty()) return refuse(missing_parameter("cancel[identifier]"));
    TRY_VOID(cancel_meter_event(call, call.text("event_name"), identifier));
    return JsonObject{{"object", "billing.meter_event_adjustment"},
                      {"cancel", JsonObject{{"identifier", identifier}}},
                      {"event_name", call.text("event_name")},
                      {"livemode", false},
                      {"status", "complete"},
                      {"type", "cancel"}};
}

JsonObject summary(std::string const& meter, std::string const& customer, std::int64_t from, std::int64_t to,
                   MeteredUsage const& usage) {
    auto const name = meter + customer + std::to_string(from) + "-" + std::to_string(to);
    return {{"id", "mtrusg_test_" + to_hex(sha256(name)).substr(0, 24)},
            {"object", "billing.meter_event_summary"},
            {"aggregated_value", millionths_as_number(usage.millionths)},
            {"end_time", to},
            {"livemode", false},
            {"meter", meter},
            {"start_time", from}};
}

Answer<Json> summaries(Call& call) {
    auto const& meter = call.path_id();
    TRY(call.need("billing.meter", meter));
    auto const customer = call.text("customer");
    TRY(call.need("customer", customer, "customer"));
    auto const from = call.params.at("start_time").as_int64(), to = call.params.at("end_time").as_int64();
    auto const window = call.text("value_grouping_window");
    std::int64_t const step = window == "hour" ? 3600 : window == "day" ? day_seconds : 60;
    for (auto const* param : {"start_time", "end_time"})
        if (call.params.at(param).as_int64() % step != 0)
            return refuse(bad_request(
                std::string(param) + " must be aligned with " + (window.empty() ? "minute" : window) + " boundaries.",
                param));
    if (from >= to) return refuse(bad_request("start_time must be before end_time.", "start_time"));
    JsonArray found;
    if (window.empty()) {
        found.push_back(summary(meter, customer, from, to, metered_usage(call.world(), meter, customer, from, to)));
    } else {
        for (auto start = to - step; start >= from; start -= step)  // newest first
            if (auto const usage = metered_usage(call.world(), meter, customer, start, start + step); usage.events > 0)
                found.push_back(summary(meter, customer, start, start + step, usage));
    }
    return call.page_of(std::move(found));
}

}  // namespace

MeteredUsage metered_usage(World& world, std::string const& meter, std::string const& customer, std::int64_t from,
                           std::int64_t to) {
    auto const* known = world.store.find("billing.meter", meter);
    if (!known) return {};
    auto const formula = string_or(known->at("default_aggregation"), "formula");
    MeteredUsage usage;
    std::int64_t latest = INT64_MIN;
    for (auto const& [sequence, event] :
         world.store.where(object_type::billing_meter_event, "usage", usage_key(meter, customer))) {
        auto const at = event->object.at("timestamp").as_int64();
        if (at < from || at >= to) continue;
        auto const value = event->object.at("sandbox_millionths").as_int64();
        ++usage.events;
        if (formula == "sum") usage.millionths += value;
        if (formula == "count") usage.millionths += 1'000'000;
        if (formula == "last" && at >= latest) {
            usage.millionths = value;
            latest = at;
        }
    }
    return usage;
}

Json millionths_as_number(std::int64_t millionths) {
    if (millionths % 1'000'000 == 0) return millionths / 1'000'000;
    return static_cast<double>(millionths) / 1e6;
}

Answer<void> check_meter_event(Call& call, MeterEventInput const& input) {
    if (input.identifier.size() > identifier_length_max)
        return refuse(bad_request("Invalid string: identifier must be at most 100 characters", "identifier"));
    // The times of a customer on a test clock are judged by that clock.
    for (auto const& [key, value] : input.payload)
        if (value.is_string())
            if (auto const* customer = call.find("customer", as_view(value.get_string()))) call.use_clock_of(*customer);
    auto const now = call.now();
    if (input.timestamp != 0 && input.timestamp < now - past_seconds_max)
        return refuse(
            bad_request("The timestamp must be within the past 35 days.", "timestamp", "timestamp_too_far_in_past"));
    if (input.timestamp > now + future_seconds_max)
        return refuse(
            bad_request("The timestamp must be at most 5 minutes in the future.", "timestamp", "timestamp_in_future"));
    auto const* known =
        input.identifier.empty() ? nullptr : call.store().find(object_type::billing_meter_event, input.identifier);
    if (known && known->at("created").as_int64() > now - day_seconds)
        return refuse(bad_request("An event already exists with identifier " + input.identifier + ".", "identifier",
                                  "duplicate_meter_event"));
    return {};
}

std::expected<std::string, MeterFault> record_meter_event(Call& call, MeterEventInput const& input) {
    auto const* meter = TRY(active_meter(call, input.event_name));
    auto const counted = TRY(read_payload(call, *meter, input.payload));
    auto identifier = input.identifier.empty() ? call.new_id("mevt_") : input.identifier;
    if (call.store().find(object_type::billing_meter_event, identifier))
        call.store().erase(object_type::billing_meter_event, identifier);
    call.create(object_type::billing_meter_event, {{"id", identifier},
                                                   {"created", call.now()},
                                                   {"event_name", input.event_name},
                                                   {"identifier", identifier},
                                                   {"payload", input.payload},
                                                   {"timestamp", input.timestamp == 0 ? call.now() : input.timestamp},
                                                   {"sandbox_customer", counted.customer},
                                                   {"sandbox_meter", meter->at("id")},
                                                   {"sandbox_millionths", counted.millionths}});
    // Usage may have reached a threshold of what the customer has subscribed to.
    for (auto const& [sequence, subscription] :
         call.store().where(object_type::subscription, "living", counted.customer))
        if (subscription->object.contains("sandbox_has_thresholds"))
            call.schedule("subscription.threshold", subscription->id, call.now());
    return identifier;
}

Answer<void> cancel_meter_event(Call& call, std::string const& event_name, std::string const& identifier) {
    auto const* event = call.find(object_type::billing_meter_event, identifier);
    if (!event || event->at("event_name") != Json(event_name))
        return refuse(
            bad_request("No such meter event: '" + identifier + "'", "cancel[identifier]", "resource_missing"));
    if (auto const* customer = call.find("customer", as_view(event->at("sandbox_customer").as_string())))
        call.use_clock_of(*customer);
    if (event->at("created").as_int64() < call.now() - day_seconds)
        return refuse(
            bad_request("A meter event can be cancelled within 24 hours of its receipt.", "cancel[identifier]"));
    call.edit(object_type::billing_meter_event, identifier)["deleted"] = true;
    return {};
}

void add_meter_events(World& world) {
    world.store.add_index(object_type::billing_meter_event, "usage", [](JsonObject const& event) {
        return usage_key(as_view(event.at("sandbox_meter").as_string()),
                         as_view(event.at("sandbox_customer").as_string()));
    });
    auto& registry = world.registry;
    registry.on("POST /v1/billing/meter_events", create_meter_event);
    registry.on("POST /v1/billing/meter_event_adjustments", adjust_meter_event);
    registry.on("GET /v1/billing/meters/{id}/event_summaries", summaries);
}

}  // namespace billhook::sandbox
