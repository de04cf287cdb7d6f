#pragma once
// RecentReads: when each object of Stripe was last read and written down, so that one read serves a burst of events
// about the object. Only a saving: what it forgets is read again. Thread-safe, bounded.

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/timestamp.h"

namespace billhook::flow {

class RecentReads {
  public:
    explicit RecentReads(std::size_t capacity = 4096) : capacity_(capacity) {}

    /// The read that began then has been committed.
    void note(std::string const& object_id, Timestamp read_began);
    /// A read that began after this moment has been committed.
    bool covers(std::string const& object_id, Timestamp moment) const;

  private:
    std::size_t const capacity_;  // of each of the two generations
    mutable std::mutex mutex_;
    std::unordered_map<std::string, Timestamp> young_;
    std::unordered_map<std::string, Timestamp> old_;
};

}  // namespace billhook::flow
