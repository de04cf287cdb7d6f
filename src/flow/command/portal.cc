#include "flow/command/portal.h"

#include "base/crash_point.h"
#include "flow/command/customer_command.h"
#include "gateway/stripe/calls.h"
#include "store/subscription_store.h"

namespace billhook::flow {

namespace {

/// A flow that is about one subscription needs its id; without a line there must be only one to mean.
Result<std::string> subscription_of_flow(CommandContext const& context, PortalRequest const& request) {
    auto records =
        TRY(context.store.read_value(store::Scope::customer(request.asker.customer), [&](store::Reader& reader) {
            return store::list_subscriptions(reader, request.asker.customer);
        }));
    std::erase_if(records, [&](subscription::Subscription const& record) {
        return subscription::has_ended(record.status) || (!request.line.empty() && record.line != request.line);
    });
    if (records.empty())
        return fail(conflict("no_subscription", "There is no subscription that this page could be about."));
    if (records.size() > 1)
        return fail(invalid("line", "Several lines are held; say which one the page is about.", "line_needed"));
    return records.front().stripe_subscription_id;
}

/// The configuration that `catalog apply` made; one made through the API is never the account's default.
Result<std::string> find_configuration(stripe::Client const& stripe) {
    std::string found;
    TRY_VOID(stripe::for_each_portal_configuration(
        stripe, [&](stripe::PortalConfiguration const& each) -> Result<stripe::Client::Walk> {
            if (!each.is_active || !each.metadata.contains("billhook_portal")) return stripe::Client::Walk::on;
            found = each.id;
            return stripe::Client::Walk::stop;
        }));
    return found;
}

}  // namespace

Result<std::string> open_portal(CommandContext const& context, PortalRequest const& request) {
    stripe::NewPortalSession wish;
    wish.return_url = request.return_url.empty() ? context.settings.portal_return_url : request.return_url;
    wish.flow = request.flow;
    wish.configuration_id = TRY(find_configuration(context.projector.stripe));
    if (request.flow.starts_with("subscription_")) wish.subscription_id = TRY(subscription_of_flow(context, request));
    auto const session = TRY(call_for_stripe_customer(
        context, request.asker.customer, [&](customer::Customer const& customer) -> Result<stripe::PortalSession> {
            wish.customer_id = customer.stripe_customer_id;
            crash_point("portal.begun");
            return stripe::create_portal_session(context.projector.stripe, wish);
        }));
    crash_point("portal.session_created");
    return session.url;
}

}  // namespace billhook::flow
