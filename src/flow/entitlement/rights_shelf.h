#pragma once
// RightsShelf: one Rights for all customers who hold the same plans in the same state, derived once for a catalog.
// Thread-safe.

#include <map>
#include <memory>
#include <mutex>

#include "domain/entitlement/build.h"

namespace billhook::flow {

class RightsShelf {
  public:
    std::shared_ptr<entitlement::Rights const> find_or_derive(entitlement::PlansHeld const& lines,
                                                              std::shared_ptr<catalog::Catalog const> const& catalog);

  private:
    std::mutex mutex_;
    std::shared_ptr<catalog::Catalog const> catalog_;  // that the rights were derived from
    std::map<entitlement::PlansHeld, std::shared_ptr<entitlement::Rights const>> rights_;
};

}  // namespace billhook::flow
