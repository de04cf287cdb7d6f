#include "sandbox/billing/invoice_draft.h"

#include <algorithm>

#include "sandbox/billing/customer_discount.h"
#include "sandbox/billing/discounts.h"
#include "sandbox/billing/fields.h"
#include "sandbox/billing/settlement.h"
#include "sandbox/billing/taxes.h"
#include "sandbox/core/object_type.h"
#include "sandbox/resource/customer_balance.h"

namespace billhook::sandbox {
namespace {

Json credited(Json const& items) {
    return JsonObject{{"credited_items", items}};
}

JsonObject parent_of(NewLine const& line) {
    if (line.subscription_item.empty())
        return {{"type", "invoice_item_details"},
                {"invoice_item_details",
                 {{"invoice_item", line.invoice_item},
                  {"proration", line.is_proration},
                  {"proration_details", credited(line.credited_items)},
                  {"subscription", or_null(line.subscription)}}},
                {"subscription_item_details", nullptr}};
    return {{"type", "subscription_item_details"},
            {"subscription_item_details",
             {{"invoice_item", or_null(line.invoice_item)},
              {"proration", line.is_proration},
              {"proration_details", credited(line.credited_items)},
              {"subscription", line.subscription},
              {"subscription_item", line.subscription_item}}},
            {"invoice_item_details", nullptr}};
}

Json pricing_of(NewLine const& line) {
    if (line.price.empty()) return nullptr;
    return JsonObject{{"type", "price_details"},
                      {"price_details", {{"price", line.price}, {"product", line.product}}},
                      {"unit_amount_decimal", line.unit_amount_decimal}};
}

JsonArray tax_ids_of(Call& call, JsonObject const& customer) {
    JsonArray ids;
    for (auto const& [sequence, tax_id] : call.store().where(object_type::tax_id, "customer", text_at(customer, "id")))
        ids.push_back(JsonObject{{"type", tax_id->object.at("type")}, {"value", tax_id->object.at("value")}});
    return ids;
}

void copy_customer(Call& call, JsonObject& invoice, JsonObject const& customer) {
    auto const copy = [&](char const* into, char const* from) {
        auto const* value = find(customer, from);
        invoice[into] = value ? *value : Json(nullptr);
    };
    copy("customer_address", "address");
    copy("customer_email", "email");
    copy("customer_name", "name");
    copy("customer_phone", "phone");
    copy("customer_shipping", "shipping");
    copy("customer_tax_exempt", "tax_exempt");
    invoice["customer_tax_ids"] = tax_ids_of(call, customer);
    copy("test_clock", "test_clock");
}

void copy_subscription(Call& call, JsonObject& invoice, std::string const& id) {
    auto const& subscription = *call.find("subscription", id);
    invoice["parent"] = {{"type", "subscription_details"},
                         {"quote_details", nullptr},
                         {"subscription_details", {{"metadata", subscription.at("metadata")}, {"subscription", id}}}};
    invoice["collection_method"] = subscription.at("collection_method");
    invoice["sandbox_days_until_due"] = subscription.at("days_until_due");
    invoice["default_tax_rates"] = array_at(subscription, "default_tax_rates");
    invoice["automatic_tax"].as_object()["enabled"] = bool_at(subscription, "automatic_tax.enabled");
    if (auto const description = text_at(subscription, "invoice_settings.description"); !description.empty())
        invoice["description"] = description;
    if (auto const footer = text_at(subscription, "invoice_settings.footer"); !footer.empty())
        invoice["footer"] = footer;
}

std::vector<std::string> waiting_items(Call& call, NewInvoice const& wanted) {
    if (wanted.pending == PendingItems::listed) return wanted.pending_items;
    std::vector<std::string> ids;
    if (wanted.pending == PendingItems::none) return ids;
    for (auto const& [sequence, item] : call.store().where("invoiceitem", "pending", wanted.customer)) {
        auto const owner = text_at(item->object, "parent.subscription_details.subscription");
        bool const fits = owner.empty() || owner == wanted.subscription;
        if (fits && text_at(item->object, "currency") == wanted.currency) ids.push_back(item->id);
    }
    return ids;
}

struct PricedLine {
    std::string id;
    DiscountableLine terms;
};

/// Writes what was taken off each line, and answers the sums by discount.
JsonArray write_discounts(Call& call, std::vector<PricedLine> const& lines, std::vector<DiscountTerms> const& discounts,
                          std::vector<std::vector<std::int64_t>> const& taken) {
    std::vector<std::int64_t> sums(discounts.size(), 0);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        JsonArray amounts;
        for (std::size_t d = 0; d < discounts.size(); ++d) {
            bool const is_of_line = discounts[d].item.empty() || discounts[d].item == lines[i].id;
            if (!is_of_line || (taken[i][d] == 0 && lines[i].terms.amount <= 0)) continue;
            sums[d] += taken[i][d];
            amounts.push_back(JsonObject{{"amount", taken[i][d]}, {"discount", discounts[d].id}});
        }
        call.edit(object_type::line_item, lines[i].id)["discount_amounts"] = std::move(amounts);
    }
    JsonArray totals;
    for (std::size_t d = 0; d < discounts.size(); ++d)
        totals.push_back(JsonObject{{"amount", sums[d]}, {"discount", discounts[d].id}});
    return totals;
}

/// Prorations bring their discounts with them.
void add_itemized(JsonArray& totals, std::vector<DiscountShare> const& itemized) {
    for (auto const& share : itemized) {
        auto const at = std::ranges::find_if(
            totals, [&](Json const& total) { return text_at(total.as_object(), "discount") == share.discount; });
        if (at == totals.end())
            totals.push_back(JsonObject{{"amount", share.amount}, {"discount", share.discount}});
        else
            at->as_object()["amount"] = int_at(at->as_object(), "amount") + share.amount;
    }
}

}  // namespace

