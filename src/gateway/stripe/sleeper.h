#pragma once
// Sleeper: waits between two attempts. Injected, so that a test waits no second and a stopping server not a long one.

#include "base/timestamp.h"

namespace billhook::stripe {

class Sleeper {
  public:
    virtual ~Sleeper() = default;
    /// False: do not try again, the program is stopping.
    virtual bool sleep(Duration duration) = 0;
};

class ThreadSleeper : public Sleeper {
  public:
    bool sleep(Duration duration) override;
};

}  // namespace billhook::stripe
