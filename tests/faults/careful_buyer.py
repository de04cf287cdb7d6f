"""A buyer who lives through a whole subscription while things fail, and presses the button again as people do: each step
is repeated until the server says that it is so. At the end the sandbox is asked whether anything was lost or doubled."""

import datetime
import random
import time
import urllib.error

GIVE_UP_AFTER_S = 120
GOOD_CARD = "4242424242424242"
LIVE = {"active", "trialing", "past_due", "incomplete", "unpaid", "paused"}


class CarefulBuyer:
    def __init__(self, world, name, seed=1):
        self.world = world
        self.name = name
        self.patience = random.Random(seed)
        self.presses = 0

    def ask(self, method, path, body=None, operator=False):
        """(status, body); 0 where no answer came."""
        try:
            return self.world.call(method, path, body, customer=None if operator else self.name)
        except (OSError, urllib.error.URLError, ValueError) as error:
            return 0, {"detail": str(error)}

    def held(self):
        """What the server says is held of the line: None where it holds nothing, False where it did not say."""
        status, body = self.ask("GET", "/api/v1/subscriptions")
        if status != 200:
            return False
        held = [each for each in body["data"] if each["line"] == "tier" and each["ended_at"] is None]
        return held[0] if held else None

    def until(self, is_so, press, what):
        """Presses again and again until the server says that it is so and nothing is pending."""
        deadline = time.monotonic() + GIVE_UP_AFTER_S
        answers = []
        while True:
            held = self.held()
            if held is not False and is_so(held) and not (held and held["pending_intent"]):
                return
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.name}: waited {GIVE_UP_AFTER_S} s for {what}: {held}, last answers {answers[-6:]}")
            if held is not False and not (held and held["pending_intent"]):
                self.presses += 1
                answers.append(press())
            time.sleep(0.02 + self.patience.random() * 0.1)

    def refresh(self):
        return self.ask("POST", f"/api/v1/customers/{self.name}/refresh", {}, operator=True)

    def exist(self):
        deadline = time.monotonic() + GIVE_UP_AFTER_S
        while self.ask("PUT", "/api/v1/customers/" + self.name, {}, operator=True)[0] not in (200, 201):
            assert time.monotonic() < deadline, f"{self.name} could not be entered"
            time.sleep(0.05)

    def pay(self):
        """One walk to the page and through it; what goes wrong is repeated by whoever calls."""
        status, body = self.ask("POST", "/api/v1/checkout", {"plan": "starter"})
        if status != 201:
            return status, body
        try:
            self.world.submit_page(body["checkout_url"], {"number": GOOD_CARD, "exp_month": "12", "exp_year": "2040",
                                                          "cvc": "123", "name": "A. Buyer"})
        except (OSError, RuntimeError) as error:
            return 0, {"detail": str(error)}
        return self.refresh()

    def buy(self):
        def press():
            # Paid already, and only the news was lost?
            status, body = self.refresh()
            return self.pay() if status == 200 and self.held() is None else (status, body)

        self.until(lambda held: held and held["plan"] == "starter" and held["status"] == "active", press, "the purchase")

    def wish(self, is_so, method, tail, body, what):
        def press():
            answer = self.ask(method, f"/api/v1/subscriptions/tier/{tail}", body)
            return answer if answer[0] in (200, 202) else (answer, self.refresh())[0]

        self.until(is_so, press, what)

    def live(self):
        """Bought, upgraded, a downgrade planned and called off, cancelled, resumed, ended."""
        self.exist()
        self.buy()
        self.upgrade()
        self.wish(lambda held: held and held["scheduled_change"] is not None, "POST", "change",
                  {"plan": "starter", "at": "period_end"}, "the downgrade to be planned")
        self.wish(lambda held: held and held["scheduled_change"] is None, "DELETE", "scheduled-change", None,
                  "the downgrade to be called off")
        self.cancel()
        self.resume()

    def upgrade(self):
        self.wish(lambda held: held and held["plan"] == "enterprise", "POST", "change", {"plan": "enterprise"}, "the upgrade")

    def cancel(self):
        self.wish(lambda held: held and held["cancel_at_period_end"], "POST", "cancel", {}, "the cancellation")

    def resume(self):
        self.wish(lambda held: held and not held["cancel_at_period_end"], "POST", "resume", None, "the resumption")

    def end(self):
        self.wish(lambda held: held is None, "POST", "cancel", {"at": "now"}, "the end")

    # What the sandbox knows, when all is quiet again.

    def stripe_id(self):
        return self.ask("GET", "/api/v1/customers/" + self.name, operator=True)[1]["stripe_customer_id"]

    def of_sandbox(self, path):
        return self.world.stripe("GET", f"{path}{'&' if '?' in path else '?'}limit=100&customer={self.stripe_id()}")["data"]

    def mistakes(self):
        """Lost or doubled: the server's state against the sandbox's; empty where all is well."""
        found = []
        subscriptions = self.of_sandbox("/v1/subscriptions?status=all")
        live = [each for each in subscriptions if each["status"] in LIVE]
        paid = [each for each in self.of_sandbox("/v1/invoices") if each["status"] == "paid" and each["total"] > 0]
        schedules = self.of_sandbox("/v1/subscription_schedules")
        held = self.held()
        if len(subscriptions) != 1:
            found.append(f"{len(subscriptions)} subscriptions were made, not one")
        if len(paid) != 2:
            found.append(f"{len(paid)} invoices were paid, not the purchase and one upgrade")
        if any(each["status"] in ("active", "not_started") for each in schedules):
            found.append("a schedule is still there")
        if len(live) != (1 if held else 0):
            found.append(f"the server holds {held}, the sandbox {[each['status'] for each in live]}")
        if held and live:
            end = datetime.datetime.fromisoformat(held["current_period_end"].replace("Z", "+00:00"))
            item = live[0]["items"]["data"][0]
            theirs = (live[0]["status"], live[0]["cancel_at_period_end"], item["current_period_end"], item["quantity"])
            ours = (held["status"], held["cancel_at_period_end"], int(end.timestamp()), held["quantity"])
            if theirs != ours:
                found.append(f"the server says {ours}, the sandbox {theirs}")
        ours = [each for each in self.world.stripe("GET", "/v1/customers?limit=100")["data"]
                if each["metadata"].get("billhook_customer") == self.name]
        if len(ours) != 1:
            found.append(f"{len(ours)} customers in the sandbox")
        return found
