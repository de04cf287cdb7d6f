#include "http/routes/webhook.h"

#include "flow/webhook_inbox/receive.h"
#include "http/context.h"

namespace billhook::http {
namespace {

Result<Answer> render_webhook(Result<flow::Receipt> const& receipt) {
    if (receipt) return ok({{"received", true}});
    Error error = receipt.error();
    // Stripe's own convention: whatever is wrong with the delivery is 400, so that it is seen and tried again.
    if (error.kind == ErrorKind::invalid || error.kind == ErrorKind::unauthenticated) error.extra["status"] = 400;
    return fail(std::move(error));
}

}  // namespace

Result<Answer> receive_stripe_event(Call const& call) {
    auto const& request = call.request;
    return render_webhook(
        call.context.webhooks.receive(request.body, request.headers.get_or("Stripe-Signature"), call.now));
}

void submit_stripe_event(Call const& call, std::function<void(std::optional<Result<Answer>>)> done) {
    auto const& request = call.request;
    call.context.webhooks.submit(request.body, request.headers.get_or("Stripe-Signature"), call.now,
                                 [done = std::move(done)](Result<flow::Receipt> const& receipt) {
                                     if (!receipt && flow::may_be_a_newer_secret(receipt.error()))
                                         return done(std::nullopt);
                                     done(render_webhook(receipt));
                                 });
}

}  // namespace billhook::http
