#include "sandbox/version/older_shapes.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "sandbox/billing/fields.h"
#include "sandbox/core/world.h"
#include "sandbox/resource/price.h"

namespace billhook::sandbox {
namespace {

// The first versions with a new shape; names begin with their date, so that texts compare as times.
constexpr std::string_view basil = "2025-03-31", clover = "2025-09-30", dahlia = "2026-03-25";

Json view_or_null(World& world, std::string_view type, std::string const& id) {
    return world.store.find(type, id) ? Json(world.views.view(type, id)) : Json(nullptr);
}

void move_member(JsonObject& object, std::string_view name, Json value) {
    if (!object.contains(name)) object[name] = std::move(value);
}

/// Reads one kind of object in an older version. `object` may be a part only, as in previous_attributes: what it does
/// not hold is not added.
class Shaper {
  public:
    Shaper(World& world, std::string_view version) : world_(world), version_(version) {}

    void shape(Json& value) {
        if (auto* array = value.if_array())
            for (auto& element : *array) shape(element);
        if (auto* object = value.if_object()) shape_object(*object, text_at(*object, "object"));
    }

    void shape_object(JsonObject& object, std::string const& type) {
        if (version_ < basil) {
            if (type == "subscription") subscription(object);
            if (type == "invoice") invoice(object);
            if (type == "line_item") line(object);
            if (type == "invoiceitem") invoice_item(object);
            if (type == "payment_intent") payment(object, text_at(object, "id"));
            if (type == "charge") payment(object, text_at(object, "payment_intent"));
        }
        if (version_ < clover && type == "discount") discount(object);
        if (version_ < clover && type == "promotion_code") promotion_code(object);
        if (version_ < dahlia && type == "checkout.session") checkout_session(object);
        for (auto& member : object) shape(member.value());
        if (version_ < basil && type == "subscription_item")
            for (auto const* name : {"current_period_start", "current_period_end"}) object.erase(name);
    }

  private:
    // subscription.current_period_* stood on the subscription, and the first discount beside the list.
    void subscription(JsonObject& object) {
        auto const* items = value_at(object, "items.data");
        auto const* first = items && items->is_array() && !items->get_array().empty()
                                ? items->get_array().front().if_object()
                                : nullptr;
        if (first) {
            JsonObject const item = *first;
            bool const is_single = items->get_array().size() == 1;
            for (auto const* name : {"current_period_start", "current_period_end"})
                if (auto const* at = find(item, name)) object[name] = *at;
            if (auto const* plan = find(item, "plan")) object["plan"] = is_single ? *plan : Json(nullptr);
            if (auto const* quantity = find(item, "quantity")) object["quantity"] = is_single ? *quantity : nullptr;
        }
        first_discount(object);
    }

    void first_discount(JsonObject& object) {
        auto const* discounts = find(object, "discounts");
        if (!discounts || !discounts->is_array()) return;
        Json first = nullptr;
        if (!discounts->get_array().empty()) {
            auto const& given = discounts->get_array().front();
            first =
                given.is_string() ? view_or_null(world_, "discount", std::string(as_view(given.get_string()))) : given;
        }
        object["discount"] = std::move(first);
    }

    void invoice(JsonObject& object) {
        if (find(object, "parent")) {
            auto const id = text_at(object, "parent.subscription_details.subscription");
            auto const* metadata = value_at(object, "parent.subscription_details.metadata");
            Json const kept = metadata ? *metadata : Json(nullptr);
            move_member(object, "subscription", or_null(id));
            move_member(object, "subscription_details", JsonObject{{"metadata", kept}});
        } else if (text_at(object, "object") == "invoice") {
            move_member(object, "subscription", nullptr);
        }
        if (auto const* status = find(object, "status")) {
            bool const is_paid = *status == Json("paid");
            move_member(object, "paid", is_paid);
            move_member(object, "paid_out_of_band", is_paid && int_at(object, "amount_paid_off_stripe") > 0);
        }
        add_payment(object, text_at(object, "id"));
        if (auto const* taxes = find(object, "total_taxes")) {
            auto const amounts = tax_amounts(*taxes);
            std::int64_t sum = 0;
            for (auto const& amount : amounts) sum += int_at(amount.as_object(), "amount");
            move_member(object, "tax", amounts.empty() ? Json(nullptr) : Json(sum));
            move_member(object, "total_tax_amounts", amounts);
        }
        first_discount(object);
        for (auto const* name : {"parent", "total_taxes", "payments", "confirmation_secret"}) object.erase(name);
    }

