// `catalog validate|plan|apply`: is the file right, what differs from it in Stripe and in the database, make it so.

#include <algorithm>

#include "base/json.h"
#include "cli/catalog_file.h"
#include "cli/command/commands.h"
#include "cli/connection.h"
#include "flow/command/apply_catalog.h"

namespace billhook::cli {
namespace {

using Changes = std::vector<flow::CatalogChange>;
using Action = flow::CatalogChange::Action;
using Place = flow::CatalogChange::Place;

// As terraform marks them: made, changed in place, replaced, taken away.
std::string_view sign_of(Action action) {
    switch (action) {
        case Action::create:
            return "  + ";
        case Action::update:
        case Action::revive:
            return "  ~ ";
        case Action::replace:
            return "-/+ ";
        case Action::retire:
            return "  - ";
    }
    return "    ";
}

JsonObject to_json(flow::CatalogChange const& change) {
    return {{"place", to_string(change.place)},
            {"action", to_string(change.action)},
            {"thing", to_string(change.thing)},
            {"kind", change.kind()},
            {"what", change.what},
            {"detail", change.detail}};
}

void print_place(std::ostream& out, Changes const& changes, Place place, std::string_view heading) {
    bool is_first = true;
    for (auto const& change : changes) {
        if (change.place != place) continue;
        if (is_first) out << heading << "\n";
        is_first = false;
        out << sign_of(change.action) << to_string(change.thing) << " " << change.what << ": " << change.detail << "\n";
    }
}

// "3 to create, 1 to replace", or with `done` "3 created, …".
std::string counts(Changes const& changes, bool is_done) {
    struct Word {
        Action action;
        std::string_view infinitive, participle;
    };
    static constexpr Word words[] = {{Action::create, "to create", "created"},
                                     {Action::update, "to update", "updated"},
                                     {Action::replace, "to replace", "replaced"},
                                     {Action::revive, "to revive", "revived"},
                                     {Action::retire, "to retire", "retired"}};
    std::string text;
    for (auto const& word : words)
        if (auto const count = std::ranges::count(changes, word.action, &flow::CatalogChange::action))
            text += (text.empty() ? "" : ", ") + std::to_string(count) + " " +
                    std::string(is_done ? word.participle : word.infinitive);
    return text;
}

void print(CommandCall const& call, Changes const& changes, std::string_view heading, std::string const& closing) {
    if (call.wants_json) {
        JsonArray list;
        for (auto const& change : changes) list.push_back(to_json(change));
        call.out << to_text(JsonObject{{"changes", std::move(list)}}) << "\n";
        return;
    }
    if (!changes.empty() && !heading.empty()) call.out << heading << "\n\n";
    print_place(call.out, changes, Place::stripe, "Stripe");
    print_place(call.out, changes, Place::database, "Database");
    call.out << (changes.empty() ? "" : "\n") << closing << "\n";
}

/// What the file may declare and nothing makes yet: said, so that "nothing differs" is not read as "it is there".
void note_what_is_left_out(CommandCall const& call, catalog::Catalog const& catalog) {
    std::string names;
    for (auto const& [code, meter] : catalog.meters) names += (names.empty() ? "meter " : ", meter ") + code;
    for (auto const& [code, add_on] : catalog.add_ons) names += (names.empty() ? "add-on " : ", add-on ") + code;
    if (!names.empty() && !call.wants_json)
        call.error << "billhook: not made in Stripe by this version: " << names << "\n";
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
    note_what_is_left_out(call, catalog);
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
    if (changes->empty()) {
        print(call, *changes, "", "Nothing differs: Stripe and the database are as the catalog file says.");
        return ExitCode::ok;
    }
    print(call, *changes, "What `billhook catalog apply` would do (+ create, ~ change, -/+ replace, - take off sale):",
          counts(*changes, false) + ".");
    return ExitCode::differences;
}

ExitCode run_catalog_apply(CommandCall const& call) {
    auto const changes = work(call, Purpose::apply);
    if (!changes) return changes.error();
    if (changes->empty())
        print(call, *changes, "", "Nothing to change: Stripe and the database are as the catalog file says.");
    else
        print(call, *changes, "", counts(*changes, true) + ".");
    return ExitCode::ok;
}

}  // namespace billhook::cli
