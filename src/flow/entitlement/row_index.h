#pragma once
// RowIndex: from a text to the number under which it was added, counted from 0. The texts lie one behind the other in
// an arena and the table holds numbers alone, so that a key costs its own bytes and about ten more. Nothing is removed.

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace billhook::flow {

class RowIndex {
  public:
    RowIndex();
    RowIndex(RowIndex const&) = delete;
    RowIndex& operator=(RowIndex const&) = delete;

    std::optional<std::uint32_t> find(std::string_view key) const;
    /// The key must not be there yet.
    std::uint32_t add(std::string_view key);
    std::uint32_t size() const { return static_cast<std::uint32_t>(keys_.size()); }
    void clear();

  private:
    struct Hash {
        using is_transparent = void;
        RowIndex const* index;
        std::size_t operator()(std::uint32_t row) const { return (*this)(index->key_of(row)); }
        std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>{}(key); }
    };
    struct Same {
        using is_transparent = void;
        RowIndex const* index;
        bool operator()(std::uint32_t a, std::uint32_t b) const { return a == b; }
        bool operator()(std::string_view key, std::uint32_t row) const { return key == index->key_of(row); }
        bool operator()(std::uint32_t row, std::string_view key) const { return key == index->key_of(row); }
    };

    std::string_view key_of(std::uint32_t row) const;
    char* room_for(std::size_t bytes);

    std::vector<std::unique_ptr<char[]>> chunks_;
    std::size_t last_chunk_bytes_ = 0, chunk_left_ = 0;
    std::deque<char const*> keys_;  // each behind its length
    boost::unordered_flat_set<std::uint32_t, Hash, Same> rows_;
};

}  // namespace billhook::flow
