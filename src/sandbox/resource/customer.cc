// Customers. A deleted customer stays readable as its stub.

#include <algorithm>

#include "sandbox/billing/customer_discount.h"
#include "sandbox/core/call.h"
#include "sandbox/core/object_type.h"
#include "sandbox/payment/card_source.h"
#include "sandbox/payment/payment_method.h"
#include "sandbox/resource/customer_balance.h"
#include "sandbox/resource/resources.h"
#include "sandbox/resource/tax_id.h"

namespace billhook::sandbox {
namespace {

constexpr std::string_view customer_fields[] = {
    "address", "business_name",         "description", "email",    "individual_name", "invoice_prefix",
    "name",    "next_invoice_sequence", "phone",       "shipping", "tax_exempt"};
constexpr int customers_per_clock_max = 3;

Answer<void> join_clock(Call& call) {
    auto const clock = call.text("test_clock");
    if (clock.empty()) return {};
    TRY(call.need("test_helpers.test_clock", clock, "test_clock"));
    if (call.store().where(object_type::customer, "test_clock", clock).size() >= customers_per_clock_max)
        return refuse(bad_request("A test clock can have at most 3 customers.", "test_clock"));
    call.use_clock(clock);
    return {};
}

Answer<void> check_prefix(Call& call, std::string const& own_id) {
    auto const prefix = call.text("invoice_prefix");
    if (prefix.empty()) return {};
    bool const is_well_formed =
        prefix.size() >= 3 && prefix.size() <= 12 &&
        std::ranges::all_of(prefix, [](unsigned char c) { return std::isdigit(c) || (c >= 'A' && c <= 'Z'); });
    if (!is_well_formed)
        return refuse(bad_request("The invoice prefix must be 3-12 uppercase letters or numbers.", "invoice_prefix"));
    for (auto const& [sequence, other] : call.store().where(object_type::customer, "invoice_prefix", prefix))
        if (other->id != own_id)
            return refuse(bad_request("The invoice prefix is already used by another customer.", "invoice_prefix"));
    return {};
}

// `attached` is what the token in `payment_method` became; the default may be named by the same token.
Answer<void> apply_settings(Call& call, JsonObject& customer, std::string const& attached) {
    auto const* given = find(call.params, "invoice_settings");
    if (!given) return {};
    auto& kept = customer["invoice_settings"].as_object();
    copy_given(kept, given->as_object(), {"custom_fields", "default_payment_method", "footer", "rendering_options"});
    auto method = string_or(*given, "default_payment_method");
    constexpr char const* param = "invoice_settings[default_payment_method]";
    if (method.empty()) return {};
    if (method == call.text("payment_method")) method = attached;
    auto const* found = TRY(call.need("payment_method", method, param));
    if (found->at("customer") != customer["id"])
        return refuse(bad_request("The customer does not have a payment method with the ID " + method +
                                      ". The payment method must be attached to the customer.",
                                  param, "resource_missing"));
    kept["default_payment_method"] = method;
    return {};
}

Answer<std::string> attach_given_method(Call& call, std::string const& id) {
    if (auto const token = call.text("source"); !token.empty())
        call.edit(object_type::customer, id)["default_source"] = TRY(add_card_source(call, id, token, "source"));
    if (auto const card = call.text("default_source"); !card.empty()) {
        if (TRY(call.need(object_type::card, card, "default_source"))->at("customer") != Json(id))
            return refuse(no_such("source", card, "default_source"));
        call.edit(object_type::customer, id)["default_source"] = card;
    }
    auto const given = call.text("payment_method");
    if (given.empty()) return std::string{};
    auto method = TRY(resolve_payment_method(call, given, "payment_method"));
    TRY_VOID(attach_payment_method(call, method, id));
    return method;
}

// What creation and update share. The customer exists already, so that what is attached to it finds it.
Answer<void> apply_customer(Call& call, std::string const& id) {
    TRY_VOID(check_prefix(call, id));
    auto const attached = TRY(attach_given_method(call, id));
    auto& customer = call.edit(object_type::customer, id);
    copy_given(customer, call.params, customer_fields);
    if (auto const* locales = find(call.params, "preferred_locales")) customer["preferred_locales"] = *locales;
    for (auto const* name : {"business_name", "individual_name"})
        if (auto const* value = customer.if_contains(name); value && value->is_null()) customer.erase(name);
    if (customer["tax_exempt"].is_null()) customer["tax_exempt"] = "none";
    merge_metadata(customer, call.params);
    TRY_VOID(apply_settings(call, customer, attached));
    TRY_VOID(apply_customer_discount(call, id));
    call.complete(object_type::customer, customer);
    auto const* balance = find(call.params, "balance");
    if (!balance || *balance == customer["balance"]) return {};
    auto const& currency = customer["currency"];
    write_customer_balance(call, id,
                           {.amount = balance->as_int64() - customer["balance"].as_int64(),
                            .currency = currency.is_string() ? std::string(as_view(currency.get_string()))
                                                             : call.world().settings.default_currency});
    return {};
}

std::string new_invoice_prefix(Call& call) {
    auto prefix = call.world().random.alphanumeric(8);
    for (auto& c : prefix) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return prefix;
}

Answer<Json> create_customer(Call& call) {
    TRY_VOID(join_clock(call));
    auto const id = call.new_id("cus_");
    call.create(object_type::customer,
                {{"id", id},
                 {"balance", 0},
                 {"created", call.now()},
                 {"delinquent", false},
                 {"invoice_prefix", new_invoice_prefix(call)},
                 {"invoice_settings", JsonObject{}},
                 {"metadata", JsonObject{}},
                 {"next_invoice_sequence", 1},
                 {"preferred_locales", JsonArray{}},
                 {"tax_exempt", "none"},
                 {"test_clock", call.clock() == root_clock ? Json(nullptr) : Json(call.clock())}});
    TRY_VOID(apply_customer(call, id));
    call.emit_now("customer.created", object_type::customer, id);
    if (auto const* tax_ids = find(call.params, "tax_id_data")) {
        std::size_t position = 0;
        for (auto const& tax_id : tax_ids->as_array())
            TRY(create_tax_id(call, id, string_or(tax_id, "type"), string_or(tax_id, "value"),
                              "tax_id_data[" + std::to_string(position++) + "][value]"));
    }
    return call.view(object_type::customer, id);
}

Answer<Json> update_customer(Call& call) {
    auto const& id = call.path_id();
    call.use_clock_of(*TRY(call.need(object_type::customer, id)));
    auto const before = call.view(object_type::customer, id);
    TRY_VOID(apply_customer(call, id));
    call.emit_change("customer.updated", object_type::customer, id, before);
    return call.view(object_type::customer, id);
}

Answer<Json> remove_customer(Call& call) {
    auto const& id = call.path_id();
    call.use_clock_of(*TRY(call.need(object_type::customer, id)));
    if (call.world().end_subscriptions) call.world().end_subscriptions(call, id);
    auto const last = call.view(object_type::customer, id);
    auto stub = call.remove(object_type::customer, id);
    call.emit("customer.deleted", last);
    return stub;
}

}  // namespace

void add_customers(World& world) {
    world.store.add_index(object_type::customer, "test_clock");
    world.store.add_index(object_type::customer, "email");
    world.store.add_index(object_type::customer, "invoice_prefix");
    // The sandbox calculates no taxes by itself; tax rates are what the caller names.
    world.views.provide(object_type::customer, "tax", [](JsonObject const&) -> Json {
        return JsonObject{{"automatic_tax", "not_collecting"},
                          {"ip_address", nullptr},
                          {"location", nullptr},
                          {"provider", "stripe"}};
    });
    auto& registry = world.registry;
    registry.on("POST /v1/customers", create_customer);
    registry.on("POST /v1/customers/{id}", update_customer);
    registry.on("DELETE /v1/customers/{id}", remove_customer);
    registry.on("GET /v1/customers/{id}", [](Call& call) -> Answer<Json> {
        if (!call.store().find(object_type::customer, call.path_id()))
            return refuse(no_such(object_type::customer, call.path_id()));
        return call.view(object_type::customer, call.path_id());  // the stub, once deleted
    });
    registry.on("GET /v1/customers/search", [](Call& call) { return call.search(object_type::customer); });
    registry.on("GET /v1/customers", [](Call& call) {
        ListQuery query{.type = object_type::customer};
        if (auto const clock = call.text("test_clock"); !clock.empty()) {
            query.index = "test_clock";
            query.key = clock;
        } else if (auto const email = call.text("email"); !email.empty()) {
            query.index = "email";
            query.key = email;
        }
        return call.list(query);
    });
}

}  // namespace billhook::sandbox
