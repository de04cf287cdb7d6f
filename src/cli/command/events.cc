// `events list|show|replay`: Stripe's events in the inbox, dead letters among them.

#include <charconv>

#include "base/json.h"
#include "cli/command/commands.h"
#include "cli/connection.h"
#include "cli/table.h"
#include "flow/webhook_inbox/replay.h"
#include "store/inbox_store.h"

namespace billhook::cli {
namespace {

constexpr int list_max = 1000;

JsonObject to_json(store::InboxEvent const& event) {
    JsonObject object{{"id", event.id},
                      {"type", event.type},
                      {"subject", event.subject},
                      {"status", to_string(event.status)},
                      {"received_at", to_rfc3339(event.received_at)},
                      {"api_version", event.api_version},
                      {"retry_count", event.retry_count}};
    if (event.status == store::QueueStatus::failed) object["next_retry_at"] = to_rfc3339(event.next_retry_at);
    if (event.finished_at) object["finished_at"] = to_rfc3339(*event.finished_at);
    if (!event.error.empty()) object["error"] = event.error;
    return object;
}

Result<int> read_limit(CommandCall const& call) {
    auto const text = call.option("limit", "20");
    int limit = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (error != std::errc{} || end != text.data() + text.size() || limit < 1 || limit > list_max)
        return fail(
            invalid("--limit", "found '" + text + "', expected a whole number from 1 to " + std::to_string(list_max)));
    return limit;
}

Result<std::optional<store::QueueStatus>> read_status(CommandCall const& call) {
    if (!call.has("status")) return std::nullopt;
    auto const status = store::parse_queue_status(call.option("status"));
    if (!status)
        return fail(invalid(
            "--status", "found '" + call.option("status") + "', expected pending, processing, done, failed or dead"));
    return status;
}

Result<std::vector<store::InboxEvent>> list(CommandCall const& call, store::InboxFilter const& filter, int limit) {
    auto const store = TRY(open_database(call.configuration));
    return store->read_value(store::Scope::system(), [&](store::Reader& reader) {
        return store::list_events(reader, filter, std::nullopt, limit);
    });
}

Result<store::InboxEvent> find(CommandCall const& call, std::string const& id) {
    auto const store = TRY(open_database(call.configuration));
    auto const found = TRY(store->read_value(store::Scope::system(),
                                             [&](store::Reader& reader) { return store::find_event(reader, id); }));
    if (!found) return fail(not_found("there is no event '" + id + "' in the inbox", "unknown_event"));
    return *found;
}

}  // namespace

ExitCode run_events_list(CommandCall const& call) {
    auto const limit = read_limit(call);
    if (!limit) return report_usage(call, limit.error());
    auto const status = read_status(call);
    if (!status) return report_usage(call, status.error());
    auto const events = list(call, {*status, call.option("type"), call.option("subject")}, *limit);
    if (!events) return report(call, events.error());
    if (call.wants_json) {
        JsonArray data;
        for (auto const& event : *events) data.push_back(to_json(event));
        call.out << to_text(JsonObject{{"data", std::move(data)}}) << "\n";
        return ExitCode::ok;
    }
    Table table({"ID", "TYPE", "STATUS", "RECEIVED", "TRIES", "ERROR"});
    for (auto const& event : *events)
        table.add({event.id, event.type, to_string(event.status), to_rfc3339(event.received_at),
                   std::to_string(event.retry_count), event.error});
    table.print(call.out, "no events");
    return ExitCode::ok;
}

ExitCode run_events_show(CommandCall const& call) {
    auto const event = find(call, call.arguments.front());
    if (!event) return report(call, event.error());
    auto object = to_json(*event);
    auto const payload = parse_json(event->payload);
    object["payload"] = payload ? *payload : Json(event->payload);
    if (call.wants_json) {
        call.out << to_text(object) << "\n";
        return ExitCode::ok;
    }
    for (auto const& [name, value] : object)
        if (name != "payload")
            call.out << name << ": " << (value.is_string() ? value.get_string().c_str() : to_text(value)) << "\n";
    call.out << "payload (redacted): " << event->payload << "\n";
    return ExitCode::ok;
}

ExitCode run_events_replay(CommandCall const& call) {
    auto const store = open_database(call.configuration);
    if (!store) return report(call, store.error());
    JsonArray replayed;
    for (auto const& id : call.arguments) {
        auto const event = flow::replay(**store, id, SystemClock().now());
        if (!event) return report(call, event.error());
        if (call.wants_json)
            replayed.push_back(to_json(*event));
        else
            call.out << id << " is due again; the running server takes it up\n";
    }
    if (call.wants_json) call.out << to_text(JsonObject{{"replayed", std::move(replayed)}}) << "\n";
    return ExitCode::ok;
}

}  // namespace billhook::cli
