#pragma once
// Surface: the facts of Stripe's API (operations, parameters, response shapes, event types) as read from the data file
// beside this header, which scripts/distill_stripe_surface.py makes. Immutable after loading; thread-safe.
//
// The file is lines of words. V version; A api versions; O method path operation params answer; E event-type type;
// T name type (a named type); S name opens an object schema and the lines after it are its fields: name flags type.
// Flags: ! required, ? nullable, ~ emptyable, + absent unless expanded, - none. Types: s string, n decimal in a
// string, i integer, d decimal number, b boolean, true, any, @Name, =a|b closed enum, *a|b open enum, [T array,
// {T map, <T list object, (T,T union. Of an answer also ?T search result, 2T second-generation list.

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace billhook::sandbox {

enum class TypeKind {
    string,
    decimal_string,
    integer,
    decimal,
    boolean,
    constant_true,
    any,
    reference,
    closed_enum,
    open_enum,
    array,
    map,
    list,
    one_of,
    search_result,
    list_v2,
};

struct Schema;

struct Type {
    TypeKind kind = TypeKind::any;
    Schema const* schema = nullptr;        // of a reference
    Type const* element = nullptr;         // of an array, map or list
    std::vector<Type const*> choices;      // of a one_of
    std::vector<std::string_view> values;  // of an enum
};

/// The standard library's hash reads eight bytes at a time, Boost's one.
template <class Value>
using ByName = boost::unordered_flat_map<std::string_view, Value, std::hash<std::string_view>>;

/// What a response has in a field that was not given and leaves no choice.
enum class Fill : std::uint8_t { nothing, object_word, not_live, null, empty_array, empty_map };

struct Field {
    std::string_view name;
    Type const* type = nullptr;
    bool is_required = false;
    bool is_nullable = false;
    bool is_emptyable = false;
    bool is_includable = false;
    Fill fill = Fill::nothing;
    bool may_hold_objects = false;  // itself, or as elements or members
};

/// A named shape: an object with fields, or another name for a type.
struct Schema {
    std::string_view name;
    Type const* alias = nullptr;
    std::vector<Field> fields;  // as declared
    ByName<Field const*> by_name;
    std::string_view object;  // the constant of its `object` field, e.g. "customer"

    Field const* find(std::string_view field) const;
};

struct Operation {
    std::string_view method;
    std::string_view path;             // "/v1/customers/{id}"
    std::string_view id;               // "Customers.retrieve"
    Type const* parameters = nullptr;  // nullptr: takes none
    Type const* answer = nullptr;
};

class Surface {
  public:
    /// The one that is built into the program.
    static Surface const& embedded();
    explicit Surface(std::string_view text);
    Surface(Surface const&) = delete;

    std::string_view version() const { return version_; }
    bool knows_version(std::string_view version) const;
    Schema const* find_schema(std::string_view name) const;
    /// The response schema whose `object` constant is this, e.g. "checkout.session"; never a Deleted… stub.
    Schema const* find_object(std::string_view object) const;
    /// The type of data.object of a snapshot event, or nullptr for an unknown event type.
    Type const* find_event(std::string_view event_type) const;
    std::deque<Operation> const& operations() const { return operations_; }
    /// By method and template: find_operation("GET", "/v1/customers/{id}").
    Operation const* find_operation(std::string_view method, std::string_view path_template) const;

  private:
    Type const* type(std::string_view text);
    Type const* parse_type(std::string_view& text);
    Schema* schema(std::string_view name);
    void read_line(std::string_view line, Schema*& open);
    void finish();

    std::string_view version_;
    std::vector<std::string_view> versions_;
    std::deque<Operation> operations_;
    std::deque<Type> types_;
    std::deque<Schema> schemas_;
    std::unordered_map<std::string_view, Type const*> type_by_text_;
    std::unordered_map<std::string_view, Schema*> schema_by_name_;
    std::unordered_map<std::string_view, Schema const*> schema_by_object_;
    std::unordered_map<std::string_view, Type const*> event_by_type_;
};

/// Follows references through named types to what they stand for.
Type const& resolve(Type const& type);
/// The object schema that a type leads to, or nullptr: through names, not through arrays, maps, lists or unions.
Schema const* object_schema(Type const& type);
/// Of a union "id or object", the objects it may be expanded to; empty when the type is not expandable.
std::vector<Schema const*> expandable_to(Type const& type);

}  // namespace billhook::sandbox
