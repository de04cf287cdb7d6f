#pragma once
// FaultPlan: what goes wrong in a run, and how often. Chances are in thousandths, so that a seeded run repeats exactly.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace billhook::simulation {

struct FaultPlan {
    // Events on their way from the sandbox to the engine.
    int lose = 30;          // an event is never sent
    int drop = 60;          // an attempt fails; the sandbox tries again
    int duplicate = 80;     // a delivered event is sent once more
    int reorder = 150;      // an event is overtaken by later ones
    int delay = 100;        // a whole stretch of days is delivered hours late
    int lose_receipt = 30;  // the engine has stored an event, but its 200 does not arrive
    // Calls from the engine to the sandbox.
    int rate_limit = 8;
    int lock_timeout = 4;
    int server_error = 6;  // 500, nothing done
    int error_answer = 4;  // done, but 500
    int lose_request = 4;  // time-out, nothing done
    int lose_answer = 6;   // done, but a time-out
    int kept_error = 2;    // 500, nothing done, and the key repeats it
    int burst = 250;       // of those: the same goes on for several calls
    // The process.
    int stop = 4;  // it stops for good at a boundary

    static FaultPlan none();
    /// "all", "none", or "none,lose=50,stop=10": a beginning and what differs from it.
    static Result<FaultPlan> parse(std::string_view text);
    std::string text() const;
};

}  // namespace billhook::simulation
