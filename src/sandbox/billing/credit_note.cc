// Credit notes: corrections of finalized invoices. On an open invoice they lower what is due; on a paid one they give
// the money back, as a refund, as customer balance, or outside Stripe.

#include <algorithm>

#include "base/money.h"
#include "sandbox/billing/billing_resources.h"
#include "sandbox/billing/fields.h"
#include "sandbox/billing/invoice_collection.h"
#include "sandbox/billing/invoice_draft.h"
#include "sandbox/core/inner_operation.h"
#include "sandbox/core/object_type.h"
#include "sandbox/resource/customer_balance.h"

namespace billhook::sandbox {
namespace {

struct NoteLine {
    std::int64_t amount = 0;
    std::string description;
    std::string invoice_line;  // empty: a line of the note's own
    Json quantity = nullptr;
};

/// What a line of the invoice came to, net of its discounts.
std::int64_t net_amount(JsonObject const& line) {
    auto amount = int_at(line, "amount");
    for (auto const& off : array_at(line, "discount_amounts")) amount -= int_at(off.as_object(), "amount");
    return amount;
}

Answer<NoteLine> read_line(Call& call, std::string const& invoice, JsonObject const& given, std::string const& param) {
    NoteLine line{.description = text_at(given, "description")};
    auto const quantity = int_at(given, "quantity", 1);
    if (text_at(given, "type") == "custom_line_item") {
        line.amount = int_at(given, "amount", int_at(given, "unit_amount") * quantity);
        line.quantity = quantity;
        return line;
    }
    line.invoice_line = text_at(given, "invoice_line_item");
    auto const& of_invoice = *TRY(call.need("line_item", line.invoice_line, param + "[invoice_line_item]"));
    if (text_at(of_invoice, "invoice") != invoice)
        return refuse(no_such("line_item", line.invoice_line, param + "[invoice_line_item]"));
    auto const billed = std::max<std::int64_t>(int_at(of_invoice, "quantity", 1), 1);
    if (given.contains("quantity") && (quantity < 1 || quantity > billed))
        return refuse(bad_request("The quantity must be between 1 and that of the invoice line.", param + "[quantity]",
                                  "parameter_invalid_integer"));
    auto const credited = given.contains("quantity") ? quantity : billed;
    line.amount = int_at(given, "amount", multiply_ratio(net_amount(of_invoice), credited, billed));
    if (line.description.empty()) line.description = text_at(of_invoice, "description");
    if (given.contains("quantity")) line.quantity = quantity;
    return line;
}

Answer<std::vector<NoteLine>> read_lines(Call& call, std::string const& invoice) {
    std::vector<NoteLine> lines;
    std::size_t position = 0;
    for (auto const& entry : array_at(call.params, "lines"))
        lines.push_back(TRY(read_line(call, invoice, entry.as_object(), "lines[" + std::to_string(position++) + "]")));
    auto const amount = time_at(call.params, "amount");
    if (lines.empty() && amount) lines.push_back({.amount = *amount, .description = "Credit"});
    if (lines.empty())
        return refuse(bad_request("You must pass at least one of `amount`, `lines`, or `shipping_cost`.", "amount",
                                  "parameter_missing"));
    return lines;
}

/// The credit on an open invoice: less is due, and nothing more where all of it is credited.
void lower_due(Call& call, std::string const& id, std::int64_t amount) {
    auto const before = call.view("invoice", id);
    auto& invoice = call.edit("invoice", id);
    for (auto const* name : {"amount_due", "amount_remaining"}) invoice[name] = int_at(invoice, name) - amount;
    invoice["pre_payment_credit_notes_amount"] = int_at(invoice, "pre_payment_credit_notes_amount") + amount;
    auto const intent = payment_intent_of(call, id);
    bool const is_settled = int_at(invoice, "amount_remaining") == 0;
    if (!intent.empty() && !is_settled) call.edit("payment_intent", intent)["amount"] = invoice["amount_remaining"];
    call.emit_change("invoice.updated", "invoice", id, before);
    if (is_settled) mark_paid_out_of_band(call, id);
}

Answer<JsonArray> refund(Call& call, std::string const& invoice, std::int64_t amount) {
    JsonArray refunds;
    if (amount == 0) return refunds;
    auto const intent = payment_intent_of(call, invoice);
    if (intent.empty())
        return refuse(
            bad_request("The invoice was not paid through Stripe; there is nothing to refund.", "refund_amount"));
    auto const made =
        TRY(perform(call, "POST", "/v1/refunds", {{"payment_intent", intent}, {"amount", std::to_string(amount)}}));
    refunds.push_back(JsonObject{{"amount_refunded", amount},
                                 {"payment_record_refund", nullptr},
                                 {"refund", string_or(made, "id")},
                                 {"type", "refund"}});
    return refunds;
}

Answer<void> give_back(Call& call, JsonObject& note, std::string const& invoice, std::int64_t total) {
    auto const back = int_at(call.params, "refund_amount"), credit = int_at(call.params, "credit_amount"),
               outside = int_at(call.params, "out_of_band_amount");
    if (back + credit + outside != total)
        return refuse(bad_request("The sum of credit amount, refund amount and out of band amount (" +
                                      std::to_string(back + credit + outside) +
                                      ") must equal the credit note amount (" + std::to_string(total) + ").",
                                  "amount"));
    note["refunds"] = TRY(refund(call, invoice, back));
    note["out_of_band_amount"] = outside == 0 ? Json(nullptr) : Json(outside);
    if (credit > 0)
        note["customer_balance_transaction"] = change_customer_balance(call, text_at(note, "customer"),
                                                                       {.amount = -credit,
                                                                        .currency = text_at(note, "currency"),
                                                                        .type = "credit_note",
                                                                        .credit_note = text_at(note, "id")});
    auto const before = call.view("invoice", invoice);
    auto& paid = call.edit("invoice", invoice);
    paid["post_payment_credit_notes_amount"] = int_at(paid, "post_payment_credit_notes_amount") + total;
    call.emit_change("invoice.updated", "invoice", invoice, before);
    return {};
}

std::string next_credit_note_number(Call& call, JsonObject const& invoice) {
    auto const count = call.store().where(object_type::credit_note, "invoice", text_at(invoice, "id")).size() + 1;
    return text_at(invoice, "number") + "-CN-" + (count < 10 ? "0" : "") + std::to_string(count);
}

Answer<void> check_amount(JsonObject const& invoice, std::int64_t total) {
    auto const status = text_at(invoice, "status");
    if (status != "open" && status != "paid")
        return refuse(bad_request("Credit notes can only be issued for open or paid invoices.", "invoice"));
    auto const left = status == "open" ? int_at(invoice, "amount_remaining")
                                       : int_at(invoice, "total") - int_at(invoice, "pre_payment_credit_notes_amount") -
                                             int_at(invoice, "post_payment_credit_notes_amount");
    if (total <= 0 || total > left)
        return refuse(
            bad_request("The credit note amount must be positive and cannot exceed what is left of the "
                        "invoice: " +
                            std::to_string(left) + ".",
                        "amount"));
    return {};
}

void store_lines(Call& call, std::string const& note, std::vector<NoteLine> const& lines) {
    for (auto const& line : lines) {
        JsonObject stored{{"id", call.new_id("cnli_")},
                          {"amount", line.amount},
                          {"description", or_null(line.description)},
                          {"discount_amount", 0},
                          {"quantity", line.quantity},
                          {"taxes", JsonArray{}},
                          {"type", line.invoice_line.empty() ? "custom_line_item" : "invoice_line_item"},
                          {"sandbox_credit_note", note}};
        if (!line.invoice_line.empty()) stored["invoice_line_item"] = line.invoice_line;
        call.create(object_type::credit_note_line_item, std::move(stored));
    }
}

Answer<std::string> issue(Call& call) {
    auto const invoice_id = call.text("invoice");
    auto const& invoice = *TRY(call.need("invoice", invoice_id, "invoice"));
    call.use_clock_of(invoice);
    auto const lines = TRY(read_lines(call, invoice_id));
    std::int64_t total = 0;
    for (auto const& line : lines) total += line.amount;
    TRY_VOID(check_amount(invoice, total));
    bool const is_paid = text_at(invoice, "status") == "paid";
    auto id = call.new_id("cn_");
    JsonObject note{{"id", id},
                    {"amount", total},
                    {"amount_shipping", 0},
                    {"created", call.now()},
                    {"currency", invoice.at("currency")},
                    {"customer", invoice.at("customer")},
                    {"discount_amount", 0},
                    {"effective_at", int_at(call.params, "effective_at", call.now())},
                    {"invoice", invoice_id},
                    {"metadata", JsonObject{}},
                    {"number", next_credit_note_number(call, invoice)},
                    {"pdf", call.world().settings.public_url + "/i/" + invoice_id + "/pdf"},
                    {"post_payment_amount", is_paid ? total : 0},
                    {"pre_payment_amount", is_paid ? 0 : total},
                    {"status", "issued"},
                    {"subtotal", total},
                    {"subtotal_excluding_tax", total},
                    {"total", total},
                    {"total_excluding_tax", total},
                    {"total_taxes", JsonArray{}},
                    {"type", is_paid ? "post_payment" : "pre_payment"}};
    copy_given(note, call.params, {"memo", "reason"});
    merge_metadata(note, call.params);
    if (is_paid) TRY_VOID(give_back(call, note, invoice_id, total));
    call.create(object_type::credit_note, std::move(note));
    store_lines(call, id, lines);
    call.emit_now("credit_note.created", object_type::credit_note, id);
    if (!is_paid) lower_due(call, invoice_id, total);
    return id;
}

Answer<Json> preview(Call& call) {
    auto const before = call.mark();
    auto const id = issue(call);
    Json shown = id ? Json(call.view(object_type::credit_note, *id)) : Json(nullptr);
    call.undo(before);
    if (!id) return refuse(id.error());
    return shown;
}

Answer<Json> void_by_credit_note(Call& call) {
    auto const& id = call.path_id();
    auto const& note = *TRY(call.need(object_type::credit_note, id));
    call.use_clock_of(note);
    auto const invoice = text_at(note, "invoice");
    bool const is_open = text_at(*call.find("invoice", invoice), "status") == "open";
    if (text_at(note, "status") == "void" || !is_open)
        return refuse(bad_request("Only issued credit notes of open invoices can be voided."));
    auto const amount = int_at(note, "amount");
    lower_due(call, invoice, -amount);
    auto& voided = call.edit(object_type::credit_note, id);
    voided["status"] = "void";
    voided["voided_at"] = call.now();
    call.emit_now("credit_note.voided", object_type::credit_note, id);
    return call.view(object_type::credit_note, id);
}

JsonArray lines_of(World& world, std::string const& note) {
    JsonArray lines;
    for (auto const& [sequence, line] : world.store.where(object_type::credit_note_line_item, "credit_note", note))
        lines.push_back(world.views.render(object_type::credit_note_line_item, line->object));
    return lines;
}

}  // namespace

void add_credit_notes(World& world) {
    world.store.add_index(object_type::credit_note, "invoice");
    world.store.add_index(object_type::credit_note, "customer");
    world.store.add_index(object_type::credit_note_line_item, "credit_note",
                          [](JsonObject const& line) { return text_at(line, "sandbox_credit_note"); });
    world.views.provide(object_type::credit_note, "lines", [&world](JsonObject const& note) -> Json {
        auto const id = text_at(note, "id");
        return Views::list(lines_of(world, id), "/v1/credit_notes/" + id + "/lines");
    });
    auto& registry = world.registry;
    registry.on("POST /v1/credit_notes",
                [](Call& call) -> Answer<Json> { return call.view(object_type::credit_note, TRY(issue(call))); });
    registry.on("GET /v1/credit_notes/preview", preview);
    registry.on("POST /v1/credit_notes/{id}/void", void_by_credit_note);
    registry.on("POST /v1/credit_notes/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need(object_type::credit_note, call.path_id()));
        auto const before = call.view(object_type::credit_note, call.path_id());
        auto& note = call.edit(object_type::credit_note, call.path_id());
        copy_given(note, call.params, {"memo"});
        merge_metadata(note, call.params);
        call.emit_change("credit_note.updated", object_type::credit_note, call.path_id(), before);
        return call.view(object_type::credit_note, call.path_id());
    });
    registry.on("GET /v1/credit_notes/{id}", [](Call& call) -> Answer<Json> {
        TRY(call.need(object_type::credit_note, call.path_id()));
        return call.view(object_type::credit_note, call.path_id());
    });
    registry.on("GET /v1/credit_notes/{id}/lines", [](Call& call) -> Answer<Json> {
        TRY(call.need(object_type::credit_note, call.path_id()));
        return call.page_of(lines_of(call.world(), call.path_id()));
    });
    registry.on("GET /v1/credit_notes", [](Call& call) -> Answer<Json> {
        ListQuery query{.type = object_type::credit_note, .shows_clock_objects = true};
        for (auto const* name : {"invoice", "customer"})
            if (auto const id = call.text(name); !id.empty()) {
                query.index = name;
                query.key = id;
                break;
            }
        return call.list(query);
    });
}

}  // namespace billhook::sandbox
