#!/usr/bin/env python3
"""Every route of the contract × every caller × own, foreign and unknown customers and ids. What is answered follows from
the contract: without a valid credential 401, beyond the scope or the role 403, foreign or unknown 404. No answer holds
anything of a customer for whom the caller does not act, and nothing of that customer changes.

Runs against a server on SQLite and on PostgreSQL; there the two walls are also tried one at a time: with row-level
security lifted the statements alone must hold, and under the role of requests the tables alone must hold. A program to
start on what the first has left is named by BILLHOOK_TEST_MUTANT (tests/prove/matrix.sh).
"""

import http.client
import itertools
import json
import os
import pathlib
import subprocess
import sys
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "integration"))
from callers import all_callers, make_key  # noqa: E402
from contract import CONTRACT  # noqa: E402
from residents import Resident  # noqa: E402
from token_signer import TokenSigner  # noqa: E402
from world import World  # noqa: E402

OWN, FOREIGN, UNKNOWN = "own-tenant-17", "foreign-tenant-29", "nobody-at-all-41"
NEWCOMER = "newcomer-53"  # whom a PUT may bring in
# Members of a problem that one code alone has are not in the contract.
PROBLEM = {**CONTRACT.document["components"]["schemas"]["Problem"], "additionalProperties": {}}
# What a write that is allowed may still hear from the state that it meets.
OF_STATE = {402, 409}


