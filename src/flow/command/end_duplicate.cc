#include "flow/command/end_duplicate.h"

#include <optional>

#include "base/crash_point.h"
#include "flow/command/refund.h"
#include "flow/operator_notice.h"
#include "flow/projector/project_subscription.h"
#include "flow/projector/settle.h"
#include "gateway/stripe/calls.h"
#include "store/intent_store.h"

namespace billhook::flow {

using subscription::IntentKind;
using subscription::IntentStatus;
using Effect = ProjectedSubscription::Effect;

namespace {

/// One of the two, as Stripe showed it; without a look where Stripe knows no such subscription.
struct Read {
    std::string id;
    std::optional<SubscriptionLook> look;
    LookTime time;

    std::string status() const { return look ? look->subscription.status : "canceled"; }
    bool has_ended() const { return status() == "canceled" || status() == "incomplete_expired"; }
    /// Whether we ended it for the other one's sake, before a crash it may be.
    bool was_ended_for(Read const& other) const;
};

std::string comment_on(Read const& other) {
    return "duplicate of " + other.id;
}

bool Read::was_ended_for(Read const& other) const {
    return look && has_ended() && look->subscription.cancellation_comment == comment_on(other);
}

Result<Read> read(CommandContext const& context, std::string const& id) {
    auto const began = context.projector.clock.now();
    auto look = look_at_subscription(context.projector.stripe, context.projector.clock, id);
    if (look) return Read{id, *look, look->time};
    if (look.error().kind != ErrorKind::not_found) return fail(std::move(look).error());
    return Read{id, std::nullopt, {began, context.projector.clock.now(), false}};
}

/// The one too many; null where there is none.
Read* find_one_too_many(Read& earlier, Read& later) {
    if (earlier.was_ended_for(later)) return &earlier;
    if (later.was_ended_for(earlier)) return &later;
    if (earlier.has_ended()) return nullptr;
    if (later.has_ended()) return later.look ? &later : nullptr;
    // A first payment that was never made is worth nothing; what has been paid for since is.
    return earlier.status() == "incomplete" ? &earlier : &later;
}

Status end(CommandContext const& context, Read& one, Read const& other) {
    auto const& stripe = context.projector.stripe;
    stripe::CancelWish wish;
    wish.comment = comment_on(other);
    TRY(stripe::cancel_subscription(stripe, one.id, wish));
    crash_point("duplicate.canceled");
    TRY_VOID(refund_all_invoices(stripe, one.id, "duplicate:" + one.id));
    crash_point("duplicate.refunded");
    one = TRY(read(context, one.id));
    return {};
}

Status tell(store::Writer& writer, DuplicatePair const& pair, Read const& ended, Read const& kept, Timestamp now) {
    return tell_operator(writer, {.id = "note_duplicate_" + ended.id,
                                  .kind = std::string(notice_kind::duplicate_subscription),
                                  .customer = pair.customer,
                                  .subject = ended.id,
                                  .text = "The customer had two subscriptions of the line '" + pair.line + "'; " +
                                          ended.id + " is cancelled and refunded, " + kept.id + " stays.",
                                  .created_at = now});
}

/// Before the end is written down, which would pass for what the purchase was to bring.
Status refuse_purchase(store::Writer& writer, DuplicatePair const& pair, Read const& ended, Timestamp now) {
    auto const pending = TRY(store::find_pending_intent(writer, pair.customer, pair.line));
    if (!pending || !ended.look) return {};
    bool const is_birth = pending->kind == IntentKind::purchase || pending->kind == IntentKind::start_trial;
    auto const& metadata = ended.look->subscription.metadata;
    if (!is_birth || stripe::metadata_or_empty(metadata, stripe::metadata_key::intent) != pending->id.str()) return {};
    TRY_VOID(end_intent(writer, *pending, IntentStatus::refused, "line_already_held", now));
    return close_payment_page(writer, *pending);
}

Status write_down(store::Writer& writer, ProjectorContext const& context, DuplicatePair const& pair, Read const& one) {
    Origin const origin{"operator:billhook", pair.customer};
    auto const projected = TRY(one.look ? project_subscription(writer, context, *one.look, origin)
                                        : project_gone_subscription(writer, context, one.id, one.time, origin));
    if (projected.effect != Effect::ask_again && projected.effect != Effect::duplicate) return {};
    return fail(unavailable("line_not_settled", "What holds the product line is not known yet; it is read again."));
}

}  // namespace

Status end_duplicate(CommandContext const& context, DuplicatePair const& pair) {
    auto earlier = TRY(read(context, pair.earlier));
    auto later = TRY(read(context, pair.later));
    crash_point("duplicate.read");
    auto* const ended = find_one_too_many(earlier, later);
    auto const& kept = ended == &earlier ? later : earlier;
    if (ended) TRY_VOID(end(context, *ended, kept));
    // What has ended makes room for the other.
    auto const& first = later.has_ended() ? later : earlier;
    auto const& second = later.has_ended() ? earlier : later;
    TRY_VOID(context.store.write(store::Scope::system(), [&](store::Writer& writer) -> Status {
        auto const now = context.projector.clock.now();
        if (ended) {
            TRY_VOID(tell(writer, pair, *ended, kept, now));
            TRY_VOID(refuse_purchase(writer, pair, *ended, now));
        }
        TRY_VOID(write_down(writer, context.projector, pair, first));
        return write_down(writer, context.projector, pair, second);
    }));
    crash_point("duplicate.projected");
    return {};
}

}  // namespace billhook::flow
