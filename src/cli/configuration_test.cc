#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "cli/load_configuration.h"
#include "cli/setting_table.h"
#include "cli/setting_value.h"

namespace billhook::cli::configuration_test {
namespace {

// A directory of its own, with files, that ends with the test.
class Folder {
  public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "billhook_configuration.XXXXXX").string();
        path_ = mkdtemp(name.data());
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    std::string write(std::string const& name, std::string const& text) const {
        std::ofstream(path_ / name) << text;
        return (path_ / name).string();
    }

  private:
    std::filesystem::path path_;
};

Configuration load(ConfigurationSources const& sources) {
    auto loaded = load_configuration(sources);
    if (!loaded) {
        for (auto const& problem : loaded.error()) ADD_FAILURE() << problem;
        return {};
    }
    return std::move(*loaded);
}

TEST(Configuration, FlagBeforeEnvironmentBeforeAliasBeforeFileBeforeDefault) {
    Folder const folder;
    auto const file = folder.write("billhook.yaml", "stripe_api_key: from_file\n");
    struct Case {
        char const* flag;
        char const* environment;
        char const* alias;
        bool has_file;
        char const* value;
        SettingSource source;
        char const* place;
    };
    Case const cases[] = {
        {"a", "b", "c", true, "a", SettingSource::flag, "--stripe-api-key"},
        {"", "b", "c", true, "b", SettingSource::environment, "BILLHOOK_STRIPE_API_KEY"},
        {"", "", "c", true, "c", SettingSource::environment, "STRIPE_SECRET_KEY"},
        {"", "", "", true, "from_file", SettingSource::file, "billhook.yaml:1"},
        {"", "", "", false, "", SettingSource::standard, ""},
    };
    for (auto const& c : cases) {
        ConfigurationSources sources;
        if (*c.flag) sources.flags["stripe_api_key"] = {c.flag};
        sources.environment = {{"BILLHOOK_STRIPE_API_KEY", c.environment}, {"STRIPE_SECRET_KEY", c.alias}};
        if (c.has_file) sources.file = file;
        auto const configuration = load(sources);
        auto const& origin = configuration.origins.at("stripe_api_key");
        EXPECT_EQ(configuration.stripe_api_key, c.value);
        EXPECT_EQ(origin.source, c.source) << c.value;
        EXPECT_TRUE(origin.place.ends_with(c.place)) << origin.place;
    }
}

TEST(Configuration, EveryAliasIsRead) {
    ConfigurationSources sources;
    sources.environment = {
        {"STRIPE_SECRET_KEY", "sk_test_alias"},    {"STRIPE_WEBHOOK_SECRET", "whsec_a"},
        {"STRIPE_WEBHOOK_SECRET_LIVE", "whsec_b"}, {"STRIPE_METER_ID_LIVE", "mtr_1"},
        {"STRIPE_PUBLISHABLE_KEY", "pk_test_1"},   {"ALERT_EMAIL", "ops@example.com"},
        {"USAGE_CAP_WARNING_THRESHOLD", "0.75"},   {"USAGE_CAP_HARD_LIMIT", "1.0"},
    };
    auto const c = load(sources);
    EXPECT_EQ(c.stripe_api_key, "sk_test_alias");
    EXPECT_EQ(c.stripe_webhook_secrets, (std::vector<std::string>{"whsec_a", "whsec_b"}));
    EXPECT_EQ(c.stripe_meter_id, "mtr_1");
    EXPECT_EQ(c.stripe_publishable_key, "pk_test_1");
    EXPECT_EQ(c.alert_email, "ops@example.com");
    EXPECT_EQ(c.usage_warning_percent, 75);
    EXPECT_EQ(c.usage_hard_limit_percent, 100);
    EXPECT_EQ(c.origins.at("stripe_webhook_secrets").place, "STRIPE_WEBHOOK_SECRET, STRIPE_WEBHOOK_SECRET_LIVE");
}

TEST(Configuration, ReadsEveryType) {
    Folder const folder;
    ConfigurationSources sources;
    sources.file = folder.write("billhook.yaml",
                                "dev: yes\n"
                                "threads: 3\n"
                                "webhook_tolerance: 90s\n"
                                "allowed_origins: [https://a.example, 'http://127.0.0.1:3000']\n"
                                "trusted_proxies: 10.0.0.1\n"
                                "jwt_issuers:\n"
                                "  - issuer: https://id.example\n"
                                "    audience: billing\n"
                                "    customer_claim: tenant\n"
                                "    jwks_url: https://id.example/jwks.json\n");
    sources.environment = {{"BILLHOOK_RETENTION", "30d"}, {"BILLHOOK_LISTEN", "[::1]:0"}};
    auto const c = load(sources);
    EXPECT_TRUE(c.dev);
    EXPECT_EQ(c.threads, 3);
    EXPECT_EQ(c.webhook_tolerance, Duration::seconds(90));
    EXPECT_EQ(c.retention, Duration::days(30));
    EXPECT_EQ(c.listen, "[::1]:0");
    EXPECT_EQ(c.allowed_origins, (std::vector<std::string>{"https://a.example", "http://127.0.0.1:3000"}));
    EXPECT_EQ(c.trusted_proxies, std::vector<std::string>{"10.0.0.1"});
    ASSERT_EQ(c.jwt_issuers.size(), 1u);
    EXPECT_EQ(c.jwt_issuers[0].customer_claim, "tenant");
    EXPECT_EQ(c.jwt_issuers[0].role_claim, "role");
}

TEST(Configuration, AListInOneVariableAndSeveralFlags) {
    ConfigurationSources sources;
    sources.environment = {{"BILLHOOK_ALLOWED_ORIGINS", "https://a.example, https://b.example"}};
    sources.environment["BILLHOOK_JWT_ISSUERS"] = R"([{"issuer":"i","audience":"a","jwks":"{\"keys\":[]}"}])";
    sources.flags["trusted_proxies"] = {"10.0.0.1", "10.0.0.2"};
    auto const c = load(sources);
    EXPECT_EQ(c.allowed_origins, (std::vector<std::string>{"https://a.example", "https://b.example"}));
    EXPECT_EQ(c.trusted_proxies, (std::vector<std::string>{"10.0.0.1", "10.0.0.2"}));
    ASSERT_EQ(c.jwt_issuers.size(), 1u);
    EXPECT_EQ(c.jwt_issuers[0].jwks, R"({"keys":[]})");
}

