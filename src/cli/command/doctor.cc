// `doctor`: looks at everything that serving needs, says what is wrong and what to do. Mends nothing; to see whether
// events arrive it makes and deletes a customer at Stripe.

#include <filesystem>

#include "base/digest.h"
#include "base/json.h"
#include "cli/catalog_file.h"
#include "cli/command/commands.h"
#include "cli/command/delivery_trial.h"
#include "cli/connection.h"
#include "cli/setting_table.h"
#include "cli/setting_value.h"
#include "flow/command/register_webhook.h"
#include "flow/projector/event_handlers.h"
#include "store/catalog_store.h"
#include "store/inbox_store.h"
#include "store/operator_notice_store.h"
#include "store/outbox_store.h"

namespace billhook::cli {
namespace {

enum class Health { good, notice, bad };
char const* to_string(Health health) {
    switch (health) {
        case Health::good:
            return "ok";
        case Health::notice:
            return "notice";
        case Health::bad:
            return "bad";
    }
    return "";
}

struct Finding {
    Health health = Health::good;
    std::string part;
    std::string text;
};

class Doctor {
  public:
    Doctor(CommandCall const& call, Duration wait) : call_(call), configuration_(call.configuration), wait_(wait) {}

    std::vector<Finding> examine() {
        look_at_configuration();
        look_at_catalog();
        look_at_database();
        look_at_stripe();
        return std::move(findings_);
    }

  private:
    void say(Health health, std::string part, std::string text) {
        findings_.push_back({health, std::move(part), std::move(text)});
    }

    // The sources' own names are easily set without being meant for us: which were read is said.
    void look_at_configuration() {
        for (auto const& problem : problems_with_serving(configuration_)) say(Health::bad, "configuration", problem);
        for (auto const& setting : setting_table()) {
            auto const& origin = configuration_.origins.at(std::string(setting.name));
            if (origin.source == SettingSource::environment && !origin.place.starts_with("BILLHOOK_"))
                say(Health::notice, "configuration", std::string(setting.name) + " was read from " + origin.place);
        }
        if (configuration_.allowed_origins.empty() && !configuration_.dev)
            say(Health::notice, "configuration",
                "allowed_origins is empty: requests cannot name success, cancel or return addresses");
        if (findings_.empty()) say(Health::good, "configuration", "complete");
    }

    void look_at_catalog() {
        auto source = read_catalog_source(configuration_);
        if (!source) return say(Health::bad, "catalog", source.error().detail);
        auto const parsed = catalog::parse_catalog(*source, call_.environment);
        if (!parsed)
            return say(Health::bad, "catalog",
                       to_text(parsed.error().front()) + " (`billhook catalog validate` lists all " +
                           std::to_string(parsed.error().size()) + ")");
        say(Health::good, "catalog", source->file + " is valid");
        source_ = std::move(*source);
    }

    void look_at_database() {
        auto opened = open_database(configuration_);
        if (!opened) return say(Health::bad, "database", opened.error().detail);
        store_ = std::move(*opened);
        auto const looked = store_->read(store::Scope::system(), [&](store::Reader& reader) -> Status {
            auto const counts = TRY(store::count_events(reader));
            auto const dead = counts.at(store::QueueStatus::dead);
            say(Health::good, "database", "reachable and migrated");
            look_at_version(TRY(store::find_current_catalog_version(reader)));
            if (dead > 0)
                say(Health::bad, "inbox", std::to_string(dead) + " dead letters; `billhook events list --status dead`");
            if (auto const count = TRY(store::count_messages(reader)).at(store::QueueStatus::dead); count > 0)
                say(Health::bad, "outbox", std::to_string(count) + " messages were given up; `billhook notices list`");
            if (auto const unseen = TRY(store::count_unseen_notices(reader)); unseen > 0)
                say(Health::notice, "notices", std::to_string(unseen) + " not seen yet; `billhook notices list`");
            return {};
        });
        if (!looked) say(Health::bad, "database", looked.error().detail);
    }

    void look_at_version(std::optional<store::CatalogVersion> const& applied) {
        if (!applied)
            say(Health::bad, "catalog", "no catalog has been applied to this database; run `billhook catalog apply`");
        else if (source_ && applied->hash != to_hex(sha256(source_->text)))
            say(Health::bad, "catalog",
                source_->file + " differs from what was applied at " + to_rfc3339(applied->applied_at) +
                    "; `billhook catalog plan` shows how, `billhook catalog apply` makes it so");
        else if (source_)
            say(Health::good, "catalog", "applied at " + to_rfc3339(applied->applied_at));
    }

    void look_at_stripe() {
        auto const connection = StripeConnection::open(configuration_);
        if (!connection) return say(Health::bad, "stripe", connection.error().detail);
        auto const answer = (*connection)->client().get({"/v1/webhook_endpoints", {}}, {{"limit", 1}});
        if (!answer) return say(Health::bad, "stripe", answer.error().detail);
        say(Health::good, "stripe", "answers at " + (*connection)->client().options().api_base);
        if (store_) look_at_webhooks((*connection)->client());
    }

    void look_at_webhooks(stripe::Client const& client) {
        SystemClock const clock;
        SystemRandom random;
        flow::EndpointContext const context{*store_, client, clock, random, flow::handled_event_types()};
        auto const status = flow::webhook_status(context, webhook_url(configuration_));
        if (!status) return say(Health::bad, "webhooks", status.error().detail);
        if (!status->is_as_it_should_be())
            return say(Health::bad, "webhooks",
                       "the endpoint at " + webhook_url(configuration_) +
                           " is missing or not as it should be; `billhook webhooks status` says how");
        say(Health::good, "webhooks", "endpoint " + status->endpoint_id + " is as it should be");
        if (wait_.ms == 0) return;
        auto const delivery = try_delivery(context, status->url, wait_);
        say(delivery.has_arrived ? Health::good : Health::bad, "delivery", delivery.text);
    }

    CommandCall const& call_;
    Configuration const& configuration_;
    Duration const wait_;
    std::optional<catalog::Source> source_;
    std::unique_ptr<store::Store> store_;
    std::vector<Finding> findings_;
};

}  // namespace

ExitCode run_doctor(CommandCall const& call) {
    auto const wait = parse_duration(call.option("wait", "20s"));
    if (!wait || *wait > Duration::minutes(10))
        return report_usage(
            call, invalid("--wait", "found '" + call.option("wait") + "', expected a duration of at most 10m"));
    auto const findings = Doctor(call, *wait).examine();
    bool is_well = true;
    JsonArray rows;
    for (auto const& finding : findings) {
        is_well = is_well && finding.health != Health::bad;
        if (call.wants_json)
            rows.push_back(
                JsonObject{{"health", to_string(finding.health)}, {"part", finding.part}, {"text", finding.text}});
        else
            call.out << to_string(finding.health) << "\t" << finding.part << ": " << finding.text << "\n";
    }
    if (call.wants_json) call.out << to_text(JsonObject{{"is_well", is_well}, {"findings", std::move(rows)}}) << "\n";
    return is_well ? ExitCode::ok : ExitCode::failure;
}

}  // namespace billhook::cli
