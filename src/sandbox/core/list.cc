// Call::list: pages of stored objects.

#include <limits>

#include "sandbox/core/call.h"

namespace billhook::sandbox {
namespace {

struct Range {
    std::int64_t from = std::numeric_limits<std::int64_t>::min();
    std::int64_t to = std::numeric_limits<std::int64_t>::max();
    bool holds(JsonObject const& object) const {
        auto const* created = find(object, "created");
        return !created || (created->is_int64() && created->get_int64() >= from && created->get_int64() <= to);
    }
};

Range created_range(JsonObject const& params) {
    Range range;
    auto const* created = find(params, "created");
    if (!created) return range;
    if (created->is_int64()) return {created->get_int64(), created->get_int64()};
    if (auto const at = find_int(*created, "gte")) range.from = std::max(range.from, *at);
    if (auto const at = find_int(*created, "gt")) range.from = std::max(range.from, *at + 1);
    if (auto const at = find_int(*created, "lte")) range.to = std::min(range.to, *at);
    if (auto const at = find_int(*created, "lt")) range.to = std::min(range.to, *at - 1);
    return range;
}

Answer<std::int64_t> page_size(JsonObject const& params) {
    auto const* limit = find(params, "limit");
    if (!limit) return 10;
    auto const asked = limit->as_int64();
    if (asked < 1)
        return refuse(
            bad_request("This value must be greater than or equal to 1.", "limit", "parameter_invalid_integer"));
    if (asked > 100)
        return refuse(
            bad_request("This value must be less than or equal to 100.", "limit", "parameter_invalid_integer"));
    return asked;
}

}  // namespace

Answer<Json> Call::list(ListQuery const& query) {
    auto const limit = TRY(page_size(params));
    auto const after = text("starting_after"), before = text("ending_before");
    if (!after.empty() && !before.empty())
        return refuse(bad_request("You can only use one of starting_after and ending_before.", "starting_after"));
    auto const& bucket =
        query.index.empty() ? store().all_live(query.type) : store().live(query.type, query.index, query.key);
    auto const range = created_range(params);
    bool const shows_clock_objects =
        query.shows_clock_objects || has("test_clock") || has("customer") || query.index == "customer";
    auto const is_wanted = [&](JsonObject const& object) {
        if (!shows_clock_objects)
            if (auto const* clock = billhook::find(object, "test_clock"); clock && clock->is_string()) return false;
        return range.holds(object) && (!query.keep || query.keep(object));
    };
    auto const position = [&](std::string const& id, std::string_view param) -> Answer<std::uint64_t> {
        auto const sequence = store().sequence_of(query.type, id);
        if (!sequence) return refuse(no_such(query.type, id, param));
        return *sequence;
    };

    std::vector<JsonObject const*> page;
    bool has_more = false;
    auto const take = [&](JsonObject const& object) {  // false: the page is full
        if (!is_wanted(object)) return true;
        if (std::ssize(page) == limit) {
            has_more = true;
            return false;
        }
        page.push_back(&object);
        return true;
    };
    if (!before.empty()) {
        auto at = bucket.upper_bound(TRY(position(before, "ending_before")));
        while (at != bucket.end() && take(at->second->object)) ++at;
        std::reverse(page.begin(), page.end());
    } else {
        auto const from = after.empty() ? bucket.end() : bucket.lower_bound(TRY(position(after, "starting_after")));
        for (auto at = std::make_reverse_iterator(from); at != bucket.rend() && take(at->second->object); ++at) {
        }
    }
    auto data = world_.views.scratch_array();
    for (auto const* object : page) data.push_back(world_.views.render(query.type, *object));
    return Views::list(std::move(data), query.url.empty() ? path : query.url, has_more);
}

Answer<Json> Call::page_of(JsonArray objects) {
    auto const limit = static_cast<std::size_t>(TRY(page_size(params)));
    auto const after = text("starting_after"), before = text("ending_before");
    if (!after.empty() && !before.empty())
        return refuse(bad_request("You can only use one of starting_after and ending_before.", "starting_after"));
    auto const position = [&](std::string const& id, std::string_view param) -> Answer<std::size_t> {
        for (std::size_t i = 0; i < objects.size(); ++i)
            if (string_or(objects[i], "id") == id) return i;
        return refuse(bad_request("No such object: '" + id + "'", std::string(param), "resource_missing"));
    };
    std::size_t from = 0, to = objects.size();
    if (!after.empty()) from = TRY(position(after, "starting_after")) + 1;
    if (!before.empty()) {
        to = TRY(position(before, "ending_before"));
        from = to > limit ? to - limit : 0;
    }
    bool const has_more = before.empty() ? to - from > limit : from > 0;
    to = std::min(to, from + limit);
    JsonArray data;
    for (auto i = from; i < to; ++i) data.push_back(std::move(objects[i]));
    return Views::list(std::move(data), path, has_more);
}

}  // namespace billhook::sandbox
