// The operations on invoice items.

#include "sandbox/billing/discounts.h"
#include "sandbox/billing/fields.h"
#include "sandbox/billing/invoice_draft.h"
#include "sandbox/billing/invoice_items.h"
#include "sandbox/billing/price_terms.h"
#include "sandbox/billing/taxes.h"
#include "sandbox/core/object_type.h"

namespace billhook::sandbox {
namespace {

Answer<void> check_open(Call& call, JsonObject const& item) {
    call.use_clock_of(item);
    auto const invoice = text_at(item, "invoice");
    if (invoice.empty() || text_at(*call.find("invoice", invoice), "status") == "draft") return {};
    return refuse(bad_request("This invoice item is attached to an invoice that is no longer editable.", "",
                              "invoice_not_editable"));
}

/// The line that the item has become on a draft; empty while it waits.
std::string line_of(Call& call, JsonObject const& item) {
    auto const invoice = text_at(item, "invoice"), id = text_at(item, "id");
    if (invoice.empty()) return {};
    for (auto const& line_id : line_ids(call, invoice)) {
        auto const& line = *call.find("line_item", line_id);
        if (text_at(line, "parent.invoice_item_details.invoice_item") == id ||
            text_at(line, "parent.subscription_item_details.invoice_item") == id)
            return line_id;
    }
    return {};
}

Answer<Json> update_invoice_item(Call& call) {
    auto const& id = call.path_id();
    auto const& present = *TRY(call.need(object_type::invoiceitem, id));
    TRY_VOID(check_open(call, present));
    auto const line = line_of(call, present);
    auto& item = call.edit(object_type::invoiceitem, id);
    copy_given(item, call.params, {"amount", "description", "discountable", "quantity"});
    merge_metadata(item, call.params);
    if (auto const* period = find(call.params, "period"))
        item["period"] = {{"start", int_or(*period, "start")}, {"end", int_or(*period, "end")}};
    auto const price = text_at(item, "pricing.price_details.price");
    if (!price.empty() && call.has("quantity") && !bool_at(item, "proration"))
        item["amount"] =
            amount_of(price_terms(*call.find("price", price), text_at(item, "currency")), int_at(item, "quantity"));
    if (auto const* discounts = find(call.params, "discounts"))
        item["discounts"] = TRY(redeem_discounts(
            call, discounts, {.customer = text_at(item, "customer"), .invoice_item = id}, "discounts"));
    if (auto const* rates = find(call.params, "tax_rates"))
        item["tax_rates"] = TRY(read_tax_rates(call, *rates, "tax_rates"));
    if (call.has("tax_behavior")) item["sandbox_tax_behavior"] = call.params.at("tax_behavior");
    item["net_amount"] = item["amount"];
    item["quantity_decimal"] = std::to_string(int_at(item, "quantity"));
    if (line.empty()) return call.view(object_type::invoiceitem, id);
    auto const invoice = text_at(item, "invoice");
    call.remove("line_item", line);
    add_pending_item(call, invoice, id);
    total_up(call, invoice);
    return call.view(object_type::invoiceitem, id);
}

Answer<Json> remove_invoice_item(Call& call) {
    auto const& id = call.path_id();
    auto const& present = *TRY(call.need(object_type::invoiceitem, id));
    TRY_VOID(check_open(call, present));
    auto const last = call.view(object_type::invoiceitem, id);
    auto const line = line_of(call, present);
    auto const invoice = text_at(present, "invoice");
    auto stub = call.remove(object_type::invoiceitem, id);
    if (!line.empty()) {
        call.remove("line_item", line);
        total_up(call, invoice);
    }
    call.emit("invoiceitem.deleted", last);
    return stub;
}

Answer<Json> list_invoice_items(Call& call) {
    ListQuery query{.type = object_type::invoiceitem};
    if (auto const customer = call.text("customer"); !customer.empty()) {
        TRY(call.need("customer", customer, "customer"));
        query.index = "customer";
        query.key = customer;
    }
    query.keep = [&](JsonObject const& item) {
        auto const* pending = find(call.params, "pending");
        auto const invoice = call.text("invoice");
        if (pending && pending->as_bool() != text_at(item, "invoice").empty()) return false;
        return invoice.empty() || text_at(item, "invoice") == invoice;
    };
    return call.list(query);
}

}  // namespace

void add_invoice_items(World& world) {
    world.store.add_index(object_type::invoiceitem, "customer");
    world.store.add_index(object_type::invoiceitem, "pending", [](JsonObject const& item) {
        return text_at(item, "invoice").empty() ? text_at(item, "customer") : std::string{};
    });
    auto& registry = world.registry;
    registry.on("POST /v1/invoiceitems", [](Call& call) -> Answer<Json> {
        return call.view(object_type::invoiceitem, TRY(create_invoice_item(call, call.params)));
    });
    registry.on("POST /v1/invoiceitems/{id}", update_invoice_item);
    registry.on("DELETE /v1/invoiceitems/{id}", remove_invoice_item);
    registry.on("GET /v1/invoiceitems/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need(object_type::invoiceitem, call.path_id()));
        return call.view(object_type::invoiceitem, call.path_id());
    });
    registry.on("GET /v1/invoiceitems", list_invoice_items);
}

}  // namespace billhook::sandbox
