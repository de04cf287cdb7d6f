#include "flow/entitlement/row_index.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace billhook::flow {
namespace {

constexpr std::size_t chunk_bytes = 16u << 10;
using Length = std::uint16_t;

}  // namespace

RowIndex::RowIndex() : rows_(0, Hash{this}, Same{this}) {}

std::optional<std::uint32_t> RowIndex::find(std::string_view key) const {
    auto const found = rows_.find(key);
    return found == rows_.end() ? std::nullopt : std::optional(*found);
}

std::uint32_t RowIndex::add(std::string_view key) {
    CHECK(key.size() <= UINT16_MAX && keys_.size() < UINT32_MAX);
    auto const length = static_cast<Length>(key.size());
    char* const place = room_for(sizeof length + key.size());
    std::memcpy(place, &length, sizeof length);
    std::ranges::copy(key, place + sizeof length);
    keys_.push_back(place);
    rows_.insert(size() - 1);
    return size() - 1;
}

void RowIndex::clear() {
    rows_.clear();
    keys_.clear();
    chunks_.clear();
    chunk_left_ = 0;
}

std::string_view RowIndex::key_of(std::uint32_t row) const {
    char const* const place = keys_[row];
    Length length = 0;
    std::memcpy(&length, place, sizeof length);
    return {place + sizeof length, length};
}

char* RowIndex::room_for(std::size_t bytes) {
    if (bytes > chunk_left_) {
        chunk_left_ = std::max(chunk_bytes, bytes);
        chunks_.push_back(std::make_unique_for_overwrite<char[]>(chunk_left_));
        last_chunk_bytes_ = chunk_left_;
    }
    char* const place = chunks_.back().get() + (last_chunk_bytes_ - chunk_left_);
    chunk_left_ -= bytes;
    return place;
}

}  // namespace billhook::flow
