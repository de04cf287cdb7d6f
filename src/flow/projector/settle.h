#pragma once
// What a freshly projected subscription settles: its scheduled change and the intent that waited for it.

#include <optional>
#include <string>

#include "domain/subscription/intent.h"
#include "domain/subscription/scheduled_change.h"
#include "flow/projector/context.h"
#include "flow/projector/look.h"
#include "store/store.h"

namespace billhook::flow {

struct SettledChange {
    std::optional<subscription::ScheduledChange> scheduled;  // what is scheduled now
    std::optional<subscription::ScheduledChange> done;       // what took effect with this look
};

/// Closes the row whose time or reason has passed, and keeps the one that Stripe's schedule bears. A change that came
/// before anybody had read of it gets its row with its end.
Result<SettledChange> settle_scheduled_change(store::Writer& writer, ProjectorContext const& context,
                                              SubscriptionLook const& look, subscription::Subscription const& record,
                                              Timestamp now);

/// Ends the line's pending intent where the record decides it, or notes that Stripe holds it until its invoice is paid.
/// Gives the intent back where it was confirmed.
Result<std::optional<subscription::Intent>> settle_intent(store::Writer& writer, SubscriptionLook const& look,
                                                          subscription::Subscription const& record,
                                                          SettledChange const& settled, Timestamp now);

/// The payment page of a purchase that has led to a subscription is done with, whether or not its own news ever comes:
/// a row that stays open would refuse the line's next purchase.
Status close_payment_page(store::Writer& writer, subscription::Intent const& intent);

/// Ends an intent. One that has ended already stays as it is.
Status end_intent(store::Writer& writer, subscription::Intent intent, subscription::IntentStatus status,
                  std::string reason, Timestamp now);

}  // namespace billhook::flow
