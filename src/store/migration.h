#pragma once
// Migration: one numbered step of the schema, embedded from migrations/NNNN_name.sql at build.

#include <string_view>

namespace billhook::store {

struct Migration {
    int version;
    std::string_view name;
    std::string_view checksum;  // SHA-256 of the file: a step that was applied must not change afterwards
    std::string_view sqlite;
    std::string_view postgres;
};

}  // namespace billhook::store
