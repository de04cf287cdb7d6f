"""The verbs of a story. Each takes the world and the words of its line and answers the lines that it shows."""

import calendar
import datetime

GOOD_CARD = "4242424242424242"


def split(words):
    """Plain words, and the name=value ones."""
    plain = [word for word in words if "=" not in word]
    return plain, dict(word.split("=", 1) for word in words if "=" in word)


def day(text):
    return text[:10] if text else "-"


def refusal(status, body):
    line = f"refused {status} {body.get('code', '?')}"
    if body.get("upgrade"):
        line += f" upgrade={body['upgrade']['plan']}"
    return [line]


def parse_moment(text):
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.timezone.utc)
    return moment.timestamp()


def add_months(seconds, months):
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    index = moment.year * 12 + moment.month - 1 + months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last)).timestamp()


def line_of(world, customer, options):
    """The product line that a verb means: the one it names, or the only one the customer holds."""
    if "line" in options:
        return options["line"]
    _, body = world.call("GET", "/api/v1/subscriptions", customer=customer)
    lines = [each["line"] for each in body["data"]]
    return lines[0] if len(lines) == 1 else "tier"


def describe(subscription):
    words = [subscription["plan"] + "_" + subscription["interval"], subscription["status"],
             "until=" + day(subscription["current_period_end"])]
    if subscription["quantity"] != 1:
        words.append(f"quantity={subscription['quantity']}")
    if subscription["trial_ends_at"] and subscription["status"] == "trialing":
        words.append("trial_until=" + day(subscription["trial_ends_at"]))
    if subscription["cancel_at_period_end"]:
        words.append("cancels=" + day(subscription["cancel_at"]))
    change = subscription["scheduled_change"]
    if change:
        words.append(f"next={change['to']}_{change['interval']}")
    if subscription["pending_intent"]:
        words.append("pending=" + subscription["pending_intent"]["kind"])
    return " ".join(words)


def pay(world, url, card, challenge="complete"):
    """Pays on a hosted page of the sandbox, through the bank's question where the card asks it."""
    values = {"number": card, "exp_month": "12", "exp_year": "2040", "cvc": "123", "name": "A. Buyer"}
    status, location, text = world.submit_page(url, values)
    if location and location.startswith(world.sandbox):
        status, location, text = world.submit_page(location, {}, press=challenge)
    world.settle()
    has_left = status in (302, 303) and location and not location.startswith(world.sandbox)
    return [] if has_left or "<h1>Paid</h1>" in text else ["declined"]


def customer(world, words):
    plain, options = split(words)
    status, body = world.call("PUT", "/api/v1/customers/" + plain[0], options)
    return [] if status in (200, 201) else refusal(status, body)


def checkout(world, words):
    plain, options = split(words)
    name, plan = plain[0], plain[1]
    world.call("PUT", "/api/v1/customers/" + name, {})
    body = {"plan": plan, "interval": plain[2] if len(plain) > 2 else "month",
            "success_url": world.base + "/done", "cancel_url": world.base + "/left"}
    if "currency" in options:
        body["currency"] = options["currency"]
    return world.call("POST", "/api/v1/checkout", body, customer=name)


def subscribe(world, words):
    """subscribe CUSTOMER PLAN [month|year] [card=…] [currency=…]: through the hosted Checkout page."""
    status, body = checkout(world, words)
    if status >= 400:
        return refusal(status, body)
    _, options = split(words)
    return pay(world, body["checkout_url"], options.get("card", GOOD_CARD), options.get("bank", "complete"))


def open_checkout(world, words):
    """open_checkout …: as subscribe, but leaves the page unpaid."""
    status, body = checkout(world, words)
    if status < 400:
        world.story["checkout " + split(words)[0][0]] = body["checkout_url"]
    return refusal(status, body) if status >= 400 else []


def pay_checkout(world, words):
    """pay_checkout CUSTOMER [card=…]: comes back to the page that was opened last."""
    plain, options = split(words)
    url = world.story["checkout " + plain[0]]
    try:
        return pay(world, url, options.get("card", GOOD_CARD))
    except RuntimeError:
        return ["page closed"]


