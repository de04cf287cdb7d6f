#include "flow/command/cancel_subscription.h"

#include "flow/command/run_intent.h"
#include "flow/command/standing.h"

namespace billhook::flow {

using subscription::Decision;
using subscription::Stamp;
using subscription::Standing;

namespace {

Result<SubscriptionView> run_and_view(CommandContext const& context, Asker const& asker, std::string const& line,
                                      Decide const& decide) {
    TRY(run_intent(context, asker, line, decide));
    return context.store.read_value(store::Scope::customer(asker.customer),
                                    [&](store::Reader& reader) { return view_line(reader, asker.customer, line); });
}

}  // namespace

Result<SubscriptionView> cancel_subscription(CommandContext const& context, CancelRequest const& request) {
    auto const& asker = request.asker;
    if (request.wish.at == subscription::CancelAt::now && !asker.is_operator)
        return fail(
            Error{ErrorKind::forbidden, "operator_only",
                  "Only an operator can cancel at once; a customer's cancellation takes effect at period end."});
    return run_and_view(context, asker, request.line,
                        [&](store::Reader&, Standing const& standing, Stamp const& stamp) -> Result<Decision> {
                            auto decision = TRY(subscription::request_cancel(standing, request.wish, stamp));
                            if (decision.kind == Decision::Kind::begin) {
                                auto& parameters = decision.intent.parameters;
                                parameters["stripe_subscription"] = standing.held->stripe_subscription_id;
                                // One that bears no change of ours (made at Stripe, say) is no situation of the
                                // table's.
                                if (!standing.held->stripe_schedule_id.empty())
                                    parameters["schedule"] = standing.held->stripe_schedule_id;
                            }
                            return decision;
                        });
}

Result<SubscriptionView> resume_subscription(CommandContext const& context, Asker const& asker,
                                             std::string const& line) {
    return run_and_view(context, asker, line,
                        [&](store::Reader&, Standing const& standing, Stamp const& stamp) -> Result<Decision> {
                            auto decision = TRY(subscription::request_resume(standing, stamp));
                            if (decision.kind == Decision::Kind::begin) {
                                auto& parameters = decision.intent.parameters;
                                parameters["stripe_subscription"] = standing.held->stripe_subscription_id;
                                parameters["is_paused"] = standing.held->status == subscription::Status::paused;
                            }
                            return decision;
                        });
}

}  // namespace billhook::flow
