#pragma once
// Call: one request, or one piece of due work, as resource code sees it: typed parameters, path ids, the time of the
// right clock, objects, new ids, events, and work for later. Everything done through it is undone if the handler
// answers an error. Times are Unix seconds, as in Stripe's API.

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/core/api_error.h"
#include "sandbox/core/registry.h"
#include "sandbox/core/world.h"

namespace billhook::sandbox {

struct PendingEvent {
    std::string type;
    std::int64_t created = 0;
    std::string data;  // {"object": …, "previous_attributes": …} as text
};

/// A second-generation event: the notification that endpoints receive. The whole event is in the store.
struct PendingThinEvent {
    std::string type;
    std::string id;
    std::string body;
};

struct ListQuery {
    std::string_view type;        // stored type
    std::string_view index = {};  // with `key`: only those of this index; empty: all
    std::string key = {};
    std::function<bool(JsonObject const&)> keep = {};  // a further filter on stored objects
    std::string url = {};                              // empty: the request's path
    bool shows_clock_objects = false;                  // also without a customer or test_clock being asked for
};

class Call {
  public:
    /// From its beginning to its end a call sees one instant of the sandbox's own time.
    explicit Call(World& world);
    ~Call();
    Call(Call const&) = delete;

    // What was asked.
    JsonObject params;  // typed by the surface; null where a caller unset something
    PathIds path_ids;
    std::string path;        // of the request, without query
    std::string request_id;  // empty for due work
    std::string idempotency_key;
    std::string credential;  // the key or session token that the request carries

    std::string const& path_id(std::string_view name = "id") const;
    /// Whether a parameter was given at all (null counts).
    bool has(std::string_view param) const { return params.contains(param); }
    /// The string parameter, or empty where it is absent or null. Dots go deeper.
    std::string text(std::string_view dotted_param) const;

    // Time.
    /// Puts this call on a test clock; empty or null means the sandbox's own time, which is where it starts.
    void use_clock(std::string_view test_clock);
    /// By the "test_clock" of an object, or of its "customer".
    void use_clock_of(JsonObject const& object);
    std::string const& clock() const { return clock_; }
    std::int64_t now() const { return world_.now(clock_); }
    /// Runs registry.on_due(kind) for the object when this call's clock reaches `at` (at once if it is past).
    void schedule(std::string_view kind, std::string_view object_id, std::int64_t at);
    void unschedule(std::string_view kind, std::string_view object_id);

    // Objects.
    World& world() { return world_; }
    ObjectStore& store() { return world_.store; }
    std::string new_id(std::string_view prefix);
    /// Completes a new object by the surface (object word, livemode, nulls, empty lists) and stores it.
    JsonObject& create(std::string_view type, JsonObject partial);
    JsonObject& edit(std::string_view type, std::string_view id) { return world_.store.edit(type, id); }
    /// Fills again what a change left open, e.g. the missing lines of a new address.
    void complete(std::string_view type, JsonObject& object);
    /// The stored object if it exists and is not deleted.
    JsonObject const* find(std::string_view type, std::string_view id) const;
    /// find() or "No such …": 404 without a param (the object of the path), else 400 naming the param.
    Answer<JsonObject const*> need(std::string_view type, std::string_view id, std::string_view param = {}) const;
    /// As responses show it, without expansions. The object must exist.
    JsonObject view(std::string_view type, std::string_view id) const { return world_.views.view(type, id); }
    /// Marks as deleted and answers the stub {id, object, deleted}.
    JsonObject remove(std::string_view type, std::string_view id);
    /// A page of stored objects, newest first: limit, starting_after, ending_before and created[…] are read from the
    /// parameters; objects of test clocks are shown only where a customer or test_clock was asked for.
    Answer<Json> list(ListQuery const& query);
    /// A page of objects that are computed, not stored, in the order given; cursors are their ids.
    Answer<Json> page_of(JsonArray objects);
    /// GET /v1/…/search by the parameters query, limit and page.
    Answer<Json> search(std::string_view type);

    // Events.
    void emit(std::string_view type, JsonObject const& object, JsonObject const& previous_attributes = {});
    /// emit(type, view(object)): for .created, .deleted and the like.
    void emit_now(std::string_view type, std::string_view object_type, std::string_view id) {
        emit_now({type}, object_type, id);
    }
    /// Several events that tell the same.
    void emit_now(std::initializer_list<std::string_view> types, std::string_view object_type, std::string_view id);
    /// For …updated: compares the view taken before with the present one, and stays silent if they are the same.
    void emit_change(std::string_view type, std::string_view object_type, std::string_view id,
                     JsonObject const& before);

    /// A thin event about an object ({id, type, url}, or nothing); `data` is what GET /v2/core/events/:id adds.
    void emit_thin(std::string_view type, JsonObject const& related_object, JsonObject const& data);

    // Trying something that may succeed: what is done after mark() vanishes with undo(), events included.
    struct Savepoint {
        ObjectStore::Mark store;
        std::size_t events;
        std::size_t thin_events;
    };
    Savepoint mark() { return {world_.store.mark(), events.size(), thin_events.size()}; }
    void undo(Savepoint const& to);

    std::vector<PendingEvent> events;  // sent when the call is committed
    std::vector<PendingThinEvent> thin_events;
    /// While something is tried out only to be taken back, events are not even made.
    bool is_rehearsing = false;
    /// Set before refusing where Stripe keeps what happened: a declined confirmation stays recorded in the intent.
    bool keep_on_refusal = false;

  private:
    void add_event(std::string_view type, std::string data);

    World& world_;
    std::string clock_{root_clock};
    bool holds_root_instant_;
};

/// While it lives, a call only tries: when it ends nothing of what was done is left, and no event was made.
class Rehearsal {
  public:
    explicit Rehearsal(Call& call) : call_(call), start_(call.mark()), was_rehearsing_(call.is_rehearsing) {
        call_.is_rehearsing = true;
    }
    ~Rehearsal() {
        call_.undo(start_);
        call_.is_rehearsing = was_rehearsing_;
    }
    Rehearsal(Rehearsal const&) = delete;

  private:
    Call& call_;
    Call::Savepoint start_;
    bool was_rehearsing_;
};

/// What an updated object's previous_attributes say: for each field that differs the value it had (null: absent then);
/// within objects only the differing members, arrays whole.
JsonObject previous_attributes(JsonObject const& before, JsonObject const& after);

/// Applies a typed `metadata` parameter: "" deletes a key, null clears all.
void merge_metadata(JsonObject& object, JsonObject const& params);
/// Copies the named parameters that were given into the object.
void copy_given(JsonObject& object, JsonObject const& params, std::span<std::string_view const> names);
void copy_given(JsonObject& object, JsonObject const& params, std::initializer_list<std::string_view> names);

}  // namespace billhook::sandbox
