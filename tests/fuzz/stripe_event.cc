// Events and the objects in them, whatever shape they have: parsers refuse with a sentence or understand; nothing that
// redaction should take out stays, and what is needed to handle the event stays.

#include <array>

#include "flow/webhook_inbox/received_event.h"
#include "gateway/stripe/customer.h"
#include "gateway/stripe/event.h"
#include "gateway/stripe/invoice.h"
#include "gateway/stripe/payment.h"
#include "gateway/stripe/product.h"
#include "gateway/stripe/session.h"
#include "gateway/stripe/subscription.h"
#include "gateway/stripe/subscription_schedule.h"
#include "tests/fuzz/property.h"

namespace billhook::fuzz {
namespace {

template <class Parser>
void read_as(Parser parse, Json const& tree) {
    auto const read = parse(tree);
    hold(read || !read.error().detail.empty(), "an object that is not understood is explained");
}

void read_object(Json const& tree) {
    using namespace stripe;
    read_as(parse_customer, tree);
    read_as(parse_payment_method, tree);
    read_as(parse_webhook_endpoint, tree);
    read_as(parse_test_clock, tree);
    read_as(parse_invoice, tree);
    read_as(parse_payment_intent, tree);
    read_as(parse_charge, tree);
    read_as(parse_refund, tree);
    read_as(parse_dispute, tree);
    read_as(parse_product, tree);
    read_as(parse_price, tree);
    read_as(parse_checkout_session, tree);
    read_as(parse_portal_session, tree);
    read_as(parse_portal_configuration, tree);
    read_as(parse_subscription, tree);
    read_as([](Json const& item) { return parse_subscription_item(item); }, tree);
    read_as(parse_subscription_schedule, tree);
}

void hold_blank(Json const& value) {
    if (auto const* object = value.if_object()) {
        for (auto const& member : *object) hold_blank(member.value());
    } else if (auto const* array = value.if_array()) {
        for (auto const& element : *array) hold_blank(element);
    } else {
        hold(value.is_null() || value.is_bool() || (value.is_string() && value.get_string() == "[redacted]"),
             "what is personal is redacted");
    }
}

/// Of the fields that bear a person's data in any object of Stripe's, the ones no kind of object is excused from.
void hold_redacted(Json const& value) {
    static constexpr std::array<boost::json::string_view, 10> personal = {
        "email",         "phone",           "address", "shipping",      "customer_email",
        "customer_name", "billing_details", "last4",   "receipt_email", "tax_ids"};
    if (auto const* array = value.if_array())
        for (auto const& element : *array) hold_redacted(element);
    auto const* object = value.if_object();
    if (!object) return;
    for (auto const& member : *object) {
        bool const is_personal = std::ranges::find(personal, member.key()) != personal.end();
        if (member.key() == "metadata") continue;
        is_personal ? hold_blank(member.value()) : hold_redacted(member.value());
    }
}

}  // namespace

void try_input(std::string_view input) {
    auto tree = parse_json(input, {.depth_max = 64, .bytes_max = input.size()});
    if (!tree) return;
    auto const event = stripe::parse_event(*tree);
    hold(event || !event.error().detail.empty(), "an event that is not understood is explained");
    read_object(*tree);
    if (auto const* object = find_path(*tree, "data.object")) read_object(*object);

    auto const received = flow::read_event(input);
    if (!received) return;
    auto const redacted = parse_json(received->payload, {.depth_max = 128, .bytes_max = received->payload.size()});
    hold(redacted.has_value(), "what is stored can be read");
    hold_redacted(*redacted);
    auto const again = flow::read_event(received->payload);
    hold(again && again->payload == received->payload, "redacting again changes nothing");
    hold(again->subject == received->subject && !received->subject.empty(), "every event is about something");
    auto const kept = stripe::parse_event(*redacted);
    hold(event && kept && kept->id == event->id && kept->type == event->type && kept->created == event->created,
         "a redacted event is still that event");
    hold(received->id == event->id && received->type == event->type && received->created == event->created,
         "both readers read the same");
}

}  // namespace billhook::fuzz
