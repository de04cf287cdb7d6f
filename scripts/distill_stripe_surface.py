#!/usr/bin/env python3
"""Distils the facts of Stripe's API surface (names, types, required, enums, list and expand marks; no prose) from an
OpenAPI-shaped description into src/sandbox/surface/stripe_2026_10_28.surface. The format is described in surface.h.

usage: distill_stripe_surface.py BILLING.json FULL.json.gz > src/sandbox/surface/stripe_2026_10_28.surface
The first file says which operations; schemas that it leaves out of scope come from the second.
"""
import gzip
import json
import re
import sys

# The description says only "number"; these are the ones that are not integers.
DECIMAL_NUMBERS = {"percent_off", "percentage", "percent", "amount_percent", "application_fee_percent",
                   "percent_ownership", "effective_percentage", "exchange_rate", "aggregated_value", "height", "length",
                   "weight", "width"}

# "Includable" fields: absent from a response unless named in `expand`. Stripe's reference marks them so.
INCLUDABLE = {
    "Charge": ["refunds"],
    "Checkout.Session": ["line_items"],
    "Coupon": ["applies_to", "currency_options"],
    "Customer": ["cash_balance", "invoice_credit_balance", "sources", "subscriptions", "tax", "tax_ids"],
    "Invoice": ["confirmation_secret", "payments"],
    "PaymentLink": ["line_items"],
    "Price": ["currency_options", "tiers"],
    "Plan": ["tiers"],
    "PromotionCode.Restrictions": ["currency_options"],
    "Quote": ["line_items"],
    "Quote.Computed.Upfront": ["line_items"],
    "ShippingRate.FixedAmount": ["currency_options"],
}

PAGINATION = {"limit": {"type": "number"}, "starting_after": {"type": "string"}, "ending_before": {"type": "string"}}
UNTRANSLATED = {"_Discount": "@Discount", "_Refund": "@Refund"}


def ref_name(ref):
    return ref.rsplit("/", 1)[1]


# Left out of scope by the first file, and not needed by a subscription business.
NOT_NEEDED = ("V2.", "Climate", "Financial", "Forwarding", "Identity", "Issuing", "PaymentRecord", "PaymentAttempt",
              "Radar", "Reporting", "Reserve", "Sigma", "Terminal", "Topup", "Transfer", "Treasury")


