#include "sandbox/control/fault_rules.h"

#include <algorithm>

namespace billhook::sandbox {
namespace {

struct FaultName {
    std::string_view name;
    RequestFault fault;
};

constexpr FaultName names[] = {
    {"rate_limit", RequestFault::rate_limit},     {"lock_timeout", RequestFault::lock_timeout},
    {"server_error", RequestFault::server_error}, {"lose_answer", RequestFault::lose_answer},
    {"lose_request", RequestFault::lose_request}, {"error_answer", RequestFault::error_answer},
};

Result<FaultRule> read_rule(Json const& given, std::string const& where) {
    if (!given.is_object()) return fail(invalid(where, "expected an object"));
    static constexpr std::string_view known[] = {"operation", "fault", "permille", "times", "delay_ms"};
    for (auto const& [key, value] : given.get_object())
        if (std::ranges::find(known, std::string_view(key.data(), key.size())) == std::end(known))
            return fail(
                invalid(where + "." + std::string(key), "expected one of operation, fault, permille, times, delay_ms"));
    FaultRule rule;
    auto const operation = string_or(given, "operation");
    auto const space = operation.find(' ');
    rule.method = operation.substr(0, space);
    if (space != std::string::npos) rule.path_prefix = operation.substr(space + 1);
    rule.permille = static_cast<int>(int_or(given, "permille", 1000));
    rule.times_left = int_or(given, "times", -1);
    rule.delay_ms = int_or(given, "delay_ms", 0);
    if (rule.permille < 0 || rule.permille > 1000) return fail(invalid(where + ".permille", "expected 0 to 1000"));
    if (rule.delay_ms < 0 || rule.delay_ms > 60'000) return fail(invalid(where + ".delay_ms", "expected 0 to 60000"));
    auto const fault = find_string(given, "fault");
    rule.is_delay_only = !fault;
    if (!fault) return rule;
    auto const* found = std::ranges::find(names, *fault, &FaultName::name);
    if (found == std::end(names))
        return fail(
            invalid(where + ".fault",
                    "expected rate_limit, lock_timeout, server_error, lose_answer, lose_request or error_answer"));
    rule.fault = found->fault;
    return rule;
}

}  // namespace

ChosenFault FaultRules::choose(std::string_view method, std::string_view path) {
    std::lock_guard const lock(mutex_);
    ChosenFault chosen;
    for (auto& rule : rules_) {
        bool const fits = (rule.method.empty() || rule.method == method) && path.starts_with(rule.path_prefix);
        if (!fits || rule.times_left == 0 || random_.below(1000) >= static_cast<std::uint64_t>(rule.permille)) continue;
        if (rule.times_left > 0) --rule.times_left;
        chosen.delay_ms += rule.delay_ms;
        if (rule.is_delay_only) continue;
        chosen.fault = rule.fault;
        return chosen;
    }
    return chosen;
}

void FaultRules::set(std::vector<FaultRule> rules) {
    std::lock_guard const lock(mutex_);
    rules_ = std::move(rules);
}

JsonArray FaultRules::view() const {
    std::lock_guard const lock(mutex_);
    JsonArray shown;
    for (auto const& rule : rules_) {
        JsonObject entry{{"operation", rule.method + (rule.path_prefix.empty() ? "" : " " + rule.path_prefix)},
                         {"permille", rule.permille},
                         {"times", rule.times_left},
                         {"delay_ms", rule.delay_ms}};
        if (!rule.is_delay_only) entry["fault"] = std::ranges::find(names, rule.fault, &FaultName::fault)->name;
        shown.push_back(std::move(entry));
    }
    return shown;
}

Result<std::vector<FaultRule>> read_fault_rules(Json const& rules) {
    if (!rules.is_array()) return fail(invalid("requests", "expected a list of rules"));
    std::vector<FaultRule> read;
    for (auto const& rule : rules.get_array())
        read.push_back(TRY(read_rule(rule, "requests[" + std::to_string(read.size()) + "]")));
    return read;
}

ApiError error_of(RequestFault fault) {
    switch (fault) {
        case RequestFault::rate_limit:
            return {429, "invalid_request_error", "rate_limit",
                    "Request rate limit exceeded. You can learn more about rate limits here "
                    "https://stripe.com/docs/rate-limits."};
        case RequestFault::lock_timeout:
            return {
                429, "invalid_request_error", "lock_timeout",
                "This object cannot be accessed right now because another API request or Stripe process is currently "
                "accessing it. If you see this error intermittently, retry the request."};
        default:
            return {500, "api_error", "", "An unknown error occurred."};
    }
}

}  // namespace billhook::sandbox
