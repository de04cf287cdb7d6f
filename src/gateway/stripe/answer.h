#pragma once
// From answers to objects: one, each of a list, all of a list.

#include <vector>

#include "gateway/stripe/client.h"

namespace billhook::stripe {

template <class Parse>
auto parse_answer(Result<Json> const& answer, Parse parse) -> decltype(parse(*answer)) {
    if (!answer) return fail(answer.error());
    return parse(*answer);
}

/// Parses each element of a list and shows it to `visit`, until that says stop.
template <class Parse, class Visit>
Status visit_all(Client const& client, Endpoint const& endpoint, JsonObject const& query, Parse parse, Visit visit) {
    return client.for_each(endpoint, query, [&](Json const& element) -> Result<Client::Walk> {
        auto const parsed = parse(element);
        if (!parsed) return fail(parsed.error());
        return visit(*parsed);
    });
}

template <class Parse>
auto collect_all(Client const& client, Endpoint const& endpoint, JsonObject const& query, Parse parse)
    -> Result<std::vector<typename decltype(parse(Json{}))::value_type>> {
    std::vector<typename decltype(parse(Json{}))::value_type> all;
    auto const status = visit_all(client, endpoint, query, parse, [&](auto const& parsed) {
        all.push_back(parsed);
        return Client::Walk::on;
    });
    if (!status) return fail(status.error());
    return all;
}

}  // namespace billhook::stripe