std::string subscription_of(JsonObject const& invoice) {
    return text_at(invoice, "parent.subscription_details.subscription");
}

std::string invoice_item_of(JsonObject const& line) {
    auto item = text_at(line, "parent.invoice_item_details.invoice_item");
    return item.empty() ? text_at(line, "parent.subscription_item_details.invoice_item") : item;
}

std::vector<std::string> line_ids(Call& call, std::string_view invoice) {
    std::vector<std::string> ids;
    for (auto const& [sequence, line] : call.store().where(object_type::line_item, "invoice", invoice))
        ids.push_back(line->id);
    return ids;
}

DraftedInvoice draft_invoice(Call& call, NewInvoice const& wanted) {
    DraftedInvoice drafted{.id = call.new_id("in_")};
    auto const& customer = *call.find("customer", wanted.customer);
    auto const& settings = call.world().settings;
    auto const now = wanted.created.value_or(call.now());
    JsonObject invoice{{"id", drafted.id},
                       {"account_country", settings.country},
                       {"account_name", settings.account_name},
                       {"amount_overpaid", 0},
                       {"amount_paid", 0},
                       {"amount_shipping", 0},
                       {"attempt_count", 0},
                       {"attempted", false},
                       {"auto_advance", wanted.auto_advance},
                       {"automatic_tax", {{"enabled", false}}},
                       {"billing_reason", wanted.reason},
                       {"collection_method", "charge_automatically"},
                       {"created", now},
                       {"currency", wanted.currency},
                       {"customer", wanted.customer},
                       {"discounts", discounts_or_customers(call, wanted.customer, wanted.discounts)},
                       {"issuer", {{"type", "self"}}},
                       {"metadata", JsonObject{}},
                       {"payment_settings", JsonObject{}},
                       {"period_end", wanted.period.end},
                       {"period_start", wanted.period.start},
                       {"post_payment_credit_notes_amount", 0},
                       {"pre_payment_credit_notes_amount", 0},
                       {"starting_balance", 0},
                       {"status", "draft"},
                       {"status_transitions", JsonObject{}},
                       {"total_pretax_credit_amounts", JsonArray{}},
                       {"total_taxes", JsonArray{}}};
    copy_customer(call, invoice, customer);
    if (!wanted.subscription.empty()) copy_subscription(call, invoice, wanted.subscription);
    call.create(object_type::invoice, std::move(invoice));
    auto const waiting = waiting_items(call, wanted);
    for (auto const& item : waiting) add_pending_item(call, drafted.id, item);
    for (auto const& line : wanted.lines) drafted.line_ids.push_back(add_line(call, drafted.id, line));
    total_up(call, drafted.id);
    call.emit_now("invoice.created", object_type::invoice, drafted.id);
    return drafted;
}

