// Configurations of the customer portal: what a customer may do there. The first one made is the account's default.

#include "sandbox/core/call.h"
#include "sandbox/core/object_type.h"
#include "sandbox/resource/resources.h"

namespace billhook::sandbox {
namespace {

JsonObject default_features() {
    return {{"customer_update", JsonObject{{"allowed_updates", JsonArray{}}, {"enabled", false}}},
            {"invoice_history", JsonObject{{"enabled", false}}},
            {"payment_method_update", JsonObject{{"enabled", false}, {"payment_method_configuration", nullptr}}},
            {"subscription_cancel",
             JsonObject{{"cancellation_reason",
                         JsonObject{{"enabled", false}, {"feedback_options", nullptr}, {"options", JsonArray{}}}},
                        {"enabled", false},
                        {"mode", "at_period_end"},
                        {"proration_behavior", "none"}}},
            {"subscription_pause",
             JsonObject{{"duration", JsonObject{{"interval_options", JsonArray{}}, {"type", "indefinite"}}},
                        {"enabled", false}}},
            {"subscription_update", JsonObject{{"billing_cycle_anchor", nullptr},
                                               {"default_allowed_updates", JsonArray{}},
                                               {"enabled", false},
                                               {"products", nullptr},
                                               {"proration_behavior", "none"},
                                               {"schedule_at_period_end", JsonObject{{"conditions", JsonArray{}}}},
                                               {"trial_update_behavior", "end_trial"}}}};
}

// Members that were given replace those that are there, object by object; what was unset becomes an empty list.
void merge(JsonObject& into, JsonObject const& given) {
    for (auto const& [key, value] : given) {
        auto& kept = into[key];
        if (value.is_object() && kept.is_object())
            merge(kept.get_object(), value.get_object());
        else if (value.is_null() && kept.is_array())
            kept = JsonArray{};
        else
            kept = value;
    }
}

Answer<void> check_products(Call& call, JsonObject& features) {
    auto& products = features["subscription_update"].as_object()["products"];
    if (!products.is_array()) return {};
    constexpr char const* param = "features[subscription_update][products]";
    for (auto& entry : products.get_array()) {
        auto& product = entry.as_object();
        auto const id = string_or(entry, "product");
        TRY(call.need("product", id, param));
        for (auto const& price : product["prices"].as_array()) {
            auto const* found = TRY(call.need("price", as_view(price.as_string()), param));
            if (found->at("product") != Json(id))
                return refuse(bad_request("The price `" + std::string(as_view(price.as_string())) +
                                              "` does not belong to the product `" + id + "`.",
                                          param));
        }
        JsonObject quantity{{"enabled", false}, {"maximum", nullptr}, {"minimum", 1}};
        if (auto const* given = product.if_contains("adjustable_quantity"); given && given->is_object())
            merge(quantity, given->get_object());
        product["adjustable_quantity"] = std::move(quantity);
    }
    return {};
}

Answer<void> apply_portal_configuration(Call& call, JsonObject& configuration) {
    copy_given(configuration, call.params, {"active", "default_return_url", "name"});
    if (auto const* profile = find(call.params, "business_profile"); profile && profile->is_object())
        merge(configuration["business_profile"].as_object(), profile->get_object());
    if (auto const* features = find(call.params, "features"))
        merge(configuration["features"].as_object(), features->as_object());
    TRY_VOID(check_products(call, configuration["features"].as_object()));
    if (auto const enabled = find_bool(call.params, "login_page.enabled")) {
        auto const url =
            call.world().settings.public_url + "/p/login/" + std::string(as_view(configuration["id"].as_string()));
        configuration["login_page"] = JsonObject{{"enabled", *enabled}, {"url", *enabled ? Json(url) : Json(nullptr)}};
    }
    merge_metadata(configuration, call.params);
    return {};
}

Answer<Json> create_portal_configuration(Call& call) {
    auto const id = call.new_id("bpc_");
    JsonObject configuration{
        {"id", id},
        {"active", true},
        {"business_profile",
         JsonObject{{"headline", nullptr}, {"privacy_policy_url", nullptr}, {"terms_of_service_url", nullptr}}},
        {"created", call.now()},
        {"features", default_features()},
        {"is_default", call.store().all(object_type::billing_portal_configuration).empty()},
        {"login_page", JsonObject{{"enabled", false}, {"url", nullptr}}},
        {"updated", call.now()}};
    TRY_VOID(apply_portal_configuration(call, configuration));
    call.create(object_type::billing_portal_configuration, std::move(configuration));
    call.emit_now("billing_portal.configuration.created", object_type::billing_portal_configuration, id);
    return call.view(object_type::billing_portal_configuration, id);
}

Answer<Json> update_portal_configuration(Call& call) {
    auto const& id = call.path_id();
    auto const* current = TRY(call.need(object_type::billing_portal_configuration, id));
    if (current->at("is_default").as_bool() && find_bool(call.params, "active") == false)
        return refuse(bad_request("The default configuration cannot be deactivated.", "active"));
    auto const before = call.view(object_type::billing_portal_configuration, id);
    auto& configuration = call.edit(object_type::billing_portal_configuration, id);
    TRY_VOID(apply_portal_configuration(call, configuration));
    configuration["updated"] = call.now();
    call.emit_change("billing_portal.configuration.updated", object_type::billing_portal_configuration, id, before);
    return call.view(object_type::billing_portal_configuration, id);
}

}  // namespace

void add_portal_configurations(World& world) {
    auto& registry = world.registry;
    registry.on("POST /v1/billing_portal/configurations", create_portal_configuration);
    registry.on("POST /v1/billing_portal/configurations/{id}", update_portal_configuration);
    registry.on("GET /v1/billing_portal/configurations/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need(object_type::billing_portal_configuration, call.path_id()));
        return call.view(object_type::billing_portal_configuration, call.path_id());
    });
    registry.on("GET /v1/billing_portal/configurations", [](Call& call) {
        return call.list(
            {.type = object_type::billing_portal_configuration, .keep = [&](JsonObject const& configuration) {
                 for (auto const* name : {"active", "is_default"})
                     if (auto const* wanted = find(call.params, name); wanted && *wanted != configuration.at(name))
                         return false;
                 return true;
             }});
    });
}

}  // namespace billhook::sandbox
