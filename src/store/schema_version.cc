#include "store/schema_version.h"

#include "store/migrations.h"

namespace billhook::store {

Result<std::size_t> count_applied(Rows const& applied) {
    constexpr std::size_t known = std::size(migrations);
    if (applied.size() > known)
        return fail(invalid("database",
                            "The database was written by a newer billhook (" + std::to_string(applied.size()) +
                                " migrations, this program knows " + std::to_string(known) +
                                "). Use the newer program, or restore a backup made before the upgrade.",
                            "database_too_new"));
    for (std::size_t i = 0; i < applied.size(); ++i) {
        if (applied[i].integer(0) == migrations[i].version && applied[i].text(2) == migrations[i].checksum) continue;
        return fail(invalid("database",
                            "Migration " + std::to_string(applied[i].integer(0)) + " (" + applied[i].text(1) +
                                ") of the database is not the one this program has. Use the program that made it.",
                            "migration_changed"));
    }
    return applied.size();
}

Status check_is_current(Rows const& applied) {
    if (TRY(count_applied(applied)) < std::size(migrations))
        return fail(invalid("database", "The database is older than this program. Run `billhook migrate`.",
                            "database_not_migrated"));
    return {};
}

}  // namespace billhook::store
