#include "flow/webhook_inbox/redaction.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <charconv>
#include <string_view>
#include <vector>

#include "base/json_writer.h"

namespace billhook::flow {
namespace {

namespace dom = simdjson::dom;

constexpr int depth_max = 64;

// Fields of Stripe's objects that are replaced wherever they stand, with all that is in them. Sorted.
constexpr auto personal_fields = std::to_array<std::string_view>({
    "account_holder_address",
    "account_holder_name",
    "account_number",
    "account_number_last4",
    "account_numbers",
    "additional_addresses",
    "additional_names",
    "address",
    "address_city",
    "address_kana",
    "address_kanji",
    "address_line1",
    "address_line2",
    "address_state",
    "address_zip",
    "administrative_address",
    "bank_address",
    "billing_address",
    "billing_details",
    "billing_zip",
    "business_name",
    "business_profile",
    "buyer_address",
    "buyer_id",
    "card_number",
    "cardholder_address",
    "cardholder_name",
    "cashtag",
    "client_ip",
    "client_secret",
    "collected_information",
    "comment",
    "confirmation_secret",
    "contact_email",
    "contact_phone",
    "custom_fields",
    "customer_address",
    "customer_details",
    "customer_email",
    "customer_email_address",
    "customer_name",
    "customer_phone",
    "customer_purchase_ip",
    "customer_shipping",
    "customer_signature",
    "customer_tax_ids",
    "date_of_birth",
    "description",
    "display_name",
    "dob",
    "dynamic_last4",
    "email",
    "email_sent_to",
    "evidence",
    "fingerprint",
    "first_name",
    "first_name_kana",
    "first_name_kanji",
    "footer",
    "from_postal_code",
    "full_name",
    "full_name_aliases",
    "gender",
    "given_name",
    "hosted_invoice_url",
    "hosted_regulatory_receipt_url",
    "iban",
    "iban_last4",
    "id_number",
    "id_numbers",
    "iin",
    "individual_name",
    "instructions_email",
    "invoice_pdf",
    "ip",
    "ip_address",
    "ip_address_location",
    "last4",
    "last_name",
    "last_name_kana",
    "last_name_kanji",
    "legal_entity",
    "legal_gender",
    "maiden_name",
    "name",
    "name_kana",
    "name_kanji",
    "nationality",
    "nickname",
    "normalized_address",
    "owner",
    "passenger_name",
    "payer_details",
    "payer_email",
    "payer_id",
    "payer_name",
    "phone",
    "phone_number",
    "physical_address",
    "postal_code",
    "raw_address",
    "receipt_email",
    "receipt_url",
    "refund_account_holder_name",
    "refund_iban",
    "registered_address",
    "registered_name",
    "routing_number",
    "script_addresses",
    "script_names",
    "secret",
    "self_identified_gender",
    "sender_account_number",
    "sender_address_line1",
    "sender_iban",
    "sender_name",
    "sender_sort_code",
    "shipping",
    "shipping_address",
    "shipping_address_zip",
    "shipping_details",
    "shipping_first_name",
    "shipping_last_name",
    "sort_code",
    "ssn_last_4",
    "support_address",
    "support_email",
    "support_phone",
    "surname",
    "tax_id",
    "tax_ids",
    "to_postal_code",
    "tracking_number",
    "unparsed_place_of_birth",
    "user_agent",
    "verified_address",
    "verified_email",
    "verified_name",
    "verified_outputs",
    "verified_phone",
    "verified_phone_last4",
});
static_assert(std::ranges::is_sorted(personal_fields));

// Objects of the merchant's own making: what they are called concerns no person.
constexpr auto impersonal_objects = std::to_array<std::string_view>({
    "billing.meter",
    "coupon",
    "entitlements.feature",
    "plan",
    "price",
    "product",
    "promotion_code",
    "tax_rate",
    "test_helpers.test_clock",
});
static_assert(std::ranges::is_sorted(impersonal_objects));
constexpr auto impersonal_fields = std::to_array<std::string_view>({"description", "display_name", "name", "nickname"});
static_assert(std::ranges::is_sorted(impersonal_fields) && std::ranges::includes(personal_fields, impersonal_fields));

constexpr std::string_view own_metadata_prefix = "billhook_";

bool contains(auto const& sorted, std::string_view word) {
    return std::ranges::binary_search(sorted, word);
}

// Nearly all names are told from the personal ones by their length and three of their letters.
constexpr std::size_t marks = 2048;
constexpr std::size_t mark_of(std::string_view name) {
    if (name.empty()) return 0;
    auto const at = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(name[i])); };
    return (name.size() * 37 + at(0) * 5 + at(name.size() / 2) * 11 + at(name.size() - 1) * 71) % marks;
}
constexpr auto personal_marks = [] {
    std::array<bool, marks> table{};
    for (auto const name : personal_fields) table[mark_of(name)] = true;
    return table;
}();

bool is_personal(std::string_view name) {
    return personal_marks[mark_of(name)] && contains(personal_fields, name);
}

// An address on the web that opens a page for whoever holds it; the paths of lists ("/v1/…") are harmless.
bool is_link(std::string_view name, dom::element const& value) {
    std::string_view text;
    return name == "url" && value.get(text) == simdjson::SUCCESS && !text.starts_with('/');
}

bool is_impersonal(dom::object const& object) {
    std::string_view kind;
    return object["object"].get(kind) == simdjson::SUCCESS && contains(impersonal_objects, kind);
}

