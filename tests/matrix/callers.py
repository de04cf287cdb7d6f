"""Who knocks: every kind of credential, and what the contract says of it."""

import dataclasses
import time

SCOPES = ["customer_read", "customer_write", "entitlement_check", "usage_write", "operator_read", "operator_write"]
APPLICATION = SCOPES[:4]


@dataclasses.dataclass
class Caller:
    name: str
    credential: str = None
    is_valid: bool = True
    customer: str = None  # what a token claims, or a key is bound to; nothing in the request changes it
    role: str = None      # of a token
    scopes: tuple = ()

    def is_token(self):
        return self.role is not None


def make_key(world, scopes, customer=None):
    body = {"name": "matrix", "scopes": scopes, **({"customer": customer} if customer else {})}
    status, made = world.call("POST", "/api/v1/keys", body)
    if status != 201:
        raise RuntimeError(f"no key: {status} {made}")
    return made


def all_callers(world, signer, own, foreign):
    revoked = make_key(world, APPLICATION)
    world.call("DELETE", "/api/v1/keys/" + revoked["id"])
    token_scopes = ("customer_read", "customer_write", "entitlement_check")

    def bad(name, credential):
        return Caller(name, credential, is_valid=False)

    def token(name, customer, role="owner"):
        return Caller(name, signer.token(customer_id=customer, role=role, sub=name), customer=customer, role=role,
                      scopes=token_scopes)

    return [
        bad("nobody", None),
        bad("a wrong key", "bh_" + "x" * 43),
        bad("a revoked key", revoked["key"]),
        bad("an expired token", signer.token(customer_id=own, exp=int(time.time()) - 1000)),
        bad("a token of another issuer", signer.token(customer_id=own, iss="https://stranger.example")),
        bad("a token for another audience", signer.token(customer_id=own, aud="mail")),
        bad("a token without a signature", signer.unsigned_token(customer_id=own)),
        bad("a token signed with the public key", signer.token_signed_with_the_public_key(customer_id=own)),
        *[Caller(f"a key of {scope}", make_key(world, [scope])["key"], scopes=(scope,)) for scope in SCOPES],
        Caller("an application's key", make_key(world, APPLICATION)["key"], scopes=tuple(APPLICATION)),
        Caller("a key bound to its own customer", make_key(world, APPLICATION, own)["key"], customer=own,
               scopes=tuple(APPLICATION)),
        Caller("a key bound to another customer", make_key(world, APPLICATION, foreign)["key"], customer=foreign,
               scopes=tuple(APPLICATION)),
        Caller("an operator's key", make_key(world, SCOPES)["key"], scopes=tuple(SCOPES)),
        token("its own owner", own),
        token("its own member", own, "member"),
        token("another customer's owner", foreign),
    ]
