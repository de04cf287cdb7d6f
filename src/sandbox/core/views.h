#pragma once
// Views: from a stored object to what a response or an event shows. Stored objects hold ids; where the surface says
// that a whole object stands (subscription_item.price), the view puts it in; "includable" fields are left out unless
// expanded; fields that a resource computes (subscription.items) come from its provider; and fields named "sandbox_…",
// the sandbox's own notes, are never shown. Reads only. The trees are made in the store's scratch: they hold until the
// commit, or are copied by whoever keeps them.

#include <functional>
#include <map>
#include <string>
#include <unordered_map>

#include "sandbox/core/api_error.h"
#include "sandbox/core/object_store.h"
#include "sandbox/surface/surface.h"

namespace billhook::sandbox {

class Views {
  public:
    /// Makes one field of an object; it is given the stored object.
    using Provide = std::function<Json(JsonObject const& stored)>;

    Views(Surface const& surface, ObjectStore& store);
    ~Views();

    /// A provided includable field is made only when expanded, any other in every view.
    void provide(std::string_view type, std::string_view field, Provide provide);

    /// The object must exist. A deleted one is shown as {id, object, deleted}.
    JsonObject view(std::string_view type, std::string_view id) const;
    JsonObject render(std::string_view type, JsonObject const& stored) const;
    /// The text of view(type, id) at the end of `text`, without making the tree.
    void write(std::string& text, std::string_view type, std::string_view id) const;
    /// For a provider to collect what it shows.
    JsonArray scratch_array() const { return JsonArray(store_.scratch()); }
    /// So many elements of a list stand within another object; the rest is behind its url.
    static constexpr std::size_t embedded_max = 10;
    /// {object: "list", …} of already rendered elements, kept where they are.
    static JsonObject list(JsonArray data, std::string_view url, bool has_more = false);

    /// Expands paths such as "latest_invoice.payments" or "data.customer" in a rendered answer of this type.
    Answer<void> expand(Type const& answer, Json& tree, std::vector<std::string> const& paths) const;

  private:
    struct Plan;  // which fields of a schema need work
    Plan const& plan(Schema const& schema) const;
    bool needs_work(Type const& type) const;
    JsonObject shown(Schema const& schema, JsonObject const& stored) const;
    void shape_object(Schema const& schema, JsonObject& tree) const;
    void shape_value(Type const& type, Json& value) const;
    Answer<void> expand_value(Type const& type, Json& value, JsonObject const* stored, std::string_view rest,
                              std::string const& path) const;
    Answer<void> expand_field(Schema const& schema, JsonObject& tree, JsonObject const* stored, std::string_view rest,
                              std::string const& path) const;
    Json included(Field const& field, JsonObject const& tree, JsonObject const* stored) const;
    void put_object(std::vector<Schema const*> const& options, Json& value) const;
    JsonObject const* stored_object(JsonObject const& tree) const;
    void write_object(std::string& text, Schema const& schema, JsonObject const& stored) const;
    void write_value(std::string& text, Type const& type, Json const& value) const;

    Surface const& surface_;
    ObjectStore& store_;
    std::map<std::pair<std::string, std::string>, Provide, std::less<>> providers_;
    mutable std::unordered_map<Schema const*, std::unique_ptr<Plan>> plans_;
};

}  // namespace billhook::sandbox
