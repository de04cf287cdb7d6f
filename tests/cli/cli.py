#!/usr/bin/env python3
"""Every subcommand of the real program: what it prints, as text and as JSON, and with which code it ends."""

import json
import subprocess
import sys
import unittest

from machine import STRIPE_KEY, Folder, Running, request, wait_for

CATALOG = """\
currency: eur
currencies: [eur, usd]
lines:
  shop:
    name: Shop
    plans:
      basic:
        name: Basic
        description: For beginners
        rank: 1
        prices:
          month: {amounts: {eur: 500, usd: 600}}
          year: {stripe_price_id: "${STRIPE_PRICE_BASIC_YEAR:-}", amounts: {eur: 5000, usd: 6000}}
      plus:
        name: Plus
        rank: 2
        prices:
          month: {amounts: {eur: 1500, usd: 1700}}
"""
OK, FAILURE, USAGE, DIFFERENCES, INVALID_FILE, UNAVAILABLE = range(6)


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = Folder()
        self.addCleanup(self.folder.close)

    def run_it(self, line, code=OK, env=None):
        ended = self.folder.run(*line.split(), env=env)
        self.assertEqual(ended.code, code, f"billhook {line}\n{ended}")
        return ended

    def refused(self, line, code, *parts, env=None):
        """Says why on standard error, and nothing on standard output."""
        ended = self.run_it(line, code, env)
        self.assertEqual(ended.out, "")
        for part in parts:
            self.assertIn(part, ended.err)
        return ended


class WithStripe(Case):
    """A sandbox of the test's own, a migrated database and a catalog file in the folder."""

    def setUp(self):
        super().setUp()
        self.sandbox = Running(self.folder, "sandbox", "--listen", "127.0.0.1:0", "--seed", "7")
        self.addCleanup(self.sandbox.close)
        self.folder.write("catalog.yaml", CATALOG)
        self.folder.write("stripe_key", STRIPE_KEY + "\n")
        self.folder.write("billhook.yaml",
                          f"data: data\nstripe_api_base: {self.sandbox.sandbox}\nstripe_api_key_file: stripe_key\n")
        self.folder.write("keyless.yaml", "data: data\n")
        self.run_it("migrate")

    def at_stripe(self, method, path, form=None):
        status, body = request(method, self.sandbox.sandbox + path, form,
                               {"Authorization": "Bearer " + STRIPE_KEY, "Content-Type": "application/x-www-form-urlencoded"})
        self.assertLess(status, 400, body)
        return body

    def serve(self, *more, listen="127.0.0.1:0", env=None):
        running = Running(self.folder, "serve", "--listen", listen, *more, env=env)
        self.addCleanup(running.close)
        return running


class Words(Case):
    def test_wrong_words_are_answered_with_the_nearest_right_one(self):
        cases = (("catlog plan", "unknown command 'catlog'; did you mean 'catalog'?"),
                 ("catalog aply", "did you mean 'apply'?"),
                 ("keys creat", "did you mean 'create'?"),
                 ("serve --lisen x", "unknown option '--lisen'; did you mean '--listen'?"),
                 ("doctor --wiat 1s", "did you mean '--wait'?"),
                 ("completion bsh", "did you mean 'bash'?"),
                 ("events show", "missing EVENT"),
                 ("migrate now", "unexpected 'now'"),
                 ("serve --listen=", "'--listen=' lacks its value"),
                 ("serve --request-body-bytes-max 1048577", "expected a whole number from 1024 to 1048576"),
                 ("", "a command is missing"),
                 ("keys", "'billhook keys' needs a command"))
        for line, message in cases:
            with self.subTest(line):
                self.refused(line, USAGE, message)

    def test_help_names_commands_examples_and_exit_codes(self):
        page = self.run_it("--help").out
        for word in ("serve", "sandbox", "catalog", "keys", "webhooks", "events", "doctor", "config", "completion",
                     "migrate", "Exit codes:\n  0  ", "\n  5  "):
            self.assertIn(word, page)
        for path in ("serve", "sandbox", "catalog plan", "keys create", "webhooks rotate", "events replay", "doctor",
                     "config show", "completion", "migrate"):
            self.assertIn("Examples:\n  ", self.run_it(path + " --help").out)
        self.assertRegex(self.run_it("--version").out, r"^billhook \d+\.\d+")

    def test_completion_completes(self):
        script = self.folder.write("complete.bash", self.run_it("completion bash").out)
        for typed, expected in (("billhook cat", "catalog"), ("billhook catalog a", "apply"),
                                ("billhook webhooks ro", "rotate"), ("billhook serve --sandbox-l", "--sandbox-listen"),
                                ("billhook doctor --wa", "--wait")):
            words = typed.split()
            asked = (f"source {script}; COMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}; _billhook; "
                     'printf "%s\\n" "${COMPREPLY[@]}"')
            done = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=True)
            self.assertEqual(done.stdout.split(), [expected], typed)
        for shell in ("zsh", "fish"):
            self.assertIn("catalog", self.run_it("completion " + shell).out)

    def test_serve_without_a_key_refuses_with_a_hint(self):
        self.refused("serve", USAGE, "no Stripe key: set STRIPE_SECRET_KEY", "--dev")
        self.refused("serve --stripe-api-key sk_test_x --listen 0.0.0.0:1", USAGE, "refusing plain HTTP")


