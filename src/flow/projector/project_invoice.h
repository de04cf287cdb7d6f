#pragma once
// Writes down what Stripe said about an invoice. Amounts are Stripe's; nothing is computed here.

#include "flow/projector/context.h"
#include "flow/projector/look.h"
#include "store/store.h"

namespace billhook::flow {

enum class ProjectedInvoice {
    written,
    stale,      // it told nothing new
    ask_again,  // what is known bears a later time and differs: nothing was written, look once more
    not_ours,   // nobody's of ours; nothing was written
};

Result<ProjectedInvoice> project_invoice(store::Writer& writer, stripe::Invoice const& from, LookTime const& time,
                                         Origin const& origin);

}  // namespace billhook::flow