class House:
    """One server with its two residents and all callers."""

    def __init__(self, program, store):
        self.signer = TokenSigner()
        # The matrix shows more wrong credentials a minute than a server bears from one address.
        self.world = World(program, store, "", [*self.signer.options(), "--key-failures-per-minute", "1000000"])
        self.world.story = {}
        self.connection = None
        self.own, self.foreign = Resident(OWN, 510_000_000), Resident(FOREIGN, 620_000_000)
        for resident in (self.own, self.foreign):
            resident.move_in(self.world)
        self.own.learn_canaries(self.world, self.foreign)
        self.foreign.learn_canaries(self.world, self.own)
        self.callers = all_callers(self.world, self.signer, OWN, FOREIGN)
        self.event = self.world.call("GET", "/api/v1/events?limit=1")[1]["data"][0]["id"]

    def ask(self, method, target, headers, body):
        """Over a connection that is kept: there are thousands of requests."""
        if not self.connection:
            self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.world.base).netloc, timeout=60)
        self.connection.request(method, target, body, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()

    def close(self):
        if self.connection:
            self.connection.close()
        self.world.close()

    def restart(self, program):
        self.connection = None
        self.world.stop()
        self.world.run(program)

    def lift_row_level_security(self):
        self.sql("DO $$ DECLARE t TEXT; BEGIN FOR t IN SELECT relname FROM pg_class WHERE relrowsecurity LOOP"
                 " EXECUTE format('ALTER TABLE %I DISABLE ROW LEVEL SECURITY', t); END LOOP; END $$")

    def sql(self, statement):
        """As a superuser, in the server's own database: the lines of the answer."""
        done = subprocess.run(["psql", "-qXAt", "-v", "ON_ERROR_STOP=1", "-c", statement,
                               self.world.postgres_url(self.world.database)], capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    def paths(self, operation):
        """The things that the path may name: (whose, parameters)."""
        if operation.path.startswith("/api/v1/customers/{id}"):
            return [(who, {"id": who}) for who in (OWN, FOREIGN, NEWCOMER if operation.upserts() else UNKNOWN)]
        if operation.path == "/api/v1/intents/{id}":
            return [(OWN, {"id": self.own.intent}), (FOREIGN, {"id": self.foreign.intent}), (UNKNOWN, {"id": "int_nothing"})]
        if operation.path.startswith("/api/v1/keys/{id}"):
            return [(None, {"id": make_key(self.world, ["entitlement_check"])["id"]}), (UNKNOWN, {"id": "key_nothing"})]
        if operation.path.startswith("/api/v1/events/{id}"):
            return [(None, {"id": self.event}), (UNKNOWN, {"id": "evt_nothing"})]
        if "{line}" in operation.path:
            return [(None, {"line": "tier"}), (UNKNOWN, {"line": "nothing"})]
        if "{feature}" in operation.path:
            return [(None, {"feature": "clients"}), (UNKNOWN, {"feature": "nothing"})]
        return [(None, {})]


def acts_for(operation, caller, header, whose):
    """The customer whose data the caller may see in this call; None where it is nobody's in particular."""
    if not caller.is_valid or operation.caller is None:
        return None
    if caller.customer or header:
        return caller.customer or header
    return whose if operation.path.startswith("/api/v1/customers/{id}") else None


def expected_status(operation, caller, header, whose):
    """The statuses that the contract allows; the rules of LITERAL-ENDPOINTS from the outer door to the inner."""
    if operation.caller is None:
        # Stripe's own door wants Stripe's signature, whoever knocks.
        return {400} if any(each["name"] == "Stripe-Signature" for each in operation.parameters) else {operation.status}
    if not caller.is_valid:
        return {401}
    if caller.customer and not caller.is_token() and header and header != caller.customer:
        return {404}
    if caller.is_token() and operation.caller == "application":
        return {403}
    if operation.scope not in caller.scopes:
        return {403}
    customer = acts_for(operation, caller, header, whose)
    if operation.names_a_customer() and customer is None:
        return {422}
    if operation.roles and caller.is_token() and caller.role not in operation.roles:
        return {403}
    if customer == UNKNOWN and operation.caller != "operator":
        return {404}
    if whose in (OWN, FOREIGN, NEWCOMER) and customer and customer != whose:
        return {404}
    if whose == UNKNOWN:
        return {404}
    return {operation.status, *(OF_STATE if operation.is_write() else ())}


class Matrix:
    """The tests of one server; a class of each store adds the server."""

    store = None

    @classmethod
    def setUpClass(cls):
        cls.house = House(os.environ["BILLHOOK_TEST_PROGRAM"], cls.store)
        cls.prepare()

    @classmethod
    def prepare(cls):
        if os.environ.get("BILLHOOK_TEST_MUTANT"):
            cls.house.restart(os.environ["BILLHOOK_TEST_MUTANT"])

    @classmethod
    def tearDownClass(cls):
        cls.house.close()

    def calls(self, operation):
        for caller in self.house.callers:
            yield from itertools.product([caller], self.headers(caller), self.house.paths(operation))

    @staticmethod
    def headers(caller):
        """Whom the request names: all that can make a difference for this caller."""
        if not caller.is_valid:
            return [OWN]
        if caller.is_token():
            return [None, FOREIGN if caller.customer == OWN else OWN]
        return [None, OWN, FOREIGN] if caller.customer else [None, OWN, FOREIGN, UNKNOWN]

    def send(self, operation, caller, header, values):
        headers = {"Content-Type": "application/json"}
        if caller.credential:
            headers["Authorization"] = "Bearer " + caller.credential
        if header:
            headers["Billhook-Customer"] = header
        body = operation.sample_body()
        target = operation.target(values)
        status, answered, text = self.house.ask(operation.method, target, headers, json.dumps(body) if body else None)
        said = " ".join([urllib.parse.unquote(target), header or "", json.dumps(body)])
        return status, answered, text, said

    def try_one(self, operation, caller, header, whose, values):
        """What is wrong with one answer."""
        status, answered, text, said = self.send(operation, caller, header, values)
        wrong = []
        wanted = expected_status(operation, caller, header, whose)
        if status not in wanted:
            wrong.append(f"{status}, expected {' or '.join(map(str, sorted(wanted)))}: {text[:200]}")
        if status >= 400 and answered["Content-Type"] != "application/problem+json":
            wrong.append("an error that is no problem detail: " + text[:200])
        if status == operation.status and operation.answer:
            wrong += CONTRACT.mistakes(json.loads(text), operation.answer)
        elif status >= 400:
            wrong += CONTRACT.mistakes(json.loads(text), PROBLEM)
        customer = acts_for(operation, caller, header, whose)
        # An application's or an operator's key that names no customer sees them all; everybody else one at most.
        sees_all = status < 400 and customer is None and operation.caller in ("application", "operator")
        # An operator's doors are not a customer's: they show the house, whoever the header names.
        sees_all = sees_all or (status < 400 and operation.caller == "operator")
        for resident in (self.house.own, self.house.foreign):
            if resident.id != customer and not sees_all and (found := resident.found_in(text, said)):
                wrong.append(f"{resident.id} is seen: {found[:3]} in {text[:300]}")
        return wrong

    def run_operation(self, operation):
        complaints, count = [], 0
        own, foreign, world = self.house.own, self.house.foreign, self.house.world
        may_change = operation.method != "GET"
        # First whoever does not act for the foreign customer, then whoever does not act for the own: the other's stays.
        for visitor, untouched in ((OWN, foreign), (FOREIGN, own)):
            before = untouched.view(world) if may_change else {}
            for caller, header, (whose, values) in self.calls(operation):
                if (acts_for(operation, caller, header, whose) == FOREIGN) != (visitor == FOREIGN):
                    continue
                count += 1
                for each in self.try_one(operation, caller, header, whose, values):
                    complaints.append(f"{caller.name}, customer {header}, {values}: {each}")
            if operation.is_write():
                world.settle()
            after = untouched.view(world) if may_change else {}
            for path in before:
                if before[path] != after[path]:
                    complaints.append(f"{untouched.id}'s {path} changed: {before[path]} became {after[path]}")
        type(self).requests = getattr(type(self), "requests", 0) + count
        self.assertFalse(complaints, f"{operation.method} {operation.path}: {len(complaints)} of {count} answers:\n" +
                         "\n".join(complaints[:12]))


def add_tests():
    """Named so that all reading comes before the writing, which changes what there is to read."""
    for operation in CONTRACT.operations:
        name = ("test_write_" if operation.is_write() else "test_read_") + operation.id
        setattr(Matrix, name, lambda self, operation=operation: self.run_operation(operation))


add_tests()


class OnSqlite(Matrix, unittest.TestCase):
    store = "sqlite"


class OnPostgres(Matrix, unittest.TestCase):
    store = "postgres"

    def test_tables_show_a_request_its_own_customer_alone(self):
        """Row-level security without any statement's help: the role of requests reads whole tables."""
        tables = self.house.sql("SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid"
                                " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attname ="
                                " 'customer_id' AND has_table_privilege('billhook_app', pg_class.oid, 'SELECT')")
        self.assertGreater(len(tables), 10)
        for own, foreign in ((self.house.own, self.house.foreign), (self.house.foreign, self.house.own)):
            rows = 0
            for table in tables:
                lines = self.house.sql(f"BEGIN; SET LOCAL ROLE billhook_app; SELECT NULL FROM"
                                       f" set_config('billhook.customer', '{own.id}', true);"
                                       f" SELECT row_to_json(t) FROM {table} t; COMMIT")
                rows += len(lines)
                self.assertEqual([line for line in lines if foreign.found_in(line, "")], [], table)
            self.assertGreater(rows, 20)


class OnPostgresWithoutRowLevelSecurity(Matrix, unittest.TestCase):
    """The statements alone: what they forget to name would be seen."""

    store = "postgres"

    @classmethod
    def prepare(cls):
        cls.house.lift_row_level_security()
        super().prepare()


def main():
    program = unittest.main(exit=False)
    for each in (OnSqlite, OnPostgres, OnPostgresWithoutRowLevelSecurity):
        print(f"{each.__name__}: {getattr(each, 'requests', 0)} requests to {len(CONTRACT.operations)} operations")
    sys.exit(not program.result.wasSuccessful())


if __name__ == "__main__":
    main()
