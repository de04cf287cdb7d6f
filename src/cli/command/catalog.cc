// `catalog validate|plan|apply`: is the file right, what differs from it in Stripe and in the database, make it so.

#include "base/json.h"
#include "cli/catalog_file.h"
#include "cli/command/commands.h"
#include "cli/connection.h"
#include "flow/command/apply_catalog.h"

namespace billhook::cli {
namespace {

using Changes = std::vector<flow::CatalogChange>;
using Kind = flow::CatalogChange::Kind;

// As terraform marks them: made, changed in place, replaced, taken away.
std::string_view sign_of(Kind kind) {
    switch (kind) {
        case Kind::create_product:
        case Kind::create_price:
        case Kind::create_portal:
            return "  + ";
        case Kind::update_product:
            return "  ~ ";
        case Kind::replace_price:
            return "-/+ ";
        case Kind::record:
            return "  ~ ";
    }
    return "    ";
}

void print(CommandCall const& call, Changes const& changes, std::string_view is_done, std::string_view when_empty) {
    if (call.wants_json) {
        JsonArray list;
        for (auto const& change : changes)
            list.push_back(
                JsonObject{{"kind", to_string(change.kind)}, {"what", change.what}, {"detail", change.detail}});
        call.out << to_text(JsonObject{{"changes", std::move(list)}}) << "\n";
        return;
    }
    if (changes.empty()) {
        call.out << when_empty << "\n";
        return;
    }
    for (auto const& change : changes)
        call.out << sign_of(change.kind) << to_string(change.kind) << " " << change.what << ": " << change.detail
                 << "\n";
    call.out << changes.size() << (changes.size() == 1 ? " change" : " changes") << is_done << "\n";
}

enum class Purpose { plan, apply };

std::expected<Changes, ExitCode> work(CommandCall const& call, Purpose purpose) {
    auto const loaded = load_catalog(call);
    if (!loaded) return std::unexpected(loaded.error());
    auto const stripe = StripeConnection::open(call.configuration);
    if (!stripe) return std::unexpected(report(call, stripe.error()));
    auto const store = open_database(call.configuration);
    if (!store) return std::unexpected(report(call, store.error()));
    SystemClock const clock;
    SystemRandom random;
    flow::CatalogContext const context{**store, (*stripe)->client(), clock, random};
    auto const& [source, catalog] = *loaded;
    auto changes = purpose == Purpose::plan ? flow::plan_catalog(context, catalog, source.text)
                                            : flow::apply_catalog(context, catalog, source.text);
    if (!changes) return std::unexpected(report(call, changes.error()));
    return std::move(*changes);
}

}  // namespace

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

ExitCode run_catalog_plan(CommandCall const& call) {
    auto const changes = work(call, Purpose::plan);
    if (!changes) return changes.error();
    print(call, *changes, " to make; `billhook catalog apply` makes them", "nothing differs");
    return changes->empty() ? ExitCode::ok : ExitCode::differences;
}

ExitCode run_catalog_apply(CommandCall const& call) {
    auto const changes = work(call, Purpose::apply);
    if (!changes) return changes.error();
    print(call, *changes, " made", "nothing to change");
    return ExitCode::ok;
}

}  // namespace billhook::cli
