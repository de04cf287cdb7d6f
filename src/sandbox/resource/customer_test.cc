#include "sandbox/testing/driver.h"

namespace billhook::sandbox::customer_test {
namespace {

TEST(Customers, CarryABalanceWithItsLedger) {
    Driver stripe;
    auto const id = stripe.post("/v1/customers", "balance=-500")["id"];
    EXPECT_EQ(stripe.new_events(), "customer.created");
    auto const entry =
        stripe.post("/v1/customers/" + id + "/balance_transactions", "amount=200&currency=usd&description=Fee");
    EXPECT_EQ(entry["ending_balance"], "-300") << entry[""];
    EXPECT_EQ(stripe.get("/v1/customers/" + id)["balance"], "-300");
    EXPECT_EQ(stripe.get("/v1/customers/" + id)["currency"], "usd");
    auto const events = stripe.get("/v1/events?limit=1");
    EXPECT_EQ(events["data.0.type"], "customer.updated");
    EXPECT_EQ(events["data.0.data.previous_attributes"], R"({"balance":-500})");
    auto const foreign = stripe.post("/v1/customers/" + id + "/balance_transactions", "amount=1&currency=eur");
    EXPECT_EQ(foreign["ending_balance"], "1") << "each currency has a balance of its own";
    EXPECT_EQ(stripe.get("/v1/customers/" + id)["balance"], "-300");
    EXPECT_EQ(stripe.get("/v1/customers/" + id + "/balance_transactions")["data.2.amount"], "-500");
}

// Recorded: forms are sent as they are, with what nobody filled in.
TEST(Customers, AreMadeOfEmptyTextsToo) {
    Driver stripe;
    auto const made = stripe.post("/v1/customers", "name=&description=&email=a@example.com");
    EXPECT_EQ(made.status, 200);
    EXPECT_EQ(made["name"], "null");
    EXPECT_EQ(made["description"], "null");
    auto const named = stripe.post("/v1/customers/" + made["id"], "name=A");
    EXPECT_EQ(named["name"], "A");
    EXPECT_EQ(stripe.post("/v1/customers/" + made["id"], "name=")["name"], "null");
    EXPECT_EQ(stripe.post("/v1/customers", "payment_method=")["error.code"], "parameter_invalid_empty");
}

TEST(Customers, HaveTaxIds) {
    Driver stripe;
    auto const customer =
        stripe.post("/v1/customers", "tax_id_data[0][type]=eu_vat&tax_id_data[0][value]=DE123456789&expand[]=tax_ids");
    EXPECT_EQ(customer["tax_ids.data.0.country"], "DE") << customer[""];
    auto const path = "/v1/customers/" + customer["id"] + "/tax_ids";
    EXPECT_EQ(stripe.post(path, "type=eu_vat&value=12")["error.code"], "tax_id_invalid");
    EXPECT_EQ(stripe.remove(path + "/" + customer["tax_ids.data.0.id"])["deleted"], "true");
    EXPECT_EQ(stripe.get(path)["data"], "[]");
    EXPECT_EQ(stripe.get("/v1/customers/" + customer["id"])["tax_ids"], "(absent)");
}

TEST(Customers, ChangeAndForget) {
    Driver stripe;
    auto const id = stripe.post("/v1/customers", "name=A&metadata[a]=1&metadata[b]=2&address[city]=Oslo")["id"];
    auto const path = "/v1/customers/" + id;
    EXPECT_EQ(stripe.post(path, "metadata[a]=&metadata[c]=3")["metadata"], R"({"b":"2","c":"3"})");
    EXPECT_EQ(stripe.post(path, "metadata=")["metadata"], "{}");
    EXPECT_EQ(stripe.post(path, "address=")["address"], "null");
    EXPECT_EQ(stripe.post(path, "invoice_prefix=abc")["error.param"], "invoice_prefix");
    EXPECT_EQ(stripe.post(path, "invoice_prefix=ACME")["invoice_prefix"], "ACME");
    EXPECT_EQ(stripe.remove(path)["deleted"], "true");
    EXPECT_EQ(stripe.get(path)["deleted"], "true");
    EXPECT_EQ(stripe.post(path, "name=B").status, 404);
    EXPECT_EQ(stripe.get("/v1/customers")["data"], "[]");
}

TEST(Customers, KeepMetadataWithinItsLimits) {
    Driver stripe;
    std::string many;
    for (int i = 0; i < 51; ++i) many += "metadata[k" + std::to_string(i) + "]=v&";
    EXPECT_EQ(stripe.post("/v1/customers", many).status, 400);
    EXPECT_EQ(stripe.post("/v1/customers", "metadata[" + std::string(41, 'k') + "]=v").status, 400);
    EXPECT_EQ(stripe.post("/v1/customers", "metadata[k]=" + std::string(501, 'v')).status, 400);
    EXPECT_EQ(stripe.post("/v1/customers", "metadata[k]=" + std::string(500, 'v')).status, 200);
}

std::string repeated(int times, std::string_view text) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
}

// SEMANTICS section 1: keys of 40 and values of 500 characters.
TEST(Customers, CountTheCharactersOfMetadata) {
    Driver stripe;
    EXPECT_EQ(stripe.post("/v1/customers", "metadata[" + repeated(40, "ü") + "]=v").status, 200);
    EXPECT_EQ(stripe.post("/v1/customers", "metadata[" + repeated(41, "ü") + "]=v").status, 400);
    EXPECT_EQ(stripe.post("/v1/customers", "metadata[k]=" + repeated(500, "€")).status, 200);
    EXPECT_EQ(stripe.post("/v1/customers", "metadata[k]=" + repeated(501, "€")).status, 400);
    EXPECT_EQ(stripe.post("/v1/coupons", "percent_off=5&name=" + repeated(40, "ö")).status, 200);
    EXPECT_EQ(stripe.post("/v1/coupons", "percent_off=5&name=" + repeated(41, "ö")).status, 400);
}

std::string metadata_keys(int from, int to) {
    std::string form;
    for (int i = from; i <= to; ++i) form += "metadata[k" + std::to_string(i) + "]=v&";
    return form;
}

// SEMANTICS section 1: at most 50 keys, those that were there before included.
TEST(Customers, HaveFiftyKeysInAll) {
    Driver stripe;
    auto const path = "/v1/customers/" + stripe.post("/v1/customers", metadata_keys(1, 30))["id"];
    stripe.new_events();
    auto const refused = stripe.post(path, metadata_keys(31, 51) + "name=A");
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(refused["error.param"], "metadata");
    EXPECT_EQ(stripe.new_events(), "");
    auto const kept = stripe.get(path);
    EXPECT_EQ(kept["metadata.k31"], "(absent)");
    EXPECT_EQ(kept["name"], "null");
    EXPECT_EQ(stripe.post(path, metadata_keys(31, 50)).status, 200);
    EXPECT_EQ(stripe.post(path, "metadata[k1]=&metadata[k51]=v").status, 200) << "one goes, one comes";
    EXPECT_EQ(stripe.post(path, "metadata[k52]=v").status, 400);
}

}  // namespace
}  // namespace billhook::sandbox::customer_test
