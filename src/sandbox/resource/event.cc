// Events as they can be read: by id, and newest first by type and time, for 30 days.

#include <algorithm>

#include "sandbox/core/call.h"
#include "sandbox/resource/resources.h"

namespace billhook::sandbox {
namespace {

// "customer.*" and the like match by their beginning.
bool matches(std::string_view wanted, std::string_view type) {
    if (wanted == "*") return true;
    if (wanted.ends_with(".*")) return type.starts_with(wanted.substr(0, wanted.size() - 1));
    return wanted == type;
}

bool is_wanted_event(JsonObject const& params, Event const& event) {
    if (auto const* type = find(params, "type"); type && !matches(as_view(type->as_string()), event.type)) return false;
    if (auto const* types = find(params, "types"))
        if (std::ranges::none_of(types->as_array(),
                                 [&](Json const& type) { return matches(as_view(type.as_string()), event.type); }))
            return false;
    auto const* created = find(params, "created");
    if (!created) return true;
    if (created->is_int64()) return event.created == created->get_int64();
    return event.created >= int_or(*created, "gte", event.created) &&
           event.created > int_or(*created, "gt", event.created - 1) &&
           event.created <= int_or(*created, "lte", event.created) &&
           event.created < int_or(*created, "lt", event.created + 1);
}

Answer<Json> list_events(Call& call) {
    auto const limit = int_or(call.params, "limit", 10);
    if (limit < 1 || limit > 100)
        return refuse(
            bad_request("Invalid integer: limit must be between 1 and 100.", "limit", "parameter_invalid_integer"));
    auto const after = call.text("starting_after"), before = call.text("ending_before");
    std::uint64_t newest = UINT64_MAX, oldest = 0;
    for (auto const& [cursor, param] : {std::pair{after, "starting_after"}, std::pair{before, "ending_before"}}) {
        if (cursor.empty()) continue;
        auto const* event = call.world().events.find(cursor);
        if (!event) return refuse(no_such("event", cursor, param));
        if (cursor == after) newest = event->sequence - 1;
        if (cursor == before) oldest = event->sequence + 1;
    }
    std::vector<Event const*> page;
    bool has_more = false;
    auto const take = [&](Event const& event) {
        if (event.sequence > newest || event.sequence < oldest || !is_wanted_event(call.params, event)) return true;
        if (std::ssize(page) == limit) return !(has_more = true);
        page.push_back(&event);
        return true;
    };
    auto const& all = call.world().events.all();
    if (before.empty()) {
        for (auto at = all.rbegin(); at != all.rend() && take(*at); ++at) {
        }
    } else {
        for (auto at = all.begin(); at != all.end() && take(*at); ++at) {
        }
        std::ranges::reverse(page);
    }
    JsonArray data;
    for (auto const* event : page) data.push_back(EventLog::view(*event));
    return Views::list(std::move(data), call.path, has_more);
}

}  // namespace

void add_events(World& world) {
    world.registry.on("GET /v1/events", list_events);
    world.registry.on("GET /v1/events/{id}", [](Call& call) -> Answer<Json> {
        auto const* event = call.world().events.find(call.path_id());
        if (!event) return refuse(no_such("event", call.path_id()));
        return EventLog::view(*event);
    });
}

}  // namespace billhook::sandbox
