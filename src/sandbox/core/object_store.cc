#include "sandbox/core/object_store.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "base/check.h"

namespace billhook::sandbox {
namespace {

constexpr std::size_t scratch_bytes = 1 << 18;
// Members that an object may gain between two commits.
constexpr std::size_t spare_members = 32;
// Up to here Boost looks members up one by one, without hashing.
constexpr std::size_t small_object_members = 18;

void make_room(StoredObject& record) {
    record.object.reserve(ObjectStore::room_for(record.object.size()));
    record.room = record.object.capacity();
}

}  // namespace

struct ObjectStore::Table {
    struct KeyHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>{}(key); }
    };
    struct Index {
        std::string name;
        KeyOf key_of;
        bool is_ordered = false;
        std::unordered_map<std::string, Bucket, KeyHash, std::equal_to<>> buckets = {};
        std::set<std::string_view> sorted = {};  // the keys of the buckets, where they have an order

        void add(std::string const& key, StoredObject* record) {
            auto const [at, is_new] = buckets.try_emplace(key);
            if (is_new && is_ordered) sorted.insert(at->first);
            at->second.emplace_hint(at->second.end(), record->sequence, record);
        }
        void remove(std::string const& key, StoredObject const& record) {
            auto const at = buckets.find(key);
            at->second.erase(record.sequence);
            if (!at->second.empty()) return;
            if (is_ordered) sorted.erase(at->first);
            buckets.erase(at);
        }
    };

    std::string type;
    // Keyed by the record's own id.
    boost::unordered_flat_map<std::string_view, std::unique_ptr<StoredObject>, std::hash<std::string_view>> by_id;
    Bucket in_order;
    std::vector<Index> indexes;
    std::vector<StoredObject*> dirty;
    std::uint64_t changes = 0;

    Index& index(std::string_view name) {
        auto const at = std::ranges::find(indexes, name, &Index::name);
        CHECK(at != indexes.end());
        return *at;
    }
};

std::size_t ObjectStore::room_for(std::size_t members) {
    return members * 2 <= small_object_members ? small_object_members : members + spare_members;
}

ObjectStore::ObjectStore()
    : scratch_block_(std::make_unique_for_overwrite<unsigned char[]>(scratch_bytes)),
      scratch_(std::in_place, scratch_block_.get(), scratch_bytes) {}
ObjectStore::~ObjectStore() = default;

ObjectStore::Table& ObjectStore::table(std::string_view type) {
    auto const at = tables_.find(type);
    if (at != tables_.end()) return *at->second;
    auto made = std::make_unique<Table>();
    made->type = type;
    std::string_view const name = made->type;
    return *tables_.emplace(name, std::move(made)).first->second;
}

ObjectStore::Table const* ObjectStore::find_table(std::string_view type) const {
    auto const at = tables_.find(type);
    return at == tables_.end() ? nullptr : at->second.get();
}

void ObjectStore::add_index(std::string_view type, std::string_view index, KeyOf key_of) {
    auto& into = table(type);
    CHECK(into.by_id.empty());
    into.indexes.push_back({std::string(index), std::move(key_of)});
}

void ObjectStore::add_ordered_index(std::string_view type, std::string_view index, KeyOf key_of) {
    add_index(type, index, std::move(key_of));
    table(type).indexes.back().is_ordered = true;
}

void ObjectStore::add_index(std::string_view type, std::string_view field) {
    add_index(type, field, [path = std::string(field)](JsonObject const& object) {
        auto const dot = path.find('.');
        auto const* first = billhook::find(object, std::string_view(path).substr(0, dot));
        if (!first) return std::string{};
        if (dot != std::string::npos) return string_or(*first, std::string_view(path).substr(dot + 1));
        return first->is_string() ? std::string(as_view(first->get_string())) : std::string{};
    });
}

JsonObject const* ObjectStore::find(std::string_view type, std::string_view id) const {
    auto const* from = find_table(type);
    if (!from) return nullptr;
    auto const at = from->by_id.find(id);
    return at == from->by_id.end() ? nullptr : &at->second->object;
}

std::uint64_t ObjectStore::changes(std::string_view type) const {
    auto const* in = find_table(type);
    return in ? in->changes : 0;
}

std::optional<std::uint64_t> ObjectStore::sequence_of(std::string_view type, std::string_view id) const {
    auto const* from = find_table(type);
    if (!from) return std::nullopt;
    auto const at = from->by_id.find(id);
    if (at == from->by_id.end()) return std::nullopt;
    return at->second->sequence;
}

void ObjectStore::put(Table& into, std::unique_ptr<StoredObject> record) {
    ++into.changes;
    auto* kept = record.get();
    kept->is_erased = false;
    kept->keys.resize(into.indexes.size());
    make_room(*kept);
    CHECK(into.by_id.emplace(std::string_view(kept->id), std::move(record)).second);
    kept->is_dirty = true;
    into.dirty.push_back(kept);
}

JsonObject& ObjectStore::insert(std::string_view type, JsonObject object) {
    auto& into = table(type);
    auto record = std::make_unique<StoredObject>();
    record->type = into.type;
    record->id = std::string(as_view(object.at("id").as_string()));
    record->sequence = ++sequence_;
    record->object = std::move(object);
    record->saved_in = scope_;
    auto& made = record->object;
    undo_.push_back({&into, record.get(), nullptr, std::nullopt});
    put(into, std::move(record));
    return made;
}

void ObjectStore::touch(Table& in, StoredObject& record) {
    ++in.changes;
    if (record.saved_in != scope_) {
        undo_.push_back({&in, &record, nullptr, JsonObject(record.object, scratch())});
        record.saved_in = scope_;
    }
    if (record.is_dirty) return;
    record.is_dirty = true;
    in.dirty.push_back(&record);
}

