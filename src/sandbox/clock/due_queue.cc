#include "sandbox/clock/due_queue.h"

#include <cstdio>

#include "sandbox/core/object_type.h"

namespace billhook::sandbox {
namespace {

std::string entry_id(std::string_view kind, std::string_view object_id) {
    return std::string(kind) + " " + std::string(object_id);
}

std::string when_key(std::string_view clock, std::int64_t at) {
    char digits[24];
    std::snprintf(digits, sizeof digits, "@%014lld", static_cast<long long>(at));
    return std::string(clock) + digits;
}

}  // namespace

DueQueue::DueQueue(ObjectStore& store) : store_(store) {
    store_.add_ordered_index(object_type::sandbox_due, "when", [](JsonObject const& entry) {
        return when_key(as_view(entry.at("clock").as_string()), entry.at("at").as_int64());
    });
}

void DueQueue::schedule(std::string_view clock, std::string_view kind, std::string_view object_id, std::int64_t at) {
    auto const id = entry_id(kind, object_id);
    unschedule(kind, object_id);  // a new entry, so that it takes its turn among equal times
    store_.insert(object_type::sandbox_due,
                  {{"id", id}, {"clock", clock}, {"kind", kind}, {"object_id", object_id}, {"at", at}});
}

void DueQueue::unschedule(std::string_view kind, std::string_view object_id) {
    auto const id = entry_id(kind, object_id);
    if (store_.find(object_type::sandbox_due, id)) store_.erase(object_type::sandbox_due, id);
}

StoredObject* DueQueue::lowest(std::string_view clock) {
    return store_.lowest(object_type::sandbox_due, "when", std::string(clock) + "@",
                         std::string(clock) + "A");  // 'A' follows '@'
}

std::optional<Due> DueQueue::next(std::string_view clock) {
    auto const* entry = lowest(clock);
    if (!entry) return std::nullopt;
    auto const text = [&](char const* key) { return std::string(as_view(entry->object.at(key).as_string())); };
    return Due{text("kind"), text("object_id"), entry->object.at("at").as_int64()};
}

void DueQueue::clear(std::string_view clock) {
    while (auto const* entry = lowest(clock)) store_.erase(object_type::sandbox_due, std::string(entry->id));
}

}  // namespace billhook::sandbox