class Settings(Case):
    def shown(self, line="", env=None):
        return self.run_it("config show --origin --json " + line, env=env).json["settings"]

    def test_flag_before_environment_before_file_before_default(self):
        def threads(line="", env=None):
            found = self.shown(line, env)["threads"]
            return found["value"], found["source"], found.get("place")

        self.assertEqual(threads(), ("0", "default", None))
        self.folder.write("billhook.yaml", "log_level: warn\nthreads: 3\n")
        self.assertEqual(threads(), ("3", "file", "billhook.yaml:2"))
        self.assertEqual(threads(env={"BILLHOOK_THREADS": "5"}), ("5", "environment", "BILLHOOK_THREADS"))
        self.assertEqual(threads("--threads 7", {"BILLHOOK_THREADS": "5"}), ("7", "flag", "--threads"))
        self.assertEqual(threads(env={"BILLHOOK_THREADS": ""}), ("3", "file", "billhook.yaml:2"), "empty is unset")
        other = self.folder.write("other.yaml", "threads: 9\n")
        self.assertEqual(threads("--config " + other)[0], "9")
        self.assertEqual(threads(env={"BILLHOOK_CONFIG": other})[0], "9")

    def test_every_setting_has_its_variable(self):
        for name, value in (("listen", "127.0.0.1:1"), ("public_url", "https://a.example"), ("data", "d"), ("dev", "true"),
                            ("log_level", "debug"), ("catalog", "c.yaml"), ("webhook_tolerance", "2m"),
                            ("allowed_origins", "https://a.example,https://b.example"), ("retention", "30d"),
                            ("connections_max", "10"),
                            ("connections_per_address_max", "0"), ("sandbox_listen", "127.0.0.1:2")):
            found = self.shown(env={"BILLHOOK_" + name.upper(): value})[name]
            self.assertEqual((found["value"], found["place"]), (value, "BILLHOOK_" + name.upper()))

    def test_the_sources_own_names_are_read(self):
        env = {"STRIPE_SECRET_KEY": STRIPE_KEY, "STRIPE_WEBHOOK_SECRET": "whsec_0123456789abcdef_one",
               "STRIPE_WEBHOOK_SECRET_LIVE": "whsec_0123456789abcdef_two", "STRIPE_METER_ID_LIVE": "mtr_1",
               "STRIPE_PUBLISHABLE_KEY": "pk_test_1", "ALERT_EMAIL": "ops@example.com",
               "USAGE_CAP_WARNING_THRESHOLD": "0.7", "USAGE_CAP_HARD_LIMIT": "1.1"}
        found = self.shown(env=env)
        expected = {"stripe_api_key": ("********cdef", "STRIPE_SECRET_KEY"),
                    "stripe_webhook_secrets": ("********_one,********_two", "STRIPE_WEBHOOK_SECRET, STRIPE_WEBHOOK_SECRET_LIVE"),
                    "stripe_meter_id": ("mtr_1", "STRIPE_METER_ID_LIVE"),
                    "stripe_publishable_key": ("pk_test_1", "STRIPE_PUBLISHABLE_KEY"),
                    "alert_email": ("ops@example.com", "ALERT_EMAIL"),
                    "usage_warning_percent": ("70", "USAGE_CAP_WARNING_THRESHOLD"),
                    "usage_hard_limit_percent": ("110", "USAGE_CAP_HARD_LIMIT")}
        for name, (value, place) in expected.items():
            self.assertEqual((found[name]["value"], found[name]["place"]), (value, place))
        own = self.shown(env={**env, "BILLHOOK_ALERT_EMAIL": "own@example.com"})["alert_email"]
        self.assertEqual((own["value"], own["place"]), ("own@example.com", "BILLHOOK_ALERT_EMAIL"), "our own name comes first")

    def test_secrets_come_from_files_and_are_never_shown(self):
        self.folder.write("key", STRIPE_KEY + "\n")
        (self.folder.path / "etc").mkdir()
        self.folder.write("etc/hooks", "whsec_0123456789abcdef_one\nwhsec_0123456789abcdef_two\n")
        self.folder.write("etc/billhook.yaml", "stripe_webhook_secrets_file: hooks\n")
        for line, env in (("--stripe-api-key-file key", {}), ("", {"BILLHOOK_STRIPE_API_KEY_FILE": "key"})):
            ended = self.run_it("config show --origin --json --config etc/billhook.yaml " + line, env=env)
            self.assertNotIn("0123456789", ended.out)
            settings = ended.json["settings"]
            self.assertEqual(settings["stripe_api_key"]["value"], "********cdef")
            self.assertEqual(settings["stripe_webhook_secrets"]["value"], "********_one,********_two",
                             "a path in the file is relative to the file")
        self.refused("config show", USAGE, "cannot read the file 'nowhere'", env={"BILLHOOK_STRIPE_API_KEY_FILE": "nowhere"})
        text = self.run_it("config show --database postgres://me:secret@db/x").out
        self.assertIn("postgres://me:********@db/x", text)
        self.assertNotIn("secret@", text)

    def test_mistakes_have_their_place_and_a_hint(self):
        self.folder.write("billhook.yaml", "listn: 127.0.0.1:1\nthreads: many\ndata: d\ndata: e\n")
        self.refused("config show", USAGE,
                     "billhook.yaml:1:1: unknown setting 'listn'; did you mean 'listen'?",
                     "billhook.yaml:2:10: threads: found 'many', expected a whole number from 0 to 256",
                     "billhook.yaml:4:1: 'data' is set twice")
        self.folder.write("billhook.yaml", "")
        self.refused("config show", USAGE, "BILLHOOK_LISTN: unknown setting; did you mean BILLHOOK_LISTEN?",
                     env={"BILLHOOK_LISTN": "x"})
        self.refused("config show --listen nowhere", USAGE, "--listen: found 'nowhere', expected host:port")
        self.refused("config show --config none.yaml", USAGE, "cannot read the file 'none.yaml'")


