#include "http/routes/system.h"

#include "http/context.h"
#include "http/openapi_text.h"
#include "http/problem.h"

namespace billhook::http {

Result<Answer> get_livez(Call const&) {
    return ok({{"status", "live"}});
}

Result<Answer> get_readyz(Call const& call) {
    if (call.context.is_ready()) return ok({{"status", "ready"}, {"sandbox", !call.context.sandbox_url.empty()}});
    return fail(unavailable("not_ready", "the server is starting, stopping, or cannot reach its database"));
}

Result<Answer> get_metrics(Call const& call) {
    return text_answer(call.context.metrics_text(), "text/plain; version=0.0.4");
}

Result<Answer> get_openapi(Call const&) {
    return text_answer(std::string(openapi_text()), "application/yaml");
}

Result<Answer> get_problem(Call const& call) {
    auto page = problem_page(call.path_parameter("code"));
    if (page.status != 200) return fail(not_found("there is no such problem type"));
    return text_answer(std::move(page.body), page.headers.get_or("Content-Type"));
}

}  // namespace billhook::http
