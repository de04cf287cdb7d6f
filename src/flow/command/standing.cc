#include "flow/command/standing.h"

#include "store/customer_store.h"
#include "store/gauge_store.h"
#include "store/intent_store.h"
#include "store/scheduled_change_store.h"
#include "store/subscription_store.h"

namespace billhook::flow {

Result<subscription::Standing> load_standing(store::Reader& reader, CustomerId const& customer,
                                             std::string const& line) {
    subscription::Standing standing;
    standing.customer = customer;
    standing.line = line;
    for (auto& record : TRY(store::list_subscriptions(reader, customer))) {
        if (record.line != line) continue;
        standing.had_subscription = true;
        if (!subscription::has_ended(record.status)) standing.held = std::move(record);
    }
    standing.pending = TRY(store::find_pending_intent(reader, customer, line));
    standing.last = TRY(store::find_last_ended_intent(reader, customer, line));
    if (standing.held) standing.scheduled = TRY(store::find_scheduled_change(reader, customer, standing.held->id));
    return standing;
}

Result<std::map<std::string, std::int64_t>> load_use(store::Reader& reader, CustomerId const& customer) {
    std::map<std::string, std::int64_t> use;
    for (auto const& gauge : TRY(store::list_gauges(reader, customer))) use[gauge.feature] = gauge.used;
    return use;
}

subscription::Stamp new_stamp(CommandContext const& context, Asker const& asker) {
    auto& random = context.projector.random;
    return {IntentId("int_" + random.alphanumeric(24)), SubscriptionId("bsub_" + random.alphanumeric(24)), asker.cause,
            context.projector.clock.now()};
}

Result<customer::Customer> load_customer(store::Reader& reader, CustomerId const& customer) {
    auto found = TRY(store::find_customer(reader, customer));
    if (!found)
        return fail(
            not_found("There is no customer '" + customer.str() + "'; create it with PUT /api/v1/customers/{id}.",
                      "unknown_customer"));
    return *found;
}

}  // namespace billhook::flow