class Distiller:
    def __init__(self, surface, full):
        self.surface = surface
        self.schemas = surface["components"]["schemas"]
        for name, schema in full["components"]["schemas"].items():
            known = self.schemas.get(name)
            if (known is None or "x-out-of-scope" in known) and not name.startswith(NOT_NEEDED):
                self.schemas[name] = schema
        self.wanted, self.queue = set(), []
        self.inline = {}

    def want(self, name):
        if name not in self.wanted:
            self.wanted.add(name)
            self.queue.append(name)
        return "@" + name

    def type_of(self, schema, where, field):
        """The type's text; see surface.h for the grammar."""
        if "$ref" in schema:
            name = ref_name(schema["$ref"])
            return self.want(name) if name in self.schemas else "any"
        if "allOf" in schema:
            return self.type_of(schema["allOf"][0], where, field)
        if "anyOf" in schema:
            return "(" + ",".join(self.type_of(part, where, field) for part in schema["anyOf"]) + ")"
        if "x-ts" in schema:
            known = UNTRANSLATED.get(schema["x-ts"])
            return self.want(known[1:]) if known else "any"
        if "enum" in schema:
            if schema["enum"] == [True]:
                return "true"
            return ("*" if schema.get("x-open-enum") else "=") + "|".join(schema["enum"])
        kind = schema.get("type")
        if "x-out-of-scope" in schema:
            return "any"
        if "x-list" in schema:
            return "<" + self.type_of(schema["properties"]["data"]["items"], where, field)
        if kind == "array":
            return "[" + self.type_of(schema["items"], where, field)
        if kind == "number":
            return "d" if field in DECIMAL_NUMBERS else "i"
        if kind == "boolean":
            return "b"
        if kind == "string":
            return "n" if schema.get("format") == "decimal" else "s"
        if kind == "object":
            if "properties" in schema:
                name = f"{where}#{field}"
                self.inline[name] = schema
                return self.want(name)
            values = schema.get("additionalProperties")
            return "{" + self.type_of(values, where, field) if values else "any"
        return "any"

    def properties_of(self, schema):
        properties, required = {}, set(schema.get("required", []))
        for base in schema.get("x-extends", []):
            if base == "PaginationParams":
                properties.update(PAGINATION)
            elif "..." + base in self.schemas:
                parent, needed = self.properties_of(self.schemas["..." + base])
                properties.update(parent)
                required |= needed
        properties.update(schema.get("properties", {}))
        return properties, required

    def schema_lines(self, name):
        schema = self.inline.get(name) or self.schemas[name]
        # Snapshot events are one shape whose object is named per type by the E lines.
        if name == "Event":
            return ["S Event", "id ! s", "object ! =event", "account - s", "api_version !? s", "context - s",
                    "created ! i", "data ! @Event#data", "livemode ! b", "pending_webhooks ! i",
                    "request !? @Event#request", "type ! s", "S Event#data", "object ! any",
                    "previous_attributes - any", "S Event#request", "id !? s", "idempotency_key !? s"]
        if name == "V2.Core.Event":
            return ["T V2.Core.Event any"]
        if "properties" not in schema and not schema.get("x-extends") or "x-out-of-scope" in schema:
            if schema.get("type") == "object" and "additionalProperties" not in schema \
                    and "x-out-of-scope" not in schema:
                return [f"S {name}"]
            return [f"T {name} {self.type_of(schema, name, '')}"]
        lines = [f"S {name}"]
        properties, required = self.properties_of(schema)
        for field, value in properties.items():
            if value.get("x-ts") == "void":
                continue
            flags = ("!" if field in required else "") + ("?" if value.get("nullable") else "") \
                + ("~" if value.get("x-emptyable") else "") + ("+" if field in INCLUDABLE.get(name, []) else "")
            lines.append(f"{field} {flags or '-'} {self.type_of(value, name, field)}")
        return lines

    def operation_lines(self):
        for path, methods in sorted(self.surface["paths"].items()):
            for method, operation in sorted(methods.items()):
                if "x-query-schema" in operation:
                    params = self.want(ref_name(operation["x-query-schema"]["$ref"]))
                else:
                    content = operation.get("requestBody", {}).get("content", {})
                    body = next(iter(content.values()), {}).get("schema")
                    params = self.type_of(body, operation["operationId"], "body") if body else "-"
                answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
                kind = answer.get("x-list")
                if kind in ("search_result", "v2"):
                    mark = "?" if kind == "search_result" else "2"
                    answer_type = mark + self.type_of(answer["properties"]["data"]["items"], "", "")
                else:
                    answer_type = self.type_of(answer, operation["operationId"], "answer")
                yield f"O {method.upper()} {path} {operation['operationId']} {params} {answer_type}"

    def event_lines(self):
        for part in self.schemas["Event"]["anyOf"]:
            name = ref_name(part["$ref"])
            if "x-out-of-scope" in self.schemas[name]:
                continue
            kind = self.schemas[name]["properties"]["type"]["enum"][0]
            data = self.schemas.get(name + ".Data", {}).get("properties", {}).get("object", {})
            yield f"E {kind} {self.type_of(data, name, 'object') if data else 'any'}"

    def lines(self):
        operations, events = list(self.operation_lines()), list(self.event_lines())
        schemas = {}
        while self.queue:
            name = self.queue.pop()
            schemas[name] = self.schema_lines(name)
        yield "V " + re.search(r"\d{4}-\d{2}-\d{2}\.\w+", self.surface["info"]["version"]).group()
        versions = self.schemas.get("WebhookEndpointCreateParams.ApiVersion", {}).get("enum", [])
        yield "A " + "|".join(versions)
        yield from operations
        yield from events
        for name in sorted(schemas):
            yield from schemas[name]


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        surface = json.load(file)
    with gzip.open(sys.argv[2]) as file:
        full = json.load(file)
    for line in Distiller(surface, full).lines():
        print(line)


main()
