import unittest

from sample_tree import SampleTree

GOOD = """
openapi: 3.1.0
info: {title: Sample, version: 1.0.0}
tags: [{name: customers}]
security: [{bearer: []}]
paths:
  /api/v1/customers/{id}:
    parameters:
    - {name: id, in: path, required: true, schema: {type: string}}
    get:
      operationId: getCustomer
      summary: One customer
      tags: [customers]
      x-caller: application
      security: [{bearer: [customer_read]}]
      responses:
        '200':
          description: OK
          content: {application/json: {schema: {$ref: '#/components/schemas/Customer'}}}
        default: {$ref: '#/components/responses/Problem'}
    put:
      operationId: putCustomer
      summary: Make or change one
      x-caller: application
      security: [{bearer: [customer_write]}]
      responses:
        '204': {description: done}
        '4XX': {$ref: '#/components/responses/Problem'}
components:
  securitySchemes:
    bearer: {type: http, scheme: bearer}
  responses:
    Problem:
      description: Refused
      content: {application/problem+json: {schema: {type: object}}}
  schemas:
    Customer:
      type: object
      required: [id]
      properties:
        id: {type: string}
        type: {type: string, enum: [person, company]}
        names: {type: array, items: {type: string}}
"""
ROUTES = """
std::vector<Route> const& routes() {
    static std::vector<Route> const table = {
        {"GET", "/api/v1/customers/{id}", Access::application_read, get_customer},
        {"PUT",
         "/api/v1/customers/{id}", Access::application_write, put_customer},
        // {"DELETE", "/api/v1/customers/{id}", Access::application_write, delete_customer},
    };
    return table;
}
"""


class OpenApi(SampleTree):
    check = "check_openapi"
    files = {"api/openapi.yaml": GOOD, "src/http/routes.cc": ROUTES}

    def test_good_description_passes(self):
        self.assert_passes()

    # What is replaced in the good description, by what, and the words of the complaint.
    REFUSED = [
        ("openapi: 3.1.0", "openapi: 3.0.3", "expected version 3.1"),
        ("title: Sample, ", "", "'title' is missing"),
        ("operationId: putCustomer", "operationId: getCustomer", "is that of GET /api/v1/customers/{id} already"),
        ("operationId: getCustomer", "operationId: get_customer", "not in camelCase"),
        ("      operationId: getCustomer\n", "", "operationId is missing"),
        ("      summary: One customer\n", "", "'summary' is missing"),
        ("tags: [customers]", "tags: [others]", "tag 'others' is not declared"),
        ("      security: [{bearer: [customer_read]}]", "      security: [{cookie: []}]", "security scheme 'cookie'"),
        ("[{bearer: [customer_read]}]", "[{bearer: [customer_write]}]", "because its route is Access::application_read"),
        ("      x-caller: application\n", "", "expected x-caller: application"),
        ("      x-caller: application\n", "      x-caller: application\n      x-roles: [owner]\n", "and no x-roles"),
        ("schemas/Customer'", "schemas/Costumer'", "leads nowhere"),
        ("schema: {$ref: '#/components/schemas/Customer'}", "schema: {type: object}", "nothing refers to it"),
        ("        default: {$ref: '#/components/responses/Problem'}\n", "", "no problem response"),
        ("application/problem+json", "application/json", "errors are application/problem+json"),
        ("        '204': {description: done}\n", "", "no response of success"),
        ("{description: done}", "{description: ''}", "has no description"),
        ("required: true, ", "", "says required: true"),
        ("name: id, in: path", "name: ident, in: path", "path parameter 'id' is not declared"),
        ("required: true, schema: {type: string}}", "required: true}", "has no schema"),
        ("required: [id]", "required: [id, email]", "requires 'email'"),
        ("id: {type: string}\n", "id: {type: text}\n", "'text' is no type"),
        ("type: array, items: {type: string}", "type: array", "says what its items are"),
        ("[person, company]", "[person, person]", "each once"),
        ("        id: {type: string}\n", "        id: {type: string}\n        id: {type: string}\n", "stands twice"),
        ("info:", "info: [", "api/openapi.yaml"),
        ("    put:", "    patch:", "PUT /api/v1/customers/{id} is routed, but"),
        ("    put:", "    patch:", "PATCH /api/v1/customers/{id} is described in api/openapi.yaml, but not routed"),
    ]

    def test_mistakes_are_refused(self):
        for old, new, words in self.REFUSED:
            with self.subTest(old=old, new=new):
                self.assertIn(old, GOOD)
                self.write("api/openapi.yaml", GOOD.replace(old, new, 1))
                self.assert_refused(words)

    def test_an_access_that_nobody_described_is_refused(self):
        self.write("src/http/routes.cc", ROUTES.replace("application_read", "moon_read"))
        self.assert_refused("Access::moon_read is not known")

    def test_a_route_twice_is_refused(self):
        self.write("src/http/more.cc", '{"GET", "/api/v1/customers/{id}", a, b},\n')
        self.assert_refused("src/http/routes.cc", "stands twice in the route table")

    def test_routes_without_a_description_are_refused(self):
        (self.root / "api/openapi.yaml").unlink()
        self.assert_refused("there is no api/openapi.yaml")

    def test_nothing_at_all_passes(self):
        (self.root / "api/openapi.yaml").unlink()
        (self.root / "src/http/routes.cc").unlink()
        self.assert_passes()


if __name__ == "__main__":
    unittest.main()
