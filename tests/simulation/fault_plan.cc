#include "tests/simulation/fault_plan.h"

#include <array>
#include <charconv>

namespace billhook::simulation {
namespace {

struct Field {
    std::string_view name;
    int FaultPlan::* chance;
};

constexpr std::array fields{
    Field{"lose", &FaultPlan::lose},
    Field{"drop", &FaultPlan::drop},
    Field{"duplicate", &FaultPlan::duplicate},
    Field{"reorder", &FaultPlan::reorder},
    Field{"delay", &FaultPlan::delay},
    Field{"lose_receipt", &FaultPlan::lose_receipt},
    Field{"rate_limit", &FaultPlan::rate_limit},
    Field{"lock_timeout", &FaultPlan::lock_timeout},
    Field{"server_error", &FaultPlan::server_error},
    Field{"error_answer", &FaultPlan::error_answer},
    Field{"lose_request", &FaultPlan::lose_request},
    Field{"lose_answer", &FaultPlan::lose_answer},
    Field{"kept_error", &FaultPlan::kept_error},
    Field{"burst", &FaultPlan::burst},
    Field{"stop", &FaultPlan::stop},
};

Status change(FaultPlan& plan, std::string_view word) {
    auto const equals = word.find('=');
    auto const name = word.substr(0, equals);
    for (auto const& field : fields) {
        if (field.name != name || equals == std::string_view::npos) continue;
        auto const digits = word.substr(equals + 1);
        int chance = -1;
        auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), chance);
        if (error != std::errc{} || end != digits.data() + digits.size() || chance < 0 || chance > 1000) break;
        plan.*field.chance = chance;
        return {};
    }
    return fail(invalid("faults", "expected all, none or NAME=0…1000 in thousandths, not '" + std::string(word) + "'"));
}

}  // namespace

FaultPlan FaultPlan::none() {
    FaultPlan plan;
    for (auto const& field : fields) plan.*field.chance = 0;
    return plan;
}

Result<FaultPlan> FaultPlan::parse(std::string_view text) {
    FaultPlan plan;
    while (!text.empty()) {
        auto const comma = text.find(',');
        auto const word = text.substr(0, comma);
        text = comma == std::string_view::npos ? "" : text.substr(comma + 1);
        if (word == "all")
            plan = FaultPlan{};
        else if (word == "none")
            plan = none();
        else
            TRY_VOID(change(plan, word));
    }
    return plan;
}

std::string FaultPlan::text() const {
    std::string text = "none";
    for (auto const& field : fields)
        if (this->*field.chance > 0) text += ',' + std::string(field.name) + '=' + std::to_string(this->*field.chance);
    return text;
}

}  // namespace billhook::simulation
