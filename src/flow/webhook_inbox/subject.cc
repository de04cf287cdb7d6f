#include "flow/webhook_inbox/subject.h"

#include "base/json.h"

namespace billhook::flow {
namespace {

// The id, or that of the object in its place.
std::string id_in(JsonObject const& object, std::string_view name) {
    auto const* value = find(object, name);
    if (!value) return {};
    if (value->is_string()) return std::string(as_view(value->get_string()));
    return string_or(*value, "id");
}

}  // namespace

std::string subject_of(stripe::Event const& event) {
    if (event.object_kind() == "customer" && !event.object_id().empty()) return event.object_id();
    if (auto customer = id_in(event.object, "customer"); !customer.empty()) return customer;
    // A payment method that was detached names its customer only among what it was before.
    if (auto customer = id_in(event.previous_attributes, "customer"); !customer.empty()) return customer;
    for (auto const name : {"product", "payment_intent", "charge"})
        if (auto id = id_in(event.object, name); !id.empty()) return id;
    if (auto id = event.object_id(); !id.empty()) return id;
    return event.type;
}

}  // namespace billhook::flow
