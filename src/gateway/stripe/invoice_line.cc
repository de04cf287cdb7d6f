#include "gateway/stripe/invoice.h"
#include "gateway/stripe/tree.h"

namespace billhook::stripe {
namespace {

// Newer versions keep a line's origin under parent.<its kind>, older ones on the line itself.
struct Origin {
    explicit Origin(Json const& line) : line(line) {
        item = object_at(line, "parent.subscription_item_details");
        invoice_item = object_at(line, "parent.invoice_item_details");
    }
    std::string id(std::string_view member) const {
        for (auto const* tree : {item, invoice_item, &line})
            if (tree)
                if (auto found = id_at(*tree, member); !found.empty()) return found;
        return {};
    }
    bool is_proration() const {
        for (auto const* tree : {item, invoice_item, &line})
            if (tree)
                if (auto const found = find_bool(*tree, "proration")) return *found;
        return false;
    }
    Json const& line;
    Json const* item;
    Json const* invoice_item;
};

// Taxes that come on top; inclusive ones are part of the amount.
std::int64_t exclusive_taxes_of(Json const& line) {
    std::int64_t sum = 0;
    if (auto const* taxes = elements_at(line, "taxes"))
        for (auto const& tax : *taxes)
            if (string_or(tax, "tax_behavior") != "inclusive") sum += int_or(tax, "amount");
    if (auto const* taxes = elements_at(line, "tax_amounts"))
        for (auto const& tax : *taxes)
            if (!bool_or(tax, "inclusive")) sum += int_or(tax, "amount");
    return sum;
}

}  // namespace

InvoiceLine parse_invoice_line(Json const& tree) {
    Origin const origin(tree);
    InvoiceLine line;
    line.id = string_or(tree, "id");
    line.amount = int_or(tree, "amount");
    line.currency = string_or(tree, "currency");
    line.description = string_or(tree, "description");
    line.quantity = find_int(tree, "quantity");
    line.period = period_at(tree, "period.start", "period.end").value_or(Period{});
    line.price_id = id_at(tree, {"pricing.price_details.price", "price", "plan"});
    line.product_id = id_at(tree, {"pricing.price_details.product", "price.product", "plan.product"});
    line.unit_amount_decimal = first_string(tree, {"pricing.unit_amount_decimal", "price.unit_amount_decimal"});
    line.is_proration = origin.is_proration();
    line.subscription_id = origin.id("subscription");
    line.subscription_item_id = origin.id("subscription_item");
    line.invoice_item_id = origin.id("invoice_item");
    line.discount_total = sum_at(tree, "discount_amounts", "amount");
    line.exclusive_tax_total = exclusive_taxes_of(tree);
    return line;
}

InvoicePayment parse_invoice_payment(Json const& tree) {
    InvoicePayment payment;
    payment.id = string_or(tree, "id");
    payment.status = string_or(tree, "status");
    payment.is_default = bool_or(tree, "is_default");
    payment.amount_paid = find_int(tree, "amount_paid");
    payment.amount_requested = int_or(tree, "amount_requested");
    payment.payment_intent_id = id_at(tree, "payment.payment_intent");
    payment.charge_id = id_at(tree, "payment.charge");
    if (auto const* intent = object_at(tree, "payment.payment_intent")) {
        if (auto parsed = parse_payment_intent(*intent)) payment.payment_intent = std::move(*parsed);
    }
    if (payment.charge_id.empty() && payment.payment_intent)
        payment.charge_id = payment.payment_intent->latest_charge_id;
    return payment;
}

}  // namespace billhook::stripe
