// `notices list|seen`: what the operator should look at, and that they have.

#include "base/json.h"
#include "cli/command/commands.h"
#include "cli/connection.h"
#include "cli/table.h"
#include "flow/operator_notice.h"

namespace billhook::cli {
namespace {

constexpr int shown_max = 200;

Result<std::vector<store::OperatorNotice>> list(CommandCall const& call) {
    auto const store = TRY(open_database(call.configuration));
    auto const filter = call.has("all") ? store::NoticeFilter::all : store::NoticeFilter::unseen;
    return store->read_value(store::Scope::system(), [&](store::Reader& reader) {
        return store::list_notices(reader, filter, std::nullopt, shown_max);
    });
}

JsonObject to_json(store::OperatorNotice const& notice) {
    JsonObject object{
        {"id", notice.id},           {"kind", notice.kind}, {"customer", notice.customer.str()},
        {"subject", notice.subject}, {"text", notice.text}, {"created_at", to_rfc3339(notice.created_at)}};
    if (notice.seen_at) object["seen_at"] = to_rfc3339(*notice.seen_at);
    return object;
}

}  // namespace

ExitCode run_notices_list(CommandCall const& call) {
    auto const notices = list(call);
    if (!notices) return report(call, notices.error());
    if (call.wants_json) {
        JsonArray data;
        for (auto const& notice : *notices) data.push_back(to_json(notice));
        call.out << to_text(JsonObject{{"data", std::move(data)}}) << "\n";
        return ExitCode::ok;
    }
    Table table({"ID", "CREATED", "SEEN", "TEXT"});
    for (auto const& notice : *notices)
        table.add(
            {notice.id, to_rfc3339(notice.created_at), notice.seen_at ? to_rfc3339(*notice.seen_at) : "", notice.text});
    table.print(call.out, "no notices");
    return ExitCode::ok;
}

ExitCode run_notices_seen(CommandCall const& call) {
    auto const store = open_database(call.configuration);
    if (!store) return report(call, store.error());
    auto const now = SystemClock().now();
    for (auto const& id : call.arguments) {
        auto const seen = flow::mark_seen(**store, id, now);
        if (!seen) return report(call, seen.error());
        call.out << id << " was seen\n";
    }
    return ExitCode::ok;
}

}  // namespace billhook::cli
