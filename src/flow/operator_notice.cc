#include "flow/operator_notice.h"

#include "base/log.h"
#include "flow/failure_note.h"

namespace billhook::flow {

namespace {

// One that was replayed and died again is told again.
std::string id_of_death(std::string const& item, Timestamp now) {
    return "note_dead_" + item + "_" + std::to_string(now.ms);
}

}  // namespace

Status tell_operator(store::Writer& writer, store::OperatorNotice const& notice) {
    TRY_VOID(store::add_notice(writer, notice));
    writer.after_commit([notice] {
        log(LogLevel::error, "operator notice",
            {{"notice", notice.id}, {"kind", notice.kind}, {"customer", notice.customer.str()}, {"text", notice.text}});
    });
    return {};
}

Status mark_seen(store::Store& store, std::string_view id, Timestamp now) {
    bool const is_new = TRY(store.write_value(
        store::Scope::system(), [&](store::Writer& writer) { return store::mark_notice_seen(writer, id, now); }));
    if (is_new) return {};
    return fail(not_found("There is no notice '" + std::string(id) + "' that was not seen yet.", "unknown_notice"));
}

OnDeadLetter tell_of_dead_events(std::function<void()> on_told) {
    return [on_told = std::move(on_told)](store::Writer& writer, store::InboxEvent const& event, Error const& error,
                                          Timestamp now) -> Status {
        writer.after_commit(on_told);
        return tell_operator(writer, {.id = id_of_death(event.id, now),
                                      .kind = std::string(notice_kind::dead_event),
                                      .subject = event.id,
                                      .text = "The event " + event.id + " (" + event.type + ") was given up after " +
                                              std::to_string(event.retry_count) + " retries: " + failure_note(error) +
                                              " Mend the cause, then `billhook events replay " + event.id + "`.",
                                      .created_at = now});
    };
}

OnDeadMessage tell_of_dead_messages(std::function<void()> on_told) {
    return [on_told = std::move(on_told)](store::Writer& writer, store::OutboxMessage const& message,
                                          Error const& error, Timestamp now) -> Status {
        writer.after_commit(on_told);
        return tell_operator(writer, {.id = id_of_death(message.id, now),
                                      .kind = std::string(notice_kind::dead_message),
                                      .customer = message.customer,
                                      .subject = message.id,
                                      .text = "The message " + message.id + " (" + message.kind + " for " +
                                              message.subject + ") was given up after " +
                                              std::to_string(message.retry_count) + " retries: " + failure_note(error),
                                      .created_at = now});
    };
}

}  // namespace billhook::flow