class CatalogFile(WithStripe):
    def test_validate(self):
        ended = self.run_it("catalog validate")
        self.assertEqual(ended.out, "catalog.yaml is valid: 1 lines, 2 plans, 3 prices, 0 features, 0 add-ons, 0 meters\n")
        self.assertEqual(self.run_it("catalog validate --json").json,
                         {"valid": True, "file": "catalog.yaml", "lines": 1, "plans": 2, "prices": 3, "features": 0,
                          "add_ons": 0, "meters": 0})
        self.folder.write("bad.yaml", CATALOG.replace("rank: 2", "rnk: 2").replace("usd: 600}", "usd: 6.00}"))
        ended = self.refused("catalog validate --catalog bad.yaml", INVALID_FILE)
        self.assertEqual(ended.err.splitlines(), [
            "bad.yaml:12:44: lines.shop.plans.basic.prices.month.amounts.usd: found '6.00', expected a whole number of "
            "minor units (1 usd = 100) from 0 to 999999999999; for 6.00 write 600",
            "bad.yaml:15:9: lines.shop.plans.plus: the key 'rank' is missing; expected a number that orders the line's plans",
            "bad.yaml:16:9: lines.shop.plans.plus: unknown key 'rnk'; did you mean 'rank'?",
            "billhook: 3 mistakes in the catalog"])
        problems = self.run_it("catalog validate --json --catalog bad.yaml", INVALID_FILE).json
        self.assertFalse(problems["valid"])
        self.assertEqual(set(problems["problems"][0]), {"file", "line", "column", "path", "message"})
        self.assertEqual([(each["line"], each["column"]) for each in problems["problems"]], [(12, 44), (15, 9), (16, 9)])
        self.refused("catalog validate --catalog none.yaml", INVALID_FILE, "cannot read the catalog file 'none.yaml'")

    def test_the_same_price_for_two_is_refused_with_its_place(self):
        self.folder.write("catalog.yaml", CATALOG.replace("month: {amounts: {eur: 500, usd: 600}}",
                                                          'month: {stripe_price_id: "${STRIPE_PRICE_BASIC_YEAR:-}"}'))
        for command in ("validate", "plan", "apply"):
            self.refused("catalog " + command, INVALID_FILE,
                         "catalog.yaml:13:35: lines.shop.plans.basic.prices.year.stripe_price_id: the price 'price_1' is already that of",
                         env={"STRIPE_PRICE_BASIC_YEAR": "price_1"})

    def test_plan_and_apply(self):
        planned = self.run_it("catalog plan", DIFFERENCES)
        for line in ("Stripe\n", '  + product basic: name "Basic", description "For beginners"\n',
                     "  + price shop_basic_month: 5.00 EUR, 6.00 USD a month\n", "  + portal portal: ", "Database\n",
                     "  + price shop_plus_month: plan plus, 15.00 EUR, 17.00 USD a month, a price that is yet to be made\n",
                     "\n10 to create.\n"):
            self.assertIn(line, planned.out)
        self.assertEqual(self.at_stripe("GET", "/v1/products")["data"], [], "planning changes nothing")
        as_json = self.run_it("catalog plan --json", DIFFERENCES).json["changes"]
        self.assertEqual(len(as_json), 10)
        self.assertEqual(as_json[0], {"place": "stripe", "action": "create", "thing": "product", "kind": "create_product",
                                      "what": "basic", "detail": 'name "Basic", description "For beginners"'})
        applied = self.run_it("catalog apply")
        self.assertTrue(applied.out.endswith("\n10 created.\n"), applied)

        self.assertEqual(self.run_it("catalog plan").out,
                         "Nothing differs: Stripe and the database are as the catalog file says.\n")
        before = self.at_stripe("GET", "/v1/events?limit=100")["data"]
        self.assertEqual(self.run_it("catalog apply").out,
                         "Nothing to change: Stripe and the database are as the catalog file says.\n")
        self.assertEqual(self.run_it("catalog apply --json").json, {"changes": []})
        self.assertEqual(self.at_stripe("GET", "/v1/events?limit=100")["data"], before, "applying again writes nothing")

        self.folder.write("catalog.yaml", CATALOG.replace("eur: 500,", "eur: 550,").split("      plus:")[0])
        changed = self.run_it("catalog plan", DIFFERENCES).out
        self.assertRegex(changed, r"-/\+ price shop_basic_month: 5\.00 EUR -> 5\.50 EUR, 6\.00 USD a month; takes the lookup key from price_")
        self.assertRegex(changed, r"  - price shop_plus_month: price_\w+ \(15\.00 EUR, 17\.00 USD a month\) is no longer sold; who has it keeps it")
        self.assertIn('  - product plus: "Plus" is archived', changed)
        self.assertIn("\n3 to update, 1 to replace, 4 to retire.\n".replace("3 to update", "2 to update"), changed)
        self.run_it("catalog apply")
        by_key = self.at_stripe("GET", "/v1/prices?lookup_keys[0]=shop_basic_month")["data"]
        self.assertEqual([(each["unit_amount"], each["active"]) for each in by_key], [(550, True)])
        self.assertEqual(self.at_stripe("GET", "/v1/products/billhook_plus")["active"], False)

    def test_a_price_named_by_a_variable_is_checked_and_used(self):
        made = self.at_stripe("POST", "/v1/prices", "product_data[name]=Theirs&currency=eur&unit_amount=4800&recurring[interval]=year")
        env = {"STRIPE_PRICE_BASIC_YEAR": made["id"]}
        refused = self.refused("catalog apply", FAILURE, "lines.shop.plans.basic.prices.year: Stripe's price " + made["id"] +
                               ": it costs 48.00 EUR, the file says 50.00 EUR", "it has no amount in usd", env=env)
        self.assertEqual(self.at_stripe("GET", "/v1/products?active=true")["data"][0]["name"], "Theirs", refused)
        error = json.loads(self.run_it("catalog apply --json", FAILURE, env).err)["error"]
        self.assertEqual((error["reason"], error["field"]), ("price_differs", "lines.shop.plans.basic.prices.year"))

        self.folder.write("catalog.yaml", CATALOG.replace(", amounts: {eur: 5000, usd: 6000}", ""))
        made = self.at_stripe("POST", "/v1/prices", "product_data[name]=Theirs&currency=eur&unit_amount=4800&"
                              "recurring[interval]=year&currency_options[usd][unit_amount]=5200")
        self.run_it("catalog apply", env={"STRIPE_PRICE_BASIC_YEAR": made["id"]})
        running = self.serve(env={"STRIPE_PRICE_BASIC_YEAR": made["id"]})
        pricing = request("GET", running.http + "/api/v1/public/pricing?currency=usd")[1]
        self.assertIn({"interval": "year", "amount": 5200, "currency": "usd"}, pricing["lines"]["shop"]["basic"]["prices"])

    def test_what_is_declared_and_not_made_is_said(self):
        self.assertNotIn("not made", self.run_it("catalog plan", DIFFERENCES).err)
        self.folder.write("catalog.yaml", CATALOG + "meters:\n  calls: {name: Calls, aggregation: count, period: billing_period}\n")
        for command, code in (("catalog plan", DIFFERENCES), ("catalog apply", OK), ("catalog plan", OK)):
            self.assertIn("billhook: not made in Stripe by this version: meter calls\n", self.run_it(command, code).err)

    def test_what_is_missing_is_said(self):
        self.refused("catalog plan --stripe-api-base http://127.0.0.1:1", UNAVAILABLE, "Stripe")
        self.refused("catalog apply --data elsewhere", FAILURE, "billhook migrate")
        self.refused("catalog plan --config keyless.yaml", FAILURE, "no Stripe key: set STRIPE_SECRET_KEY")

    def test_serve_says_when_the_file_is_not_what_was_applied(self):
        def all_said():
            """Of a server that has come and gone: one that stays would notice what is applied beside it."""
            running = self.serve()
            running.close()
            return running.log_text()

        said = all_said()
        self.assertIn("no catalog has been applied to this database, so nothing can be bought; run `billhook catalog apply", said)
        self.run_it("catalog apply")
        self.assertEqual(all_said(), said, "nothing is said when all is well")
        self.folder.write("catalog.yaml", CATALOG.replace("name: Plus", "name: More"))
        more = all_said().removeprefix(said)
        self.assertIn("catalog.yaml is not the catalog that was applied at", more)
        self.assertIn("`billhook catalog plan` shows the difference", more)


    def test_serve_follows_a_catalog_that_is_applied_elsewhere(self):
        self.run_it("catalog apply")
        running = self.serve()
        key = self.run_it("keys create --name test --scopes operator").out.strip()
        as_acme = {"Authorization": "Bearer " + key, "Billhook-Customer": "acme"}
        request("PUT", running.http + "/api/v1/customers/acme", {}, {"Authorization": "Bearer " + key})

        def plans():
            return request("GET", running.http + "/api/v1/public/pricing")[1]["lines"]["shop"]

        def features():
            return request("GET", running.http + "/api/v1/entitlements", headers=as_acme)[1]["features"]

        self.assertEqual((sorted(plans()), features()), (["basic", "plus"], {}))
        extended = CATALOG.replace("eur: 1500", "eur: 1600").replace("lines:\n", "features:\n  reports: {name: Reports, type: flag}\n\nlines:\n", 1)
        self.folder.write("catalog.yaml", extended)
        self.run_it("catalog apply")
        wait_for(lambda: plans()["plus"]["amount"] == 1600, "the new price")
        wait_for(lambda: list(features()) == ["reports"], "the new feature of a customer that was in memory")
        self.assertIn("a catalog that was applied elsewhere is in force", running.log_text())


