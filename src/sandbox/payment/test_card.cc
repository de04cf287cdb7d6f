#include "sandbox/payment/test_card.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/digest.h"

namespace billhook::sandbox {
namespace {

constexpr std::array cards = {
    TestCard{"4242424242424242", "pm_card_visa"},
    TestCard{.number = "4000056655665556", .token = "pm_card_visa_debit", .funding = "debit"},
    TestCard{"5555555555554444", "pm_card_mastercard", "mastercard"},
    TestCard{
        .number = "5200828282828210", .token = "pm_card_mastercard_debit", .brand = "mastercard", .funding = "debit"},
    TestCard{.number = "5105105105105100",
             .token = "pm_card_mastercard_prepaid",
             .brand = "mastercard",
             .funding = "prepaid"},
    TestCard{"2223003122003222", "", "mastercard"},
    TestCard{"378282246310005", "pm_card_amex", "amex"},
    TestCard{"371449635398431", "", "amex"},
    TestCard{"6011111111111117", "pm_card_discover", "discover"},
    TestCard{"6011000990139424", "", "discover"},
    TestCard{"3056930009020004", "pm_card_diners", "diners"},
    TestCard{"3566002020360505", "pm_card_jcb", "jcb"},
    TestCard{"4000000000000077", "pm_card_bypassPending"},
    TestCard{"6200000000000005", "pm_card_unionpay", "unionpay"},
    TestCard{.number = "4000000760000002", .token = "pm_card_br", .country = "BR"},
    TestCard{.number = "4000001240000000", .token = "pm_card_ca", .country = "CA"},
    TestCard{.number = "4000004840008001", .token = "pm_card_mx", .country = "MX"},
    TestCard{.number = "4000000560000004", .token = "pm_card_be", .country = "BE"},
    TestCard{.number = "4000007560000009", .token = "pm_card_ch", .country = "CH"},
    TestCard{.number = "4000002760000016", .token = "pm_card_de", .country = "DE"},
    TestCard{.number = "4000007240000007", .token = "pm_card_es", .country = "ES"},
    TestCard{.number = "4000002500000003", .token = "pm_card_fr", .country = "FR"},
    TestCard{.number = "4000008260000000", .token = "pm_card_gb", .country = "GB"},
    TestCard{.number = "4000003800000008", .token = "pm_card_it", .country = "IT"},
    TestCard{.number = "4000005280000002", .token = "pm_card_nl", .country = "NL"},
    TestCard{.number = "4000000360000006", .token = "pm_card_au", .country = "AU"},
    TestCard{.number = "4000001560000002", .token = "pm_card_cn", .country = "CN"},
    TestCard{.number = "4000003560000008", .token = "pm_card_in", .country = "IN"},
    TestCard{.number = "4000003920000003", .token = "pm_card_jp", .country = "JP"},
    TestCard{"4000000000000002", "pm_card_visa_chargeDeclined", "visa", "card_declined", "generic_decline", true},
    TestCard{"4000000000009995", "pm_card_visa_chargeDeclinedInsufficientFunds", "visa", "card_declined",
             "insufficient_funds", true},
    TestCard{"4000000000009987", "pm_card_visa_chargeDeclinedLostCard", "visa", "card_declined", "lost_card", true},
    TestCard{"4000000000009979", "pm_card_visa_chargeDeclinedStolenCard", "visa", "card_declined", "stolen_card", true},
    TestCard{"4100000000000019", "pm_card_radarBlock", "visa", "card_declined", "fraudulent", true},
    TestCard{"4000000000000069", "pm_card_chargeDeclinedExpiredCard", "visa", "expired_card", "", true},
    TestCard{"4000000000000127", "pm_card_chargeDeclinedIncorrectCvc", "visa", "incorrect_cvc", "", true},
    TestCard{"4000000000000101", "pm_card_cvcCheckFail", "visa", "incorrect_cvc", "", true},
    TestCard{"4000000000000119", "pm_card_chargeDeclinedProcessingError", "visa", "processing_error", "", true},
    TestCard{"4000000000006975", "pm_card_visa_chargeDeclinedVelocityLimitExceeded", "visa", "card_declined",
             "card_velocity_exceeded", true},
    TestCard{"4000000000000341", "pm_card_chargeCustomerFail", "visa", "card_declined", "generic_decline"},
    TestCard{"4000002500003155", "pm_card_authenticationRequiredOnSetup", "visa", "", "", false,
             Challenge::until_set_up},
    TestCard{"4000002760003184", "pm_card_authenticationRequired", "visa", "", "", false, Challenge::always},
    TestCard{"4000008260003178", "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds", "visa",
             "card_declined", "insufficient_funds", false, Challenge::until_set_up},
    TestCard{"4000003800000446", "pm_card_authenticationRequiredSetupForOffSession", "visa", "", "", false,
             Challenge::on_session},
    TestCard{"4000008400001629", "", "visa", "card_declined", "generic_decline", false, Challenge::always},
    TestCard{"4000000000003220", "pm_card_threeDSecure2Required", "visa", "", "", false, Challenge::until_set_up},
    TestCard{"4000000000003063", "pm_card_threeDSecureRequired", "visa", "", "", false, Challenge::until_set_up},
    TestCard{"4000000000003055", "pm_card_threeDSecureOptional"},
    TestCard{"4000000000000259", "pm_card_createDispute", "visa", "", "", false, Challenge::none, "fraudulent"},
    TestCard{"4000000000002685", "pm_card_createDisputeProductNotReceived", "visa", "", "", false, Challenge::none,
             "product_not_received"},
    TestCard{"4000000000001976", "pm_card_createDisputeInquiry", "visa", "", "", false, Challenge::none, "inquiry"},
    TestCard{"4000000000005126", "pm_card_refundFail", "visa", "", "", false, Challenge::none, "", "fail"},
    TestCard{"4000000000007726", "pm_card_pendingRefund", "visa", "", "", false, Challenge::none, "", "pending"},
};

struct Spelling {
    std::string_view other;
    std::string_view token;
};
constexpr std::array spellings = {
    Spelling{"pm_card_chargeDeclined", "pm_card_visa_chargeDeclined"},
    Spelling{"pm_card_chargeDeclinedInsufficientFunds", "pm_card_visa_chargeDeclinedInsufficientFunds"},
    Spelling{"pm_card_visa_chargeDeclinedFraudulent", "pm_card_radarBlock"},
    Spelling{"pm_card_chargeDeclinedFraudulent", "pm_card_radarBlock"},
    Spelling{"pm_card_us", "pm_card_visa"},
};

std::string_view message_of(std::string_view code, std::string_view decline_code) {
    if (code == "expired_card") return "Your card has expired.";
    if (code == "incorrect_cvc") return "Your card's security code is incorrect.";
    if (code == "processing_error") return "An error occurred while processing your card. Try again in a little bit.";
    if (decline_code == "insufficient_funds") return "Your card has insufficient funds.";
    if (decline_code == "card_velocity_exceeded")
        return "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.";
    return "Your card was declined.";
}

}  // namespace

TestCard const* find_card_by_number(std::string_view digits) {
    auto const found = std::ranges::find(cards, digits, &TestCard::number);
    return found == cards.end() ? nullptr : &*found;
}

TestCard const* find_card_by_token(std::string_view token) {
    if (token.empty()) return nullptr;
    // A token is spelt as the payment method of its card.
    std::string spelt(token);
    if (spelt.starts_with("tok_")) spelt = "pm_card_" + spelt.substr(4);
    token = spelt;
    auto const other = std::ranges::find(spellings, token, &Spelling::other);
    if (other != spellings.end()) token = other->token;
    auto const found = std::ranges::find(cards, token, &TestCard::token);
    return found == cards.end() ? nullptr : &*found;
}

std::string fingerprint_of(TestCard const& card) {
    return to_hex(sha256(card.number)).substr(0, 16);
}

TestCard const* find_card_by_fingerprint(std::string_view fingerprint) {
    static auto const by_fingerprint = [] {
        std::map<std::string, TestCard const*, std::less<>> made;
        for (auto const& card : cards) made.emplace(fingerprint_of(card), &card);
        return made;
    }();
    auto const found = by_fingerprint.find(fingerprint);
    return found == by_fingerprint.end() ? nullptr : found->second;
}

DeclineAdvice advice_of(std::string_view code, std::string_view decline_code) {
    if (code == "expired_card") return {"54", "confirm_card_data"};
    if (code == "incorrect_cvc") return {"N7", "confirm_card_data"};
    if (code == "processing_error") return {"", "try_again_later"};
    if (decline_code == "insufficient_funds") return {"51", "try_again_later"};
    if (decline_code == "card_velocity_exceeded") return {"61", "try_again_later"};
    if (decline_code == "lost_card") return {"41", "do_not_try_again"};
    if (decline_code == "stolen_card") return {"43", "do_not_try_again"};
    return {"01", "try_again_later"};
}

ApiError decline_of(TestCard const& card) {
    ApiError error{402, "card_error", std::string(card.code), std::string(message_of(card.code, card.decline_code))};
    if (!card.decline_code.empty()) error.extra["decline_code"] = card.decline_code;
    auto const advice = advice_of(card.code, card.decline_code);
    if (!advice.advice_code.empty()) error.extra["advice_code"] = advice.advice_code;
    if (!advice.network_decline_code.empty()) error.extra["network_decline_code"] = advice.network_decline_code;
    return error;
}

ApiError authentication_required() {
    ApiError error{402, "card_error", "authentication_required",
                   "Your card was declined. This transaction requires authentication."};
    error.extra["decline_code"] = "authentication_required";
    return error;
}

ApiError not_a_test_card() {
    ApiError error{402, "card_error", "card_declined",
                   "Your card was declined. Your request was in test mode, but used a non test card."};
    error.extra["decline_code"] = "test_mode_live_card";
    return error;
}

}  // namespace billhook::sandbox