    void add_payment(JsonObject& invoice, std::string const& id) {
        if (id.empty()) return;
        Json intent = nullptr, charge = nullptr;
        for (auto const& [sequence, payment] : world_.store.where("invoice_payment", "invoice", id)) {
            if (!bool_at(payment->object, "is_default")) continue;
            auto const paying = text_at(payment->object, "payment.payment_intent");
            intent = or_null(paying);
            if (auto const* stored = world_.store.find("payment_intent", paying))
                charge = or_null(text_at(*stored, "latest_charge"));
        }
        move_member(invoice, "payment_intent", std::move(intent));
        move_member(invoice, "charge", std::move(charge));
    }

    static JsonArray tax_amounts(Json const& taxes) {
        JsonArray amounts;
        if (!taxes.is_array()) return amounts;
        for (auto const& tax : taxes.get_array()) {
            auto const& present = tax.as_object();
            amounts.push_back(JsonObject{{"amount", present.at("amount")},
                                         {"inclusive", text_at(present, "tax_behavior") == "inclusive"},
                                         {"tax_rate", or_null(text_at(present, "tax_rate_details.tax_rate"))},
                                         {"taxability_reason", present.at("taxability_reason")},
                                         {"taxable_amount", present.at("taxable_amount")}});
        }
        return amounts;
    }

    void add_price(JsonObject& object, std::string const& id) {
        auto const* stored = world_.store.find("price", id);
        move_member(object, "price", stored ? Json(world_.views.view("price", id)) : Json(nullptr));
        bool const is_recurring = stored && stored->at("recurring").is_object();
        move_member(object, "plan", is_recurring ? Json(plan_of(*stored)) : Json(nullptr));
    }

    void line(JsonObject& object) {
        if (find(object, "pricing")) {
            add_price(object, text_at(object, "pricing.price_details.price"));
            auto const unit = text_at(object, "pricing.unit_amount_decimal");
            move_member(object, "unit_amount_excluding_tax", or_null(unit));
        }
        if (find(object, "parent")) {
            bool const is_of_item = text_at(object, "parent.type") == "subscription_item_details";
            std::string const details = is_of_item ? "parent.subscription_item_details" : "parent.invoice_item_details";
            auto const item = text_at(object, details + ".subscription_item");
            auto const invoice_item = text_at(object, details + ".invoice_item");
            bool const is_proration = bool_at(object, details + ".proration");
            auto const* credited = value_at(object, details + ".proration_details");
            Json const proration_details = credited ? *credited : Json(nullptr);
            object["subscription"] = or_null(text_at(object, details + ".subscription"));
            move_member(object, "proration", is_proration);
            move_member(object, "proration_details", proration_details);
            move_member(object, "type", is_of_item && invoice_item.empty() ? "subscription" : "invoiceitem");
            if (!item.empty()) move_member(object, "subscription_item", Json(item));
            if (!invoice_item.empty()) move_member(object, "invoice_item", Json(invoice_item));
        }
        if (auto const* taxes = find(object, "taxes")) {
            auto const amounts = tax_amounts(*taxes);
            move_member(object, "tax_amounts", amounts);
            move_member(object, "tax_rates", JsonArray{});
        }
        for (auto const* name : {"pricing", "parent", "taxes"}) object.erase(name);
    }

    void invoice_item(JsonObject& object) {
        if (find(object, "pricing")) {
            auto const unit = text_at(object, "pricing.unit_amount_decimal");
            add_price(object, text_at(object, "pricing.price_details.price"));
            move_member(object, "unit_amount_decimal", or_null(unit));
        }
        if (find(object, "parent")) {
            auto const subscription = text_at(object, "parent.subscription_details.subscription");
            auto const item = text_at(object, "parent.subscription_details.subscription_item");
            move_member(object, "subscription", or_null(subscription));
            if (!item.empty()) move_member(object, "subscription_item", Json(item));
        }
        for (auto const* name : {"pricing", "parent"}) object.erase(name);
    }

