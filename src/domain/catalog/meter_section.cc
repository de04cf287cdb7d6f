#include "domain/catalog/sections.h"

namespace billhook::catalog {

void read_meters(Context& context, YamlNode const& node) {
    for_each_code(context.reading, node, "meters", [&](YamlNode::Entry const& entry, std::string const& path) {
        Fields fields(context.reading, entry.value, path,
                      {"name", "aggregation", "value", "group_by", "period", "rolling_days", "unit", "decimals"});
        if (!fields.is_mapping()) return;
        Meter meter{.code = entry.key, .name = fields.text("name", entry.key)};
        using enum Aggregation;
        fields.require("aggregation", "sum, count, max, last or unique");
        meter.aggregation = fields.choice("aggregation", {sum, count, max, last, unique}, sum);
        meter.period = fields.choice(
            "period", {MeterPeriod::calendar_month, MeterPeriod::billing_period, MeterPeriod::rolling}, meter.period);
        meter.value_property = fields.text("value", "", 64);
        auto const* value = fields.find("value");
        if (meter.aggregation == count && value)
            context.reading.report(value->position, path + ".value", "events are counted; leave `value` out");
        if (meter.aggregation != count && !value)
            context.reading.report(fields.position(), path,
                                   "the key 'value' is missing; expected the event's property that is aggregated");
        auto const* days = fields.find("rolling_days");
        if (meter.period == MeterPeriod::rolling) {
            fields.require("rolling_days", "the length of the rolling period in days");
            meter.rolling_days = static_cast<int>(fields.number("rolling_days", 1, 366, 1));
        } else if (days) {
            context.reading.report(days->position, path + ".rolling_days", "only `period: rolling` has rolling_days");
        }
        for (auto const& [word, position] : fields.words("group_by")) meter.group_by.push_back(word);
        meter.unit = fields.text("unit", "", 32);
        meter.decimals = static_cast<int>(fields.number("decimals", 0, 9, 0));
        context.catalog.meters[entry.key] = std::move(meter);
    });
}

}  // namespace billhook::catalog
