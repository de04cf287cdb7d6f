#pragma once
// Which database an address names.

#include <string_view>

namespace billhook::store {

inline bool is_postgres(std::string_view database) {
    return database.starts_with("postgres://") || database.starts_with("postgresql://");
}

}  // namespace billhook::store
