#pragma once
// Clock: where workers learn the time. Rules never see one: they take a Timestamp. Thread-safe.

#include <atomic>

#include "base/timestamp.h"

namespace billhook {

class Clock {
  public:
    virtual ~Clock() = default;
    virtual Timestamp now() const = 0;
};

class SystemClock : public Clock {
  public:
    Timestamp now() const override;
};

/// Stands still until it is moved. For tests and simulation.
class ManualClock : public Clock {
  public:
    explicit ManualClock(Timestamp start) : ms_(start.ms) {}
    Timestamp now() const override { return {ms_.load()}; }
    void set(Timestamp t) { ms_.store(t.ms); }

  private:
    std::atomic<std::int64_t> ms_;
};

/// Moves on by a step each time it is looked at, and by nothing else: a test that needs time to pass repeats, however
/// loaded the machine.
class StepClock : public Clock {
  public:
    StepClock(Timestamp start, Duration step) : ms_(start.ms), step_ms_(step.ms) {}
    Timestamp now() const override { return {ms_.fetch_add(step_ms_)}; }

  private:
    mutable std::atomic<std::int64_t> ms_;
    std::int64_t step_ms_;
};

/// Runs like its source, ahead of it by what advance_to() added. With the embedded sandbox the whole program shares
/// one, so that moving the sandbox's time moves Billhook's too.
class ShiftedClock : public Clock {
  public:
    explicit ShiftedClock(Clock const& source, Duration shift = {}) : source_(source), shift_ms_(shift.ms) {}
    Timestamp now() const override { return {source_.now().ms + shift_ms_.load()}; }
    /// Never moves back: an earlier target leaves the clock as it is.
    void advance_to(Timestamp target);
    Duration shift() const { return {shift_ms_.load()}; }

  private:
    Clock const& source_;
    std::atomic<std::int64_t> shift_ms_;
};

}  // namespace billhook
