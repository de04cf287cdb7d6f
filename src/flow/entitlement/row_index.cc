#include "flow/entitlement/row_index.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace billhook::flow {
namespace {

constexpr int place_bits = 14;  // in a chunk
constexpr std::size_t chunk_bytes = std::size_t{1} << place_bits;
using Length = std::uint16_t;
constexpr std::size_t head_bytes = sizeof(std::uint32_t) + sizeof(Length);

}  // namespace

RowIndex::RowIndex() : places_(0, Hash{this}, Same{this}) {}

std::optional<std::uint32_t> RowIndex::find(std::string_view key) const {
    auto const found = places_.find(key);
    return found == places_.end() ? std::nullopt : std::optional(row_at(*found));
}

std::uint32_t RowIndex::add(std::string_view key) {
    CHECK(key.size() <= UINT16_MAX && size_ < UINT32_MAX);
    auto const length = static_cast<Length>(key.size());
    Place const place = room_for(head_bytes + key.size());
    char* const begin = chunks_.back().get() + (place & (chunk_bytes - 1));
    std::memcpy(begin, &size_, sizeof size_);
    std::memcpy(begin + sizeof size_, &length, sizeof length);
    std::ranges::copy(key, begin + head_bytes);
    places_.insert(place);
    return size_++;
}

void RowIndex::clear() {
    places_.clear();
    chunks_.clear();
    last_chunk_used_ = 0;
    size_ = 0;
}

char const* RowIndex::at(Place place) const {
    return chunks_[place >> place_bits].get() + (place & (chunk_bytes - 1));
}

std::uint32_t RowIndex::row_at(Place place) const {
    std::uint32_t row = 0;
    std::memcpy(&row, at(place), sizeof row);
    return row;
}

std::string_view RowIndex::key_at(Place place) const {
    char const* const begin = at(place);
    Length length = 0;
    std::memcpy(&length, begin + sizeof(std::uint32_t), sizeof length);
    return {begin + head_bytes, length};
}

/// In the last chunk. What is longer than a chunk gets one of its own size.
RowIndex::Place RowIndex::room_for(std::size_t bytes) {
    if (chunks_.empty() || last_chunk_used_ + bytes > chunk_bytes) {
        CHECK(chunks_.size() < (std::size_t{1} << (32 - place_bits)));
        chunks_.push_back(std::make_unique_for_overwrite<char[]>(std::max(chunk_bytes, bytes)));
        last_chunk_used_ = 0;
    }
    auto const place = ((chunks_.size() - 1) << place_bits) + last_chunk_used_;
    last_chunk_used_ += bytes;
    return static_cast<Place>(place);
}

}  // namespace billhook::flow
