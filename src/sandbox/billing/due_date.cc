#include "sandbox/billing/due_date.h"

#include "sandbox/billing/fields.h"
#include "sandbox/billing/period.h"
#include "sandbox/billing/subscription_status.h"
#include "sandbox/core/object_type.h"

namespace billhook::sandbox {
namespace {

Answer<void> announce_due_date(Call& call, std::string const& id) {
    auto const* invoice = call.find(object_type::invoice, id);
    if (invoice && text_at(*invoice, "status") == "open")
        call.emit_now("invoice.will_be_due", object_type::invoice, id);
    return {};
}

Answer<void> pass_due_date(Call& call, std::string const& id) {
    auto const* invoice = call.find(object_type::invoice, id);
    if (!invoice || text_at(*invoice, "status") != "open") return {};
    call.emit_now("invoice.overdue", object_type::invoice, id);
    invoice_payment_failed(call, id);
    return {};
}

}  // namespace

void plan_due_date(Call& call, std::string const& id) {
    auto const due_date = int_at(*call.find(object_type::invoice, id), "due_date");
    auto const notice = due_date - call.world().settings.invoice_will_be_due_days * seconds_per_day;
    if (notice > call.now()) call.schedule("invoice.will_be_due", id, notice);
    call.schedule("invoice.due_date", id, due_date);
}

void add_due_dates(World& world) {
    world.registry.on_due("invoice.will_be_due", announce_due_date);
    world.registry.on_due("invoice.due_date", pass_due_date);
}

}  // namespace billhook::sandbox
