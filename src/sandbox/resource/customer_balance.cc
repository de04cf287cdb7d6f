#include "sandbox/resource/customer_balance.h"

#include "sandbox/core/object_type.h"
#include "sandbox/resource/currency.h"
#include "sandbox/resource/resources.h"

namespace billhook::sandbox {
namespace {

Answer<Json> create_customer_balance(Call& call) {
    auto const& customer_id = call.path_id();
    call.use_clock_of(*TRY(call.need("customer", customer_id)));
    BalanceChange change{.amount = call.params.at("amount").as_int64(),
                         .currency = TRY(read_currency(call.text("currency"), "currency"))};
    copy_given(change.further, call.params, {"description"});
    merge_metadata(change.further, call.params);
    return call.view(object_type::customer_balance_transaction, change_customer_balance(call, customer_id, change));
}

Answer<JsonObject const*> need_entry(Call& call) {
    TRY(call.need("customer", call.path_id("customerId")));
    auto const* entry = TRY(call.need(object_type::customer_balance_transaction, call.path_id()));
    if (entry->at("customer") == Json(call.path_id("customerId"))) return entry;
    return refuse(no_such(object_type::customer_balance_transaction, call.path_id()));
}

bool is_own_currency(JsonObject const& customer, std::string_view currency) {
    auto const& own = customer.at("currency");
    return !own.is_string() || as_view(own.get_string()) == currency;
}

/// What is kept in currencies other than the customer's own.
JsonObject& further_balances(JsonObject& customer) {
    auto& kept = customer["sandbox_further_balances"];
    if (!kept.is_object()) kept = JsonObject{};
    return kept.get_object();
}

}  // namespace

std::int64_t balance_in(JsonObject const& customer, std::string_view currency) {
    if (is_own_currency(customer, currency)) return customer.at("balance").as_int64();
    auto const* kept = customer.if_contains("sandbox_further_balances");
    auto const* amount = kept ? kept->as_object().if_contains(currency) : nullptr;
    return amount ? amount->as_int64() : 0;
}

void change_customer_currency(Call& call, std::string const& customer, std::string const& currency) {
    auto& payer = call.edit("customer", customer);
    auto const balance = balance_in(payer, currency);
    if (payer["currency"].is_string() && payer["balance"] != Json(0))
        further_balances(payer)[payer["currency"].get_string()] = payer["balance"];
    if (payer["currency"].is_string()) payer["balance"] = balance;
    payer["currency"] = currency;
    if (payer.contains("sandbox_further_balances")) further_balances(payer).erase(currency);
}

std::string write_customer_balance(Call& call, std::string const& customer, BalanceChange const& change) {
    auto& payer = call.edit("customer", customer);
    if (payer["currency"].is_null()) payer["currency"] = change.currency;
    auto const balance = balance_in(payer, change.currency) + change.amount;
    if (is_own_currency(payer, change.currency))
        payer["balance"] = balance;
    else
        further_balances(payer)[change.currency] = balance;
    auto const id = call.new_id("cbtxn_");
    auto const id_or_null = [](std::string const& given) { return given.empty() ? Json(nullptr) : Json(given); };
    JsonObject entry = change.further;
    entry["id"] = id;
    entry["amount"] = change.amount;
    entry["created"] = call.now();
    entry["credit_note"] = id_or_null(change.credit_note);
    entry["currency"] = change.currency;
    entry["customer"] = customer;
    entry["ending_balance"] = balance;
    entry["invoice"] = id_or_null(change.invoice);
    entry["type"] = change.type;
    if (!entry.contains("metadata")) entry["metadata"] = JsonObject{};
    call.create(object_type::customer_balance_transaction, std::move(entry));
    return id;
}

std::string change_customer_balance(Call& call, std::string const& customer, BalanceChange const& change) {
    auto const before = call.view("customer", customer);
    auto id = write_customer_balance(call, customer, change);
    call.emit_change("customer.updated", "customer", customer, before);
    return id;
}

void add_customer_balances(World& world) {
    world.store.add_index(object_type::customer_balance_transaction, "customer");
    world.views.provide("customer", "invoice_credit_balance", [](JsonObject const& customer) -> Json {
        JsonObject balances;
        if (auto const* kept = customer.if_contains("sandbox_further_balances"); kept && kept->is_object())
            balances = kept->get_object();
        if (auto const& own = customer.at("currency"); own.is_string())
            balances[own.get_string()] = customer.at("balance");
        return balances;
    });
    auto& registry = world.registry;
    registry.on("POST /v1/customers/{id}/balance_transactions", create_customer_balance);
    registry.on("GET /v1/customers/{id}/balance_transactions", [](Call& call) -> Answer<Json> {
        TRY(call.need("customer", call.path_id()));
        return call.list(
            {.type = object_type::customer_balance_transaction, .index = "customer", .key = call.path_id()});
    });
    registry.on("GET /v1/customers/{customerId}/balance_transactions/{id}", [](Call& call) -> Answer<Json> {
        TRY(need_entry(call));
        return call.view(object_type::customer_balance_transaction, call.path_id());
    });
    registry.on("POST /v1/customers/{customerId}/balance_transactions/{id}", [](Call& call) -> Answer<Json> {
        TRY(need_entry(call));
        auto& entry = call.edit(object_type::customer_balance_transaction, call.path_id());
        copy_given(entry, call.params, {"description"});
        merge_metadata(entry, call.params);
        return call.view(object_type::customer_balance_transaction, call.path_id());
    });
}

}  // namespace billhook::sandbox
