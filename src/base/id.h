#pragma once
// Id<Tag>: a string that names one kind of thing. Explicit to make, never converting back by itself, so that a
// customer's id cannot be passed where a subscription's is wanted.

#include <compare>
#include <functional>
#include <string>
#include <utility>

namespace billhook {

template <class Tag>
class Id {
  public:
    Id() = default;
    explicit Id(std::string value) : value_(std::move(value)) {}

    std::string const& str() const { return value_; }
    bool empty() const { return value_.empty(); }
    auto operator<=>(Id const&) const = default;

  private:
    std::string value_;
};

}  // namespace billhook

template <class Tag>
struct std::hash<billhook::Id<Tag>> {
    std::size_t operator()(billhook::Id<Tag> const& id) const noexcept { return std::hash<std::string>{}(id.str()); }
};
