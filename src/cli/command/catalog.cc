// `catalog validate`: is the file right? Needs neither Stripe nor a database.

#include "base/json.h"
#include "cli/catalog_file.h"
#include "cli/command/commands.h"

namespace billhook::cli {

ExitCode run_catalog_validate(CommandCall const& call) {
    auto const loaded = load_catalog(call);
    if (!loaded) return loaded.error();
    auto const& catalog = loaded->catalog;
    std::size_t price_count = 0;
    for (auto const& [code, plan] : catalog.plans) price_count += plan.prices.size();
    if (call.wants_json) {
        call.out << to_text(JsonObject{{"valid", true},
                                       {"file", loaded->source.file},
                                       {"lines", catalog.lines.size()},
                                       {"plans", catalog.plans.size()},
                                       {"prices", price_count},
                                       {"features", catalog.features.size()},
                                       {"add_ons", catalog.add_ons.size()},
                                       {"meters", catalog.meters.size()}})
                 << "\n";
        return ExitCode::ok;
    }
    call.out << loaded->source.file << " is valid: " << catalog.lines.size() << " lines, " << catalog.plans.size()
             << " plans, " << price_count << " prices, " << catalog.features.size() << " features, "
             << catalog.add_ons.size() << " add-ons, " << catalog.meters.size() << " meters\n";
    return ExitCode::ok;
}

}  // namespace billhook::cli
