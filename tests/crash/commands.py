"""The commands that call Stripe: `catalog apply` and `webhooks register|rotate`. Each is stopped, typed again, and
should then have done what it does when nothing stops it."""

import dataclasses
import pathlib
import typing


@dataclasses.dataclass
class Command:
    name: str
    points: list
    words: list
    setup: typing.Callable
    finish: typing.Callable


APPLY = ["catalog", "apply"]
REGISTER = ["webhooks", "register"]


def applied(house):
    house.must(*APPLY)
    code, output = house.run("catalog", "plan")
    assert code == 0, output
    prices = house.stripe("GET", "/v1/prices?active=true&limit=100")["data"]
    keys = [each["lookup_key"] for each in prices]
    assert len(keys) == len(set(keys)), keys
    products = house.stripe("GET", "/v1/products?limit=100")["data"]
    assert len(products) == len({each["name"] for each in products}), products
    assert len(house.stripe("GET", "/v1/billing_portal/configurations")["data"]) == 1


SAMPLE = pathlib.Path("catalog/sample.yaml").read_text()
STARTER_MONTH = "amounts: {eur: 1900, usd: 2100, jpy: 3000}"


def write_catalog(house, text):
    changed = pathlib.Path(house.folder) / "catalog.yaml"
    changed.write_text(text)
    house.settings["BILLHOOK_CATALOG"] = str(changed)


def with_another_name(house):
    """The file is changed after it was applied: a plan has another name."""
    house.must(*APPLY)
    assert "name: Starter\n" in SAMPLE
    write_catalog(house, SAMPLE.replace("name: Starter\n", "name: Beginner\n"))


def without_a_line(house):
    """The file is changed after it was applied: nothing of the last line is sold any more."""
    house.must(*APPLY)
    assert "\n  ai:\n" in SAMPLE
    write_catalog(house, SAMPLE.split("\n  ai:\n")[0] + "\n")


def off_sale(house):
    applied(house)
    assert house.stripe("GET", "/v1/products/billhook_ai_pro")["active"] is False
    assert house.stripe("GET", "/v1/prices?active=true&product=billhook_ai_pro")["data"] == []


def with_an_earlier_amount(house):
    """A price was replaced, and the file is now what it was at first."""
    house.must(*APPLY)
    assert STARTER_MONTH in SAMPLE
    write_catalog(house, SAMPLE.replace(STARTER_MONTH, STARTER_MONTH.replace("1900", "2000")))
    house.must(*APPLY)
    write_catalog(house, SAMPLE)


def brought_back(house):
    applied(house)
    found = house.stripe("GET", "/v1/prices?product=billhook_starter&limit=100")["data"]
    months = [(each["unit_amount"], each["active"]) for each in found if each["recurring"]["interval"] == "month"]
    assert sorted(months) == [(1900, True), (2000, False)], months


def renamed(house):
    applied(house)
    assert house.stripe("GET", "/v1/products/billhook_starter")["name"] == "Beginner"


def nothing(house):
    pass


def endpoints(house):
    return house.stripe("GET", "/v1/webhook_endpoints?limit=100")["data"]


def registered(house):
    """One endpoint, at the present address, whose secret we know: an event that it sends is taken."""
    house.must(*REGISTER)
    found = endpoints(house)
    assert [each["url"] for each in found] == [house.settings["BILLHOOK_PUBLIC_URL"] + "/api/v1/webhooks/stripe"], found
    assert all(each["status"] == "enabled" for each in found)
    house.must("catalog", "apply")
    house.key = ""
    assert house.start()
    house.stripe("POST", "/v1/customers", {"name": "Heard of"})
    house.wait_for(lambda: "customer.created" in house.must("events", "list"), "the event to be taken")
    assert house.run("webhooks", "status")[0] == 0


def before_registering(house):
    house.must(*REGISTER)


def disabled(house):
    before_registering(house)
    house.stripe("POST", "/v1/webhook_endpoints/" + endpoints(house)[0]["id"], {"disabled": "true"})


def left_by_a_crash(house):
    """An endpoint for another address was made, but its secret was not kept."""
    address = house.settings["BILLHOOK_PUBLIC_URL"]
    house.settings["BILLHOOK_PUBLIC_URL"] = "http://127.0.0.1:1"
    house.arm("endpoint.created")
    assert house.run(*REGISTER, crash_at=house.crash_at)[0] == 137
    house.settings["BILLHOOK_PUBLIC_URL"] = address


def registered_beside_a_stray(house):
    house.must(*REGISTER)
    for each in endpoints(house):  # of the address that is not ours any more
        if each["url"].startswith("http://127.0.0.1:1/"):
            house.stripe("DELETE", "/v1/webhook_endpoints/" + each["id"])
    registered(house)


def with_a_stray(house):
    """Of our making and at our address, but nobody knows its secret."""
    before_registering(house)
    ours = endpoints(house)[0]
    house.stripe("POST", "/v1/webhook_endpoints", {
        "url": ours["url"], "enabled_events[0]": "customer.created", "metadata[billhook_endpoint]": "whk_lost"})


COMMANDS = [
    Command("apply a catalog", ["catalog.surveyed", "catalog.begun", "catalog.product_created", "catalog.price_created",
                                "catalog.portal_created", "catalog.made", "catalog.recorded"], APPLY, nothing, applied),
    Command("rename a plan", ["catalog.product_updated"], APPLY, with_another_name, renamed),
    Command("take plans off sale", ["catalog.price_retired", "catalog.product_retired"], APPLY, without_a_line,
            off_sale),
    Command("bring a price back", ["catalog.price_revived"], APPLY, with_an_earlier_amount, brought_back),
    Command("register", ["endpoint.wish_kept", "endpoint.created", "endpoint.secret_kept"], REGISTER, nothing,
            registered),
    Command("register again", ["endpoint.differs", "endpoint.updated"], REGISTER, disabled, registered),
    Command("register after a crash elsewhere", ["endpoint.wish_refused", "endpoint.wish_dropped"], REGISTER,
            left_by_a_crash, registered_beside_a_stray),
    Command("remove a stray", ["endpoint.stray_found", "endpoint.stray_deleted"], REGISTER, with_a_stray, registered),
    Command("replace a leaked secret", ["endpoint.has_ended", "endpoint.ended_deleted", "endpoint.ended_forgotten"],
            ["webhooks", "rotate", "--leaked"], before_registering, registered),
]
