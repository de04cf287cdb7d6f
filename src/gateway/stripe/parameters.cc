#include "gateway/stripe/parameters.h"

namespace billhook::stripe {

Parameters& Parameters::put(std::string_view name, Json value) {
    object_[boost::json::string_view(name.data(), name.size())] = std::move(value);
    return *this;
}

Parameters& Parameters::put_text(std::string_view name, std::string_view value) {
    return value.empty() ? *this : put(name, Json(boost::json::string_view(value.data(), value.size())));
}

Parameters& Parameters::put(std::string_view name, std::optional<std::string> const& value) {
    return value ? put(name, Json(*value)) : *this;
}

Parameters& Parameters::put(std::string_view name, std::optional<std::int64_t> const& value) {
    return value ? put(name, Json(*value)) : *this;
}

Parameters& Parameters::put(std::string_view name, std::optional<bool> const& value) {
    return value ? put(name, Json(*value)) : *this;
}

Parameters& Parameters::put(std::string_view name, std::optional<Timestamp> const& value) {
    return value ? put(name, Json(value->seconds())) : *this;
}

Parameters& Parameters::put(std::string_view name, Metadata const& metadata) {
    if (metadata.empty()) return *this;
    JsonObject members;
    for (auto const& [key, value] : metadata) members[key] = value;
    return put(name, Json(std::move(members)));
}

Parameters& Parameters::put_object(std::string_view name, Parameters const& members) {
    return members.object_.empty() ? *this : put(name, Json(members.object_));
}

Parameters& Parameters::put_items(std::string_view name, std::vector<ItemWish> const& items) {
    JsonArray elements;
    for (auto const& item : items) {
        Parameters element;
        element.put_text("id", item.item_id).put_text("price", item.price_id).put("quantity", item.quantity);
        if (item.is_deleted) element.put("deleted", Json(true));
        elements.emplace_back(element.object_);
    }
    return elements.empty() ? *this : put(name, Json(std::move(elements)));
}

Parameters& Parameters::expand(std::initializer_list<std::string_view> paths) {
    JsonArray elements;
    for (auto const path : paths) elements.emplace_back(boost::json::string_view(path.data(), path.size()));
    return put("expand", Json(std::move(elements)));
}

}  // namespace billhook::stripe
