#include "sandbox/billing/invoice_items.h"

#include "base/check.h"
#include "sandbox/billing/fields.h"
#include "sandbox/billing/items.h"
#include "sandbox/billing/line_text.h"
#include "sandbox/billing/products.h"
#include "sandbox/core/object_type.h"

namespace billhook::sandbox {
namespace {

/// Which lines a credit gives back, as the API shows it.
Json credited_items(Call& call, PlannedLine const& line) {
    if (!line.credited) return nullptr;
    auto line_id = line.credited->line;
    if (line_id.empty()) {
        auto const& became = call.store().where("line_item", "invoice_item", line.credited->invoice_item);
        if (became.empty()) return JsonObject{{"type", "invoice_item"}, {"invoice_item", line.credited->invoice_item}};
        line_id = became.begin()->second->id;
    }
    auto const* credited = call.find("line_item", line_id);
    if (!credited) return nullptr;
    return JsonObject{{"type", "invoice_line_items"},
                      {"invoice_line_item_details",
                       {{"invoice", credited->at("invoice")}, {"invoice_line_items", JsonArray{Json(line_id)}}}}};
}

JsonArray tax_rates_of(Call& call, std::string const& subscription_item) {
    auto const* item = call.store().find(object_type::subscription_item, subscription_item);
    return item ? array_at(*item, "tax_rates") : JsonArray{};
}

std::string create_proration_item(Call& call, JsonObject const& subscription, PlannedLine const& line) {
    auto const* price = call.store().find("price", line.price);
    CHECK(price != nullptr);
    auto const product = text_at(*price, "product");
    auto const id = call.new_id("ii_");
    // Itemized, a proration is shown before its discounts; else as what is owed.
    bool const is_itemized = text_at(subscription, "billing_mode.flexible.proration_discounts") == "itemized";
    auto amount = line.amount;
    if (is_itemized)
        for (auto const& share : line.discounts) amount += share.amount;
    auto const description = proration_text(sold_thing(call, product), line.kind, line.quantity, line.span.start);
    call.create(
        object_type::invoiceitem,
        {{"id", id},
         {"amount", amount},
         {"currency", subscription.at("currency")},
         {"customer", subscription.at("customer")},
         {"date", call.now()},
         {"description", description},
         {"discountable", false},
         {"discounts", JsonArray{}},
         {"metadata", JsonObject{}},
         {"net_amount", line.amount},
         {"parent",
          {{"type", "subscription_details"},
           {"subscription_details", {{"subscription", subscription.at("id")}, {"subscription_item", line.item}}}}},
         {"period", {{"start", line.span.start}, {"end", line.span.end}}},
         {"pricing",
          {{"type", "price_details"},
           {"price_details", {{"price", line.price}, {"product", product}}},
           {"unit_amount_decimal", nullptr}}},
         {"proration", true},
         {"proration_details",
          {{"credited_items", credited_items(call, line)},
           {"discount_amounts", is_itemized ? discount_amounts(line.discounts) : JsonArray{}}}},
         {"quantity", line.quantity},
         {"quantity_decimal", std::to_string(line.quantity)},
         {"tax_rates", tax_rates_of(call, line.item)},
         {"test_clock", subscription.at("test_clock")}});
    call.emit_now("invoiceitem.created", object_type::invoiceitem, id);
    return id;
}

}  // namespace

std::vector<std::string> create_proration_items(Call& call, std::string const& subscription_id,
                                                std::vector<PlannedLine> const& lines) {
    auto const& subscription = *call.find("subscription", subscription_id);
    std::vector<std::string> ids;
    for (auto const& line : lines) {
        bool const is_proration = line.kind == LineKind::credit || line.kind == LineKind::debit;
        ids.push_back(is_proration ? create_proration_item(call, subscription, line) : std::string{});
    }
    return ids;
}

void drop_pending_prorations(Call& call, std::string const& subscription_id) {
    auto const customer = text_at(*call.find("subscription", subscription_id), "customer");
    std::vector<std::string> ids;
    for (auto const& [sequence, item] : call.store().where(object_type::invoiceitem, "pending", customer))
        if (bool_at(item->object, "proration") &&
            text_at(item->object, "parent.subscription_details.subscription") == subscription_id)
            ids.push_back(item->id);
    for (auto const& id : ids) {
        auto const last = call.view(object_type::invoiceitem, id);
        call.remove(object_type::invoiceitem, id);
        call.emit("invoiceitem.deleted", last);
    }
}

}  // namespace billhook::sandbox
