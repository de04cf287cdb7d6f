#include "flow/entitlement/rights_shelf.h"

namespace billhook::flow {

std::shared_ptr<entitlement::Rights const> RightsShelf::find_or_derive(
    entitlement::PlansHeld const& lines, std::shared_ptr<catalog::Catalog const> const& catalog) {
    std::lock_guard const lock(mutex_);
    if (catalog_ != catalog) {
        rights_.clear();
        catalog_ = catalog;
    }
    auto& rights = rights_[lines];
    if (!rights) rights = std::make_shared<entitlement::Rights const>(entitlement::derive_rights(lines, *catalog));
    return rights;
}

}  // namespace billhook::flow