def trial(world, words):
    """trial CUSTOMER PLAN [month|year]: without a card."""
    plain, _ = split(words)
    world.call("PUT", "/api/v1/customers/" + plain[0], {})
    status, body = world.call("POST", "/api/v1/subscriptions",
                              {"plan": plain[1], "interval": plain[2] if len(plain) > 2 else "month"},
                              customer=plain[0])
    world.settle()
    return refusal(status, body) if status >= 400 else []


def change(world, words, at=None):
    plain, options = split(words)
    name = plain[0]
    wish = {}
    if len(plain) > 1:
        wish["plan"] = plain[1]
    if len(plain) > 2:
        wish["interval"] = plain[2]
    if "quantity" in options:
        wish["quantity"] = int(options["quantity"])
    if options.get("at", at):
        wish["at"] = options.get("at", at)
    line = line_of(world, name, options)
    status, body = world.call("POST", f"/api/v1/subscriptions/{line}/change", wish, customer=name)
    world.settle()
    if body.get("action_url"):
        world.story["action " + name] = body["action_url"]
    return refusal(status, body) if status >= 400 else []


def finish_payment(world, words):
    """finish_payment CUSTOMER [card=…] [bank=complete|fail]: follows the link that a 402 gave."""
    plain, options = split(words)
    return pay(world, world.story["action " + plain[0]], options.get("card", GOOD_CARD),
               options.get("bank", "complete"))


def downgrade(world, words):
    return change(world, words, at="period_end")


def preview(world, words):
    plain, options = split(words)
    wish = {"plan": plain[1]}
    if len(plain) > 2:
        wish["interval"] = plain[2]
    if "quantity" in options:
        wish["quantity"] = int(options["quantity"])
    line = line_of(world, plain[0], options)
    status, body = world.call("POST", f"/api/v1/subscriptions/{line}/preview", wish, customer=plain[0])
    if status >= 400:
        return refusal(status, body)
    words = [body["relation"], body["effective"], f"due_now={body['amount_due_now']}", f"credit={body['credit']}",
             "gains=" + (",".join(body["gains"]) or "-"), "losses=" + (",".join(body["losses"]) or "-")]
    if body["blocked"]:
        words.append("blocked=" + body["blocked"]["code"])
    return [" ".join(words)]


def on_line(method, tail):
    def verb(world, words):
        plain, options = split(words)
        line = line_of(world, plain[0], options)
        body = {"at": options["at"]} if "at" in options else ({} if tail == "cancel" else None)
        status, answer = world.call(method, f"/api/v1/subscriptions/{line}/{tail}", body, customer=plain[0])
        world.settle()
        return refusal(status, answer) if status >= 400 else []

    return verb


def advance(world, words):
    """advance 10d | 3h | 2mo | to DATE."""
    if words[0] == "to":
        world.advance_to(parse_moment(words[1]))
        return []
    amount, unit = words[0].rstrip("dhmo"), words[0].lstrip("0123456789")
    now = world.now()
    step = {"h": 3600, "d": 86400}
    world.advance_to(add_months(now, int(amount)) if unit == "mo" else now + int(amount) * step[unit])
    return []


def show(world, words):
    plain, options = split(words)
    _, body = world.call("GET", "/api/v1/subscriptions", customer=plain[0])
    held = [each for each in body["data"] if each["ended_at"] is None]
    if "line" in options:
        held = [each for each in held if each["line"] == options["line"]]
    if not held:
        return ["free"]
    prefix = len(held) > 1
    return [(each["line"] + ": " if prefix else "") + describe(each) for each in sorted(held, key=lambda e: e["line"])]


