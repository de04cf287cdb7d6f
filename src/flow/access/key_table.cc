#include "flow/access/key_table.h"

#include <cstring>

#include "store/api_key_store.h"

namespace billhook::flow {

std::size_t KeyTable::ByDigest::operator()(Sha256 const& digest) const {
    std::size_t hash;  // any eight bytes of a digest are as good as a hash
    std::memcpy(&hash, digest.data(), sizeof hash);
    return hash;
}

std::shared_ptr<access::ApiKey const> KeyTable::find(std::string_view key_text, Timestamp now) const {
    auto const known = keys_.load();
    if (!known) return nullptr;
    auto const found = known->find(access::secret_digest_of(key_text));
    if (found == known->end() || !found->second->is_valid(now)) return nullptr;
    return found->second;
}

Status KeyTable::reload(store::Store& store, Timestamp now) {
    std::lock_guard const lock(reloading_);
    auto rows = TRY(store.read_value(store::Scope::system(),
                                     [&](store::Reader& reader) { return store::list_valid_api_keys(reader, now); }));
    auto fresh = std::make_shared<Keys>();
    for (auto& key : rows) {
        if (auto const digest = access::to_digest(key.secret_hash))
            fresh->emplace(*digest, std::make_shared<access::ApiKey const>(std::move(key)));
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
    return std::make_shared<access::ApiKey const>(std::move(*row));
}

}  // namespace billhook::flow
