#include "flow/command/subscription_view.h"

#include <map>

#include "store/intent_store.h"
#include "store/scheduled_change_store.h"
#include "store/subscription_store.h"

namespace billhook::flow {

using subscription::Subscription;

namespace {

/// What runs beats what has ended; of two that have ended, the one that began last.
bool is_preferred(Subscription const& a, Subscription const& b) {
    bool a_lives = !subscription::has_ended(a.status);
    bool b_lives = !subscription::has_ended(b.status);
    if (a_lives != b_lives) return a_lives;
    return a.created_at > b.created_at;
}

}  // namespace

Result<std::vector<SubscriptionView>> view_lines(store::Reader& reader, CustomerId const& customer) {
    std::map<std::string, SubscriptionView> views;
    for (auto& record : TRY(store::list_subscriptions(reader, customer))) {
        auto& shown = views[record.line].subscription;
        if (!shown || is_preferred(record, *shown)) shown = std::move(record);
    }
    for (auto& intent : TRY(store::list_pending_intents(reader, customer))) {
        auto& view = views[intent.line];
        view.pending = std::move(intent);
    }
    std::vector<SubscriptionView> out;
    for (auto& [line, view] : views) {
        if (view.subscription)
            view.scheduled = TRY(store::find_scheduled_change(reader, customer, view.subscription->id));
        out.push_back(std::move(view));
    }
    return out;
}

Result<SubscriptionView> view_line(store::Reader& reader, CustomerId const& customer, std::string_view line) {
    for (auto& view : TRY(view_lines(reader, customer))) {
        auto const& shown = view.subscription ? view.subscription->line : view.pending->line;
        if (shown == line) return std::move(view);
    }
    return SubscriptionView{};
}

}  // namespace billhook::flow
