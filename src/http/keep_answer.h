#pragma once
// What is kept of an answer under the request's idempotency key; and, for a handler whose command is one transaction,
// the means to keep it there.

#include "flow/command/idempotent_write.h"
#include "http/call.h"

namespace billhook::http {

/// What a repetition is answered: a secret is told once, and the database never holds it.
inline std::string text_to_keep(Answer const& answer) {
    JsonObject body = answer.body;
    if (!answer.secret.empty()) body[answer.secret] = nullptr;
    return to_text(body);
}

template <class Value>
flow::AnswerKeeper<Value> keep_answer(Call const& call, Answer (*render)(Value const&)) {
    if (!call.claim) return {};
    return {*call.claim, [render](Value const& value) {
                auto const answer = render(value);
                return flow::KeptAnswer{answer.status, text_to_keep(answer)};
            }};
}

}  // namespace billhook::http
