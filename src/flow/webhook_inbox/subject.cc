#include "flow/webhook_inbox/subject.h"

namespace billhook::flow {

std::string_view subject_of(NamedObjects const& named) {
    if (named.kind == "customer" && !named.id.empty()) return named.id;
    // A payment method that was detached names its customer only among what it was before.
    for (auto const name :
         {named.customer, named.customer_before, named.product, named.payment_intent, named.charge, named.id})
        if (!name.empty()) return name;
    return named.type;
}

}  // namespace billhook::flow