    /// The invoice that a payment pays.
    void payment(JsonObject& object, std::string const& intent) {
        if (intent.empty()) return;
        auto const payments = world_.store.where("invoice_payment", "payment.payment_intent", intent);
        move_member(object, "invoice",
                    payments.empty() ? Json(nullptr) : Json(text_at(payments.front().second->object, "invoice")));
    }

    /// Always the whole coupon, expanded or not.
    void add_coupon(JsonObject& object, Json const* coupon) {
        if (!coupon) return;
        Json whole =
            coupon->is_string() ? view_or_null(world_, "coupon", std::string(as_view(coupon->get_string()))) : *coupon;
        move_member(object, "coupon", std::move(whole));
    }

    void discount(JsonObject& object) {
        add_coupon(object, value_at(object, "source.coupon"));
        object.erase("source");
    }

    void promotion_code(JsonObject& object) {
        add_coupon(object, value_at(object, "promotion.coupon"));
        object.erase("promotion");
    }

    static void checkout_session(JsonObject& object) {
        auto* mode = object.if_contains("ui_mode");
        if (!mode) return;
        if (*mode == Json("hosted_page")) *mode = "hosted";
        if (*mode == Json("embedded_page")) *mode = "embedded";
        if (*mode == Json("elements")) *mode = "custom";
    }

    World& world_;
    std::string_view version_;
};

// What an id at a field of that name is the id of.
constexpr auto expandable_fields = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"charge", "charge"},
    {"customer", "customer"},
    {"default_payment_method", "payment_method"},
    {"discount", "discount"},
    {"discounts", "discount"},
    {"invoice", "invoice"},
    {"latest_charge", "charge"},
    {"latest_invoice", "invoice"},
    {"payment_intent", "payment_intent"},
    {"payment_method", "payment_method"},
    {"pending_setup_intent", "setup_intent"},
    {"price", "price"},
    {"product", "product"},
    {"subscription", "subscription"},
    {"tax_rate", "tax_rate"},
});

/// Steps along a path of fields through objects as the older version shows them.
class Expander {
  public:
    Expander(World& world, std::string_view version) : world_(world), version_(version) {}

    bool expand(Json& value, std::string_view path) {
        if (auto* array = value.if_array()) return expand_elements(*array, path);
        auto* object = value.if_object();
        if (!object) return true;  // nothing is there to be expanded
        auto const dot = path.find('.');
        auto const name = path.substr(0, dot);
        auto* member = object->if_contains(name);
        if (!member) return false;
        put_in(*member, name);
        return dot == std::string_view::npos || expand(*member, path.substr(dot + 1));
    }

  private:
    bool expand_elements(JsonArray& elements, std::string_view path) {
        return std::ranges::all_of(elements, [&](Json& element) { return expand(element, path); });
    }

    void put_in(Json& value, std::string_view name) {
        if (auto* array = value.if_array())
            for (auto& element : *array) put_in(element, name);
        if (!value.is_string()) return;
        auto const* known = std::ranges::find(expandable_fields, name, &decltype(expandable_fields)::value_type::first);
        if (known == expandable_fields.end()) return;
        std::string const id(as_view(value.get_string()));
        if (!world_.store.find(known->second, id)) return;
        value = Json(world_.views.view(known->second, id));
        Shaper(world_, version_).shape(value);
    }

    World& world_;
    std::string_view version_;
};

}  // namespace

bool has_older_shapes(std::string_view version) {
    return !version.empty() && version.substr(0, dahlia.size()) < dahlia;
}

void show_as(World& world, std::string_view version, Json& tree) {
    Shaper(world, version.substr(0, dahlia.size())).shape(tree);
}

bool expand_as(World& world, std::string_view version, Json& tree, std::string_view path) {
    return Expander(world, version.substr(0, dahlia.size())).expand(tree, path);
}

std::string event_as(World& world, std::string_view version, std::string const& body) {
    auto event = parse_json(body, {.depth_max = 64, .bytes_max = 1 << 24});
    CHECK(event);
    auto& envelope = event->get_object();
    envelope["api_version"] = version;
    Shaper shaper(world, version.substr(0, dahlia.size()));
    auto& data = envelope["data"].as_object();
    auto const type = text_at(data.at("object").as_object(), "object");
    shaper.shape(data["object"]);
    if (auto* previous = data.if_contains("previous_attributes")) shaper.shape_object(previous->as_object(), type);
    return to_text(*event);
}

}  // namespace billhook::sandbox
