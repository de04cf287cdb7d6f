#pragma once
// Trace: all that happened, line by line. The digest over all lines tells whether two runs were the same; the last
// lines stand beside a failure.

#include <cstdint>
#include <deque>
#include <map>
#include <ostream>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace billhook::simulation {

class Trace {
  public:
    /// Lines go to `out` as well where it is given.
    Trace(Clock const& clock, std::ostream* out) : clock_(clock), out_(out) {}

    void line(std::string text);
    /// Counts what the figures name: events, calls, each kind of fault.
    void count(std::string_view what) { ++counts_[std::string(what)]; }

    std::string digest() const;
    std::int64_t steps() const { return steps_; }
    std::map<std::string, std::int64_t> const& counts() const { return counts_; }
    std::deque<std::string> const& last_lines() const { return last_; }

  private:
    Clock const& clock_;
    std::ostream* out_;
    std::string pending_;  // not yet in the chain
    std::string chain_;
    std::int64_t steps_ = 0;
    std::map<std::string, std::int64_t> counts_;
    std::deque<std::string> last_;
};

}  // namespace billhook::simulation
