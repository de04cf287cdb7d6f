#pragma once
// ObjectStore: every object of the sandbox by (type, id), with secondary indexes, in creation order, and with an undo
// log: a refused request leaves nothing behind. Types are Stripe's `object` words ("customer"); what is the sandbox's
// own starts with "sandbox.". Not thread-safe: the Sandbox's lock guards it. Knows nothing of schemas or HTTP.
//
// A record with "deleted": true is in no index and no listing, but still found by its id.
//
// What the store has handed out stays readable until commit(), whatever is changed, undone or erased meanwhile: an
// object never moves its members while it is changed (spare room is kept), what an undo replaces is kept, and all()
// and where() answer a copy of the listing. The members' own arrays and objects have no such room: who holds one while
// replacing it holds nothing.

#include <boost/json/monotonic_resource.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace billhook::sandbox {

struct StoredObject {
    std::string_view type;
    std::string id;
    std::uint64_t sequence = 0;  // creation order over all types
    JsonObject object;
    std::uint64_t saved_in = 0;  // the undo scope that already holds a copy
    std::uint64_t told_in = 0;   // the commit that has told of it
    bool is_erased = false;
    bool is_dirty = false;               // its index entries may be stale
    bool is_listed = false;              // stands in the listing of its type
    std::vector<std::string> keys = {};  // the key it has now in each index of its type; empty = in none
    std::size_t room = 0;                // members that fit before it would have to move them
};

using Bucket = std::map<std::uint64_t, StoredObject*>;  // by sequence: creation order
/// A bucket as it was when it was asked for.
using Listing = std::vector<std::pair<std::uint64_t, StoredObject*>>;

class ObjectStore {
  public:
    /// The key of an object in an index; empty leaves it out.
    using KeyOf = std::function<std::string(JsonObject const&)>;

    ObjectStore();
    ~ObjectStore();

    /// Indexes are declared before the first object. The short form indexes a string field (dots go deeper).
    void add_index(std::string_view type, std::string_view index, KeyOf key_of);
    void add_index(std::string_view type, std::string_view field);
    /// One whose keys have an order, for lowest().
    void add_ordered_index(std::string_view type, std::string_view index, KeyOf key_of);

    JsonObject const* find(std::string_view type, std::string_view id) const;
    /// The room that an object of so many members is given, so that it need not move when it gains some.
    static std::size_t room_for(std::size_t members);
    /// The id is the object's "id". CHECKs that it is new.
    JsonObject& insert(std::string_view type, JsonObject object);
    /// For changing in place; CHECKs that it exists. The reference holds until the object is erased.
    JsonObject& edit(std::string_view type, std::string_view id);
    void erase(std::string_view type, std::string_view id);

    /// All of a type, oldest first.
    Listing all(std::string_view type);
    /// Those with this key in an index, oldest first.
    Listing where(std::string_view type, std::string_view index, std::string_view key);
    /// The same without the copy, for reading a page of many. Any change of that type ends it.
    Bucket const& all_live(std::string_view type);
    Bucket const& live(std::string_view type, std::string_view index, std::string_view key);
    /// The object with the lowest key in [from, to) of an ordered index, or nullptr.
    StoredObject* lowest(std::string_view type, std::string_view index, std::string_view from, std::string_view to);
    /// Counts all that was done to the objects of a type; what was undone counts too.
    std::uint64_t changes(std::string_view type) const;
    std::optional<std::uint64_t> sequence_of(std::string_view type, std::string_view id) const;

    // Undo. A mark is a point to go back to; marks nest.
    using Mark = std::size_t;
    Mark mark();
    void roll_back_to(Mark mark);
    /// Whether there is anything to commit.
    bool has_changes() const { return !undo_.empty(); }
    /// Keeps everything since the start; `changed` hears of each object once (`is_erased`: it is gone). Who came and
    /// went in between is not mentioned.
    using OnChange = std::function<void(StoredObject const& object)>;
    void commit(OnChange const& changed = {});
    /// Puts an object back as it was kept, when a data file is read.
    void restore(std::string_view type, std::uint64_t sequence, JsonObject object);

    /// Cheap room for trees that nobody needs after commit().
    boost::json::storage_ptr scratch() const { return &*scratch_; }

  private:
    struct Table;
    struct Undo {
        Table* table;
        StoredObject* record;
        std::unique_ptr<StoredObject> erased;  // what erase() took out
        std::optional<JsonObject> before;      // what edit() is about to change, in scratch; neither: inserted
    };

    Table& table(std::string_view type);
    Table const* find_table(std::string_view type) const;
    void touch(Table& table, StoredObject& record);
    void unlink(Table& table, StoredObject& record);
    void reindex(Table& table);
    void put(Table& table, std::unique_ptr<StoredObject> record);
    void put_back(Table& table, StoredObject& record, JsonObject const& before);

    // The first block is used again after every commit.
    std::unique_ptr<unsigned char[]> scratch_block_;
    mutable std::optional<boost::json::monotonic_resource> scratch_;  // made anew at each commit
    boost::unordered_flat_map<std::string_view, std::unique_ptr<Table>, std::hash<std::string_view>> tables_;
    std::vector<Undo> undo_;
    // Undone, but perhaps still being read.
    std::vector<JsonObject> undone_;
    std::vector<std::unique_ptr<StoredObject>> undone_records_;
    std::uint64_t scope_ = 1;
    std::uint64_t sequence_ = 0;
    std::uint64_t sequence_committed_ = 0;
};

}  // namespace billhook::sandbox
