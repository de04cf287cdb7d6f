import unittest

from sample_tree import SampleTree


class Amounts(SampleTree):
    check = "check_amounts"
    files = {"src/http/a.cc": "auto const amount = read_amount(body);\n"}

    REFUSED = [
        ("src/http/b.cc", "auto amount = 2500;"),
        ("src/http/b.cc", 'body["unit_amount"] = 1900;'),
        ("src/http/b.cc", 'JsonObject body{{"amount", 2500}};'),
        ("src/http/b.cc", 'post("/v1/prices", "unit_amount=2500&currency=eur");'),
        ("src/http/b.cc", "if (price.unit_amount == 4'900) return;"),
        ("src/http/b.cc", 'Money money{2500, "eur"};'),
        ("src/http/b.cc", "auto money = Money(2500, Currency::eur);"),
        ("src/http/b.cc", "show(2500, Currency::jpy);"),
        ("src/http/b.cc", 'std::map<std::string, int> of{{"eur", 2500}};'),
        ("src/http/b.cc", "// professional costs $49.00"),
        ("src/http/b.cc", "// professional costs 49 EUR"),
        ("src/domain/catalog/b.cc", "auto price = 2500;"),
        ("src/store/query/price.sql", "UPDATE price SET amount = 2500;"),
        ("api/openapi.yaml", "amount: {type: integer, example: 2500}"),
        ("api/openapi.yaml", "amount: 2500"),
        ("web/src/pages/Pricing.vue", "<b>€20</b>"),
        ("web/src/locales/en.json", '"pro": "$49.00 a month"'),
        ("web/src/features/plan.ts", "const plan = { price: 4900 }"),
        ("examples/trainer/server.mjs", "const priceCents = 4900"),
        ("README.md", "The professional plan costs 49.00 EUR."),
    ]

    def test_good_tree_passes(self):
        self.assert_passes()

    def test_amounts_are_refused(self):
        for path, line in self.REFUSED:
            with self.subTest(path=path, line=line):
                self.write(path, line + "\n")
                self.assert_refused(f"{path}:1: an amount of money")
                (self.root / path).unlink()

    ALLOWED = [
        ("src/http/b_test.cc", "auto amount = 2500;"),
        ("src/sandbox/testing/b.h", "auto amount = 2500;"),
        ("src/domain/catalog/catalog.yaml", "amount: 2500"),
        ("examples/trainer/catalog.yaml", "amount: 2500"),
        ("web/src/features/plan.test.ts", "const plan = { price: 4900 }"),
        ("src/http/b.cc", "auto amount = 0;"),
        ("src/http/b.cc", 'auto price = fields.optional_text("price", 200);'),
        ("src/http/b.cc", "constexpr int price_count = 50;"),
        ("src/store/query/price.sql", "UPDATE price SET amount = $12;"),
        ("src/http/b.cc", "if (status == 402) return;"),
        ("src/http/b.cc", 'fail(conflict("amount", "at least 2 items"));'),
    ]

    def test_what_is_no_amount_passes(self):
        for path, line in self.ALLOWED:
            with self.subTest(path=path, line=line):
                self.write(path, line + "\n")
                self.assert_passes()
                (self.root / path).unlink()

    def test_an_exception_names_its_reason(self):
        self.write("src/http/b.cc", "// how money is written: 25.00 USD\n")
        self.write("scripts/amounts_allowed.txt", "src/http/b.cc | 25.00 USD | how money is written\n")
        self.assert_passes()
        self.write("scripts/amounts_allowed.txt", "src/http/b.cc | 25.00 USD\n")
        self.assert_refused("expected PATH | TEXT OF THE LINE | REASON")

    def test_an_exception_that_nothing_needs_is_refused(self):
        self.write("scripts/amounts_allowed.txt", "src/http/a.cc | 25.00 USD | how money is written\n")
        self.assert_refused("nothing in src/http/a.cc needs '25.00 USD'")


if __name__ == "__main__":
    unittest.main()
