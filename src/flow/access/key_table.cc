#include "flow/access/key_table.h"

#include <bit>
#include <vector>

#include "store/api_key_store.h"

namespace billhook::flow {
namespace {

constexpr Duration use_grain = Duration::minutes(1);

}  // namespace

KeyTable::Keys::Keys(std::unordered_map<Sha256, Entry, DigestHash> by_digest)
    : by_digest_(std::move(by_digest)), shown_(std::bit_ceil(2 * by_digest_.size() + 1)) {}

KeyTable::Entry const* KeyTable::Keys::find(std::string_view key_text, KeyedHash const& hash) const {
    auto const short_hash = hash(key_text);
    if (auto const* const shown = find_shown(short_hash)) return shown;
    auto const found = by_digest_.find(access::secret_digest_of(key_text));
    if (found == by_digest_.end()) return nullptr;
    remember(short_hash, found->second);
    return &found->second;
}

// Both end at a free place: each key has one text, and there are more places than keys.
KeyTable::Entry const* KeyTable::Keys::find_shown(Hash128 const& hash) const {
    for (std::size_t i = Hash128Hash{}(hash);; ++i) {
        auto const& shown = shown_[i & (shown_.size() - 1)];
        auto const* const entry = shown.entry.load(std::memory_order_acquire);
        if (!entry || shown.hash == hash) return entry;
    }
}

void KeyTable::Keys::remember(Hash128 const& hash, Entry const& entry) const {
    std::lock_guard const lock(remembering_);
    for (std::size_t i = Hash128Hash{}(hash);; ++i) {
        auto& shown = shown_[i & (shown_.size() - 1)];
        bool const is_free = !shown.entry.load(std::memory_order_relaxed);
        if (!is_free && shown.hash == hash) return;
        if (!is_free) continue;
        shown.hash = hash;
        return shown.entry.store(&entry, std::memory_order_release);
    }
}

void KeyTable::Use::note(Timestamp now) {
    if (now.ms - at_ms.load(std::memory_order_relaxed) >= use_grain.ms) at_ms.store(now.ms, std::memory_order_relaxed);
}

std::shared_ptr<KeyTable::Use> KeyTable::use_of(std::string const& key_id) const {
    std::lock_guard const lock(uses_mutex_);
    auto& use = uses_[key_id];
    if (!use) use = std::make_shared<Use>();
    return use;
}

std::shared_ptr<access::ApiKey const> KeyTable::find(std::string_view key_text, Timestamp now) const {
    auto const known = keys_.load();
    if (!known) return nullptr;
    auto const* const found = known->find(key_text, hash_);
    if (!found || !found->key->is_valid(now)) return nullptr;
    found->use->note(now);
    return found->key;
}

Status KeyTable::reload(store::Store& store, Timestamp now) {
    std::lock_guard const lock(reloading_);
    auto rows = TRY(store.read_value(store::Scope::system(),
                                     [&](store::Reader& reader) { return store::list_valid_api_keys(reader, now); }));
    std::unordered_map<Sha256, Entry, DigestHash> fresh;
    for (auto& key : rows) {
        auto const digest = access::to_digest(key.secret_hash);
        if (!digest) continue;
        auto use = use_of(key.id);
        fresh.emplace(*digest, Entry{std::make_shared<access::ApiKey const>(std::move(key)), std::move(use)});
    }
    keys_.store(std::make_shared<Keys const>(std::move(fresh)));
    return {};
}

Result<std::shared_ptr<access::ApiKey const>> KeyTable::find_or_load(store::Store& store, std::string_view key_text,
                                                                     Timestamp now) const {
    if (auto known = find(key_text, now)) return known;
    auto const hash = access::secret_hash_of(key_text);
    auto row = TRY(store.read_value(store::Scope::system(), [&](store::Reader& reader) {
        return store::find_api_key(reader, access::key_id_of(hash));
    }));
    if (!row || row->secret_hash != hash || !row->is_valid(now)) return std::shared_ptr<access::ApiKey const>{};
    use_of(row->id)->note(now);
    return std::make_shared<access::ApiKey const>(std::move(*row));
}

Status KeyTable::save_uses(store::Store& store) {
    struct News {
        std::string key_id;
        std::shared_ptr<Use> use;
        std::int64_t at_ms;
    };
    std::vector<News> news;
    {
        std::lock_guard const lock(uses_mutex_);
        for (auto const& [id, use] : uses_)
            if (auto const at = use->at_ms.load(std::memory_order_relaxed); at > use->saved_ms)
                news.push_back({id, use, at});
    }
    if (news.empty()) return {};
    TRY_VOID(store.write(store::Scope::system(), [&](store::Writer& writer) -> Status {
        for (auto const& each : news) TRY_VOID(store::touch_api_key(writer, each.key_id, {each.at_ms}));
        return {};
    }));
    std::lock_guard const lock(uses_mutex_);
    for (auto const& each : news) each.use->saved_ms = each.at_ms;
    return {};
}

}  // namespace billhook::flow
