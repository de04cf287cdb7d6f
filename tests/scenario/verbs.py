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
        if change["quantity"] != subscription["quantity"]:
            words.append(f"next_quantity={change['quantity']}")
    if subscription["pending_intent"]:
        words.append("pending=" + subscription["pending_intent"]["kind"])
    return " ".join(words)


def fill_in(world, url, card, challenge="complete"):
    """Pays on a hosted page of the sandbox, through the bank's question where the card asks it. Whether it was paid."""
    values = {"number": card, "exp_month": "12", "exp_year": "2040", "cvc": "123", "name": "A. Buyer"}
    status, location, text = world.submit_page(url, values)
    if location and location.startswith(world.sandbox):
        status, location, text = world.submit_page(location, {}, press=challenge)
    has_left = status in (302, 303) and location and not location.startswith(world.sandbox)
    return bool(has_left or "<h1>Paid</h1>" in text)


def pay(world, url, card, challenge="complete"):
    is_paid = fill_in(world, url, card, challenge)
    world.settle()
    return [] if is_paid else ["declined"]


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


def leave_card(world, words):
    """leave_card CUSTOMER [card=…]: on the page that keeps a card for later. Its use is promised by the event and made
    good after it, so a story goes on when Stripe charges the new card."""
    plain, options = split(words)
    status, body = world.call("POST", "/api/v1/setup-payment", {}, customer=plain[0])
    if status >= 400:
        return refusal(status, body)
    before = charged_cards(world, plain[0])
    if shown := pay(world, body["checkout_url"], options.get("card", GOOD_CARD)):
        return shown

    def is_in_use():
        cards = charged_cards(world, plain[0])
        return len(set(cards)) == 1 and cards[0] != before[0]

    world.wait_for(is_in_use, f"the card of {plain[0]} to be used")
    world.settle()
    return []


def charged_cards(world, name):
    """What Stripe charges: the customer's default and each of its subscriptions'."""
    payer = world.call("GET", "/api/v1/customers/" + name)[1]["stripe_customer_id"]
    held = world.stripe("GET", "/v1/subscriptions?customer=" + payer)["data"]
    default = world.stripe("GET", "/v1/customers/" + payer)["invoice_settings"]["default_payment_method"]
    return [default] + [each["default_payment_method"] for each in held if each["default_payment_method"]]


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
        body = {name: options[name] for name in ("at", "refund", "reason") if name in options}
        status, answer = world.call(method, f"/api/v1/subscriptions/{line}/{tail}",
                                    body if tail == "cancel" else None, customer=plain[0])
        world.settle()
        return refusal(status, answer) if status >= 400 else []

    return verb


def advance(world, words):
    """advance 10d | 3h | 40min | 2mo | to DATE."""
    if words[0] == "to":
        world.advance_to(parse_moment(words[1]))
        return []
    unit = words[0].lstrip("0123456789")
    amount = words[0].removesuffix(unit)
    now = world.now()
    step = {"h": 3600, "d": 86400, "min": 60}
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
    answers = []

    def is_fresh():
        answers[:] = world.call("POST", "/api/v1/check", wish, customer=plain[0])
        return answers[0] >= 400 or not answers[1]["stale"]

    # A moved clock makes memory old until the database is heard again, which is a matter of milliseconds.
    world.wait_for(is_fresh, "memory to be fresh")
    status, body = answers
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


def refunds(world, words):
    """refunds CUSTOMER: what Stripe has paid back, in minor units."""
    _, body = world.call("GET", "/api/v1/customers/" + words[0])
    return [f"{each['amount']} {each['currency']} {each['status']}"
            for each in world.stripe("GET", "/v1/refunds?limit=100")["data"]
            if world.stripe("GET", "/v1/charges/" + each["charge"])["customer"] == body["stripe_customer_id"]]


def stripe_cancels(world, words):
    """stripe_cancels CUSTOMER: somebody cancels in Stripe's own dashboard."""
    _, body = world.call("GET", "/api/v1/customers/" + words[0])
    for subscription in world.stripe("GET", "/v1/subscriptions?customer=" + body["stripe_customer_id"])["data"]:
        world.stripe("DELETE", "/v1/subscriptions/" + subscription["id"])
    world.settle()
    return []


def stripe_pauses(world, words):
    """stripe_pauses CUSTOMER: somebody pauses the subscription in Stripe's own dashboard."""
    _, body = world.call("GET", "/api/v1/customers/" + words[0])
    for subscription in world.stripe("GET", "/v1/subscriptions?customer=" + body["stripe_customer_id"])["data"]:
        world.stripe("POST", f"/v1/subscriptions/{subscription['id']}/pause", {"type": "subscription"})
    world.settle()
    return []


def stripe_subscribes(world, words):
    """stripe_subscribes CUSTOMER PLAN: somebody subscribes the customer in Stripe's own dashboard; nothing is paid yet."""
    name, plan = words
    world.call("PUT", "/api/v1/customers/" + name, {})
    ours = {"metadata[billhook_customer]": name}
    payer = world.stripe("POST", "/v1/customers", ours)["id"]
    price = world.stripe("GET", f"/v1/prices?lookup_keys[0]=tier_{plan}_month")["data"][0]["id"]
    world.stripe("POST", "/v1/subscriptions", {"customer": payer, "items[0][price]": price, "metadata[billhook_line]":
                                               "tier", "payment_behavior": "default_incomplete", **ours})
    world.settle()
    return []


