// Charges that are asked for without a payment intent, and capturing them: what older integrations call.

#include "sandbox/billing/fields.h"
#include "sandbox/billing/settlement.h"
#include "sandbox/core/object_type.h"
#include "sandbox/payment/card_source.h"
#include "sandbox/payment/charge.h"
#include "sandbox/payment/dispute.h"
#include "sandbox/payment/payment_method.h"
#include "sandbox/payment/payment_resources.h"
#include "sandbox/resource/currency.h"

namespace billhook::sandbox {
namespace {

/// What is charged: the customer's card that is named, a token, or the customer's default source.
Answer<std::string> charged_method(Call& call, std::string const& customer) {
    auto const source = call.text("source");
    if (customer.empty() && source.empty())
        return refuse(bad_request("Must provide source or customer.", "", "parameter_missing"));
    if (customer.empty()) return take_card_token(call, source, "source");
    auto const& payer = *TRY(call.need("customer", customer, "customer"));
    auto card = source.empty() ? text_at(payer, "default_source") : source;
    if (card.empty()) {
        ApiError error{402, "card_error", "missing", "Cannot charge a customer that has no active card"};
        error.param = "card";
        return refuse(std::move(error));
    }
    auto const* stored = call.find(object_type::card, card);
    if (stored && text_at(*stored, "customer") == customer) return card;
    return refuse(bad_request("Customer " + customer + " does not have a linked source with ID " + card + ".", "source",
                              "missing"));
}

Answer<std::int64_t> charged_amount(Call& call, std::string const& currency) {
    auto const* amount = find(call.params, "amount");
    if (!amount) return refuse(missing_parameter("amount"));
    if (amount->as_int64() < 1)
        return refuse(
            bad_request("This value must be greater than or equal to 1.", "amount", "parameter_invalid_integer"));
    if (auto const least = minimum_charge(currency); amount->as_int64() < least)
        return refuse(
            bad_request("Amount must be at least " + std::to_string(least) + " (minor units) " + currency + ".",
                        "amount", "amount_too_small"));
    return amount->as_int64();
}

Answer<Json> create_direct_charge(Call& call) {
    auto const customer = call.text("customer");
    if (!customer.empty()) call.use_clock_of(*TRY(call.need("customer", customer, "customer")));
    if (!call.has("currency")) return refuse(missing_parameter("currency"));
    auto const currency = TRY(read_currency(call.text("currency"), "currency"));
    auto const amount = TRY(charged_amount(call, currency));
    auto const method = TRY(charged_method(call, customer));
    TestCard const& card = card_of(call, method);
    Attempt attempt{.amount = amount,
                    .currency = currency,
                    .customer = or_null(customer),
                    .description = or_null(call.text("description")),
                    .is_captured = bool_or(call.params, "capture", true)};
    JsonObject holder{{"metadata", JsonObject{}}};
    merge_metadata(holder, call.params);
    attempt.metadata = holder.at("metadata").as_object();
    // Nobody can answer the bank's question here.
    bool const wants_challenge = card.challenge == Challenge::always || card.challenge == Challenge::until_set_up;
    if (wants_challenge || !card.code.empty()) {
        auto error = wants_challenge ? authentication_required() : decline_of(card);
        error.extra["charge"] = create_charge(call, attempt, method, &error, false);
        call.keep_on_refusal = true;
        return refuse(std::move(error));
    }
    auto const id = create_charge(call, attempt, method, nullptr, false);
    copy_given(call.edit(object_type::charge, id), call.params,
               {"receipt_email", "statement_descriptor", "statement_descriptor_suffix", "transfer_group", "shipping"});
    call.complete(object_type::charge, call.edit(object_type::charge, id));
    open_dispute_of_card(call, id);
    return call.view(object_type::charge, id);
}

Answer<Json> capture_direct_charge(Call& call) {
    auto const& id = call.path_id();
    auto const& charge = *TRY(call.need(object_type::charge, id));
    call.use_clock_of(charge);
    if (bool_at(charge, "captured"))
        return refuse(bad_request("Charge " + id + " has already been captured.", "", "charge_already_captured"));
    if (bool_at(charge, "refunded"))
        return refuse(bad_request("Charge " + id + " has been refunded.", "", "charge_already_refunded"));
    auto const authorized = int_at(charge, "amount");
    auto const amount = int_or(call.params, "amount", authorized);
    if (amount < 1 || amount > authorized)
        return refuse(
            bad_request("The amount must be between 1 and what was authorized (" + std::to_string(authorized) + ").",
                        "amount", "amount_too_large"));
    capture_charge(call, id, amount);
    return call.view(object_type::charge, id);
}

}  // namespace

void add_direct_charges(World& world) {
    world.registry.on("POST /v1/charges", create_direct_charge);
    world.registry.on("POST /v1/charges/{id}/capture", capture_direct_charge);
}

}  // namespace billhook::sandbox