TEST(Configuration, ASecretMayLieInAFile) {
    Folder const folder;
    auto const key = folder.write("key", "sk_test_from_a_file\n");
    folder.write("secrets", "whsec_1\nwhsec_2\n");
    ConfigurationSources sources;
    // A path in the configuration file is relative to that file.
    sources.file = folder.write("billhook.yaml", "stripe_webhook_secrets_file: secrets\n");
    sources.environment = {{"BILLHOOK_STRIPE_API_KEY_FILE", key}};
    auto const c = load(sources);
    EXPECT_EQ(c.stripe_api_key, "sk_test_from_a_file");
    EXPECT_EQ(c.stripe_webhook_secrets, (std::vector<std::string>{"whsec_1", "whsec_2"}));
    EXPECT_EQ(c.origins.at("stripe_api_key").place, "BILLHOOK_STRIPE_API_KEY_FILE");
}

TEST(Configuration, SecretsAreMaskedWhenShown) {
    ConfigurationSources sources;
    sources.flags = {{"stripe_api_key", {"sk_test_0123456789abcdef"}},
                     {"stripe_webhook_secrets", {"whsec_short"}},
                     {"database", {"postgres://billhook:hunter2@db.example/billhook"}}};
    auto const c = load(sources);
    EXPECT_EQ(c.shown("stripe_api_key"), "********cdef");
    EXPECT_EQ(c.shown("stripe_webhook_secrets"), "********");
    EXPECT_EQ(c.shown("database"), "postgres://billhook:********@db.example/billhook");
    EXPECT_EQ(c.shown("webhook_tolerance"), "5m");
    EXPECT_EQ(c.database_address(), "postgres://billhook:hunter2@db.example/billhook");
}

