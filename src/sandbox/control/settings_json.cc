#include "sandbox/control/settings_json.h"

#include <algorithm>
#include <span>

namespace billhook::sandbox {
namespace {

constexpr std::int64_t ms_max = 86'400'000;

struct NumberSetting {
    std::string_view name;
    std::int64_t most;
    std::int64_t (*get)(Settings const&);
    void (*set)(Settings&, std::int64_t);
};

constexpr NumberSetting numbers[] = {
    {"finalize_after_seconds", 72 * 3600, [](Settings const& s) { return s.finalize_after_seconds; },
     [](Settings& s, std::int64_t v) { s.finalize_after_seconds = v; }},
    {"finalize_at_latest_seconds", 72 * 3600, [](Settings const& s) { return s.finalize_at_latest_seconds; },
     [](Settings& s, std::int64_t v) { s.finalize_at_latest_seconds = v; }},
    {"invoice_will_be_due_days", 45, [](Settings const& s) { return std::int64_t{s.invoice_will_be_due_days}; },
     [](Settings& s, std::int64_t v) { s.invoice_will_be_due_days = static_cast<int>(v); }},
    {"invoice_upcoming_days", 45, [](Settings const& s) { return std::int64_t{s.invoice_upcoming_days}; },
     [](Settings& s, std::int64_t v) { s.invoice_upcoming_days = static_cast<int>(v); }},
    {"webhook_retry_ms", ms_max, [](Settings const& s) { return s.webhook_retry_ms; },
     [](Settings& s, std::int64_t v) { s.webhook_retry_ms = v; }},
    {"webhook_retry_factor", 100, [](Settings const& s) { return std::int64_t{s.webhook_retry_factor}; },
     [](Settings& s, std::int64_t v) { s.webhook_retry_factor = static_cast<int>(v); }},
    {"webhook_retries_max", 100, [](Settings const& s) { return std::int64_t{s.webhook_retries_max}; },
     [](Settings& s, std::int64_t v) { s.webhook_retries_max = static_cast<int>(v); }},
};

struct WordSetting {
    std::string_view name;
    std::string_view words;  // separated by spaces
    std::string Settings::* member;
};

constexpr WordSetting words[] = {
    {"after_last_retry", "cancel mark_unpaid leave_past_due", &Settings::after_last_retry},
    {"invoice_after_last_retry", "leave_open mark_uncollectible", &Settings::invoice_after_last_retry},
};

Result<std::int64_t> bounded(Json const& value, std::string_view name, std::int64_t most) {
    if (!value.is_int64() || value.get_int64() < 0 || value.get_int64() > most)
        return fail(invalid(std::string(name), "expected a whole number from 0 to " + std::to_string(most)));
    return value.get_int64();
}

bool is_word(std::string_view word, std::string_view known) {
    return !word.empty() && (" " + std::string(known) + " ").find(" " + std::string(word) + " ") != std::string::npos;
}

Status change_retry_days(Settings& settings, Json const& value) {
    if (!value.is_array()) return fail(invalid("retry_days", "expected a list of days"));
    std::vector<int> days;
    for (auto const& day : value.get_array()) days.push_back(static_cast<int>(TRY(bounded(day, "retry_days", 60))));
    settings.retry_days = std::move(days);
    return {};
}

Status change_one(Settings& settings, std::string_view name, Json const& value) {
    if (name == "retry_days") return change_retry_days(settings, value);
    for (auto const& number : numbers)
        if (number.name == name) {
            number.set(settings, TRY(bounded(value, name, number.most)));
            return {};
        }
    for (auto const& word : words)
        if (word.name == name) {
            if (!value.is_string() || !is_word(as_view(value.get_string()), word.words))
                return fail(invalid(std::string(name), "expected one of: " + std::string(word.words)));
            settings.*word.member = as_view(value.get_string());
            return {};
        }
    return fail(invalid(std::string(name), "there is no such setting"));
}

struct FaultMember {
    std::string_view name;
    int DeliveryFaults::* permille;
};

constexpr FaultMember permilles[] = {
    {"drop_permille", &DeliveryFaults::drop_permille},
    {"lose_permille", &DeliveryFaults::lose_permille},
    {"duplicate_permille", &DeliveryFaults::duplicate_permille},
    {"reorder_permille", &DeliveryFaults::reorder_permille},
};

}  // namespace

JsonObject settings_view(Settings const& settings) {
    JsonObject view;
    for (auto const& number : numbers) view[number.name] = number.get(settings);
    for (auto const& word : words) view[word.name] = settings.*word.member;
    view["retry_days"] = JsonArray(settings.retry_days.begin(), settings.retry_days.end());
    return view;
}

Status change_settings(Settings& settings, Json const& changes) {
    if (!changes.is_object()) return fail(invalid("", "expected a JSON object of settings"));
    auto changed = settings;
    for (auto const& [key, value] : changes.get_object())
        TRY_VOID(change_one(changed, std::string_view(key.data(), key.size()), value));
    settings = std::move(changed);
    return {};
}

JsonObject faults_view(DeliveryFaults const& faults, DeliveryFaultCounts const& counts) {
    JsonObject view{{"delay_ms", faults.delay_ms}};
    for (auto const& member : permilles) view[member.name] = faults.*member.permille;
    view["injected"] = {{"dropped", counts.dropped},
                        {"lost", counts.lost},
                        {"duplicated", counts.duplicated},
                        {"reordered", counts.reordered},
                        {"delayed", counts.delayed}};
    return view;
}

Result<DeliveryFaults> read_delivery_faults(Json const& given) {
    if (!given.is_object()) return fail(invalid("webhooks", "expected an object"));
    DeliveryFaults faults;
    for (auto const& [key, value] : given.get_object()) {
        std::string_view const name(key.data(), key.size());
        if (name == "injected") continue;
        if (name == "delay_ms") {
            faults.delay_ms = TRY(bounded(value, "webhooks.delay_ms", ms_max));
            continue;
        }
        auto const* member = std::ranges::find(permilles, name, &FaultMember::name);
        if (member == std::end(permilles))
            return fail(invalid("webhooks." + std::string(name), "there is no such fault"));
        faults.*member->permille = static_cast<int>(TRY(bounded(value, "webhooks." + std::string(name), 1000)));
    }
    return faults;
}

}  // namespace billhook::sandbox
