#include "cli/program.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/json.h"
#include "store/inbox_store.h"
#include "store/open_store.h"

namespace billhook::cli::program_test {
namespace {

struct Ended {
    int code = 0;
    std::string out;
    std::string error;
};

// What the long-running programs were given, in the order of the calls.
struct Served {
    std::vector<Configuration> served, sandboxed;
};

Ended run(std::string const& line, Environment const& environment = {}, Served* served = nullptr) {
    std::istringstream words(line);
    std::vector<std::string> arguments;
    for (std::string word; words >> word;) arguments.push_back(word);
    Programs programs;
    programs.serve = [&](Configuration const& configuration) {
        if (served) served->served.push_back(configuration);
        return 0;
    };
    programs.sandbox = [&](Configuration const& configuration) {
        if (served) served->sandboxed.push_back(configuration);
        return 0;
    };
    std::ostringstream out, error;
    auto const code = run_program(arguments, environment, programs, {out, error});
    return {code, out.str(), error.str()};
}

TEST(Program, WrongWordsAreAnsweredWithTheNearestRightOne) {
    struct Case {
        char const* line;
        char const* message;
    };
    Case const cases[] = {
        {"servee", "unknown command 'servee'; did you mean 'serve'?"},
        {"catlog plan", "unknown command 'catlog'; did you mean 'catalog'?"},
        {"config shwo", "unknown command 'config shwo'; did you mean 'show'?"},
        {"config", "'billhook config' needs a command"},
        {"", "a command is missing"},
        {"serve --lisen 127.0.0.1:0", "unknown option '--lisen'; did you mean '--listen'?"},
        {"serve --databse=x", "unknown option '--databse'; did you mean '--database'?"},
        {"serve -x", "unknown option '-x'"},
        {"sandbox --sed 1", "unknown option '--sed'; did you mean '--seed'?"},
        {"serve extra", "unexpected 'extra'"},
        {"completion", "missing SHELL: bash, zsh or fish"},
        {"completion bas", "unknown SHELL 'bas'; did you mean 'bash'?"},
        {"completion bash zsh", "unexpected 'zsh'"},
        {"serve --threads some", "--threads: found 'some', expected a whole number from 0 to 256"},
        {"serve --listen", "--listen"},
        {"serve", "no Stripe key"},
        {"serve --config /does/not/exist.yaml", "cannot read the file '/does/not/exist.yaml'"},
    };
    for (auto const& c : cases) {
        auto const ended = run(c.line);
        EXPECT_EQ(ended.code, 2) << c.line;
        EXPECT_NE(ended.error.find(c.message), std::string::npos) << c.line << " said: " << ended.error;
        EXPECT_EQ(ended.out, "") << c.line;
    }
}

TEST(Program, EveryCommandExplainsItselfWithExamples) {
    for (auto const& command : command_table()) {
        auto const ended = run(std::string(command.path) + " --help");
        EXPECT_EQ(ended.code, 0) << command.path;
        EXPECT_NE(ended.out.find("Usage: billhook " + std::string(command.path)), std::string::npos) << command.path;
        EXPECT_NE(ended.out.find("Examples:"), std::string::npos) << command.path;
        EXPECT_FALSE(command.examples.empty()) << command.path;
    }
    EXPECT_NE(run("--help").out.find("Exit codes:"), std::string::npos);
    EXPECT_EQ(run("--version").out, "billhook " + std::string(program_version) + "\n");
}

TEST(Program, TheServerGetsTheConfiguration) {
    Served served;
    EXPECT_EQ(run("serve --dev --listen 127.0.0.1:0 --data /tmp/x", {{"BILLHOOK_SANDBOX_SEED", "7"}}, &served).code, 0);
    ASSERT_EQ(served.served.size(), 1u);
    EXPECT_TRUE(served.served[0].dev);
    EXPECT_EQ(served.served[0].listen, "127.0.0.1:0");
    EXPECT_EQ(served.served[0].data, "/tmp/x");
    EXPECT_EQ(served.served[0].sandbox_seed, 7);
}

TEST(Program, TheSandboxAloneHasShorterNames) {
    Served served;
    EXPECT_EQ(run("sandbox --listen 127.0.0.1:0 --seed 3 --data s.db", {}, &served).code, 0);
    ASSERT_EQ(served.sandboxed.size(), 1u);
    EXPECT_EQ(served.sandboxed[0].sandbox_listen, "127.0.0.1:0");
    EXPECT_EQ(served.sandboxed[0].sandbox_seed, 3);
    EXPECT_EQ(served.sandboxed[0].sandbox_data, "s.db");
    EXPECT_EQ(served.sandboxed[0].listen, "127.0.0.1:8080");
}

TEST(Program, ConfigShowTellsOriginsAndKeepsSecrets) {
    Environment const environment = {{"STRIPE_SECRET_KEY", "sk_test_0123456789abcdef"}};
    auto const text = run("config show --origin --dev=false", environment);
    EXPECT_EQ(text.code, 0);
    EXPECT_NE(text.out.find("environment STRIPE_SECRET_KEY"), std::string::npos) << text.out;
    EXPECT_EQ(text.out.find("0123456789"), std::string::npos);
    auto const json = parse_json(run("config show --origin --json --threads 2", environment).out);
    ASSERT_TRUE(json);
    EXPECT_EQ(find_string(*json, "settings.threads.place"), "--threads");
    EXPECT_EQ(find_string(*json, "settings.threads.value"), "2");
    EXPECT_EQ(find_string(*json, "settings.stripe_api_key.value"), "********cdef");
    EXPECT_EQ(find_string(*json, "settings.listen.source"), "default");
}

TEST(Program, TheCatalogIsValidated) {
    auto const good = run("catalog validate --dev");
    EXPECT_EQ(good.code, 0) << good.error;
    EXPECT_NE(good.out.find("is valid: 2 lines, 5 plans, 10 prices"), std::string::npos) << good.out;
    EXPECT_EQ(run("catalog validate --dev=false --catalog /does/not/exist").code, 4);

    auto const path = testing::TempDir() + "billhook_mistaken_catalog.yaml";
    std::ofstream(path) << "currency: eur\nlines: {a: {name: \"${NAME}\", plan: {}}}\n";
    auto const bad = run("catalog validate --catalog " + path, {{"NAME", "A"}});
    EXPECT_EQ(bad.code, 4);
    EXPECT_EQ(bad.error, path + ":2:12: lines.a: the key 'plans' is missing; expected the line's plans\n" + path +
                             ":2:30: lines.a: unknown key 'plan'; did you mean 'plans'?\n"
                             "billhook: 2 mistakes in the catalog\n");
    auto const json = parse_json(run("catalog validate --json --catalog " + path, {{"NAME", "A"}}).out);
    ASSERT_TRUE(json);
    EXPECT_EQ(find_path(*json, "problems")->as_array().size(), 2u);
}

// A data directory of its own, that ends with the test.
class DataDirectory {
  public:
    DataDirectory() {
        std::string name = testing::TempDir() + "billhook_data.XXXXXX";
        path_ = mkdtemp(name.data());
    }
    ~DataDirectory() { std::filesystem::remove_all(path_); }
    std::string const& path() const { return path_; }

