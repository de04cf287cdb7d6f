#include "tests/mutated_webhook/mutation.h"

#include "base/digest.h"
#include "base/json.h"

namespace billhook::mutated {
namespace {

using namespace std::string_view_literals;

std::string signature(std::string_view secret, std::string_view time, std::string_view body) {
    return to_hex(hmac_sha256(secret, std::string(time) + "." + std::string(body)));
}

std::string seconds(Timestamp at) {
    return std::to_string(at.seconds());
}

std::string header_of(std::string_view time, std::string_view value) {
    return "t=" + std::string(time) + ",v1=" + std::string(value);
}

std::string random_hex(RandomSource& random) {
    std::string bytes;
    for (int i = 0; i < 32; ++i) bytes += static_cast<char>(random.next());
    return to_hex(bytes);
}

void flip_bits(std::string& text, RandomSource& random) {
    auto const before = text;
    while (text == before)
        for (auto flips = 1 + random.below(8); flips > 0; --flips)
            text[random.below(text.size())] ^= static_cast<char>(1u << random.below(8));
}

SignedEvent flip_body(SignedEvent event, std::string_view, Timestamp, RandomSource& random) {
    flip_bits(event.body, random);
    return event;
}
SignedEvent flip_header(SignedEvent event, std::string_view, Timestamp, RandomSource& random) {
    flip_bits(event.header, random);
    return event;
}
SignedEvent cut_body(SignedEvent event, std::string_view, Timestamp, RandomSource& random) {
    event.body.resize(random.below(event.body.size()));
    return event;
}
SignedEvent cut_header(SignedEvent event, std::string_view, Timestamp, RandomSource& random) {
    event.header.resize(random.below(event.header.size()));
    return event;
}
SignedEvent lengthen_body(SignedEvent event, std::string_view, Timestamp, RandomSource& random) {
    static constexpr std::string_view added = " \n\r\t\0,}x"sv;
    event.body.insert(random.below(2) ? event.body.size() : random.below(event.body.size()), 1,
                      added[random.below(added.size())]);
    return event;
}
SignedEvent cut_body_out(SignedEvent event, std::string_view, Timestamp, RandomSource& random) {
    auto const at = random.below(event.body.size());
    event.body.erase(at, 1 + random.below(64));
    return event;
}
SignedEvent swap_headers(SignedEvent event, std::string_view secret, Timestamp now, RandomSource& random) {
    event.header = sign_event(event.body + std::to_string(random.next()), secret, now).header;
    return event;
}
SignedEvent shift_time_unsigned(SignedEvent event, std::string_view secret, Timestamp now, RandomSource& random) {
    auto const shift = Duration::seconds(1 + static_cast<std::int64_t>(random.below(200)));
    auto const other = random.below(2) ? now + shift : now - shift;
    event.header = header_of(seconds(other), signature(secret, seconds(now), event.body));
    return event;
}
SignedEvent sign_long_ago(SignedEvent event, std::string_view secret, Timestamp now, RandomSource& random) {
    return sign_event(std::move(event.body), secret,
                      now - Duration::seconds(301 + static_cast<std::int64_t>(random.below(100'000'000))));
}
SignedEvent sign_in_the_future(SignedEvent event, std::string_view secret, Timestamp now, RandomSource& random) {
    return sign_event(std::move(event.body), secret,
                      now + Duration::seconds(301 + static_cast<std::int64_t>(random.below(100'000'000))));
}
SignedEvent sign_with_another_secret(SignedEvent event, std::string_view, Timestamp now, RandomSource& random) {
    return sign_event(std::move(event.body), "whsec_" + random.alphanumeric(32), now);
}
SignedEvent sign_with_a_near_secret(SignedEvent event, std::string_view secret, Timestamp now, RandomSource& random) {
    std::string const near[] = {"", std::string(secret) + " ", std::string(secret.substr(1)), "whsec_",
                                std::string(secret) + "\n"};
    return sign_event(std::move(event.body), near[random.below(std::size(near))], now);
}
SignedEvent sign_with_an_older_scheme(SignedEvent event, std::string_view secret, Timestamp now, RandomSource& random) {
    static constexpr char const* schemes[] = {"v0", "v2", "V1", "v", "v11", "v1 ", " v1", "v1\t"};
    event.header = "t=" + seconds(now) + "," + schemes[random.below(std::size(schemes))] + "=" +
                   signature(secret, seconds(now), event.body);
    return event;
}
SignedEvent several_wrong_values(SignedEvent event, std::string_view, Timestamp now, RandomSource& random) {
    event.header = "t=" + seconds(now);
    for (auto count = 2 + random.below(6); count > 0; --count) event.header += ",v1=" + random_hex(random);
    return event;
}
SignedEvent part_of_the_value(SignedEvent event, std::string_view secret, Timestamp now, RandomSource& random) {
    auto value = signature(secret, seconds(now), event.body);
    auto const kept = random.below(value.size());
    value = random.below(2) ? value.substr(0, kept) : value + value.substr(kept);
    event.header = header_of(seconds(now), value);
    return event;
}
SignedEvent two_times(SignedEvent event, std::string_view, Timestamp now, RandomSource& random) {
    auto const other = "t=" + seconds(now - Duration::seconds(static_cast<std::int64_t>(random.below(100))));
    event.header = random.below(2) ? other + "," + event.header : event.header + "," + other;
    return event;
}
SignedEvent no_time(SignedEvent event, std::string_view, Timestamp, RandomSource&) {
    event.header.erase(0, event.header.find(',') + 1);
    return event;
}
SignedEvent time_written_differently(SignedEvent event, std::string_view secret, Timestamp now, RandomSource& random) {
    std::string const written[] = {"0" + seconds(now), "+" + seconds(now),     seconds(now) + ".0",
                                   seconds(now) + " ", std::to_string(now.ms), "0x6ab1"};
    event.header = header_of(written[random.below(std::size(written))], signature(secret, seconds(now), event.body));
    return event;
}
SignedEvent space_in_header(SignedEvent event, std::string_view, Timestamp, RandomSource& random) {
    static constexpr std::string_view spaces = " \t";
    // At the very end HTTP takes white space away, and it changes nothing there.
    event.header.insert(random.below(event.header.size()), 1, spaces[random.below(spaces.size())]);
    return event;
}
SignedEvent header_said_twice(SignedEvent event, std::string_view, Timestamp, RandomSource& random) {
    event.header = (random.below(2) ? event.header + ", " : "," + event.header + ";") + event.header;
    return event;
}
SignedEvent body_written_again(SignedEvent event, std::string_view, Timestamp, RandomSource& random) {
    auto tree = *parse_json(event.body);
    auto const before = event.body;
    event.body = to_text(tree);
    // A body that was compact already is changed in what only its reader would notice.
    if (event.body == before || random.below(2)) {
        tree.as_object()["livemode"] = !bool_or(tree, "livemode");
        event.body = to_text(tree);
    }
    return event;
}
SignedEvent another_id(SignedEvent event, std::string_view, Timestamp, RandomSource& random) {
    event.body.replace(event.body.find("evt_") + 4, 8, random.alphanumeric(8));
    return event;
}
SignedEvent body_without_time_signed(SignedEvent event, std::string_view secret, Timestamp now, RandomSource& random) {
    std::string const texts[] = {event.body, seconds(now) + event.body, seconds(now) + "\n" + event.body,
                                 event.body + "." + seconds(now)};
    event.header = header_of(seconds(now), to_hex(hmac_sha256(secret, texts[random.below(std::size(texts))])));
    return event;
}
SignedEvent digest_in_place_of_code(SignedEvent event, std::string_view secret, Timestamp now, RandomSource&) {
    event.header = header_of(seconds(now), to_hex(sha256(std::string(secret) + seconds(now) + "." + event.body)));
    return event;
}
SignedEvent no_header(SignedEvent event, std::string_view, Timestamp, RandomSource& random) {
    static constexpr char const* headers[] = {"", ",", "=", "t=,v1=", "v1=", "t=0,v1=", "null", "t=NaN"};
    event.header = headers[random.below(std::size(headers))];
    return event;
}

}  // namespace

SignedEvent sign_event(std::string body, std::string_view secret, Timestamp at) {
    auto header = header_of(seconds(at), signature(secret, seconds(at), body));
    return {std::move(body), std::move(header)};
}

std::vector<Mutation> const& mutations() {
    static std::vector<Mutation> const all = {
        {"bits of the body flipped", flip_body},
        {"bits of the header flipped", flip_header},
        {"body truncated", cut_body},
        {"header truncated", cut_header},
        {"body lengthened", lengthen_body},
        {"a piece of the body gone", cut_body_out},
        {"the header of another event", swap_headers},
        {"the time shifted, the signature kept", shift_time_unsigned},
        {"signed too long ago", sign_long_ago},
        {"signed in the future", sign_in_the_future},
        {"another secret", sign_with_another_secret},
        {"nearly the secret", sign_with_a_near_secret},
        {"another scheme", sign_with_an_older_scheme},
        {"several wrong signatures", several_wrong_values},
        {"a part of the signature", part_of_the_value},
        {"two times", two_times},
        {"no time", no_time},
        {"the time written differently", time_written_differently},
        {"white space in the header", space_in_header},
        {"the header said twice in one", header_said_twice},
        {"the body written again", body_written_again},
        {"another event id", another_id},
        {"signed over another text", body_without_time_signed},
        {"a digest in place of a code", digest_in_place_of_code},
        {"no usable header", no_header},
    };
    return all;
}

}  // namespace billhook::mutated
