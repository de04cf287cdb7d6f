#include "sandbox/core/search.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "sandbox/core/call.h"

namespace billhook::sandbox {
namespace {

struct Term {
    bool is_negated = false;
    std::vector<std::string> path;  // "metadata", "tier"
    char relation = ':';            // : ~ < > and l, g for <=, >=
    std::string value;
    bool is_null = false;
};

ApiError unreadable(std::string const& why) {
    return bad_request("We were unable to parse your search query: " + why + ".", "query");
}

std::string lower(std::string text) {
    for (auto& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

class Reader {
  public:
    explicit Reader(std::string_view text) : rest_(text) {}

    Answer<std::vector<Term>> read(bool& is_any) {
        std::vector<Term> terms;
        std::string joint;
        while (true) {
            terms.push_back(TRY(read_term()));
            if (!skip_spaces() && !rest_.empty()) return refuse(unreadable("expected a space after a clause"));
            if (rest_.empty()) break;
            auto word = take_joint();
            if (!joint.empty() && joint != word) return refuse(unreadable("AND and OR cannot be mixed"));
            joint = std::move(word);
        }
        is_any = joint == "or";
        return terms;
    }

  private:
    bool skip_spaces() {
        bool const has_spaces = rest_.starts_with(' ');
        while (rest_.starts_with(' ')) rest_.remove_prefix(1);
        return has_spaces;
    }

    /// What joins the clause before with the next; a space alone says "and".
    std::string take_joint() {
        auto const before = rest_;
        auto word = lower(take_word());
        if ((word == "and" || word == "or") && skip_spaces()) return word;
        rest_ = before;
        return "and";
    }

    std::string take_word() {
        std::string word;
        while (!rest_.empty() && (std::isalnum(static_cast<unsigned char>(rest_.front())) || rest_.front() == '_' ||
                                  rest_.front() == '.' || rest_.front() == '-')) {
            word += rest_.front();
            rest_.remove_prefix(1);
        }
        return word;
    }

    Answer<std::string> take_quoted() {
        char const quote = rest_.front();
        rest_.remove_prefix(1);
        std::string text;
        while (!rest_.empty() && rest_.front() != quote) {
            if (rest_.front() == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
            text += rest_.front();
            rest_.remove_prefix(1);
        }
        if (rest_.empty()) return refuse(unreadable("a quotation mark is not closed"));
        rest_.remove_prefix(1);
        return text;
    }

    bool at_quote() const { return rest_.starts_with('\'') || rest_.starts_with('"'); }

    Answer<Term> read_term() {
        Term term;
        skip_spaces();
        if (rest_.starts_with('-')) {
            term.is_negated = true;
            rest_.remove_prefix(1);
        }
        auto field = take_word();
        if (field.empty()) return refuse(unreadable("expected a field"));
        while (true) {
            auto const dot = field.find('.');
            term.path.push_back(field.substr(0, dot));
            if (dot == std::string::npos) break;
            field = field.substr(dot + 1);
        }
        if (rest_.starts_with('[')) {
            rest_.remove_prefix(1);
            if (!at_quote()) return refuse(unreadable("expected a quoted key in brackets"));
            term.path.push_back(TRY(take_quoted()));
            if (!rest_.starts_with(']')) return refuse(unreadable("a bracket is not closed"));
            rest_.remove_prefix(1);
        }
        if (rest_.empty() || std::string_view(":~<>").find(rest_.front()) == std::string_view::npos)
            return refuse(unreadable("expected one of : ~ < > after a field"));
        term.relation = rest_.front();
        rest_.remove_prefix(1);
        if (rest_.starts_with('=') && term.relation != ':' && term.relation != '~') {
            term.relation = term.relation == '<' ? 'l' : 'g';
            rest_.remove_prefix(1);
        }
        if (at_quote()) {
            term.value = TRY(take_quoted());
        } else {
            term.value = take_word();
            if (term.value.empty()) return refuse(unreadable("expected a value"));
            term.is_null = term.value == "null";
        }
        return term;
    }

    std::string_view rest_;
};

Json const* look_up(JsonObject const& object, std::vector<std::string> const& path) {
    Json const* at = find(object, path.front());
    for (std::size_t i = 1; at && i < path.size(); ++i) at = find(*at, path[i]);
    return at && at->is_null() ? nullptr : at;
}

bool compare(std::int64_t number, Term const& term) {
    std::int64_t value = 0;
    std::from_chars(term.value.data(), term.value.data() + term.value.size(), value);
    switch (term.relation) {
        case '<':
            return number < value;
        case '>':
            return number > value;
        case 'l':
            return number <= value;
        case 'g':
            return number >= value;
        default:
            return number == value;
    }
}

bool holds(Term const& term, JsonObject const& object) {
    auto const* value = look_up(object, term.path);
    bool found = false;
    if (term.is_null)
        found = !value;
    else if (!value)
        found = false;
    else if (value->is_int64())
        found = compare(value->get_int64(), term);
    else if (value->is_string() && term.relation == '~')
        found = lower(std::string(as_view(value->get_string()))).find(lower(term.value)) != std::string::npos;
    else if (value->is_string())
        found = lower(std::string(as_view(value->get_string()))) == lower(term.value);
    else if (value->is_bool())
        found = value->get_bool() == (term.value == "true");
    return found != term.is_negated;
}

}  // namespace

Answer<std::function<bool(JsonObject const&)>> read_search(std::string_view query) {
    bool is_any = false;
    auto terms = TRY(Reader(query).read(is_any));
    return [terms = std::move(terms), is_any](JsonObject const& object) {
        auto const fits = [&](Term const& term) { return holds(term, object); };
        return is_any ? std::ranges::any_of(terms, fits) : std::ranges::all_of(terms, fits);
    };
}

// Sandbox searches see every write at once; Stripe's lag behind by up to a minute.
Answer<Json> Call::search(std::string_view type) {
    auto const fits = TRY(read_search(text("query")));
    auto const limit = int_or(params, "limit", 10);
    if (limit < 1 || limit > 100)
        return refuse(bad_request("Limits can range between 1 and 100.", "limit", "parameter_invalid_integer"));
    std::int64_t skipped = 0;
    if (auto const page = text("page"); !page.empty()) std::from_chars(page.data(), page.data() + page.size(), skipped);
    JsonArray data;
    std::int64_t seen = 0;
    bool has_more = false;
    auto const& all = store().all_live(type);
    for (auto at = all.rbegin(); at != all.rend() && !has_more; ++at) {
        if (!fits(at->second->object) || seen++ < skipped) continue;
        if (std::ssize(data) == limit)
            has_more = true;
        else
            data.push_back(world_.views.render(type, at->second->object));
    }
    return JsonObject{{"object", "search_result"},
                      {"data", std::move(data)},
                      {"has_more", has_more},
                      {"next_page", has_more ? Json(std::to_string(skipped + limit)) : Json(nullptr)},
                      {"url", path}};
}

}  // namespace billhook::sandbox