def check(world, words):
    plain, options = split(words)
    wish = {"feature": plain[1]}
    if len(plain) > 2:
        wish["amount"] = int(plain[2])
    status, body = world.call("POST", "/api/v1/check", wish, customer=plain[0])
    if status >= 400:
        return refusal(status, body)
    words = ["allowed" if body["allowed"] else "refused", body["reason"]]
    if body["limit"] is not None:
        words.append(f"limit={body['limit']}")
    if body["used"] is not None:
        words.append(f"used={body['used']}")
    if body.get("upgrade"):
        words.append("upgrade=" + body["upgrade"]["plan"])
    return [" ".join(words)]


def gauge(tail):
    def verb(world, words):
        plain, options = split(words)
        body = {"amount": int(plain[2])} if len(plain) > 2 else {}
        if "id" in options:
            body["id"] = options["id"]
        status, answer = world.call("POST", f"/api/v1/gauges/{plain[1]}/{tail}", body, customer=plain[0])
        return refusal(status, answer) if status >= 400 else [f"used={answer['used']}"]

    return verb


def invoices(world, words):
    """Oldest first: status, total and amount paid."""
    plain, _ = split(words)
    _, body = world.call("GET", "/api/v1/invoices?limit=100", customer=plain[0])
    return [f"{day(each['created_at'])} {each['status']} total={each['total']} paid={each['amount_paid']}"
            for each in sorted(body["data"], key=lambda each: each["number"] or "")]


def history(world, words):
    plain, options = split(words)
    line = options.get("line", "tier")
    _, body = world.call("GET", f"/api/v1/subscriptions/{line}/history?limit=100", customer=plain[0])
    return [f"{each['from_status']} -> {each['to_status']} {each['to_plan'] or '-'}" for each in reversed(body["data"])]


def card(world, words):
    """card CUSTOMER TOKEN: the payer replaces the card, as in the portal."""
    _, body = world.call("GET", "/api/v1/customers/" + words[0])
    stripe_id = body["stripe_customer_id"]
    method = world.stripe("POST", f"/v1/payment_methods/{words[1]}/attach", {"customer": stripe_id})
    world.stripe("POST", f"/v1/customers/{stripe_id}",
                 {"invoice_settings[default_payment_method]": method["id"]})
    for subscription in world.stripe("GET", f"/v1/subscriptions?customer={stripe_id}")["data"]:
        world.stripe("POST", f"/v1/subscriptions/{subscription['id']}", {"default_payment_method": method["id"]})
    world.settle()
    return []


def faults(world, words):
    """faults lose=1000 duplicate=500 …: what the sandbox does to its webhooks from now on, in so many of a thousand;
    without a word: nothing any more."""
    _, options = split(words)
    if options:
        wanted = {name + "_permille": int(value) for name, value in options.items()}
        world.control("POST", "/_sandbox/faults", {"webhooks": wanted})
    else:
        world.control("DELETE", "/_sandbox/faults")
    return []


def refresh(world, words):
    status, body = world.call("POST", f"/api/v1/customers/{words[0]}/refresh", {})
    return refusal(status, body) if status >= 400 else []


def stripe_cancels(world, words):
    """stripe_cancels CUSTOMER: somebody cancels in Stripe's own dashboard."""
    _, body = world.call("GET", "/api/v1/customers/" + words[0])
    for subscription in world.stripe("GET", "/v1/subscriptions?customer=" + body["stripe_customer_id"])["data"]:
        world.stripe("DELETE", "/v1/subscriptions/" + subscription["id"])
    world.settle()
    return []


VERBS = {
    "customer": customer,
    "subscribe": subscribe,
    "open_checkout": open_checkout,
    "pay_checkout": pay_checkout,
    "trial": trial,
    "upgrade": change,
    "change": change,
    "downgrade": downgrade,
    "preview": preview,
    "finish_payment": finish_payment,
    "cancel": on_line("POST", "cancel"),
    "resume": on_line("POST", "resume"),
    "withdraw": on_line("DELETE", "scheduled-change"),
    "advance": advance,
    "show": show,
    "check": check,
    "allocate": gauge("allocate"),
    "release": gauge("release"),
    "invoices": invoices,
    "history": history,
    "card": card,
    "faults": faults,
    "refresh": refresh,
    "stripe_cancels": stripe_cancels,
}
