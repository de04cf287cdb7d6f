#include "flow/command/follow_up.h"

#include <algorithm>

#include "base/crash_point.h"
#include "base/log.h"
#include "flow/command/carry_out.h"
#include "store/intent_store.h"

namespace billhook::flow {

Result<Progress> FollowUp::run_once(Timestamp now) {
    // Put off before the look, so that another process does not take the same ones and a crash does not dwell on one.
    auto const intents = TRY(context_.store.write_value(
        store::Scope::system(), [&](store::Writer& writer) -> Result<std::vector<subscription::Intent>> {
            auto due =
                TRY(store::list_intents_to_follow_up(writer, now, now - settings_.patience, settings_.batch_max));
            for (auto const& intent : due) {
                auto const pause = std::clamp(now - intent.created_at, settings_.patience, settings_.pause_max);
                TRY_VOID(store::set_intent_follow_up(writer, intent, now + pause));
            }
            return due;
        }));
    crash_point("follow_up.claimed");
    Progress progress;
    progress.has_more = static_cast<int>(intents.size()) >= settings_.batch_max;
    for (auto const& intent : intents) {
        auto const resumed = resume_intent(context_, intent);
        if (resumed && resumed->status != subscription::IntentStatus::pending) {
            ++progress.done;
            log(LogLevel::warn, "an intent was ended by following it up; its news had not come",
                {{"intent", intent.id.str()}, {"status", subscription::to_string(resumed->status)}});
        } else if (!resumed) {
            ++progress.failed;
        }
    }
    return progress;
}

}  // namespace billhook::flow
