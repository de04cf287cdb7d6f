// Forms with brackets: what is read can be written and read again; a refusal names the parameter or says why it cannot.

#include "net/form.h"

#include "tests/fuzz/property.h"

namespace billhook::fuzz {

void try_input(std::string_view input) {
    hold(net::percent_decode(net::percent_encode(input)) == input, "percent-coding is undone by decoding");
    hold(net::percent_decode_form(net::percent_encode(input)) == input, "also as a form reads it");
    hold(net::percent_decode(input).size() <= input.size(), "decoding never grows");

    net::FormLimits const limits{.depth_max = 6, .fields_max = 200};
    auto const fields = net::parse_form(input, limits);
    if (!fields) {
        hold(fields.error().kind == ErrorKind::invalid && !fields.error().detail.empty(), "a refusal says why");
        return;
    }
    auto const text = net::encode_form(*fields);
    auto const again = net::parse_form(text, limits);
    hold(again.has_value(), "what was written can be read");
    hold(*again == *fields, "what was written reads back the same");
    hold(net::encode_form(*again) == text, "writing it again gives the same text");
}

}  // namespace billhook::fuzz