class Database(Case):
    def test_migrate(self):
        first = self.run_it("migrate --data data")
        self.assertIn("applied first_life\n", first.out)
        self.assertTrue((self.folder.path / "data" / "billhook.db").exists())
        self.assertEqual(self.run_it("migrate --data data").out, "the database is up to date\n")
        self.assertEqual(self.run_it("migrate --data data --json").json, {"applied": []})
        self.assertEqual(self.run_it("migrate --json --database other.db").json["applied"][0], "first_life")
        self.folder.write("blocked", "a file")
        self.refused("migrate --data blocked/data", UNAVAILABLE, "blocked/data")
        self.refused("keys list --data never", FAILURE, "billhook migrate")
        self.refused("migrate --database postgres://nobody@127.0.0.1:1/none", UNAVAILABLE)


class Keys(WithStripe):
    FIELDS = {"id", "name", "scopes", "is_valid", "created_at"}

    def test_a_key_opens_the_api_until_it_is_revoked(self):
        self.run_it("catalog apply")
        running = self.serve()

        def status(key):
            return request("GET", running.http + "/api/v1/customers", headers={"Authorization": "Bearer " + key})[0]

        made = self.run_it("keys create --name back-office --scopes operator")
        key = made.out.strip()
        self.assertRegex(key, r"^bh_\w+$")
        self.assertIn("it is shown this once", made.err)
        wait_for(lambda: status(key) == 200, "the new key to count")
        listed = self.run_it("keys list --json").json["data"]
        self.assertEqual([(each["name"], each["is_valid"]) for each in listed], [("back-office", True)])
        self.assertNotIn(key, self.run_it("keys list").out + json.dumps(listed))
        revoked = self.run_it("keys revoke --json " + listed[0]["id"]).json
        self.assertEqual((revoked["is_valid"], revoked.keys() >= self.FIELDS | {"revoked_at"}), (False, True))
        wait_for(lambda: status(key) == 401, "the revoked key to end")
        self.assertIn("revoked", self.run_it("keys list").out)

    def test_json_is_stable_and_mistakes_are_named(self):
        self.assertEqual(self.run_it("keys list").out, "no keys; `billhook keys create --name NAME` makes one\n")
        self.assertEqual(self.run_it("keys list --json").json, {"data": []})
        made = self.run_it("keys create --name gate --scopes entitlement_check --customer acme --expires 90d --json").json
        self.assertEqual(set(made), self.FIELDS | {"customer", "expires_at", "key"})
        self.assertEqual((made["scopes"], made["customer"]), ("entitlement_check", "acme"))
        for line, said in (("", "--name"), ("--name x --scopes all", "--scopes"), ("--name x --expires soon", "--expires")):
            ended = self.refused("keys create " + line, USAGE)
            self.assertIn(said.lstrip("-"), ended.err)
        self.refused("keys revoke key_none", FAILURE, "key_none")


