#include "sandbox/checkout/checkout_session.h"

#include "sandbox/billing/customer_currency.h"
#include "sandbox/billing/fields.h"
#include "sandbox/billing/price_terms.h"
#include "sandbox/checkout/session_discounts.h"
#include "sandbox/core/inner_operation.h"
#include "sandbox/core/object_type.h"

namespace billhook::sandbox {
namespace {

constexpr std::int64_t life_min_s = 30 * 60, life_max_s = 24 * 3600;
// Stripe does not publish how long an expired session can be recovered.
constexpr std::int64_t recoverable_s = 30 * 86'400;

struct Line {
    PriceTerms terms;
    std::int64_t quantity = 1;
    bool has_quantity = false;
};

Answer<std::string> price_of(Call& call, JsonObject const& item, std::string const& param) {
    if (auto const* price = find(item, "price"); price && price->is_string()) {
        std::string id(as_view(price->get_string()));
        auto const& stored = *TRY(call.need("price", id, param + "[price]"));
        if (!stored.at("active").as_bool())
            return refuse(bad_request("The price specified is inactive. This field only accepts active prices.",
                                      param + "[price]"));
        return id;
    }
    auto const* data = find(item, "price_data");
    if (!data || !data->is_object()) return refuse(missing_parameter(param + "[price]"));
    auto const made = TRY(perform(call, "POST", "/v1/prices", data->get_object()));
    return string_or(made, "id");
}

Answer<std::vector<Line>> read_lines(Call& call, std::string const& mode, std::string const& currency) {
    std::vector<Line> lines;
    auto const* items = find(call.params, "line_items");
    if (!items || !items->is_array()) return lines;
    for (std::size_t i = 0; i < items->get_array().size(); ++i) {
        auto const& item = items->get_array()[i].as_object();
        std::string const param = "line_items[" + std::to_string(i) + "]";
        auto const price = TRY(price_of(call, item, param));
        Line line{price_terms(*call.find("price", price), currency)};
        auto const* quantity = find(item, "quantity");
        line.has_quantity = quantity && quantity->is_int64();
        if (line.has_quantity) line.quantity = quantity->get_int64();
        if (line.terms.is_metered && line.has_quantity)
            return refuse(
                bad_request("You cannot set the quantity of a line item with a metered price.", param + "[quantity]"));
        if (!line.terms.is_metered && !line.has_quantity) return refuse(missing_parameter(param + "[quantity]"));
        if (line.terms.interval && mode == "payment")
            return refuse(
                bad_request("You specified `payment` mode but passed a recurring price. Either switch to "
                            "`subscription` mode or use only one-time prices.",
                            "line_items"));
        if (!lines.empty() && lines.front().terms.currency != line.terms.currency)
            return refuse(bad_request("All line items must have the same currency.", param + "[price]"));
        lines.push_back(std::move(line));
    }
    return lines;
}

Answer<void> check_lines(std::vector<Line> const& lines, std::string const& mode) {
    if (mode == "setup") return {};
    if (lines.empty()) return refuse(missing_parameter("line_items"));
    bool const has_recurring =
        std::any_of(lines.begin(), lines.end(), [](Line const& line) { return line.terms.interval.has_value(); });
    if (mode == "subscription" && !has_recurring)
        return refuse(
            bad_request("You must provide at least one recurring price in `subscription` mode when using "
                        "prices.",
                        "line_items"));
    return {};
}

std::string line_text(Call& call, Line const& line) {
    auto const* product = call.store().find("product", line.terms.product);
    auto const* name = product ? find(*product, "name") : nullptr;
    return name && name->is_string() ? std::string(as_view(name->get_string())) : line.terms.product;
}

bool has_trial(Call const& call) {
    return !call.text("subscription_data.trial_end").empty() ||
           find_int(call.params, "subscription_data.trial_end").has_value() ||
           find_int(call.params, "subscription_data.trial_period_days").value_or(0) > 0;
}

/// The lines as objects, and what they come to now: a trial makes recurring ones free for the moment.
JsonArray make_items(Call& call, std::vector<Line> const& lines, std::int64_t& subtotal) {
    JsonArray ids;
    bool const is_trial = has_trial(call);
    for (auto const& line : lines) {
        bool const is_free_now = line.terms.is_metered || (is_trial && line.terms.interval);
        std::int64_t const amount = is_free_now ? 0 : amount_of(line.terms, line.quantity);
        subtotal += amount;
        auto const id = call.new_id("li_");
        call.create("item", {{"id", id},
                             {"amount_discount", 0},
                             {"amount_subtotal", amount},
                             {"amount_tax", 0},
                             {"amount_total", amount},
                             {"currency", line.terms.currency},
                             {"description", line_text(call, line)},
                             {"price", line.terms.id},
                             {"quantity", line.terms.is_metered ? Json(nullptr) : Json(line.quantity)}});
        ids.push_back(Json(id));
    }
    return ids;
}

Answer<std::int64_t> expiry(Call& call) {
    auto const given = find_int(call.params, "expires_at");
    if (!given) return call.now() + life_max_s;
    if (*given < call.now() + life_min_s || *given > call.now() + life_max_s)
        return refuse(
            bad_request("The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from "
                        "Checkout Session creation.",
                        "expires_at"));
    return *given;
}

Answer<void> check_addresses(Call const& call) {
    auto const ui = call.text("ui_mode");
    bool const is_hosted = ui.empty() || ui == "hosted_page" || ui == "hosted";
    if (is_hosted && call.text("success_url").empty()) return refuse(missing_parameter("success_url"));
    if (!is_hosted && call.text("return_url").empty() && call.text("redirect_on_completion") != "never")
        return refuse(missing_parameter("return_url"));
    if (find(call.params, "discounts") && bool_or(call.params, "allow_promotion_codes"))
        return refuse(bad_request("You may only specify one of these parameters: allow_promotion_codes, discounts.",
                                  "allow_promotion_codes"));
    return {};
}

JsonObject& member_object(JsonObject& object, std::string_view name) {
    auto& member = object[name];
    if (!member.is_object()) member = JsonObject{};
    return member.get_object();
}

/// What a session shows as it was asked for.
void keep_wishes(Call& call, JsonObject& session) {
    copy_given(session, call.params,
               {"success_url",
                "cancel_url",
                "return_url",
                "client_reference_id",
                "customer",
                "customer_email",
                "allow_promotion_codes",
                "locale",
                "billing_address_collection",
                "submit_type",
                "redirect_on_completion",
                "adaptive_pricing",
                "allowed_payment_method_types",
                "consent_collection",
                "custom_fields",
                "integration_identifier",
                "managed_payments",
                "name_collection",
                "origin_context",
                "permissions",
                "phone_number_collection",
                "saved_payment_method_options",
                "shipping_address_collection",
                "tax_id_collection",
                "wallet_options"});
    merge_metadata(session, call.params);
    if (find_bool(call.params, "after_expiration.recovery.enabled"))
        member_object(session, "after_expiration")["recovery"] = {
            {"allow_promotion_codes", bool_or(call.params, "after_expiration.recovery.allow_promotion_codes")},
            {"enabled", bool_or(call.params, "after_expiration.recovery.enabled")},
            {"expires_at", nullptr},
            {"url", nullptr}};
    for (auto const* name : {"custom_text", "invoice_creation"})
        if (auto const* given = find(call.params, name); given && given->is_object())
            for (auto const& [key, value] : given->get_object()) member_object(session, name)[key] = value;
    for (auto& field : session["custom_fields"].as_array())
        if (!field.as_object().contains("optional")) field.as_object()["optional"] = false;
    if (session.contains("tax_id_collection") && !session["tax_id_collection"].as_object().contains("required"))
        session["tax_id_collection"].as_object()["required"] = "never";
    if (session.contains("invoice_creation")) member_object(session["invoice_creation"].as_object(), "invoice_data");
}

JsonObject session_fields(Call& call, std::string const& id, std::string const& mode) {
    auto const ui = call.text("ui_mode");
    bool const is_hosted = ui.empty() || ui == "hosted_page" || ui == "hosted";
    auto const collection = call.text("payment_method_collection");
    JsonObject session{{"id", id},
                       {"automatic_tax",
                        {{"enabled", bool_or(call.params, "automatic_tax.enabled")},
                         {"liability", nullptr},
                         {"provider", nullptr},
                         {"status", nullptr}}},
                       {"created", call.now()},
                       {"custom_fields", JsonArray{}},
                       {"custom_text", JsonObject{{"after_submit", nullptr},
                                                  {"shipping_address", nullptr},
                                                  {"submit", nullptr},
                                                  {"terms_of_service_acceptance", nullptr}}},
                       {"metadata", JsonObject{}},
                       {"mode", mode},
                       {"payment_method_collection", collection.empty() ? Json("always") : Json(collection)},
                       {"payment_method_types", JsonArray{"card"}},
                       {"shipping_options", JsonArray{}},
                       {"status", "open"},
                       {"ui_mode", ui.empty() ? "hosted_page" : ui}};
    if (is_hosted) session["url"] = call.world().settings.public_url + "/c/pay/" + id;
    if (call.text("customer").empty()) {
        auto const creation = call.text("customer_creation");
        session["customer_creation"] = mode == "subscription" ? "always" : creation.empty() ? "if_required" : creation;
    }
    keep_wishes(call, session);
    return session;
}

/// A session that only sets a card up has its setup intent from the beginning.
Answer<std::string> prepare_setup_intent(Call& call) {
    JsonObject wanted{{"usage", "off_session"}};
    if (auto const customer = call.text("customer"); !customer.empty()) wanted["customer"] = customer;
    if (auto const* data = find(call.params, "setup_intent_data"); data && data->is_object())
        for (auto const& [key, value] : data->get_object()) wanted[key] = value;
    return string_or(TRY(perform(call, "POST", "/v1/setup_intents", wanted)), "id");
}

Answer<Json> create(Call& call) {
    auto const mode = call.text("mode");
    if (mode.empty()) return refuse(missing_parameter("mode"));
    TRY_VOID(check_addresses(call));
    auto const customer = call.text("customer");
    if (!customer.empty()) {
        call.use_clock_of(*TRY(call.need("customer", customer, "customer")));
        if (!call.text("customer_email").empty())
            return refuse(bad_request("You may only specify one of these parameters: customer, customer_email.",
                                      "customer_email"));
    }
    auto const lines = TRY(read_lines(call, mode, call.text("currency")));
    TRY_VOID(check_lines(lines, mode));
    if (mode == "subscription" && !customer.empty())
        TRY_VOID(check_currency_of(call, customer, lines.front().terms.currency));
    auto const expires_at = TRY(expiry(call));

    auto const id = "cs_test_" + call.world().random.alphanumeric(58);
    auto session = session_fields(call, id, mode);
    session["expires_at"] = expires_at;
    std::int64_t subtotal = 0;
    auto items = make_items(call, lines, subtotal);
    if (mode != "setup") {
        session["currency"] = lines.front().terms.currency;
        session["amount_subtotal"] = subtotal;
        session["amount_total"] = subtotal;
        session["total_details"] = {{"amount_discount", 0}, {"amount_shipping", 0}, {"amount_tax", 0}};
    } else {
        session["setup_intent"] = TRY(prepare_setup_intent(call));
        if (auto const currency = call.text("currency"); !currency.empty()) session["currency"] = currency;
    }
    session["payment_status"] = mode == "setup" || subtotal == 0 ? "no_payment_required" : "unpaid";
    call.create(object_type::checkout_session, std::move(session));
    call.store().insert(object_type::checkout_wish, {{"id", id}, {"params", call.params}, {"items", std::move(items)}});
    if (auto const* discounts = find(call.params, "discounts"); discounts && discounts->is_array() && mode != "setup")
        TRY_VOID(discount_session(call, id, discounts->get_array()));
    call.schedule("checkout.expire", id, expires_at);
    return call.view(object_type::checkout_session, id);
}

Answer<void> expire(Call& call, std::string const& id) {
    auto& session = call.edit(object_type::checkout_session, id);
    if (!is_open(session)) return {};
    session["status"] = "expired";
    session["url"] = nullptr;
    if (bool_or(session, "after_expiration.recovery.enabled")) {
        auto& recovery = session["after_expiration"].as_object()["recovery"].as_object();
        recovery["expires_at"] = call.now() + recoverable_s;
        recovery["url"] = call.world().settings.public_url + "/c/recover/" + id;
    }
    call.unschedule("checkout.expire", id);
    call.emit_now("checkout.session.expired", object_type::checkout_session, id);
    return {};
}

Answer<Json> expire_now(Call& call) {
    auto const& id = call.path_id();
    auto const& session = *TRY(call.need(object_type::checkout_session, id));
    call.use_clock_of(session);
    if (!is_open(session))
        return refuse(
            bad_request("Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout "
                        "Session has a status of `" +
                            std::string(as_view(session.at("status").as_string())) + "`.",
                        ""));
    TRY_VOID(expire(call, id));
    return call.view(object_type::checkout_session, id);
}

Answer<Json> update(Call& call) {
    auto const& id = call.path_id();
    TRY(call.need(object_type::checkout_session, id));
    merge_metadata(call.edit(object_type::checkout_session, id), call.params);
    return call.view(object_type::checkout_session, id);
}

JsonObject line_items_of(World& world, std::string const& id) {
    JsonArray data;
    if (auto const* wish = world.store.find(object_type::checkout_wish, id))
        for (auto const& item : wish->at("items").as_array())
            data.push_back(world.views.view("item", as_view(item.as_string())));
    return Views::list(std::move(data), "/v1/checkout/sessions/" + id + "/line_items");
}

Answer<Json> list(Call& call) {
    for (auto const* index : {"subscription", "payment_intent", "customer"})
        if (auto key = call.text(index); !key.empty())
            return call.list({.type = object_type::checkout_session,
                              .index = index,
                              .key = std::move(key),
                              .keep = [&](auto const& session) {
                                  auto const status = call.text("status");
                                  return status.empty() || session.at("status") == Json(status);
                              }});
    auto const status = call.text("status");
    if (status.empty()) return call.list({.type = object_type::checkout_session});
    return call.list({.type = object_type::checkout_session,
                      .keep = [&](auto const& session) { return session.at("status") == Json(status); }});
}

}  // namespace

bool is_open(JsonObject const& session) {
    return session.at("status") == Json("open");
}

Answer<std::string> recover_session(Call& call, std::string const& id) {
    auto const& expired = *TRY(call.need(object_type::checkout_session, id));
    call.use_clock_of(expired);
    auto const until = find_int(expired, "after_expiration.recovery.expires_at");
    if (!until || call.now() >= *until) return refuse(bad_request("This Checkout Session cannot be recovered."));
    auto wish = call.store().find(object_type::checkout_wish, id)->at("params").as_object();
    wish.erase("expires_at");
    if (bool_or(expired, "after_expiration.recovery.allow_promotion_codes") && !find(wish, "discounts"))
        wish["allow_promotion_codes"] = true;
    auto copy = string_or(TRY(perform(call, "POST", "/v1/checkout/sessions", wish)), "id");
    call.edit(object_type::checkout_session, copy)["recovered_from"] = id;
    return copy;
}

std::int64_t amount_due(JsonObject const& session) {
    auto const& total = session.at("amount_total");
    return total.is_int64() ? total.get_int64() : 0;
}

void add_checkout_sessions(World& world) {
    for (auto const* field : {"customer", "subscription", "payment_intent"})
        world.store.add_index(object_type::checkout_session, field);
    // Open sessions in which a known customer is about to subscribe.
    world.store.add_index(object_type::checkout_session, "awaited_by", [](JsonObject const& session) {
        bool const is_awaited = text_at(session, "mode") == "subscription" && text_at(session, "status") == "open";
        return is_awaited ? text_at(session, "customer") : std::string{};
    });
    world.views.provide(object_type::checkout_session, "line_items", [&world](JsonObject const& session) -> Json {
        return line_items_of(world, std::string(as_view(session.at("id").as_string())));
    });
    auto& registry = world.registry;
    registry.on_due("checkout.expire", expire);
    registry.on("POST /v1/checkout/sessions", create);
    registry.on("POST /v1/checkout/sessions/{id}", update);
    registry.on("POST /v1/checkout/sessions/{id}/expire", expire_now);
    registry.on("GET /v1/checkout/sessions", list);
    registry.on("GET /v1/checkout/sessions/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need(object_type::checkout_session, call.path_id()));
        return call.view(object_type::checkout_session, call.path_id());
    });
    registry.on("GET /v1/checkout/sessions/{id}/line_items", [](Call& call) -> Answer<Json> {
        TRY(call.need(object_type::checkout_session, call.path_id()));
        return Json(line_items_of(call.world(), call.path_id()));
    });
}

}  // namespace billhook::sandbox