std::string add_line(Call& call, std::string const& invoice, NewLine const& line) {
    auto const id = call.new_id("il_");
    auto const currency = text_at(*call.find(object_type::invoice, invoice), "currency");
    call.create(object_type::line_item, {{"id", id},
                                         {"amount", line.amount},
                                         {"currency", currency},
                                         {"description", line.description},
                                         {"discount_amounts", line.discount_amounts},
                                         {"discountable", line.is_discountable},
                                         {"discounts", line.discounts},
                                         {"invoice", invoice},
                                         {"metadata", line.metadata},
                                         {"parent", parent_of(line)},
                                         {"period", {{"start", line.span.start}, {"end", line.span.end}}},
                                         {"pretax_credit_amounts", JsonArray{}},
                                         {"pricing", pricing_of(line)},
                                         {"quantity", line.quantity},
                                         {"quantity_decimal", std::to_string(line.quantity)},
                                         {"sandbox_tax_rates", line.tax_rates},
                                         {"sandbox_usage_before", or_null(line.usage_before)},
                                         {"subscription", or_null(line.subscription)},
                                         {"subtotal", line.amount},
                                         {"taxes", JsonArray{}}});
    return id;
}

std::string add_pending_item(Call& call, std::string const& invoice, std::string const& invoice_item) {
    auto& item = call.edit("invoiceitem", invoice_item);
    item["invoice"] = invoice;
    NewLine line{.amount = int_at(item, "amount"),
                 .span = {int_at(item, "period.start"), int_at(item, "period.end")},
                 .description = text_at(item, "description"),
                 .price = text_at(item, "pricing.price_details.price"),
                 .product = text_at(item, "pricing.price_details.product"),
                 .quantity = int_at(item, "quantity", 1),
                 .subscription = text_at(item, "parent.subscription_details.subscription"),
                 .subscription_item = text_at(item, "parent.subscription_details.subscription_item"),
                 .is_proration = bool_at(item, "proration"),
                 .invoice_item = invoice_item,
                 .is_discountable = bool_at(item, "discountable"),
                 .discounts = array_at(item, "discounts"),
                 .metadata = item.at("metadata").as_object(),
                 .tax_rates = array_at(item, "tax_rates"),
                 .discount_amounts = array_at(item, "proration_details.discount_amounts")};
    if (auto const* unit = value_at(item, "pricing.unit_amount_decimal")) line.unit_amount_decimal = *unit;
    if (auto const* credited_lines = value_at(item, "proration_details.credited_items.invoice_line_item_details"))
        line.credited_items = *credited_lines;
    return add_line(call, invoice, line);
}

void total_up(Call& call, std::string const& id) {
    auto const& before = *call.find(object_type::invoice, id);
    auto const currency = text_at(before, "currency");
    std::vector<PricedLine> lines;
    std::vector<DiscountTerms> discounts;
    std::int64_t subtotal = 0;
    std::vector<DiscountShare> itemized;  // of prorations
    for (auto const& line_id : line_ids(call, id)) {
        auto const& line = *call.find(object_type::line_item, line_id);
        subtotal += int_at(line, "amount");
        if (!bool_at(line, "discountable")) {
            for (auto const& off : array_at(line, "discount_amounts"))
                itemized.push_back({text_at(off.as_object(), "discount"), int_at(off.as_object(), "amount")});
            continue;
        }
        lines.push_back({line_id, {int_at(line, "amount"), line_id, text_at(line, "pricing.price_details.product")}});
        auto own = discount_terms_of(call, array_at(line, "discounts"), currency, int_at(before, "created"), line_id);
        std::ranges::move(own, std::back_inserter(discounts));
    }
    auto standing = discount_terms_of(call, array_at(before, "discounts"), currency, int_at(before, "created"));
    std::ranges::move(standing, std::back_inserter(discounts));
    std::vector<DiscountableLine> terms;
    for (auto const& line : lines) terms.push_back(line.terms);
    auto discount_amounts = write_discounts(call, lines, discounts, apply_discounts(terms, discounts));

    add_itemized(discount_amounts, itemized);
    auto total = subtotal;
    for (auto const& amount : discount_amounts) total -= int_at(amount.as_object(), "amount");
    auto taxes = write_taxes(call, id, line_ids(call, id));
    total += taxes.exclusive;
    auto const balance = balance_in(*call.find("customer", text_at(before, "customer")), currency);
    auto const due = settle(total, balance, minimum_charge(currency)).due;
    auto& invoice = call.edit(object_type::invoice, id);
    invoice["subtotal"] = subtotal;
    invoice["subtotal_excluding_tax"] = subtotal - taxes.inclusive;
    invoice["total"] = total;
    invoice["total_excluding_tax"] = total - taxes.exclusive - taxes.inclusive;
    invoice["total_taxes"] = std::move(taxes.totals);
    invoice["total_discount_amounts"] = std::move(discount_amounts);
    invoice["starting_balance"] = balance;
    invoice["amount_due"] = due;
    invoice["amount_remaining"] = due;
}

}  // namespace billhook::sandbox
