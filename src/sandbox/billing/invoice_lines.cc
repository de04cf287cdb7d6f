#include "sandbox/billing/invoice_lines.h"

#include "sandbox/billing/discounts.h"
#include "sandbox/billing/fields.h"
#include "sandbox/billing/invoice_draft.h"
#include "sandbox/billing/invoice_items.h"
#include "sandbox/core/object_type.h"

namespace billhook::sandbox {
namespace {

Json embedded_lines(World& world, JsonObject const& invoice) {
    auto data = world.views.scratch_array();
    auto const id = text_at(invoice, "id");
    auto const lines = world.store.where(object_type::line_item, "invoice", id);
    for (auto const& [sequence, line] : lines)
        if (data.size() < Views::embedded_max) data.push_back(world.views.render(object_type::line_item, line->object));
    return Views::list(std::move(data), "/v1/invoices/" + id + "/lines", lines.size() > Views::embedded_max);
}

/// Oldest first, as they stand on the invoice.
Answer<Json> list_invoice_lines(Call& call) {
    TRY(call.need("invoice", call.path_id()));
    JsonArray lines;
    for (auto const& id : line_ids(call, call.path_id())) lines.push_back(call.view(object_type::line_item, id));
    return call.page_of(std::move(lines));
}

Answer<void> check_draft(Call& call, std::string const& invoice) {
    auto const& draft = *TRY(call.need("invoice", invoice));
    call.use_clock_of(draft);
    if (text_at(draft, "status") == "draft") return {};
    return refuse(bad_request("Only draft invoices can be updated", "", "invoice_not_editable"));
}

Answer<JsonObject const*> need_line(Call& call, std::string const& invoice, std::string const& id,
                                    std::string const& param) {
    auto const* line = TRY(call.need(object_type::line_item, id, param));
    if (text_at(*line, "invoice") == invoice) return line;
    return refuse(no_such(object_type::line_item, id, param));
}

Answer<void> change_line(Call& call, std::string const& invoice, std::string const& id, JsonObject const& given,
                         std::string const& param) {
    auto& line = call.edit(object_type::line_item, id);
    copy_given(line, given, {"amount", "description", "discountable", "quantity"});
    merge_metadata(line, given);
    line["subtotal"] = line["amount"];
    line["sandbox_usage_before"] = nullptr;  // what was written by hand is not counted again
    if (auto const period = find(given, "period"))
        line["period"] = {{"start", int_or(*period, "start")}, {"end", int_or(*period, "end")}};
    if (auto const* discounts = find(given, "discounts"))
        line["discounts"] = TRY(redeem_discounts(
            call, discounts, {.customer = text_at(*call.find("invoice", invoice), "customer"), .invoice = invoice},
            param + "[discounts]"));
    return {};
}

Answer<Json> finish(Call& call, std::string const& invoice, JsonObject const& before) {
    merge_metadata(call.edit("invoice", invoice),
                   {{"metadata", value_at(call.params, "invoice_metadata") ? *value_at(call.params, "invoice_metadata")
                                                                           : Json(JsonObject{})}});
    total_up(call, invoice);
    call.emit_change("invoice.updated", "invoice", invoice, before);
    return call.view("invoice", invoice);
}

Answer<Json> add(Call& call) {
    auto const& invoice = call.path_id();
    TRY_VOID(check_draft(call, invoice));
    auto const before = call.view("invoice", invoice);
    std::size_t position = 0;
    for (auto const& entry : array_at(call.params, "lines")) {
        auto const param = "lines[" + std::to_string(position++) + "]";
        auto const& given = entry.as_object();
        if (auto const waiting = text_at(given, "invoice_item"); !waiting.empty()) {
            TRY(call.need("invoiceitem", waiting, param + "[invoice_item]"));
            add_pending_item(call, invoice, waiting);
            continue;
        }
        JsonObject params = given;
        params["customer"] = call.find("invoice", invoice)->at("customer");
        params["currency"] = call.find("invoice", invoice)->at("currency");
        params["invoice"] = invoice;
        TRY(create_invoice_item(call, params, param));
    }
    return finish(call, invoice, before);
}

Answer<Json> remove_invoice_lines(Call& call) {
    auto const& invoice = call.path_id();
    TRY_VOID(check_draft(call, invoice));
    auto const before = call.view("invoice", invoice);
    std::size_t position = 0;
    for (auto const& entry : array_at(call.params, "lines")) {
        auto const& given = entry.as_object();
        auto const id = text_at(given, "id");
        auto const& line = *TRY(need_line(call, invoice, id, "lines[" + std::to_string(position++) + "][id]"));
        auto const item = invoice_item_of(line);
        call.remove(object_type::line_item, id);
        if (item.empty() || !call.find("invoiceitem", item)) continue;
        if (text_at(given, "behavior") == "unassign")
            call.edit("invoiceitem", item)["invoice"] = nullptr;
        else
            call.remove("invoiceitem", item);
    }
    return finish(call, invoice, before);
}

Answer<Json> change(Call& call) {
    auto const& invoice = call.path_id();
    TRY_VOID(check_draft(call, invoice));
    auto const before = call.view("invoice", invoice);
    std::size_t position = 0;
    for (auto const& entry : array_at(call.params, "lines")) {
        auto const param = "lines[" + std::to_string(position++) + "]";
        auto const id = text_at(entry.as_object(), "id");
        TRY(need_line(call, invoice, id, param + "[id]"));
        TRY_VOID(change_line(call, invoice, id, entry.as_object(), param));
    }
    return finish(call, invoice, before);
}

Answer<Json> change_one(Call& call) {
    auto const& invoice = call.path_id("invoiceId");
    TRY_VOID(check_draft(call, invoice));
    TRY(need_line(call, invoice, call.path_id(), ""));
    auto const before = call.view("invoice", invoice);
    TRY_VOID(change_line(call, invoice, call.path_id(), call.params, ""));
    total_up(call, invoice);
    call.emit_change("invoice.updated", "invoice", invoice, before);
    return call.view(object_type::line_item, call.path_id());
}

}  // namespace

void add_invoice_lines(World& world) {
    world.store.add_index(object_type::line_item, "invoice");
    world.store.add_index(object_type::line_item, "invoice_item", [](JsonObject const& line) {
        return text_at(line, "parent.subscription_item_details.invoice_item");
    });
    world.views.provide("invoice", "lines",
                        [&world](JsonObject const& stored) { return embedded_lines(world, stored); });
    auto& registry = world.registry;
    registry.on("GET /v1/invoices/{id}/lines", list_invoice_lines);
    registry.on("POST /v1/invoices/{id}/add_lines", add);
    registry.on("POST /v1/invoices/{id}/remove_lines", remove_invoice_lines);
    registry.on("POST /v1/invoices/{id}/update_lines", change);
    registry.on("POST /v1/invoices/{invoiceId}/lines/{id}", change_one);
}

}  // namespace billhook::sandbox
