#pragma once
// What a browser sees at the sandbox's own address: what this is, how to use it, which cards there are.

#include "sandbox/core/world.h"

namespace billhook::sandbox {

void add_front_page(World& world);

}  // namespace billhook::sandbox