class Webhooks(WithStripe):
    URL = "--url https://billing.example.com/hook"

    def test_the_endpoint_is_made_compared_and_rotated(self):
        self.assertEqual(self.run_it("webhooks status " + self.URL, DIFFERENCES).out,
                         "no endpoint of ours in Stripe at https://billing.example.com/hook; `billhook webhooks register` makes it\n")
        made = self.run_it(f"webhooks register {self.URL} --json").json
        self.assertEqual((set(made), made["change"]), ({"endpoint", "change", "url"}, "created"))
        self.assertEqual(self.run_it(f"webhooks register {self.URL} --json").json, {**made, "change": "unchanged"})
        status = self.run_it(f"webhooks status {self.URL} --json").json
        self.assertEqual(status, {"is_as_it_should_be": True, "endpoint": made["endpoint"], "exists": True, "is_enabled": True,
                                  "url": "https://billing.example.com/hook", "api_version": "2026-10-28.endive",
                                  "missing_types": [], "surplus_types": [], "other_endpoints": [], "secrets": 1})
        endpoint = self.at_stripe("GET", "/v1/webhook_endpoints/" + made["endpoint"])
        self.assertIn("invoice.paid", endpoint["enabled_events"])

        self.at_stripe("POST", "/v1/webhook_endpoints/" + made["endpoint"],
                       "disabled=true&enabled_events[0]=invoice.paid&enabled_events[1]=charge.captured")
        text = self.run_it("webhooks status " + self.URL, DIFFERENCES).out
        for part in ("enabled: no\n", "handled but not sent: checkout.session", "sent but not handled: charge.captured\n",
                     "`billhook webhooks register` mends it\n"):
            self.assertIn(part, text)
        self.assertIn(": updated\n", self.run_it("webhooks register " + self.URL).out)
        self.run_it("webhooks status " + self.URL)

        rotated = self.run_it(f"webhooks rotate {self.URL} --json").json
        self.assertNotEqual(rotated["endpoint"], made["endpoint"])
        self.assertEqual(self.run_it(f"webhooks status {self.URL} --json").json["secrets"], 2, "the old one stays for a day")
        self.run_it(f"webhooks rotate --leaked {self.URL}")
        self.assertEqual(self.run_it(f"webhooks status {self.URL} --json").json["secrets"], 1)
        self.assertEqual(len(self.at_stripe("GET", "/v1/webhook_endpoints")["data"]), 1)

    def test_what_is_missing_is_said(self):
        self.refused("webhooks status --stripe-api-base http://127.0.0.1:1", UNAVAILABLE, "Stripe")
        self.refused("webhooks register --config keyless.yaml", FAILURE, "no Stripe key: set STRIPE_SECRET_KEY")
        error = json.loads(self.run_it("webhooks status --json --config keyless.yaml", FAILURE).err)["error"]
        self.assertEqual((set(error), error["reason"]), ({"kind", "reason", "detail", "field"}, "stripe_key_missing"))


