#!/usr/bin/env python3
"""Every member that the contract gives an operation's body or query is taken; every other is refused by name; a value of
another type, or outside what the contract allows, is answered with a problem that names the member and says what was
expected, and nothing changes. All made from api/openapi.yaml."""

import datetime
import json
import os
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "scenario"))
from contract import CONTRACT, SAMPLES  # noqa: E402
from residents import Resident  # noqa: E402
from world import World, request  # noqa: E402

STRIPE = {"receiveStripeEvent", "receiveStripeEventLiteral"}  # raw bytes under Stripe's signature: no fields of ours

BESIDE = {"refund": {"at": "now"}}  # what a member is allowed beside alone


def good_value(operation, name, schema, world):
    """A value that the contract allows."""
    if name in (operation.sample_body() or {}):
        return operation.sample(name)
    if "enum" in schema:
        return schema["enum"][0]
    if schema["type"] == "integer":
        return max(schema.get("minimum", 1), 1)
    if schema.get("format") == "date-time":
        return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=400)).strftime("%Y-%m-%dT%H:%M:%SZ")
    if schema.get("format") == "uri":
        return world.base + "/done"
    if "pattern" in schema:
        return "usd"
    return {"id": "one", "customer": "tenant", "email": "a@b.example", "starting_after": "1.one"}.get(name) or str(SAMPLES.get(name, "one"))


def bad_values(schema, in_query=False):
    """Values that it does not: of each other type, and beyond each bound."""
    wrong = []
    kind = schema["type"]
    if not in_query:
        of_type = {"integer": 7, "boolean": True, "string": "word", "array": [1], "object": {"a": 1}}
        wrong += [value for name, value in of_type.items() if name != kind]
        if kind == "integer":
            wrong += ["7", 1.5, 1e300, 18446744073709551615]
        if kind == "array":
            wrong += [[], [7], [{}], ["no such scope"]]
    if kind == "integer":
        wrong += ["seven", "", "7x", "1.5"] if in_query else []
        if "minimum" in schema:
            wrong.append(schema["minimum"] - 1)
        if "maximum" in schema:
            wrong.append(schema["maximum"] + 1)
    if kind == "string":
        wrong += ["", "a\u0000b", "line\nline", "x" * 5000]
        if "maxLength" in schema:
            wrong.append("x" * (schema["maxLength"] + 1))
        if "enum" in schema:
            wrong += ["no_such_word", schema["enum"][0].upper()]
        if "pattern" in schema:
            wrong += [value for value in ("EUR", "eu", "euro", "e1r") if not re.search(schema["pattern"], value)]
        if schema.get("format") == "date-time":
            wrong += ["tomorrow", "2020-01-01T00:00:00Z", "2040-13-01T00:00:00Z"]
        if schema.get("format") == "uri":
            wrong += ["nowhere", "https://evil.example/", "javascript:alert(1)"]
    return wrong


class Fields(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World(os.environ["BILLHOOK_TEST_PROGRAM"], "sqlite", "")
        cls.world.story = {}
        cls.tenant = Resident("tenant", 500_000_000)
        cls.tenant.move_in(cls.world)
        cls.world.call("PUT", "/api/v1/customers/newcomer", {})  # holds nothing: nothing it asks for is done already

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def send(self, operation, body=None, query=None, customer="tenant"):
        values = {"id": self.tenant.intent if "intents" in operation.path else
                  self.event() if "events" in operation.path else "tenant"}
        target = operation.target(values, query)
        headers = {"Authorization": "Bearer " + self.world.key, "Content-Type": "application/json"}
        if operation.names_a_customer():
            headers["Billhook-Customer"] = customer
        status, answered, text = request(operation.method, self.world.base + target, headers,
                                         json.dumps(body).encode() if body is not None else None)
        is_json = "json" in (answered["Content-Type"] or "")
        return status, json.loads(text) if is_json and text else {}

    def event(self):
        return self.world.call("GET", "/api/v1/events?limit=1")[1]["data"][0]["id"]

    def properties(self, operation):
        """The members of the body, and of the query, with their schemas."""
        in_body = {name: CONTRACT.resolve(schema) for name, schema in (operation.body or {}).get("properties", {}).items()}
        in_query = {each["name"]: CONTRACT.resolve(each["schema"]) for each in operation.parameters if each["in"] == "query"}
        return in_body, in_query

    def assert_named(self, answer, field, code=None):
        status, body = answer
        self.assertEqual(status, 422, (field, body))
        named = {each["field"]: each for each in body.get("errors", [])} or {body.get("field"): body}
        self.assertIn(field, named, body)
        self.assertTrue(named[field]["detail"], body)
        if code:
            self.assertEqual(named[field]["code"], code, body)
        else:
            self.assertIn("expected", named[field]["detail"], body)

    def run_operation(self, operation):
        in_body, in_query = self.properties(operation)
        takes_body = operation.body is not None
        sample = operation.sample_body() or {}
        before = self.tenant.view(self.world)

        # What nobody knows. A page for people, which answers no JSON, may be come to with any query.
        surprised = self.send(operation, query={"surprise": "1"}, body=sample if takes_body else None)
        if operation.id == "getFrontPage":
            self.assertEqual(surprised[0], 200)
        else:
            self.assert_named(surprised, "surprise", "unknown_field")
        if operation.method in ("POST", "PUT", "DELETE"):
            self.assert_named(self.send(operation, body={**sample, "surprise": 1}), "surprise", "unknown_field")
        for name in (operation.body or {}).get("required", []):
            for lacking in ({}, {name: None}):
                body = {key: value for key, value in sample.items() if key != name} | lacking
                self.assert_named(self.send(operation, body=body), name, "missing_field")

        for name in operation.required_query():
            self.assert_named(self.send(operation, query={name: None}), name, "missing_field")

        # What the contract does not allow.
        for name, schema in in_body.items():
            for value in bad_values(schema):
                with self.subTest(field=name, value=str(value)[:40]):
                    self.assert_named(self.send(operation, body={**sample, name: value}), name)
        for name, schema in in_query.items():
            for value in bad_values(schema, in_query=True):
                with self.subTest(field=name, value=str(value)[:40]):
                    self.assert_named(self.send(operation, query={name: value}), name)
        self.assertEqual(self.tenant.view(self.world), before, "nothing changed")

        # What it does: taken one at a time beside what is required, by a customer to whom it may happen.
        for name, schema in in_body.items():
            for value in [None, *schema.get("enum", [good_value(operation, name, schema, self.world)])]:
                if value is None and name in sample:
                    continue
                with self.subTest(field=name, value=value):
                    self.assert_taken(self.send(operation, body={**sample, **BESIDE.get(name, {}), name: value}, customer="newcomer"), name)
        for name, schema in in_query.items():
            for value in schema.get("enum", [good_value(operation, name, schema, self.world)]):
                with self.subTest(field=name, value=value):
                    self.assert_taken(self.send(operation, query={name: value}, customer="newcomer"), name)

    def assert_taken(self, answer, name):
        status, body = answer
        named = [each["field"] for each in body.get("errors", [])] if isinstance(body, dict) else []
        self.assertFalse(status == 422 and (name in named or body.get("field") == name), (name, body))
        self.assertNotEqual(status, 400, body)
        self.assertLess(status, 500, body)


def add_tests():
    for operation in CONTRACT.operations:
        if operation.id not in STRIPE:
            setattr(Fields, "test_" + operation.id, lambda self, operation=operation: self.run_operation(operation))


add_tests()

if __name__ == "__main__":
    unittest.main()
