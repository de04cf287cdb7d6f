#include "flow/projector/recent_reads.h"

#include <algorithm>

namespace billhook::flow {

void RecentReads::note(std::string const& object_id, Timestamp read_began) {
    std::lock_guard lock(mutex_);
    if (young_.size() >= capacity_) {
        old_ = std::move(young_);
        young_.clear();
    }
    auto& known = young_[object_id];
    known = std::max(known, read_began);
}

bool RecentReads::covers(std::string const& object_id, Timestamp moment) const {
    std::lock_guard lock(mutex_);
    for (auto const* generation : {&young_, &old_})
        if (auto found = generation->find(object_id); found != generation->end())
            if (found->second > moment) return true;
    return false;
}

}  // namespace billhook::flow
