#include "gateway/stripe/payment.h"

#include "gateway/stripe/tree.h"

namespace billhook::stripe {
namespace {

// Before 2022-11-15 an intent carried its charges, newest first, instead of the latest one's id.
std::string latest_charge_of(Json const& tree) {
    if (auto id = id_at(tree, "latest_charge"); !id.empty()) return id;
    auto const charges = ids_at(tree, "charges");
    return charges.empty() ? std::string{} : charges.front();
}

}  // namespace

Result<PaymentIntent> parse_payment_intent(Json const& tree) {
    PaymentIntent intent;
    intent.id = TRY(require_id(tree, "payment intent"));
    intent.status = string_or(tree, "status");
    intent.amount = int_or(tree, "amount");
    intent.currency = string_or(tree, "currency");
    intent.customer_id = id_at(tree, "customer");
    intent.invoice_id = id_at(tree, "invoice");
    intent.client_secret = string_or(tree, "client_secret");
    intent.latest_charge_id = latest_charge_of(tree);
    intent.payment_method_id = id_at(tree, "payment_method");
    intent.next_action_url = string_or(tree, "next_action.redirect_to_url.url");
    intent.error_code = string_or(tree, "last_payment_error.code");
    intent.decline_code = string_or(tree, "last_payment_error.decline_code");
    intent.error_message = string_or(tree, "last_payment_error.message");
    intent.metadata = metadata_at(tree);
    intent.created = time_or_zero(tree, "created");
    return intent;
}

Result<Charge> parse_charge(Json const& tree) {
    Charge charge;
    charge.id = TRY(require_id(tree, "charge"));
    charge.status = string_or(tree, "status");
    charge.amount = int_or(tree, "amount");
    charge.amount_refunded = int_or(tree, "amount_refunded");
    charge.currency = string_or(tree, "currency");
    charge.customer_id = id_at(tree, "customer");
    charge.payment_intent_id = id_at(tree, "payment_intent");
    charge.invoice_id = id_at(tree, "invoice");
    charge.is_refunded = bool_or(tree, "refunded");
    charge.is_disputed = bool_or(tree, "disputed", !id_at(tree, "dispute").empty());
    charge.failure_code = string_or(tree, "failure_code");
    charge.created = time_or_zero(tree, "created");
    return charge;
}

Result<Refund> parse_refund(Json const& tree) {
    Refund refund;
    refund.id = TRY(require_id(tree, "refund"));
    refund.status = string_or(tree, "status");
    refund.amount = int_or(tree, "amount");
    refund.currency = string_or(tree, "currency");
    refund.charge_id = id_at(tree, "charge");
    refund.payment_intent_id = id_at(tree, "payment_intent");
    refund.reason = string_or(tree, "reason");
    refund.failure_reason = string_or(tree, "failure_reason");
    refund.metadata = metadata_at(tree);
    refund.created = time_or_zero(tree, "created");
    return refund;
}

Result<Dispute> parse_dispute(Json const& tree) {
    Dispute dispute;
    dispute.id = TRY(require_id(tree, "dispute"));
    dispute.status = string_or(tree, "status");
    dispute.amount = int_or(tree, "amount");
    dispute.currency = string_or(tree, "currency");
    dispute.charge_id = id_at(tree, "charge");
    dispute.payment_intent_id = id_at(tree, "payment_intent");
    dispute.reason = string_or(tree, "reason");
    dispute.created = time_or_zero(tree, "created");
    return dispute;
}

}  // namespace billhook::stripe
