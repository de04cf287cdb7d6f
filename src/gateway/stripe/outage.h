#pragma once
// Outage: whether a call failed for a reason that any other call would have met: nobody was asked, nobody could be
// reached, or nobody of ours is let in. It says nothing about what the call was for.

#include "base/error.h"

namespace billhook::stripe {

bool is_outage(Error const& error);

}  // namespace billhook::stripe