TEST(Configuration, EmptyVariablesAndForeignOnesAreNotOurs) {
    ConfigurationSources sources;
    sources.environment = {{"BILLHOOK_LISTEN", ""},
                           {"BILLHOOK_SERVICE_HOST", "10.96.0.7"},
                           {"BILLHOOK_PORT", "tcp://10.96.0.7:80"},
                           {"BILLHOOK_PORT_80_TCP", "tcp://10.96.0.7:80"},
                           {"BILLHOOK_TEST_POSTGRES", "postgres://x"},
                           {"PATH", "/bin"}};
    auto const c = load(sources);
    EXPECT_EQ(c.listen, "127.0.0.1:8080");
    EXPECT_TRUE(c.is_default("listen"));
}

TEST(Configuration, EveryMistakeOfAFileIsNamedWithItsPlace) {
    struct Case {
        char const* text;
        char const* problem;  // what follows the path of the file
    };
    Case const cases[] = {
        {"lisen: 127.0.0.1:80\n", ":1:1: unknown setting 'lisen'; did you mean 'listen'?"},
        {"data: x\ndata: y\n", ":2:1: 'data' is set twice"},
        {"listen: 8080\n", ":1:9: listen: found '8080', expected host:port, for example 127.0.0.1:8080"},
        {"listen: '127.0.0.1:65536'\n",
         ":1:9: listen: found '127.0.0.1:65536', expected host:port, for example 127.0.0.1:8080"},
        {"dev: maybe\n", ":1:6: dev: found 'maybe', expected true or false"},
        {"log_level: inf\n",
         ":1:12: log_level: found 'inf', expected debug, info, warn or error; did you mean 'info'?"},
        {"threads: many\n", ":1:10: threads: found 'many', expected a whole number from 0 to 256"},
        {"threads: 257\n", ":1:10: threads: found '257', expected a whole number from 0 to 256"},
        {"threads: 99999999999999999999\n",
         ":1:10: threads: found '99999999999999999999', expected a whole number from 0 to 256"},
        {"webhook_tolerance: 300\n",
         ":1:20: webhook_tolerance: found '300', expected a duration with its unit (ms, s, m, h, d) from 1s to 1d"},
        {"usage_warning_percent: 120%\n",
         ":1:24: usage_warning_percent: found '120%', expected a percentage from 1 to 100"},
        {"public_url: billing.example\n",
         ":1:13: public_url: found 'billing.example', expected an http or https address"},
        {"allowed_origins: [https://a.example/path]\n",
         ":1:19: allowed_origins: found 'https://a.example/path', expected an origin, for example "
         "https://app.example.com"},
        {"allowed_origins: {a: b}\n", ":1:18: allowed_origins: found a mapping, expected a list of texts"},
        {"database: mysql://x\n",
         ":1:11: database: found a value that does not fit, expected postgres://… or the path of a SQLite file"},
        {"jwt_issuers: {}\n",
         ":1:14: jwt_issuers: found a mapping, expected a list of mappings with issuer, audience and jwks_url, "
         "jwks_file or jwks"},
        {"jwt_issuers:\n  - issuer: i\n    audience: a\n",
         ":2:5: jwt_issuers: expected exactly one of jwks_url, jwks_file and jwks"},
        {"jwt_issuers:\n  - {issuer: i, audience: a, jwks_url: https://x/, jwk: y}\n",
         ":2:52: jwt_issuers: unknown key 'jwk'; did you mean 'jwks'?"},
        {"jwt_issuers:\n  - {issuer: i, jwks_file: f}\n", ":2:5: jwt_issuers: expected the key 'audience'"},
        {"- listen\n", ":1:1: found a list, expected settings as `name: value`"},
        {"listen: [\n", ":2:1: not valid YAML: end of sequence flow not found"},
        {"stripe_api_key: a\nstripe_api_key_file: b\n",
         ":2:1: both 'stripe_api_key_file' and 'stripe_api_key' are set"},
        {"listen_file: b\n", ":1:1: unknown setting 'listen_file'"},
    };
    for (auto const& c : cases) {
        Folder const folder;
        ConfigurationSources sources;
        sources.file = folder.write("billhook.yaml", c.text);
        auto const loaded = load_configuration(sources);
        ASSERT_FALSE(loaded) << c.text;
        EXPECT_EQ(loaded.error(), std::vector<std::string>{sources.file + c.problem});
    }
}

