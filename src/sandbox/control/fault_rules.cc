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
    {"late_answer", RequestFault::late_answer},   {"kept_error", RequestFault::kept_error},
};

constexpr std::string_view members[] = {"operation", "fault",       "permille",     "after",   "times",
                                        "delay_ms",  "retry_after", "should_retry", "injected"};

std::string fault_words() {
    std::string words;
    for (auto const& [name, fault] : names) words += (words.empty() ? "" : ", ") + std::string(name);
    return words;
}

Status read_retry_headers(Json const& given, std::string const& where, FaultRule& rule) {
    if (auto const* after = find(given, "retry_after"); after && !after->is_null()) {
        if (!after->is_int64() || after->get_int64() < 0 || after->get_int64() > 86'400)
            return fail(invalid(where + ".retry_after", "expected 0 to 86400 seconds"));
        rule.retry_after_seconds = after->get_int64();
    }
    auto const* advice = find(given, "should_retry");
    if (!advice) return {};
    if (advice->is_null())
        rule.should_retry = RetryAdvice::none;
    else if (advice->is_bool())
        rule.should_retry = advice->get_bool() ? RetryAdvice::yes : RetryAdvice::no;
    else
        return fail(invalid(where + ".should_retry", "expected true, false or null (no such header)"));
    return {};
}

Result<FaultRule> read_rule(Json const& given, std::string const& where) {
    if (!given.is_object()) return fail(invalid(where, "expected an object"));
    for (auto const& [key, value] : given.get_object())
        if (std::ranges::find(members, std::string_view(key.data(), key.size())) == std::end(members))
            return fail(invalid(where + "." + std::string(key),
                                "expected one of operation, fault, permille, after, times, delay_ms, retry_after, "
                                "should_retry"));
    FaultRule rule;
    auto const operation = string_or(given, "operation");
    auto const space = operation.find(' ');
    rule.method = operation.substr(0, space);
    if (space != std::string::npos) rule.path_prefix = operation.substr(space + 1);
    rule.permille = static_cast<int>(int_or(given, "permille", 1000));
    rule.passes_left = int_or(given, "after", 0);
    rule.times_left = int_or(given, "times", -1);
    rule.delay_ms = int_or(given, "delay_ms", 0);
    if (rule.permille < 0 || rule.permille > 1000) return fail(invalid(where + ".permille", "expected 0 to 1000"));
    if (rule.delay_ms < 0 || rule.delay_ms > 60'000) return fail(invalid(where + ".delay_ms", "expected 0 to 60000"));
    if (rule.passes_left < 0) return fail(invalid(where + ".after", "expected 0 or more"));
    TRY_VOID(read_retry_headers(given, where, rule));
    auto const fault = find_string(given, "fault");
    rule.is_delay_only = !fault;
    if (!fault) return rule;
    auto const* found = std::ranges::find(names, *fault, &FaultName::name);
    if (found == std::end(names)) return fail(invalid(where + ".fault", "expected one of " + fault_words()));
    rule.fault = found->fault;
    return rule;
}

}  // namespace

ChosenFault FaultRules::choose(std::string_view method, std::string_view path) {
    std::lock_guard const lock(mutex_);
    ChosenFault chosen;
    for (auto& rule : rules_) {
        bool const fits = (rule.method.empty() || rule.method == method) && path.starts_with(rule.path_prefix);
        if (!fits || rule.times_left == 0) continue;
        if (rule.passes_left > 0) {
            --rule.passes_left;
            chosen.was_counted = true;
            continue;
        }
        if (random_->below(1000) >= static_cast<std::uint64_t>(rule.permille)) continue;
        if (rule.times_left > 0) {
            --rule.times_left;
            chosen.was_counted = true;
        }
        ++rule.injected;
        chosen.delay_ms += rule.delay_ms;
        if (rule.is_delay_only) continue;
        chosen.fault = rule.fault;
        chosen.retry_after_seconds = rule.retry_after_seconds;
        chosen.should_retry = rule.should_retry;
        return chosen;
    }
    return chosen;
}

void FaultRules::set(std::vector<FaultRule> rules) {
    std::lock_guard const lock(mutex_);
    rules_ = std::move(rules);
}

void FaultRules::reseed(std::uint64_t seed) {
    std::lock_guard const lock(mutex_);
    random_ = std::make_unique<SeededRandom>(seed);
}

JsonArray FaultRules::view() const {
    std::lock_guard const lock(mutex_);
    JsonArray shown;
    for (auto const& rule : rules_) {
        JsonObject entry{{"operation", rule.method + (rule.path_prefix.empty() ? "" : " " + rule.path_prefix)},
                         {"permille", rule.permille},
                         {"after", rule.passes_left},
                         {"times", rule.times_left},
                         {"delay_ms", rule.delay_ms},
                         {"injected", rule.injected}};
        if (rule.retry_after_seconds) entry["retry_after"] = *rule.retry_after_seconds;
        if (rule.should_retry == RetryAdvice::none) entry["should_retry"] = nullptr;
        if (rule.should_retry == RetryAdvice::yes) entry["should_retry"] = true;
        if (rule.should_retry == RetryAdvice::no) entry["should_retry"] = false;
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
