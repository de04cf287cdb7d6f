// The sandbox's own account and its balance.

#include <map>

#include "sandbox/core/call.h"
#include "sandbox/resource/resources.h"
#include "sandbox/surface/shape.h"

namespace billhook::sandbox {
namespace {

Answer<Json> account(Call& call) {
    auto const& settings = call.world().settings;
    return complete(call.world().surface, "account",
                    {{"id", settings.account_id},
                     {"business_profile", JsonObject{{"name", settings.account_name}, {"support_address", nullptr}}},
                     {"capabilities", JsonObject{{"card_payments", "active"}, {"transfers", "active"}}},
                     {"charges_enabled", true},
                     {"country", settings.country},
                     {"default_currency", settings.default_currency},
                     {"details_submitted", true},
                     {"metadata", JsonObject{}},
                     {"payouts_enabled", true},
                     {"type", "standard"}});
}

// What was paid in and what was paid back, by currency; nothing is ever paid out of a sandbox.
Answer<Json> balance(Call& call) {
    std::map<std::string, std::int64_t> amounts{{call.world().settings.default_currency, 0}};
    for (auto const& [sequence, entry] : call.store().all("balance_transaction")) {
        Json const transaction(entry->object);
        amounts[string_or(transaction, "currency")] += int_or(transaction, "net");
    }
    JsonArray available, pending;
    for (auto const& [currency, amount] : amounts) {
        available.push_back(
            {{"amount", amount}, {"currency", currency}, {"source_types", JsonObject{{"card", amount}}}});
        pending.push_back({{"amount", 0}, {"currency", currency}, {"source_types", JsonObject{{"card", 0}}}});
    }
    return JsonObject{{"object", "balance"},
                      {"available", std::move(available)},
                      {"livemode", false},
                      {"pending", std::move(pending)}};
}

}  // namespace

void add_account(World& world) {
    world.registry.on("GET /v1/account", account);
    world.registry.on("GET /v1/balance", balance);
}

}  // namespace billhook::sandbox
