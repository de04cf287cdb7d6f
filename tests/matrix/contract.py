"""What api/openapi.yaml says of each operation: who may call it, what it takes, what it answers."""

import dataclasses
import pathlib
import re
import urllib.parse

import yaml

ROOT = pathlib.Path(__file__).parent.parent.parent
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
METHODS = ("get", "put", "post", "delete", "patch")

# A value for each member that some operation requires, as the sample catalog has it; by operation where it differs.
SAMPLES = {"plan": "enterprise", "tier": "enterprise", "feature": "clients", "used": 1, "name": "matrix", "line": "tier",
           "scopes": ["entitlement_check"], "code": "invalid_value"}
OF_OPERATION = {("subscribeAi", "plan"): "ai_pro"}


@dataclasses.dataclass
class Operation:
    id: str
    method: str
    path: str
    caller: str  # None: anybody; customer, check, application, operator
    scope: str
    roles: list
    status: int  # of success
    parameters: list
    body: dict  # the schema of the body, or None
    answer: dict  # the schema of the answer of success; None where it is no JSON

    def names_a_customer(self):
        """By the header that an application's key sends."""
        return any(each["name"] == "Billhook-Customer" for each in self.parameters)

    def is_write(self):
        return any(each["name"] == "Idempotency-Key" for each in self.parameters)

    def upserts(self):
        return self.method == "PUT" and self.path.endswith("{id}")

    def sample(self, name):
        known = OF_OPERATION.get((self.id, name), SAMPLES.get(name))
        if known is None:
            raise KeyError(f"{self.id} requires '{name}': give it a value in tests/matrix/contract.py")
        return known

    def required_query(self):
        return [each["name"] for each in self.parameters if each["in"] == "query" and each.get("required")]

    def target(self, values, query=None):
        """The path with its parameters, and the query: what it requires, and what is given."""
        path = self.path
        for each in self.parameters:
            if each["in"] == "path":
                value = values.get(each["name"]) or self.sample(each["name"])
                path = path.replace("{" + each["name"] + "}", urllib.parse.quote(value, safe=""))
        query = {**{name: self.sample(name) for name in self.required_query()}, **(query or {})}
        query = {name: value for name, value in query.items() if value is not None}
        return path + ("?" + urllib.parse.urlencode(query) if query else "")

    def sample_body(self):
        """What is required, and a plan where one may be named."""
        if self.body is None:
            return None
        names = [*self.body.get("required", [])]
        if "plan" in self.body.get("properties", {}) and "plan" not in names:
            names.append("plan")
        return {name: self.sample(name) for name in names}


class Contract:
    def __init__(self):
        self.document = yaml.load((ROOT / "api/openapi.yaml").read_text(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        self.operations = [self.read(path, method, item[method]) for path, item in self.document["paths"].items()
                           for method in METHODS if method in item]

    def resolve(self, node):
        while isinstance(node, dict) and "$ref" in node:
            target = self.document
            for word in node["$ref"].removeprefix("#/").split("/"):
                target = target[word]
            node = target
        return node

    def read(self, path, method, operation):
        security = operation.get("security", self.document["security"])
        body = operation.get("requestBody")
        schema = self.resolve(body["content"]["application/json"]["schema"]) if body else None
        status = next(code for code in operation["responses"] if code.startswith("2"))
        answer = operation["responses"][status]["content"].get("application/json", {}).get("schema")
        return Operation(
            id=operation["operationId"], method=method.upper(), path=path, caller=operation.get("x-caller"),
            scope=security[0]["bearer"][0] if security else None, roles=operation.get("x-roles"),
            status=int(status), parameters=[self.resolve(each) for each in operation.get("parameters", [])], body=schema,
            answer=answer)

    def mistakes(self, value, schema, where="answer"):
        """What of a JSON value is not as its schema says. A member that the contract does not declare is one."""
        schema = self.resolve(schema)
        if "oneOf" in schema:
            tried = [self.mistakes(value, each, where) for each in schema["oneOf"]]
            return [] if [] in tried else tried[0]
        if "allOf" in schema:
            merged = {"type": "object", "properties": {}, "required": []}
            for each in map(self.resolve, schema["allOf"]):
                merged["properties"].update(each["properties"])
                merged["required"] += each["required"]
            schema = merged
        kinds = schema.get("type", [])
        kinds = kinds if isinstance(kinds, list) else [kinds]
        if kinds and kind_of(value) not in kinds:
            return [f"{where}: {value!r} is no {' or '.join(kinds)}"]
        if value is None:
            return []
        wrong = []
        if "enum" in schema and value not in schema["enum"]:
            wrong.append(f"{where}: {value!r} is none of {schema['enum']}")
        if "pattern" in schema and not re.search(schema["pattern"], value):
            wrong.append(f"{where}: {value!r} is not as {schema['pattern']}")
        if schema.get("format") == "date-time" and not MOMENT.fullmatch(value):
            wrong.append(f"{where}: {value!r} is no moment")
        if isinstance(value, list):
            for number, each in enumerate(value):
                wrong += self.mistakes(each, schema.get("items", {}), f"{where}[{number}]")
        if isinstance(value, dict) and ("properties" in schema or "additionalProperties" in schema):
            wrong += [f"{where}.{name} is missing" for name in schema.get("required", []) if name not in value]
            for name, each in value.items():
                known = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
                wrong += [f"{where}.{name} is not in the contract"] if known is None else \
                    self.mistakes(each, known, f"{where}.{name}")
        return wrong


def kind_of(value):
    return {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number",
            type(None): "null"}[type(value)]


CONTRACT = Contract()