class Served(WithStripe):
    """With a running server that Stripe's events reach."""

    def setUp(self):
        super().setUp()
        self.run_it("catalog apply")
        self.running = self.serve()
        self.here = f"--public-url {self.running.http}"

    def test_events_are_listed_shown_and_replayed(self):
        self.assertEqual(self.run_it("events list").out, "no events\n")
        self.run_it("webhooks register " + self.here)
        customer = self.at_stripe("POST", "/v1/customers", "name=Anna Secret&email=anna@example.com")["id"]
        listed = wait_for(lambda: self.run_it("events list --json --status done --subject " + customer).json["data"],
                          "the event to be worked off")
        event = listed[0]
        self.assertEqual(set(event), {"id", "type", "subject", "status", "received_at", "api_version", "retry_count", "finished_at"})
        self.assertEqual((event["type"], event["subject"]), ("customer.created", customer))
        self.assertRegex(self.run_it("events list --type customer.created").out, r"(?m)^" + event["id"] + r"  customer\.created  done  ")
        self.assertEqual(self.run_it("events list --type invoice.paid").out, "no events\n")
        shown = self.run_it("events show --json " + event["id"])
        self.assertEqual(shown.json["payload"]["data"]["object"]["id"], customer)
        self.assertNotIn("Anna", shown.out)
        self.assertNotIn("anna@example.com", self.run_it("events show " + event["id"]).out)

        replayed = self.run_it("events replay --json " + event["id"]).json["replayed"]
        self.assertEqual([each["status"] for each in replayed], ["pending"])
        wait_for(lambda: self.run_it("events list --json --status done --subject " + customer).json["data"], "it to be done again")
        self.assertIn("is due again", self.run_it("events replay " + event["id"]).out)
        for line, code, said in (("events show evt_none", FAILURE, "there is no event 'evt_none'"),
                                 ("events replay evt_none", FAILURE, "evt_none"),
                                 ("events list --limit 0", USAGE, "expected a whole number from 1 to 1000"),
                                 ("events list --status new", USAGE, "expected pending, processing, done, failed or dead")):
            self.refused(line, code, said)

    def findings(self, line, code):
        answer = self.run_it(f"doctor --json {line}", code).json
        self.assertEqual(answer["is_well"], code == OK)
        for each in answer["findings"]:
            self.assertEqual(set(each), {"health", "part", "text"})
        return {(each["part"], each["health"]): each["text"] for each in answer["findings"]}

    def test_the_doctor_sends_an_event_through_stripe(self):
        self.assertIn("`billhook webhooks status` says how", self.findings(self.here, FAILURE)[("webhooks", "bad")])
        self.run_it("webhooks register " + self.here)
        found = self.findings(self.here, OK)
        self.assertRegex(found[("delivery", "ok")], r"^the event evt_\w+ came from Stripe into the inbox within \d+ s$")
        self.assertEqual(found[("database", "ok")], "reachable and migrated")
        self.assertEqual(self.at_stripe("GET", "/v1/customers")["data"], [], "what the doctor made is gone again")
        self.assertNotIn(("delivery", "ok"), self.findings(self.here + " --wait 0s", OK))
        self.refused("doctor --wait soon", USAGE, "expected a duration of at most 10m")

    def test_the_doctor_says_what_keeps_events_away(self):
        self.run_it("webhooks register " + self.here)
        # The server uses another database, first without a secret, then with one that signs nothing here.
        self.running.close()
        for env, said in ((None, "knows no signing secret; does it use another database?"),
                          ({"STRIPE_WEBHOOK_SECRET": "whsec_another"}, "Stripe's delivery of evt_")):
            self.run_it("migrate --data other")
            stranger = self.serve("--data", "other", listen=self.running.http.removeprefix("http://"), env=env)
            found = self.findings(self.here + " --wait 1s", FAILURE)[("delivery", "bad")]
            self.assertIn("Billhook", found)
            self.assertIn(said, found)
            stranger.close()
        found = self.findings(self.here + " --wait 1s", FAILURE)[("delivery", "bad")]
        self.assertIn("no event within 1 s: nothing answers at " + self.running.http + "/api/v1/webhooks/stripe", found)
        self.assertIn("start `billhook serve`", found)
        # Something else listens there.
        self.run_it(f"webhooks register --url {self.sandbox.sandbox}/api/v1/webhooks/stripe")
        found = self.findings(f"--public-url {self.sandbox.sandbox} --wait 1s", FAILURE)[("delivery", "bad")]
        self.assertRegex(found, r"/api/v1/webhooks/stripe answers 4\d\d, which is not what Billhook.s webhook receiver says")

    def test_the_doctor_names_aliases_and_an_unapplied_file(self):
        self.folder.write("catalog.yaml", CATALOG.replace("name: Plus", "name: More"))
        ended = self.run_it("doctor --wait 0s", FAILURE, {"ALERT_EMAIL": "ops@example.com", "STRIPE_PUBLISHABLE_KEY": "pk_test_1"})
        for line in ("notice\tconfiguration: alert_email was read from ALERT_EMAIL\n",
                     "notice\tconfiguration: stripe_publishable_key was read from STRIPE_PUBLISHABLE_KEY\n",
                     "notice\tconfiguration: allowed_origins is empty", "bad\tcatalog: catalog.yaml differs from what was applied at ",
                     "ok\tstripe: answers at " + self.sandbox.sandbox):
            self.assertIn(line, ended.out)


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=0))
