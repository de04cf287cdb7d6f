#include "http/routes/operator.h"

#include "flow/access/api_key.h"
#include "flow/access/key_table.h"
#include "flow/webhook_inbox/replay.h"
#include "http/context.h"
#include "http/customer_id.h"
#include "http/keep_answer.h"
#include "http/routes/page.h"
#include "http/wire.h"
#include "store/inbox_store.h"

namespace billhook::http {
namespace {

constexpr int keys_max = 1000;
constexpr std::size_t scopes_max = 16;

Result<access::Scopes> parse_scopes(std::vector<std::string> const& words) {
    std::string list;
    for (auto const& word : words) list += (list.empty() ? "" : ",") + word;
    return access::parse_scopes(list);
}

Answer render_made_key(flow::MadeKey const& made) {
    JsonObject body = to_json(made.key);
    body["key"] = made.text;
    Answer answer = created(std::move(body));
    answer.secret = "key";
    return answer;
}

JsonObject event_json(store::InboxEvent const& event) {
    bool const waits = event.status == store::QueueStatus::pending || event.status == store::QueueStatus::failed;
    return {{"id", event.id},
            {"type", event.type},
            {"subject", event.subject},
            {"status", store::to_string(event.status)},
            {"api_version", event.api_version},
            {"retry_count", event.retry_count},
            {"next_retry_at", waits ? Json(to_rfc3339(event.next_retry_at)) : Json(nullptr)},
            {"received_at", to_rfc3339(event.received_at)},
            {"stripe_created_at", to_rfc3339(event.stripe_created_at)},
            {"finished_at", time_or_null(event.finished_at)},
            {"error", text_or_null(event.error)}};
}

Result<store::InboxFilter> read_filter(Fields& fields) {
    store::InboxFilter filter;
    auto const status = fields.optional_one_of("status", {"pending", "processing", "done", "failed", "dead"});
    if (status) filter.status = store::parse_queue_status(*status);
    filter.type = fields.optional_text("type", 100).value_or("");
    return filter;
}

}  // namespace

Result<Answer> list_keys(Call const& call) {
    JsonArray data;
    for (auto const& key : TRY(flow::list_api_keys(call.context.store, keys_max))) data.push_back(to_json(key));
    return ok({{"data", std::move(data)}});
}

Result<Answer> create_key(Call const& call) {
    Fields fields(call.body);
    flow::NewKey wish{.name = fields.required_text("name", 100)};
    auto const scopes = fields.required_texts("scopes", scopes_max, 64);
    auto const customer = fields.optional_text("customer", 128);
    auto const expires_at = fields.optional_text("expires_at", 40);
    TRY_VOID(fields.finish());
    wish.scopes = TRY(parse_scopes(scopes));
    if (customer) wish.customer = TRY(parse_customer_id(*customer, "customer"));
    if (expires_at) {
        auto const time = parse_rfc3339(*expires_at);
        if (!time || *time <= call.now) return fail(invalid("expires_at", "expected an RFC 3339 time in the future"));
        wish.expires_at = *time;
    }
    auto const made = TRY(flow::create_api_key(call.context.store, call.context.random, wish, call.now,
                                               keep_answer(call, render_made_key)));
    TRY_VOID(call.context.keys.reload(call.context.store, call.now));
    return render_made_key(made);
}

Result<Answer> revoke_key(Call const& call) {
    auto const key = TRY(flow::revoke_api_key(call.context.store, call.path_parameter("id"), call.now));
    TRY_VOID(call.context.keys.reload(call.context.store, call.now));
    return ok(to_json(key));
}

Result<Answer> list_events(Call const& call) {
    Fields fields(call.query, FieldSource::query);
    auto const page = read_page(fields);
    auto const filter = TRY(read_filter(fields));
    TRY_VOID(fields.finish());
    auto const rows = TRY(call.context.store.read_value(store::Scope::system(), [&](store::Reader& reader) {
        return store::list_events(reader, filter, page.after, page.limit + 1);
    }));
    return ok(render_page(rows, page.limit, event_json,
                          [](auto const& event) { return cursor_text({event.received_at, event.id}); }));
}

Result<Answer> get_event(Call const& call) {
    auto const found = TRY(call.context.store.read_value(store::Scope::system(), [&](store::Reader& reader) {
        return store::find_event(reader, call.path_parameter("id"));
    }));
    if (!found) return fail(not_found("there is no such event", "unknown_event"));
    JsonObject body = event_json(*found);
    auto payload = parse_json(found->payload, {.depth_max = 64, .bytes_max = 1 << 22});
    body["payload"] = payload ? std::move(*payload) : Json(nullptr);
    return ok(std::move(body));
}

Result<Answer> replay_event(Call const& call) {
    auto const event =
        TRY(flow::replay(call.context.store, call.path_parameter("id"), call.now, call.context.wake_inbox));
    return ok(event_json(event));
}

}  // namespace billhook::http