JsonObject& ObjectStore::edit(std::string_view type, std::string_view id) {
    auto& in = table(type);
    auto const at = in.by_id.find(id);
    CHECK(at != in.by_id.end());
    touch(in, *at->second);
    return at->second->object;
}

void ObjectStore::unlink(Table& from, StoredObject& record) {
    ++from.changes;
    if (record.is_listed) from.in_order.erase(record.sequence);
    record.is_listed = false;
    for (std::size_t i = 0; i < from.indexes.size(); ++i) {
        auto& key = record.keys[i];
        if (key.empty()) continue;
        from.indexes[i].remove(key, record);
        key.clear();
    }
    if (!record.is_dirty) return;
    std::erase(from.dirty, &record);
    record.is_dirty = false;
}

void ObjectStore::erase(std::string_view type, std::string_view id) {
    auto& from = table(type);
    auto const at = from.by_id.find(id);
    CHECK(at != from.by_id.end());
    auto record = std::move(at->second);
    from.by_id.erase(at);
    unlink(from, *record);
    record->is_erased = true;
    auto* const erased = record.get();
    undo_.push_back({&from, erased, std::move(record), std::nullopt});
}

void ObjectStore::reindex(Table& in) {
    for (auto* record : in.dirty) {
        record->is_dirty = false;
        bool const is_deleted = record->object.contains("deleted");
        if (is_deleted && record->is_listed) in.in_order.erase(record->sequence);
        if (!is_deleted && !record->is_listed) in.in_order.emplace_hint(in.in_order.end(), record->sequence, record);
        record->is_listed = !is_deleted;
        for (std::size_t i = 0; i < in.indexes.size(); ++i) {
            auto& index = in.indexes[i];
            auto key = is_deleted ? std::string{} : index.key_of(record->object);
            auto& current = record->keys[i];
            if (key == current) continue;
            if (!current.empty()) index.remove(current, *record);
            if (!key.empty()) index.add(key, record);
            current = std::move(key);
        }
    }
    in.dirty.clear();
}

Listing ObjectStore::all(std::string_view type) {
    auto const& bucket = all_live(type);
    return {bucket.begin(), bucket.end()};
}

Listing ObjectStore::where(std::string_view type, std::string_view index, std::string_view key) {
    auto const& bucket = live(type, index, key);
    return {bucket.begin(), bucket.end()};
}

Bucket const& ObjectStore::all_live(std::string_view type) {
    auto& in = table(type);
    reindex(in);
    return in.in_order;
}

Bucket const& ObjectStore::live(std::string_view type, std::string_view index, std::string_view key) {
    static Bucket const none;
    auto& in = table(type);
    reindex(in);
    auto const& buckets = in.index(index).buckets;
    auto const at = buckets.find(key);
    return at == buckets.end() ? none : at->second;
}

StoredObject* ObjectStore::lowest(std::string_view type, std::string_view index, std::string_view from,
                                  std::string_view to) {
    auto& in = table(type);
    reindex(in);
    auto const& ordered = in.index(index);
    auto const at = ordered.sorted.lower_bound(from);
    if (at == ordered.sorted.end() || *at >= to) return nullptr;
    return ordered.buckets.find(*at)->second.begin()->second;
}

ObjectStore::Mark ObjectStore::mark() {
    ++scope_;
    return undo_.size();
}

void ObjectStore::put_back(Table& in, StoredObject& record, JsonObject const& before) {
    ++in.changes;
    undone_.push_back(std::move(record.object));
    record.object = JsonObject(before, boost::json::storage_ptr());
    make_room(record);
    if (!record.is_dirty) in.dirty.push_back(&record);
    record.is_dirty = true;
}

void ObjectStore::roll_back_to(Mark mark) {
    while (undo_.size() > mark) {
        auto step = std::move(undo_.back());
        undo_.pop_back();
        if (step.erased) {
            put(*step.table, std::move(step.erased));
            continue;
        }
        if (step.before) {
            put_back(*step.table, *step.record, *step.before);
            continue;
        }
        auto const at = step.table->by_id.find(step.record->id);
        CHECK(at != step.table->by_id.end());
        undone_records_.push_back(std::move(at->second));
        step.table->by_id.erase(at);
        unlink(*step.table, *step.record);
    }
    ++scope_;
}

void ObjectStore::commit(OnChange const& changed) {
    for (auto const& step : undo_) {
        auto& record = *step.record;
        if (record.told_in == scope_) continue;
        record.told_in = scope_;
        bool const was_kept = record.sequence <= sequence_committed_;
        if (changed && (!record.is_erased || was_kept)) changed(record);
        if (record.is_erased) continue;
        CHECK(record.object.capacity() == record.room);  // nothing moved under a reader
        if (record.room - record.object.size() < spare_members / 2) make_room(record);
    }
    sequence_committed_ = sequence_;
    undo_.clear();
    undone_.clear();
    undone_records_.clear();
    // Not released: Boost 1.81 would double the size of its next block each time that one was needed.
    scratch_.emplace(scratch_block_.get(), scratch_bytes);
    ++scope_;
}

void ObjectStore::restore(std::string_view type, std::uint64_t sequence, JsonObject object) {
    auto& into = table(type);
    auto record = std::make_unique<StoredObject>();
    record->type = into.type;
    record->id = std::string(as_view(object.at("id").as_string()));
    record->sequence = sequence;
    record->object = std::move(object);
    sequence_ = std::max(sequence_, sequence);
    sequence_committed_ = sequence_;
    put(into, std::move(record));
}

}  // namespace billhook::sandbox
