// JSON bodies: what is read can be written and read again, and a refusal says where. The fields that a handler would
// read from it never surprise: each mistake names its member.

#include <algorithm>

#include "base/json.h"
#include "http/fields.h"
#include "tests/fuzz/property.h"

namespace billhook::fuzz {
namespace {

/// Boost.JSON 1.81 reads a double with many digits to the nearest but one or two, so it does not come back exactly.
/// Nothing here reads an amount as one.
bool has_double(Json const& value) {
    if (auto const* object = value.if_object())
        return std::ranges::any_of(*object, [](auto const& member) { return has_double(member.value()); });
    if (auto const* array = value.if_array()) return std::ranges::any_of(*array, has_double);
    return value.is_double();
}

void read_fields(JsonObject const& object) {
    http::Fields fields(object);
    auto const text = fields.optional_text("text", 20);
    hold(!text || (!text->empty() && text->size() <= 20), "a text has 1 to 20 bytes");
    if (text)
        for (unsigned char const c : *text) hold(c >= 0x20 && c != 0x7f, "a text has no control characters");
    auto const number = fields.optional_integer("number", -5, 1'000'000);
    hold(!number || (*number >= -5 && *number <= 1'000'000), "a number is within its bounds");
    auto const word = fields.one_of("word", {"now", "period_end"});
    hold(word == "now" || word == "period_end", "a word is one of those given");
    fields.optional_boolean("flag");
    fields.required_text("needed");
    auto const status = fields.finish();
    if (status) {
        hold(object.contains("needed"), "what is required is there");
        for (auto const& member : object)
            hold(member.key() == "text" || member.key() == "number" || member.key() == "word" ||
                     member.key() == "flag" || member.key() == "needed",
                 "no unknown member is passed over");
        return;
    }
    auto const& error = status.error();
    hold(error.kind == ErrorKind::invalid && !error.reason.empty() && !error.detail.empty(), "a mistake is explained");
    hold(!error.field.empty(), "a mistake names its member");
    auto const* errors = error.extra.if_contains("errors");
    hold(errors && errors->is_array() && !errors->get_array().empty(), "all mistakes are listed");
}

}  // namespace

void try_input(std::string_view input) {
    auto const tree = parse_json(input);
    if (!tree) {
        hold(tree.error().kind == ErrorKind::invalid && tree.error().reason == "invalid_json" &&
                 !tree.error().detail.empty(),
             "a refusal is invalid_json and says where");
        return;
    }
    auto const text = to_text(*tree);
    auto const again = parse_json(text, {.depth_max = 32, .bytes_max = text.size()});
    hold(again.has_value(), "what was written can be read");
    if (!has_double(*tree)) {
        hold(*again == *tree, "what was written reads back the same");
        hold(to_text(*again) == text, "writing it again gives the same text");
    }
    if (auto const* object = tree->if_object()) read_fields(*object);
}

}  // namespace billhook::fuzz