Error refused(std::string detail) {
    return invalid("", std::move(detail), "invalid_json");
}

// Writes a document anew, without what is personal. Refuses what another reader could read otherwise.
class Redactor {
  public:
    Redactor(AllowedMetadata const& allowed_metadata, std::size_t bytes_expected)
        : allowed_metadata_(allowed_metadata), out_(bytes_expected) {}

    enum class Keep { all, impersonal, none };  // none: every leaf is replaced, the members stay

    Status write(dom::element const& value, Keep keep, int depth) {
        if (depth > depth_max) return fail(refused("expected JSON that is nested less deep"));
        switch (value.type()) {
            case dom::element_type::OBJECT:
                return write_object(value.get_object().value_unsafe(), keep, depth);
            case dom::element_type::ARRAY:
                return write_array(value.get_array().value_unsafe(), keep, depth);
            default:
                write_leaf(value, keep);
                return {};
        }
    }
    std::string take() { return out_.take(); }

  private:
    Status write_array(dom::array const& array, Keep keep, int depth) {
        out_.append("[");
        bool is_first = true;
        for (dom::element const element : array) {
            if (!std::exchange(is_first, false)) out_.append(",");
            TRY_VOID(write(element, keep, depth + 1));
        }
        out_.append("]");
        return {};
    }

    Status write_object(dom::object const& object, Keep keep, int depth) {
        Keys keys(keys_);
        out_.append("{");
        bool is_first = true;
        for (auto const [name, value] : object) {
            if (!keys.add(name)) return fail(refused("the key \"" + std::string(name) + "\" appears twice"));
            if (!std::exchange(is_first, false)) out_.append(",");
            out_.quote(name);
            out_.append(":");
            if (name == "metadata" && keep == Keep::impersonal)
                TRY_VOID(write_metadata(value, depth + 1));
            else
                TRY_VOID(write(value, keep_of(object, name, value, keep), depth + 1));
        }
        out_.append("}");
        return {};
    }

    static Keep keep_of(dom::object const& object, std::string_view name, dom::element const& value, Keep keep) {
        if (keep != Keep::impersonal) return keep;
        if (is_link(name, value)) return Keep::none;
        if (!is_personal(name)) return Keep::impersonal;
        return contains(impersonal_fields, name) && is_impersonal(object) ? Keep::all : Keep::none;
    }

    Status write_metadata(dom::element const& value, int depth) {
        dom::object metadata;
        if (value.get(metadata) != simdjson::SUCCESS) return write(value, Keep::none, depth);
        if (depth > depth_max) return fail(refused("expected JSON that is nested less deep"));
        Keys keys(keys_);
        out_.append("{");
        bool is_first = true;
        for (auto const [name, member] : metadata) {
            if (!keys.add(name)) return fail(refused("the key \"" + std::string(name) + "\" appears twice"));
            if (!std::exchange(is_first, false)) out_.append(",");
            out_.quote(name);
            out_.append(":");
            bool const is_kept = name.starts_with(own_metadata_prefix) || allowed_metadata_.contains(name);
            TRY_VOID(write(member, is_kept ? Keep::all : Keep::none, depth + 1));
        }
        out_.append("}");
        return {};
    }

    void write_leaf(dom::element const& value, Keep keep) {
        if (value.is_null()) return out_.append("null");
        if (value.type() == dom::element_type::BOOL)
            return out_.append(value.get_bool().value_unsafe() ? "true" : "false");
        if (keep == Keep::none) return out_.quote(redacted);
        switch (value.type()) {
            case dom::element_type::STRING:
                return out_.quote(value.get_string().value_unsafe());
            case dom::element_type::INT64:
                return out_.number(value.get_int64().value_unsafe());
            case dom::element_type::UINT64:
                return out_.append(std::to_string(value.get_uint64().value_unsafe()));
            default:
                return write_double(value.get_double().value_unsafe());
        }
    }

    void write_double(double value) {
        std::array<char, 32> digits;
        std::string_view const text(digits.data(),
                                    std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
        out_.append(text);
        if (text.find_first_of(".e") == std::string_view::npos) out_.append(".0");  // or it would become an integer
    }

    // The keys of the object that is being written, behind those of the objects around it.
    class Keys {
      public:
        explicit Keys(std::vector<std::string_view>& all)
            : all_(all), begin_(static_cast<std::ptrdiff_t>(all.size())) {}
        ~Keys() { all_.resize(begin_); }

        bool add(std::string_view key) {
            auto const mark = mark_of(key) % marks_of_object;
            bool const may_be_there = seen_[mark];
            seen_[mark] = true;
            if (may_be_there && std::find(all_.begin() + begin_, all_.end(), key) != all_.end()) return false;
            all_.push_back(key);
            return true;
        }

      private:
        static constexpr std::size_t marks_of_object = 512;
        std::vector<std::string_view>& all_;
        std::ptrdiff_t const begin_;
        std::bitset<marks_of_object> seen_;
    };

    AllowedMetadata const& allowed_metadata_;
    JsonText out_;
    std::vector<std::string_view> keys_;
};

}  // namespace

Result<std::string> redact(dom::element const& tree, AllowedMetadata const& allowed_metadata,
                           std::size_t bytes_expected) {
    Redactor redactor(allowed_metadata, bytes_expected);
    TRY_VOID(redactor.write(tree, Redactor::Keep::impersonal, 0));
    return redactor.take();
}

}  // namespace billhook::flow
