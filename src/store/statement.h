#pragma once
// Statement: one named statement of store/query/*.sql, embedded at build by cmake/embed_queries; an unknown name does
// not compile. Parameters are $1, $2, … on both databases.

#include <string_view>

namespace billhook::store {

struct Statement {
    std::string_view name;  // "subscription.find_by_customer"
    std::string_view sqlite;
    std::string_view postgres;  // the same text unless the file has a "[postgres]" variant
};

}  // namespace billhook::store