  private:
    std::string path_;
};

TEST(Program, EventsAreListedShownAndReplayed) {
    DataDirectory const data;
    auto const with_data = [&](std::string const& line) { return run(line + " --data " + data.path()); };
    EXPECT_EQ(with_data("events list").code, 1);  // not migrated yet
    EXPECT_EQ(with_data("migrate").code, 0);
    EXPECT_EQ(with_data("migrate").out, "the database is up to date\n");
    EXPECT_EQ(with_data("migrate --json").out, "{\"applied\":[]}\n");
    EXPECT_EQ(with_data("events list").out, "no events\n");

    auto const store = store::open_store(data.path() + "/billhook.db");
    ASSERT_TRUE(store) << store.error().detail;
    store::InboxEvent event{.id = "evt_1", .type = "invoice.paid", .subject = "in_1", .payload = "{\"id\":\"evt_1\"}"};
    event.api_version = "2026-10-28.endive";
    event.received_at = event.next_retry_at = Timestamp::from_seconds(1'700'000'000);
    ASSERT_TRUE((*store)->write(store::Scope::system(), [&](store::Writer& writer) -> Status {
        TRY(store::insert_event(writer, event));
        auto const claimed = TRY(store::claim_due_events(writer, event.received_at, Duration::minutes(1), 1));
        return store::bury_event(writer, claimed.at(0), "no such price", event.received_at);
    }));

    auto const listed = with_data("events list --status dead");
    EXPECT_NE(listed.out.find("evt_1  invoice.paid  dead"), std::string::npos) << listed.out;
    EXPECT_EQ(with_data("events list --type invoice.voided").out, "no events\n");
    auto const shown = parse_json(with_data("events show evt_1 --json").out);
    ASSERT_TRUE(shown);
    EXPECT_EQ(find_string(*shown, "payload.id"), "evt_1");
    EXPECT_EQ(find_string(*shown, "error"), "no such price");
    EXPECT_EQ(with_data("events replay evt_1").code, 0);
    EXPECT_EQ(find_string(*parse_json(with_data("events show evt_1 --json").out), "status"), "pending");
}

TEST(Program, KeysAreMadeListedAndRevoked) {
    DataDirectory const data;
    auto const with_data = [&](std::string const& line) { return run(line + " --data " + data.path()); };
    ASSERT_EQ(with_data("migrate").code, 0);
    EXPECT_NE(with_data("keys list").out.find("no keys"), std::string::npos);
    auto const made = with_data("keys create --name storefront");
    EXPECT_EQ(made.code, 0);
    EXPECT_TRUE(made.out.starts_with("bh_")) << made.out;  // nothing but the key
    auto const other =
        parse_json(with_data("keys create --name checks --scopes entitlement_check --expires 90d --json").out);
    ASSERT_TRUE(other);
    EXPECT_EQ(find_string(*other, "scopes"), "entitlement_check");
    EXPECT_TRUE(find_string(*other, "key")->starts_with("bh_"));

    auto const id = *find_string(*other, "id");
    EXPECT_EQ(with_data("keys revoke " + id).code, 0);
    EXPECT_EQ(with_data("keys revoke " + id).code, 0);
    EXPECT_EQ(with_data("keys revoke key_none").code, 1);
    auto const listed = with_data("keys list").out;
    EXPECT_NE(listed.find("checks      revoked"), std::string::npos) << listed;
    EXPECT_NE(listed.find("storefront  valid"), std::string::npos) << listed;
    EXPECT_EQ(listed.find(made.out.substr(0, made.out.size() - 1)), std::string::npos);

    for (auto const* line : {"keys create", "keys create --name x --scopes everything",
                             "keys create --name x --expires 2020-01-01", "keys create --name x --expires soon"})
        EXPECT_EQ(with_data(line).code, 2) << line;
}

TEST(Program, WhatCannotBeDoneSaysSoAndExitsAccordingly) {
    DataDirectory const data;
    ASSERT_EQ(run("migrate --data " + data.path()).code, 0);
    struct Case {
        char const* line;
        int code;
        char const* message;
    };
    Case const cases[] = {
        {"events show evt_none", 1, "there is no event 'evt_none' in the inbox"},
        {"events replay evt_none", 1, "evt_none"},
        {"events list --limit 0", 2, "found '0', expected a whole number from 1 to 1000"},
        {"events list --limit many", 2, "found 'many'"},
        {"events list --status done_for", 2, "expected pending, processing, done, failed or dead"},
        {"events show", 2, "missing EVENT"},
        {"webhooks status", 1, "no Stripe key"},
        {"catalog plan", 4, "cannot read the catalog file 'catalog.yaml'"},
        {"catalog apply --dev --sandbox-listen 127.0.0.1:1", 5, "Stripe"},
        // Nothing listens there.
        {"webhooks status --stripe-api-key sk_test_x --stripe-api-base http://127.0.0.1:1", 5, "Stripe"},
    };
    for (auto const& c : cases) {
        auto const ended = run(std::string(c.line) + " --data " + data.path());
        EXPECT_EQ(ended.code, c.code) << c.line << ": " << ended.error;
        EXPECT_NE(ended.error.find(c.message), std::string::npos) << c.line << " said: " << ended.error;
    }
    auto const json = parse_json(run("events show evt_none --json --data " + data.path()).error);
    ASSERT_TRUE(json);
    EXPECT_EQ(find_string(*json, "error.kind"), "not_found");
}

TEST(Program, TheDoctorNamesWhatIsMissingAndWhichAliasesWereRead) {
    DataDirectory const data;
    Environment const environment = {{"ALERT_EMAIL", "ops@example.com"}};
    auto const ended = run("doctor --json --data " + data.path(), environment);
    EXPECT_EQ(ended.code, 1);
    for (auto const* part : {"alert_email was read from ALERT_EMAIL", "no Stripe key", "cannot read the catalog file"})
        EXPECT_NE(ended.out.find(part), std::string::npos) << ended.out;
    auto const json = parse_json(ended.out);
    ASSERT_TRUE(json);
    EXPECT_EQ(find_bool(*json, "is_well"), false);
}

TEST(Program, CompletionKnowsEveryCommand) {
    for (auto const* shell : {"bash", "zsh", "fish"}) {
        auto const ended = run(std::string("completion ") + shell);
        EXPECT_EQ(ended.code, 0);
        for (auto const& command : command_table()) {
            auto const last = command.path.substr(command.path.rfind(' ') + 1);
            EXPECT_NE(ended.out.find(last), std::string::npos) << shell << " lacks " << command.path;
        }
        EXPECT_NE(ended.out.find("--sandbox-listen"), std::string::npos) << shell;
    }
}

}  // namespace
}  // namespace billhook::cli::program_test
