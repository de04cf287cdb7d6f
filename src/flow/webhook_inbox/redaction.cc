#include "flow/webhook_inbox/redaction.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace billhook::flow {
namespace {

// Fields of Stripe's objects that are replaced wherever they stand, with all that is in them. Sorted.
constexpr auto personal_fields = std::to_array<std::string_view>({
    "account_holder_name",
    "account_number",
    "address",
    "billing_address",
    "billing_details",
    "business_name",
    "business_profile",
    "card_number",
    "cardholder_name",
    "client_ip",
    "client_secret",
    "collected_information",
    "comment",
    "confirmation_secret",
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
    "description",
    "dynamic_last4",
    "email",
    "evidence",
    "fingerprint",
    "footer",
    "hosted_invoice_url",
    "hosted_regulatory_receipt_url",
    "iban_last4",
    "iin",
    "individual_name",
    "instructions_email",
    "invoice_pdf",
    "ip",
    "ip_address",
    "last4",
    "name",
    "nickname",
    "owner",
    "payer_email",
    "payer_name",
    "phone",
    "postal_code",
    "receipt_email",
    "receipt_url",
    "routing_number",
    "secret",
    "shipping",
    "shipping_address",
    "shipping_details",
    "tax_id",
    "tax_ids",
    "verified_email",
    "verified_name",
    "verified_phone",
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
constexpr auto impersonal_fields = std::to_array<std::string_view>({"description", "name", "nickname"});
static_assert(std::ranges::is_sorted(impersonal_fields));

constexpr std::string_view own_metadata_prefix = "billhook_";

bool contains(auto const& sorted, std::string_view word) {
    return std::ranges::binary_search(sorted, word);
}

// Replaces every leaf; an object keeps its members, so that its shape can still be seen.
void blank(Json& value) {
    if (auto* object = value.if_object()) {
        for (auto& [key, member] : *object) blank(member);
    } else if (auto* array = value.if_array()) {
        for (auto& element : *array) blank(element);
    } else if (!value.is_null() && !value.is_bool()) {
        value = boost::json::string_view(redacted.data(), redacted.size());
    }
}

void redact_metadata(Json& value, AllowedMetadata const& allowed) {
    auto* object = value.if_object();
    if (!object) return blank(value);
    for (auto& [key, member] : *object) {
        std::string_view const name(key.data(), key.size());
        if (!name.starts_with(own_metadata_prefix) && !allowed.contains(name)) blank(member);
    }
}

// An address on the web that opens a page for whoever holds it; the paths of lists ("/v1/…") are harmless.
bool is_link(std::string_view name, Json const& value) {
    return name == "url" && value.is_string() && !as_view(value.get_string()).starts_with('/');
}

}  // namespace

void redact(Json& tree, AllowedMetadata const& allowed_metadata) {
    if (auto* array = tree.if_array()) {
        for (auto& element : *array) redact(element, allowed_metadata);
        return;
    }
    auto* object = tree.if_object();
    if (!object) return;
    auto const* kind = object->if_contains("object");
    bool const is_impersonal = kind && kind->is_string() && contains(impersonal_objects, as_view(kind->get_string()));
    for (auto& [key, value] : *object) {
        std::string_view const name(key.data(), key.size());
        if (name == "metadata")
            redact_metadata(value, allowed_metadata);
        else if (is_impersonal && contains(impersonal_fields, name))
            continue;
        else if (contains(personal_fields, name) || is_link(name, value))
            blank(value);
        else
            redact(value, allowed_metadata);
    }
}

}  // namespace billhook::flow