def stripe_setting(world, words):
    """stripe_setting NAME=VALUE: what a merchant sets in Stripe's own dashboard."""
    world.control("POST", "/_sandbox/settings", split(words)[1])
    return []


def stripe_is_busy(world, words):
    """Stripe takes no changes of subscriptions for now."""
    busy = {"operation": "POST /v1/subscriptions/sub_", "fault": "rate_limit", "permille": 1000}
    world.control("POST", "/_sandbox/faults", {"requests": [busy]})
    return []


def stripe_answers(world, words):
    world.control("DELETE", "/_sandbox/faults")
    return []


def nothing_pending(world, words):
    """nothing_pending CUSTOMER: whatever was under way comes to its end."""
    def has_ended():
        _, body = world.call("GET", "/api/v1/subscriptions", customer=words[0])
        return not any(each["pending_intent"] for each in body["data"])

    world.wait_for(has_ended, "the end of what is under way for " + words[0])
    return []


def check_upgrade(world, words):
    """check_upgrade CUSTOMER PLAN: the page that asks what an upgrade would cost."""
    status, body = world.call("GET", "/api/subscription/check-upgrade?plan=" + words[1], customer=words[0])
    return refusal(status, body) if status >= 400 else [describe_cost(body)]


def describe_cost(change):
    upcoming = change["next_invoice"]
    words = [f"now={change['amount_due_now']}", f"credit={change['credit']}"]
    return " ".join(words + ([f"next={upcoming['amount']}", "on=" + day(upcoming["at"])] if upcoming else []))


def press_upgrade(world, words):
    """press_upgrade CUSTOMER PLAN: the page's button; shows what it cost."""
    status, body = world.call("POST", "/api/subscription/upgrade", {"plan": words[1]}, customer=words[0])
    world.settle()
    return refusal(status, body) if status >= 400 else [describe_cost(body["change"])]


def press_downgrade(world, words):
    """press_downgrade CUSTOMER PLAN: the page's button; shows what is scheduled."""
    status, body = world.call("POST", "/api/subscription/schedule-downgrade", {"plan": words[1]}, customer=words[0])
    world.settle()
    if status >= 400:
        return refusal(status, body)
    change = body["scheduled_change"]
    return [f"{change['from']} to {change['to']} on={day(change['effective_at'])}"]


def press_undo(world, words):
    """press_undo CUSTOMER: the page's button that calls a scheduled downgrade off."""
    status, body = world.call("DELETE", "/api/subscription/schedule-downgrade", customer=words[0])
    world.settle()
    return refusal(status, body) if status >= 400 else [describe(body["subscription"])]


def page_for(world, words):
    return open_checkout(world, words) or ["a payment page"]


# One customer for each wish of docs/decisions/0010-pending-change-table.md, in the order of its columns.
WISHES = {
    "purchase": lambda world, name: page_for(world, [name, "enterprise"]),
    "upgrade": lambda world, name: change(world, [name, "enterprise"]),
    "change_at_period_end": lambda world, name: downgrade(world, [name, "starter"]),
    "interval": lambda world, name: change(world, [name, "professional", "year"]),
    "quantity": lambda world, name: change(world, [name, "quantity=3"]),
    "cancel": lambda world, name: on_line("POST", "cancel")(world, [name, "at=period_end"]),
    "cancel_now": lambda world, name: on_line("POST", "cancel")(world, [name, "at=now"]),
    "resume": lambda world, name: on_line("POST", "resume")(world, [name]),
    "withdraw": lambda world, name: on_line("DELETE", "scheduled-change")(world, [name]),
}


def everyone(world, words):
    """everyone VERB …: nine customers, each named after a wish, do the same. Shows what they saw, once if the same."""
    seen = [VERBS[words[0]](world, [name] + words[1:]) for name in WISHES]
    same = all(each == seen[0] for each in seen)
    return seen[0] if same else [f"{name}: {line}" for name, lines in zip(WISHES, seen) for line in lines]


def wishes(world, words):
    """Each of the nine asks for what it is named after. Shows the refusal, or what the customer then holds."""
    return [f"{name}: {line}" for name, wish in WISHES.items() for line in wish(world, name) or show(world, [name])]


VERBS = {
    "customer": customer,
    "subscribe": subscribe,
    "open_checkout": open_checkout,
    "pay_checkout": pay_checkout,
    "leave_card": leave_card,
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
    "refunds": refunds,
    "stripe_cancels": stripe_cancels,
    "stripe_pauses": stripe_pauses,
    "stripe_subscribes": stripe_subscribes,
    "stripe_setting": stripe_setting,
    "stripe_is_busy": stripe_is_busy,
    "stripe_answers": stripe_answers,
    "nothing_pending": nothing_pending,
    "check_upgrade": check_upgrade,
    "press_upgrade": press_upgrade,
    "press_downgrade": press_downgrade,
    "press_undo": press_undo,
    "everyone": everyone,
    "wishes": wishes,
}
