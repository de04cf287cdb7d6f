#include "http/routes/purchase.h"

#include "flow/command/portal.h"
#include "flow/command/set_up_payment.h"
#include "http/context.h"
#include "http/return_address.h"
#include "http/routes/asker.h"
#include "http/routes/page.h"
#include "http/wire.h"
#include "store/invoice_store.h"

namespace billhook::http {

Result<flow::CheckoutView> check_out(Call const& call, CheckoutWish const& wish) {
    auto const& origins = call.context.allowed_origins;
    flow::PurchaseRequest request{.asker = asker_of(call),
                                  .target = TRY(find_target(call, wish.plan, wish.interval, 1))};
    if (wish.currency) request.currency = TRY(Currency::parse(*wish.currency)).code();
    request.is_separate_attempt = call.request.headers.find("Idempotency-Key").has_value();
    request.success_url = TRY(check_return_address(wish.success_url, origins, "success_url"));
    request.cancel_url = TRY(check_return_address(wish.cancel_url, origins, "cancel_url"));
    return flow::purchase(call.context.commands, request);
}

Result<Answer> create_checkout(Call const& call) {
    Fields fields(call.body);
    CheckoutWish wish{.plan = fields.required_text("plan", 64),
                      .interval = read_interval(fields),
                      .currency = fields.optional_text("currency", 3),
                      .success_url = fields.optional_text("success_url", 2048).value_or(""),
                      .cancel_url = fields.optional_text("cancel_url", 2048).value_or("")};
    TRY_VOID(fields.finish());
    auto const view = TRY(check_out(call, wish));
    return created({{"checkout_url", view.url},
                    {"session_id", view.stripe_session_id},
                    {"intent", view.intent.str()},
                    {"expires_at", to_rfc3339(view.expires_at)}});
}

Result<Answer> set_up_payment(Call const& call) {
    Fields fields(call.body);
    auto const success_url = fields.optional_text("success_url", 2048).value_or("");
    auto const cancel_url = fields.optional_text("cancel_url", 2048).value_or("");
    TRY_VOID(fields.finish());
    auto const& origins = call.context.allowed_origins;
    flow::SetUpRequest const request{.asker = asker_of(call),
                                     .success_url = TRY(check_return_address(success_url, origins, "success_url")),
                                     .cancel_url = TRY(check_return_address(cancel_url, origins, "cancel_url"))};
    auto const view = TRY(flow::set_up_payment(call.context.commands, request));
    return created({{"checkout_url", view.url},
                    {"session_id", view.stripe_session_id},
                    {"expires_at", to_rfc3339(view.expires_at)}});
}

Result<Answer> open_portal(Call const& call) {
    Fields fields(call.body);
    auto const address = fields.optional_text("return_url", 2048).value_or("");
    auto const flow_word =
        fields.optional_one_of("flow", {"payment_method_update", "subscription_cancel", "subscription_update"});
    auto const line = fields.optional_text("line", 64);
    TRY_VOID(fields.finish());
    if (line) TRY_VOID(require_line(call, *line));
    flow::PortalRequest request{.asker = asker_of(call), .flow = flow_word.value_or(""), .line = line.value_or("")};
    request.return_url = TRY(check_return_address(address, call.context.allowed_origins, "return_url"));
    return ok({{"url", TRY(flow::open_portal(call.context.commands, request))}});
}

Result<Answer> list_invoices(Call const& call) {
    Fields fields(call.query, FieldSource::query);
    auto const page = read_page(fields);
    TRY_VOID(fields.finish());
    auto const rows =
        TRY(call.context.store.read_value(store::Scope::customer(call.customer()), [&](store::Reader& reader) {
            return store::list_invoices(reader, call.customer(), page.after, page.limit + 1);
        }));
    return ok(render_page(
        rows, page.limit, [](auto const& invoice) { return to_json(invoice); },
        [](auto const& invoice) { return cursor_text({invoice.created_at, invoice.stripe_invoice_id}); }));
}

}  // namespace billhook::http
