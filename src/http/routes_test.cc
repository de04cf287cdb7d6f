#include <gtest/gtest.h>

#include "http/route.h"

namespace billhook::http::routes_test {
namespace {

// In the pool's queue it would stand behind the requests that it is to report on.
TEST(Routes, whoever_watches_the_server_is_answered_on_the_event_loop) {
    int probes = 0;
    for (Route const& route : routes()) {
        if (route.access != Access::probe) continue;
        ++probes;
        EXPECT_NE(route.from_memory, nullptr) << route.pattern;
    }
    EXPECT_EQ(probes, 3) << "/livez, /readyz, /metrics";
}

}  // namespace
}  // namespace billhook::http::routes_test
