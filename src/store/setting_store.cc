#include "store/setting_store.h"

#include "store/query/setting.h"

namespace billhook::store {

Result<std::optional<std::string>> find_setting(Reader& reader, std::string_view name) {
    Rows const rows = TRY(reader.query(query::setting::find, {name}));
    if (rows.empty()) return std::nullopt;
    return rows[0].text(0);
}

Status save_setting(Writer& writer, std::string_view name, std::string_view value, Timestamp now) {
    TRY(writer.execute(query::setting::save, {name, value, now}));
    return {};
}

Status remove_setting(Writer& writer, std::string_view name) {
    TRY(writer.execute(query::setting::remove, {name}));
    return {};
}

Result<std::map<std::string, std::string>> list_settings(Reader& reader) {
    std::map<std::string, std::string> settings;
    for (Row const& row : TRY(reader.query(query::setting::list, {}))) settings[row.text(0)] = row.text(1);
    return settings;
}

}  // namespace billhook::store
