// The payment page as an API: Stripe does not publish it, but its CLI completes Checkout Sessions by it, for
// `stripe trigger checkout.session.completed`. The page is shown as its session.

#include "sandbox/checkout/checkout_session.h"
#include "sandbox/checkout/complete_session.h"
#include "sandbox/core/object_type.h"
#include "sandbox/payment/payment_method.h"

namespace billhook::sandbox {
namespace {

Answer<Json> retrieve(Call& call) {
    TRY(call.need(object_type::checkout_session, call.path_id()));
    return call.view(object_type::checkout_session, call.path_id());
}

Answer<void> check_expected_amount(Call& call, JsonObject const& session) {
    auto const* expected = find(call.params, "expected_amount");
    if (!expected || expected->as_int64() == amount_due(session)) return {};
    return refuse(bad_request("The expected amount (" + to_text(*expected) +
                                  ") differs from the amount of the session (" + std::to_string(amount_due(session)) +
                                  ").",
                              "expected_amount", "checkout_amount_mismatch"));
}

Answer<Json> confirm(Call& call) {
    auto const id = call.path_id();
    auto const& session = *TRY(call.need(object_type::checkout_session, id));
    call.use_clock_of(session);
    TRY_VOID(check_expected_amount(call, session));
    auto const method = TRY(resolve_payment_method(call, call.text("payment_method"), "payment_method"));
    // Nobody is here to answer the bank's question.
    if (card_of(call, method).challenge != Challenge::none) return refuse(authentication_required());
    auto const& billing = call.find(object_type::payment_method, method)->at("billing_details");
    TRY_VOID(complete_session(
        call, id,
        {.payment_method = method, .email = string_or(billing, "email"), .name = string_or(billing, "name")}));
    return call.view(object_type::checkout_session, id);
}

}  // namespace

void add_payment_pages(World& world) {
    world.registry.on("GET /v1/payment_pages/{id}", retrieve);
    world.registry.on("POST /v1/payment_pages/{id}/confirm", confirm);
}

}  // namespace billhook::sandbox
