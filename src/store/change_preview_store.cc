#include "store/change_preview_store.h"

#include "store/columns.h"
#include "store/query/change_preview.h"

namespace billhook::store {
namespace {

ChangePreview read_preview(Row const& row) {
    Columns columns(row);
    ChangePreview preview;
    preview.customer = columns.id<CustomerId>();
    preview.line = columns.text();
    preview.target.plan = columns.text();
    preview.target.interval = columns.interval();
    preview.target.quantity = columns.integer();
    preview.effective = columns.word(subscription::parse_effective);
    preview.basis = columns.text();
    preview.quote.amount_due_now = columns.integer();
    preview.quote.credit = columns.integer();
    preview.quote.next_amount = columns.integer();
    preview.quote.next_at = columns.time();
    preview.quote.proration_date = columns.optional_time();
    preview.created_at = columns.time();
    preview.expires_at = columns.time();
    return preview;
}

}  // namespace

Status save_change_preview(Writer& writer, ChangePreview const& preview) {
    auto const& [customer, line, target, effective, basis, quote, created_at, expires_at] = preview;
    TRY(writer.execute(query::change_preview::save,
                       {customer, line, target.plan, to_string(target.interval), target.quantity, to_string(effective),
                        basis, quote.amount_due_now, quote.credit, quote.next_amount, quote.next_at,
                        quote.proration_date, created_at, expires_at}));
    return {};
}

Result<std::optional<ChangePreview>> find_change_preview(Reader& reader, CustomerId const& customer,
                                                         std::string_view line) {
    return first_of(TRY(reader.query(query::change_preview::find, {customer, line})), read_preview);
}

}  // namespace billhook::store
