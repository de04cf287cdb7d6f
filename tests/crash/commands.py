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


def with_another_name(house):
    """The file is changed after it was applied: a plan has another name."""
    text = pathlib.Path("catalog/sample.yaml").read_text()
    changed = pathlib.Path(house.folder) / "catalog.yaml"
    changed.write_text(text)
    house.settings["BILLHOOK_CATALOG"] = str(changed)
    house.must(*APPLY)
    assert "name: Starter\n" in text
    changed.write_text(text.replace("name: Starter\n", "name: Beginner\n"))


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
    Command("apply a catalog", ["catalog.surveyed", "catalog.product_created", "catalog.price_created",
                                "catalog.portal_created", "catalog.made", "catalog.recorded"], APPLY, nothing, applied),
    Command("rename a plan", ["catalog.product_updated"], APPLY, with_another_name, renamed),
    Command("register", ["endpoint.wish_kept", "endpoint.created", "endpoint.secret_kept"], REGISTER, nothing,
            registered),
    Command("register again", ["endpoint.differs", "endpoint.updated"], REGISTER, disabled, registered),
    Command("register after a crash elsewhere", ["endpoint.wish_refused", "endpoint.wish_dropped"], REGISTER,
            left_by_a_crash, registered_beside_a_stray),
    Command("remove a stray", ["endpoint.stray_found", "endpoint.stray_deleted"], REGISTER, with_a_stray, registered),
    Command("replace a leaked secret", ["endpoint.has_ended", "endpoint.ended_deleted", "endpoint.ended_forgotten"],
            ["webhooks", "rotate", "--leaked"], before_registering, registered),
]
