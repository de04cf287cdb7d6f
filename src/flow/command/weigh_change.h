#pragma once
// A change that is asked for, weighed against what one transaction sees: the common first half of previewing a change
// and of making it. Nothing here calls Stripe or writes.

#include <string>

#include "flow/command/change_plan.h"
#include "flow/command/quote.h"
#include "store/store.h"

namespace billhook::flow {

struct Weighed {
    subscription::Standing standing;
    customer::Customer customer;
    subscription::Target target;  // with its quantity resolved
    subscription::Comparison comparison;
    std::string currency;

    subscription::Effective effective(ChangeRequest const& request) const {
        return request.at.value_or(comparison.effective);
    }
};

/// Stripe's id of the price that the change puts in the place of the one held; empty where that one stays. Who asks for
/// more or fewer of the same keeps the price that was bought, also where the catalog has changed it since
/// (PRODUCT 1.3).
Result<std::string> find_new_price(CommandContext const& context, catalog::Catalog const& catalog,
                                   Weighed const& weighed);

Result<Weighed> weigh(store::Reader& reader, catalog::Catalog const& catalog, ChangeRequest const& request,
                      subscription::Standing standing);

/// What the rules say of it.
Result<subscription::Decision> decide_change(catalog::Catalog const& catalog, Weighed const& weighed,
                                             ChangeRequest const& request, subscription::Stamp const& stamp);

/// All of the view that needs no call: what, when, and what is gained and lost.
ChangeView outline(CommandContext const& context, catalog::Catalog const& catalog, Weighed const& weighed,
                   ChangeRequest const& request, Timestamp now);
/// Puts a quote's amounts into the view.
void tell(subscription::Quote const& quote, ChangeView& view);

/// Of errors with this reason: the state that was weighed is not, or no longer, Stripe's. Weighing anew may help.
inline constexpr char const* quote_outdated = "quote_outdated";

/// Asks Stripe what the change of a line that is held would cost; `price` is that of find_new_price(). Errors:
/// unavailable; conflict "quote_outdated" where Stripe refuses: something has happened there unheard, so the customer's
/// subscriptions were read anew.
Result<subscription::Quote> ask_for_quote(CommandContext const& context, Weighed const& weighed,
                                          std::string const& price, subscription::Effective effective, Timestamp now);

}  // namespace billhook::flow
