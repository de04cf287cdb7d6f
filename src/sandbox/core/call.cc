#include "sandbox/core/call.h"

#include <algorithm>

#include "base/check.h"
#include "sandbox/core/id_source.h"
#include "sandbox/core/json_text.h"
#include "sandbox/surface/shape.h"

namespace billhook::sandbox {
namespace {

// Of nearly all events, so that their text seldom has to grow.
constexpr std::size_t data_bytes = 4096;

std::string begin_data() {
    std::string data;
    data.reserve(data_bytes);
    data += R"({"object":)";
    return data;
}

/// A member that is looked for where the one before it was found, and only then by its name.
Json const* find_from(JsonObject const& object, JsonObject::const_iterator& hint, std::string_view key) {
    if (hint == object.end() || std::string_view(hint->key()) != key) hint = object.find(key);
    return hint == object.end() ? nullptr : &(hint++)->value();
}

bool is_same(Json const& a, Json const& b) {
    if (a.kind() != b.kind()) return a == b;
    if (a.is_array()) return std::ranges::equal(a.get_array(), b.get_array(), is_same);
    if (!a.is_object()) return a == b;
    auto const& object = a.get_object();
    if (object.size() != b.get_object().size()) return false;
    auto hint = object.begin();
    return std::ranges::all_of(b.get_object(), [&](auto const& member) {
        auto const* const other = find_from(object, hint, member.key());
        return other && is_same(*other, member.value());
    });
}

}  // namespace

Call::Call(World& world) : world_(world), holds_root_instant_(!world.root_instant) {
    if (holds_root_instant_) world_.root_instant = world_.clock.now().seconds();
}

Call::~Call() {
    if (holds_root_instant_) world_.root_instant.reset();
}

std::string const& Call::path_id(std::string_view name) const {
    auto const at = path_ids.find(name);
    CHECK(at != path_ids.end());
    return at->second;
}

std::string Call::text(std::string_view dotted_param) const {
    auto const dot = dotted_param.find('.');
    auto const* first = billhook::find(params, dotted_param.substr(0, dot));
    if (!first) return {};
    if (dot != std::string_view::npos) return string_or(*first, dotted_param.substr(dot + 1));
    return first->is_string() ? std::string(as_view(first->get_string())) : std::string{};
}

void Call::use_clock(std::string_view test_clock) {
    clock_ = test_clock.empty() ? root_clock : test_clock;
}

void Call::use_clock_of(JsonObject const& object) {
    auto const* clock = billhook::find(object, "test_clock");
    if (clock && clock->is_string()) return use_clock(as_view(clock->get_string()));
    auto const* customer = billhook::find(object, "customer");
    if (!customer || !customer->is_string()) return;
    auto const* payer = store().find("customer", as_view(customer->get_string()));
    auto const* payers_clock = payer ? billhook::find(*payer, "test_clock") : nullptr;
    if (payers_clock && payers_clock->is_string()) use_clock(as_view(payers_clock->get_string()));
}

void Call::schedule(std::string_view kind, std::string_view object_id, std::int64_t at) {
    CHECK(world_.registry.find_due(kind) != nullptr);
    world_.due.schedule(clock_, kind, object_id, at);
}

void Call::unschedule(std::string_view kind, std::string_view object_id) {
    world_.due.unschedule(kind, object_id);
}

std::string Call::new_id(std::string_view prefix) {
    return make_id(world_.random, prefix);
}

JsonObject& Call::create(std::string_view type, JsonObject partial) {
    auto const* const schema = world_.surface.find_object(type);
    CHECK(schema != nullptr);
    // At once what it will have, and the room that the store gives it.
    partial.reserve(ObjectStore::room_for(schema->fields.size()));
    return world_.store.insert(type, sandbox::complete(world_.surface, type, std::move(partial)));
}

void Call::complete(std::string_view type, JsonObject& object) {
    complete_in_place(world_.surface, type, object);
}

JsonObject const* Call::find(std::string_view type, std::string_view id) const {
    auto const* object = world_.store.find(type, id);
    return object && !object->contains("deleted") ? object : nullptr;
}

Answer<JsonObject const*> Call::need(std::string_view type, std::string_view id, std::string_view param) const {
    if (auto const* object = find(type, id)) return object;
    return refuse(no_such(type, id, param));
}

JsonObject Call::remove(std::string_view type, std::string_view id) {
    edit(type, id)["deleted"] = true;
    return view(type, id);
}

void Call::emit(std::string_view type, JsonObject const& object, JsonObject const& previous_attributes) {
    if (is_rehearsing) return;
    std::string data = begin_data();
    append_json(data, object);
    if (!previous_attributes.empty()) {
        data += R"(,"previous_attributes":)";
        append_json(data, previous_attributes);
    }
    add_event(type, std::move(data));
}

void Call::add_event(std::string_view type, std::string data) {
    CHECK(world_.surface.find_event(type) != nullptr);
    data += '}';
    events.push_back({std::string(type), now(), std::move(data)});
}

void Call::emit_now(std::initializer_list<std::string_view> types, std::string_view object_type, std::string_view id) {
    if (is_rehearsing) return;
    std::string data = begin_data();
    world_.views.write(data, object_type, id);
    auto const* const last = std::prev(types.end());
    std::for_each(types.begin(), last, [&](std::string_view type) { add_event(type, data); });
    add_event(*last, std::move(data));
}

void Call::emit_change(std::string_view type, std::string_view object_type, std::string_view id,
                       JsonObject const& before) {
    if (is_rehearsing) return;
    auto const after = view(object_type, id);
    auto const previous = previous_attributes(before, after);
    if (!previous.empty()) emit(type, after, previous);
}

void Call::undo(Savepoint const& to) {
    world_.store.roll_back_to(to.store);
    events.resize(to.events);
    thin_events.resize(to.thin_events);
}

JsonObject previous_attributes(JsonObject const& before, JsonObject const& after) {
    JsonObject previous(before.storage());
    std::size_t found = 0;
    auto hint = before.begin();  // two views of an object nearly always have their members in one order
    for (auto const& [key, now] : after) {
        auto const* const was = find_from(before, hint, key);
        if (!was) {
            previous[key] = nullptr;
            continue;
        }
        ++found;
        if (is_same(*was, now)) continue;
        if (was->is_object() && now.is_object())
            previous[key] = previous_attributes(was->get_object(), now.get_object());
        else
            previous[key] = *was;
    }
    if (found == before.size()) return previous;
    for (auto const& [key, was] : before)
        if (!after.contains(key)) previous[key] = was;
    return previous;
}

void merge_metadata(JsonObject& object, JsonObject const& params) {
    auto const* given = params.if_contains("metadata");
    auto& kept = object["metadata"];
    if (!kept.is_object()) kept = JsonObject{};
    if (!given) return;
    if (given->is_null()) {
        kept = JsonObject{};
        return;
    }
    for (auto const& [key, value] : given->as_object()) {
        auto& into = kept.get_object();
        if (value.is_string() && value.get_string().empty())
            into.erase(key);
        else
            into[key] = value;
    }
}

void copy_given(JsonObject& object, JsonObject const& params, std::initializer_list<std::string_view> names) {
    copy_given(object, params, std::span(names.begin(), names.size()));
}

void copy_given(JsonObject& object, JsonObject const& params, std::span<std::string_view const> names) {
    for (auto const name : names)
        if (auto const* value = params.if_contains(name)) object[name] = *value;
}

}  // namespace billhook::sandbox
