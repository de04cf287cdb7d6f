// Customers. A deleted customer stays readable as its stub.

#include "sandbox/core/call.h"
#include "sandbox/resource/resources.h"

namespace billhook::sandbox {
namespace {

constexpr std::string_view type = "customer";
constexpr std::string_view fields[] = {"address", "balance",           "business_name", "description",
                                       "email",   "individual_name",   "name",          "next_invoice_sequence",
                                       "phone",   "preferred_locales", "shipping",      "tax_exempt"};
constexpr int customers_per_clock_max = 3;

Answer<void> join_clock(Call& call) {
    auto const clock = call.text("test_clock");
    if (clock.empty()) return {};
    TRY(call.need("test_helpers.test_clock", clock, "test_clock"));
    if (call.store().where(type, "test_clock", clock).size() >= customers_per_clock_max)
        return refuse(bad_request("A test clock can have at most 3 customers.", "test_clock"));
    call.use_clock(clock);
    return {};
}

Answer<void> apply(Call& call, JsonObject& customer) {
    copy_given(customer, call.params, fields);
    merge_metadata(customer, call.params);
    if (auto const prefix = call.text("invoice_prefix"); !prefix.empty()) customer["invoice_prefix"] = prefix;
    auto const* settings = find(call.params, "invoice_settings");
    if (!settings) return {};
    auto& kept = customer["invoice_settings"].as_object();
    auto const& given = settings->as_object();
    copy_given(kept, given, {"custom_fields", "default_payment_method", "footer", "rendering_options"});
    if (auto const method = string_or(*settings, "default_payment_method"); !method.empty())
        TRY(call.need("payment_method", method, "invoice_settings[default_payment_method]"));
    return {};
}

Answer<Json> create(Call& call) {
    TRY_VOID(join_clock(call));
    auto const id = call.new_id("cus_");
    auto prefix = call.world().random.alphanumeric(8);
    for (auto& c : prefix) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    JsonObject customer{{"id", id},
                        {"balance", 0},
                        {"created", call.now()},
                        {"delinquent", false},
                        {"invoice_prefix", prefix},
                        {"invoice_settings", JsonObject{}},
                        {"next_invoice_sequence", 1},
                        {"preferred_locales", JsonArray{}},
                        {"tax_exempt", "none"},
                        {"test_clock", call.clock() == root_clock ? Json(nullptr) : Json(call.clock())}};
    TRY_VOID(apply(call, customer));
    call.create(type, std::move(customer));
    call.emit_now("customer.created", type, id);
    return call.view(type, id);
}

Answer<Json> update(Call& call) {
    auto const& id = call.path_id();
    call.use_clock_of(*TRY(call.need(type, id)));
    auto const before = call.view(type, id);
    TRY_VOID(apply(call, call.edit(type, id)));
    call.emit_change("customer.updated", type, id, before);
    return call.view(type, id);
}

Answer<Json> remove(Call& call) {
    auto const& id = call.path_id();
    call.use_clock_of(*TRY(call.need(type, id)));
    auto const last = call.view(type, id);
    auto stub = call.remove(type, id);
    call.emit("customer.deleted", last);
    return stub;
}

}  // namespace

void add_customers(World& world) {
    world.store.add_index(type, "test_clock");
    world.store.add_index(type, "email");
    auto& registry = world.registry;
    registry.on("POST /v1/customers", create);
    registry.on("POST /v1/customers/{id}", update);
    registry.on("DELETE /v1/customers/{id}", remove);
    registry.on("GET /v1/customers/{id}", [](Call& call) -> Answer<Json> {
        if (!call.store().find(type, call.path_id())) return refuse(no_such(type, call.path_id()));
        return call.view(type, call.path_id());  // the stub, once deleted
    });
    registry.on("GET /v1/customers/search", [](Call& call) { return call.search(type); });
    registry.on("GET /v1/customers", [](Call& call) {
        ListQuery query{.type = type};
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
