#include "flow/webhook_inbox/received_event.h"

#include <simdjson.h>

#include "flow/webhook_inbox/subject.h"

namespace billhook::flow {
namespace {

using simdjson::dom::element;
using Found = simdjson::simdjson_result<element>;

constexpr std::int64_t seconds_max = 253'402'300'799;  // the end of the year 9999

Error event_not_understood(std::string detail) {
    return invalid("", std::move(detail), "event_not_understood");
}

std::string_view text_of(Found const& found) {
    std::string_view text;
    return found.get(text) == simdjson::SUCCESS ? text : std::string_view{};
}

// The id, or that of the object in its place.
std::string_view id_of(Found const& found) {
    if (found.error()) return {};
    auto const text = text_of(found);
    return text.empty() ? text_of(found["id"]) : text;
}

// A v2 event has of what happened only the id and type of whom it concerns, and its times in RFC 3339.
Status read_thin(element const& tree, ReceivedEvent& event) {
    event.created = TRY(parse_rfc3339(text_of(tree["created"])));
    auto const related = tree["related_object"];
    event.subject = subject_of({.type = event.type, .kind = text_of(related["type"]), .id = text_of(related["id"])});
    return {};
}

Status read_snapshot(element const& tree, ReceivedEvent& event) {
    simdjson::dom::object object;
    auto const data = tree["data"];
    if (data["object"].get(object) != simdjson::SUCCESS)
        return fail(event_not_understood("Stripe sent an event without data.object."));
    std::int64_t created = 0;
    if (tree["created"].get(created) == simdjson::SUCCESS && created >= -seconds_max && created <= seconds_max)
        event.created = Timestamp::from_seconds(created);
    event.api_version = text_of(tree["api_version"]);
    event.subject = subject_of({.type = event.type,
                                .kind = text_of(object["object"]),
                                .id = text_of(object["id"]),
                                .customer = id_of(object["customer"]),
                                .customer_before = id_of(data["previous_attributes"]["customer"]),
                                .product = id_of(object["product"]),
                                .payment_intent = id_of(object["payment_intent"]),
                                .charge = id_of(object["charge"])});
    return {};
}

}  // namespace

Result<ReceivedEvent> read_event(std::string_view raw_body, AllowedMetadata const& allowed_metadata) {
    static thread_local simdjson::dom::parser parser;
    element tree;
    if (auto const error = parser.parse(raw_body.data(), raw_body.size()).get(tree))
        return fail(invalid("", std::string("expected valid JSON: ") + simdjson::error_message(error), "invalid_json"));
    ReceivedEvent event;
    event.payload = TRY(redact(tree, allowed_metadata, raw_body.size()));
    event.id = text_of(tree["id"]);
    event.type = text_of(tree["type"]);
    if (event.id.empty()) return fail(event_not_understood("Stripe sent what should be an event, but it has no id."));
    if (event.type.empty()) return fail(event_not_understood("Stripe sent an event without a type."));
    auto const read = text_of(tree["object"]).starts_with("v2.") ? read_thin(tree, event) : read_snapshot(tree, event);
    if (!read) return fail(event_not_understood(read.error().detail));
    return event;
}

}  // namespace billhook::flow
