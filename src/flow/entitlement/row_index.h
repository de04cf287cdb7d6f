#pragma once
// RowIndex: from a text to the number under which it was added, counted from 0. The texts lie one behind the other in
// an arena, each behind its number, and the table holds places of the arena alone: a key costs its own bytes and about
// ten more, and whoever has compared it has its number without going anywhere else. Nothing is removed.

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
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
    std::uint32_t size() const { return size_; }
    void clear();

  private:
    using Place = std::uint32_t;  // in the arena: which chunk, and where in it
    struct Hash {
        using is_transparent = void;
        RowIndex const* index;
        std::size_t operator()(Place place) const { return (*this)(index->key_at(place)); }
        std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>{}(key); }
    };
    struct Same {
        using is_transparent = void;
        RowIndex const* index;
        bool operator()(Place a, Place b) const { return a == b; }
        bool operator()(std::string_view key, Place place) const { return key == index->key_at(place); }
        bool operator()(Place place, std::string_view key) const { return key == index->key_at(place); }
    };

    char const* at(Place place) const;
    std::uint32_t row_at(Place place) const;
    std::string_view key_at(Place place) const;
    Place room_for(std::size_t bytes);

    std::vector<std::unique_ptr<char[]>> chunks_;
    std::size_t last_chunk_used_ = 0;
    std::uint32_t size_ = 0;
    boost::unordered_flat_set<Place, Hash, Same> places_;
};

}  // namespace billhook::flow
