"""Two customers who live in one house and must never see each other: each has something of everything that can be
stored, and whatever can be told of one of them alone is a canary."""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "scenario"))
from verbs import GOOD_CARD, pay  # noqa: E402

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT")
VIEWS = ["/api/v1/customer", "/api/v1/subscriptions", "/api/v1/subscriptions/tier/history?limit=100",
         "/api/v1/subscriptions/ai/history?limit=100", "/api/v1/invoices?limit=100", "/api/v1/gauges/clients",
         "/api/v1/entitlements", "/api/v1/tiers/current"]


class Resident:
    def __init__(self, id, gauge):
        self.id = id
        self.gauge = gauge  # how much it uses, a number that nobody else has
        self.intent = None
        self.canaries = set()

    def move_in(self, world):
        world.call("PUT", "/api/v1/customers/" + self.id, {"name": self.id + " Ltd", "email": self.id + "@canary.example"})
        for plan in ("professional", "ai_basic"):
            status, session = world.call("POST", "/api/v1/checkout", {"plan": plan}, customer=self.id)
            if status != 201 or pay(world, session["checkout_url"], GOOD_CARD):
                raise RuntimeError(f"{self.id} could not buy {plan}: {status} {session}")
            self.intent = session["intent"]
            self.canaries |= {session["intent"], session["session_id"]}
        self.ask(world, "POST", "/api/v1/subscriptions/tier/change", {"plan": "enterprise", "at": "now"})
        self.ask(world, "PUT", "/api/v1/gauges/clients", {"used": self.gauge})
        self.ask(world, "POST", "/api/v1/gauges/clients/allocate", {"id": self.id + "_client"})
        world.settle()
        self.ask(world, "POST", "/api/subscription/schedule-downgrade", {"plan": "starter"})
        world.settle()

    def ask(self, world, method, path, body=None):
        status, answer = world.call(method, path, body, customer=self.id)
        if status >= 300:
            raise RuntimeError(f"{self.id}: {method} {path}: {status} {answer}")
        return answer

    def view(self, world):
        """All that an operator can read of this customer."""
        seen = {path: self.ask(world, "GET", path) for path in VIEWS}
        seen["intent"] = self.ask(world, "GET", "/api/v1/intents/" + self.intent)
        seen["/api/v1/entitlements"].pop("as_of")
        return seen

    def learn_canaries(self, world, other):
        """Every text of its own views that the other's have not, and its number."""
        own, others = texts_of(self.view(world)), texts_of(other.view(world))
        self.canaries |= {text for text in own - others if len(text) >= 8 and not MOMENT.match(text)}
        # A use that is counted on from the number keeps its beginning.
        self.canaries |= {f'"{word}":{str(self.gauge)[:5]}' for word in ("used", "clients")}

    def found_in(self, text, said):
        """Canaries in an answer that the request itself did not say."""
        return sorted(each for each in self.canaries if each in text and each not in said)


def texts_of(node):
    if isinstance(node, dict):
        return set().union(*[texts_of(child) for child in node.values()], set())
    if isinstance(node, list):
        return set().union(*[texts_of(child) for child in node], set())
    return {node} if isinstance(node, str) else set()
