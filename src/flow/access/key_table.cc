#include "flow/access/key_table.h"

#include <vector>

#include "store/api_key_store.h"

namespace billhook::flow {
namespace {

constexpr Duration use_grain = Duration::minutes(1);

}  // namespace

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
    auto const found = known->find(access::secret_digest_of(key_text));
    if (found == known->end() || !found->second.key->is_valid(now)) return nullptr;
    found->second.use->note(now);
    return found->second.key;
}

Status KeyTable::reload(store::Store& store, Timestamp now) {
    std::lock_guard const lock(reloading_);
    auto rows = TRY(store.read_value(store::Scope::system(),
                                     [&](store::Reader& reader) { return store::list_valid_api_keys(reader, now); }));
    auto fresh = std::make_shared<Keys>();
    for (auto& key : rows) {
        auto const digest = access::to_digest(key.secret_hash);
        if (!digest) continue;
        auto use = use_of(key.id);
        fresh->emplace(*digest, Entry{std::make_shared<access::ApiKey const>(std::move(key)), std::move(use)});
    }
    keys_.store(std::move(fresh));
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
