#include "domain/subscription/intent.h"

#include <array>
#include <utility>

namespace billhook::subscription {

namespace {
constexpr std::array<std::pair<IntentKind, char const*>, 9> kind_words{{
    {IntentKind::purchase, "purchase"},
    {IntentKind::start_trial, "start_trial"},
    {IntentKind::upgrade, "upgrade"},
    {IntentKind::change_interval, "change_interval"},
    {IntentKind::change_quantity, "change_quantity"},
    {IntentKind::schedule_change, "schedule_change"},
    {IntentKind::cancel_schedule, "cancel_schedule"},
    {IntentKind::cancel, "cancel"},
    {IntentKind::resume, "resume"},
}};
constexpr std::array<std::pair<IntentStatus, char const*>, 4> status_words{{
    {IntentStatus::pending, "pending"},
    {IntentStatus::confirmed, "confirmed"},
    {IntentStatus::refused, "refused"},
    {IntentStatus::superseded, "superseded"},
}};
}  // namespace

char const* to_string(IntentKind kind) {
    for (auto const& [value, word] : kind_words)
        if (value == kind) return word;
    return "";
}

std::optional<IntentKind> parse_intent_kind(std::string_view word) {
    for (auto const& [value, text] : kind_words)
        if (word == text) return value;
    return std::nullopt;
}

bool changes_plan_now(IntentKind kind) {
    return kind == IntentKind::upgrade || kind == IntentKind::change_interval || kind == IntentKind::change_quantity;
}

char const* to_string(IntentStatus status) {
    for (auto const& [value, word] : status_words)
        if (value == status) return word;
    return "";
}

std::optional<IntentStatus> parse_intent_status(std::string_view word) {
    for (auto const& [value, text] : status_words)
        if (word == text) return value;
    return std::nullopt;
}

}  // namespace billhook::subscription
