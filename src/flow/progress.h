#pragma once
// Progress: what one round of a worker came to. A loop in server/ runs the next round at once where there is more to
// do, and otherwise waits for a wake-up or the next beat.

namespace billhook::flow {

struct Progress {
    int done = 0;
    int failed = 0;         // to be tried again later
    int dead = 0;           // given up
    bool has_more = false;  // the batch was full: more may be due

    bool is_idle() const { return done + failed + dead == 0; }
    bool operator==(Progress const&) const = default;
};

}  // namespace billhook::flow
