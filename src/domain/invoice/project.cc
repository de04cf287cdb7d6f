#include "domain/invoice/project.h"

#include "base/check.h"

namespace billhook::invoice {
namespace {

/// Whether a look told just what is known, whenever that was. Whose subscription it bills is found here, not told;
/// where it can be seen may be signed anew for each who asks.
bool tells_the_same(Invoice const& known, Invoice observed) {
    observed.observed_at = known.observed_at;
    observed.subscription = known.subscription;
    observed.hosted_invoice_url = known.hosted_invoice_url;
    observed.invoice_pdf = known.invoice_pdf;
    return observed == known;
}

}  // namespace

Effect project(std::optional<Invoice> const& known, Invoice const& observed, subscription::LookTime const& look) {
    if (!known) return Effect::fresh;
    CHECK(known->stripe_invoice_id == observed.stripe_invoice_id);
    if (look.is_write && known->observed_at > look.began && known->observed_at < look.returned)
        return Effect::ask_again;
    if (look.stamp() >= known->observed_at) return Effect::fresh;
    return tells_the_same(*known, observed) ? Effect::stale : Effect::ask_again;
}

}  // namespace billhook::invoice
