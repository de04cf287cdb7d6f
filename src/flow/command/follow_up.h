#pragma once
// FollowUp: sees to it that every intent ends, however its news was lost: one that waits for longer than a command
// takes is looked at again at Stripe, and confirmed, refused or driven on. The looks grow rarer with the intent's age.
// Several may run side by side.

#include "flow/command/context.h"
#include "flow/progress.h"

namespace billhook::flow {

struct FollowUpSettings {
    int batch_max = 20;
    Duration patience = Duration::minutes(5);  // until the first look; longer than a command holds its message
    Duration pause_max = Duration::hours(4);   // an open checkout lives for a day: a dozen looks
};

class FollowUp {
  public:
    explicit FollowUp(CommandContext const& context, FollowUpSettings settings = {})
        : context_(context), settings_(settings) {}

    /// One batch of what is due. Errors: the store's; an intent's own failure is part of the progress.
    Result<Progress> run_once(Timestamp now);

  private:
    CommandContext const& context_;
    FollowUpSettings const settings_;
};

}  // namespace billhook::flow