TEST(Configuration, AllMistakesComeBackAtOnce) {
    Folder const folder;
    ConfigurationSources sources;
    sources.file = folder.write("billhook.yaml", "lisen: x\nthreads: y\n");
    sources.environment = {{"BILLHOOK_LOGLEVEL", "info"}, {"BILLHOOK_DEV", "perhaps"}};
    sources.flags = {{"stripe", {"live"}}, {"stripe_api_key_file", {"/does/not/exist"}}};
    auto const loaded = load_configuration(sources);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error(), (std::vector<std::string>{
                                  sources.file + ":1:1: unknown setting 'lisen'; did you mean 'listen'?",
                                  sources.file + ":2:10: threads: found 'y', expected a whole number from 0 to 256",
                                  "BILLHOOK_DEV: found 'perhaps', expected true or false",
                                  "BILLHOOK_LOGLEVEL: unknown setting; did you mean BILLHOOK_LOG_LEVEL?",
                                  "--stripe: found 'live', expected account or sandbox",
                                  "--stripe-api-key-file: cannot read the file '/does/not/exist'",
                              }));
}

TEST(Configuration, ServingAsksForAKeyOrASandboxAndForTls) {
    struct Case {
        std::map<std::string, std::vector<std::string>, std::less<>> flags;
        char const* problem;  // a part of it; empty: none
    };
    Case const cases[] = {
        {{}, "no Stripe key"},
        {{{"dev", {"true"}}}, ""},
        {{{"stripe", {"sandbox"}}}, ""},
        {{{"stripe_api_key", {"sk_test_x"}}}, ""},
        {{{"dev", {"true"}}, {"listen", {"0.0.0.0:80"}}}, "refusing plain HTTP on 0.0.0.0:80"},
        {{{"dev", {"true"}}, {"listen", {"0.0.0.0:80"}}, {"allow_plain_http", {"true"}}}, ""},
        {{{"dev", {"true"}}, {"listen", {"localhost:80"}}}, ""},
        {{{"dev", {"true"}}, {"tls_key", {"k"}}}, "belong together"},
        {{{"dev", {"true"}}, {"listen", {"0.0.0.0:80"}}, {"tls_key", {"k"}}, {"tls_certificate", {"c"}}}, ""},
    };
    for (auto const& c : cases) {
        ConfigurationSources sources;
        sources.flags = c.flags;
        auto const problems = problems_with_serving(load(sources));
        EXPECT_EQ(problems.empty(), *c.problem == '\0') << c.problem;
        auto const first = problems.empty() ? std::string() : problems[0];
        EXPECT_NE(first.find(c.problem), std::string::npos) << first;
    }
}

TEST(SettingTable, NamesAreUniqueAndDefaultsFit) {
    std::map<std::string, int> names;
    for (auto const& setting : setting_table()) {
        EXPECT_EQ(++names[std::string(setting.name)], 1) << setting.name;
        for (auto const alias : setting.aliases) EXPECT_EQ(++names[std::string(alias)], 1) << alias;
        Configuration configuration;
        auto const node = to_node(setting, setting.standard);
        ASSERT_TRUE(node) << setting.name;
        EXPECT_TRUE(read_setting(setting, *node, configuration).empty()) << setting.name;
    }
}

TEST(Duration, ReadsAndWrites) {
    struct Case {
        char const* text;
        std::int64_t ms;  // -1: refused
    };
    Case const cases[] = {{"250ms", 250},
                          {"30s", 30'000},
                          {"5m", 300'000},
                          {"12h", 43'200'000},
                          {"7d", 604'800'000},
                          {"0s", 0},
                          {"300", -1},
                          {"", -1},
                          {"s", -1},
                          {"-5s", -1},
                          {"1.5h", -1},
                          {"5 m", -1},
                          {"99999999999999999d", -1}};
    for (auto const& c : cases) {
        auto const parsed = parse_duration(c.text);
        EXPECT_EQ(parsed ? parsed->ms : -1, c.ms) << c.text;
        EXPECT_EQ(parsed ? duration_text(*parsed) : c.text, c.text);
    }
}

}  // namespace
}  // namespace billhook::cli::configuration_test
