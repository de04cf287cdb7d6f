"""Tokens of an application's own users, good and forged."""

import base64
import hmac
import json
import os
import subprocess
import tempfile
import time

ISSUER = "https://id.example"


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(*arguments, data=b""):
    return subprocess.run(["openssl", *arguments], input=data, check=True, capture_output=True).stdout


class TokenSigner:
    """An Ed25519 and an RSA key of the application's own, and tokens made with them; also such as a forger would make."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.paths = {}
        for name, options in (("ed", ["-algorithm", "ed25519"]),
                              ("rsa", ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"])):
            self.paths[name] = os.path.join(self.folder.name, name + ".pem")
            openssl("genpkey", *options, "-out", self.paths[name])
        public = openssl("pkey", "-in", self.paths["ed"], "-pubout", "-outform", "DER")[-32:]
        modulus = openssl("rsa", "-in", self.paths["rsa"], "-noout", "-modulus").decode().strip().split("=")[1]
        self.jwks = {"keys": [
            {"kty": "OKP", "crv": "Ed25519", "kid": "ed", "alg": "EdDSA", "x": base64url(public)},
            {"kty": "RSA", "kid": "rsa", "alg": "RS256", "n": base64url(bytes.fromhex(modulus)), "e": "AQAB"}]}

    def options(self):
        """What a server is started with to accept these tokens."""
        return ["--jwt-issuers", json.dumps([{"issuer": ISSUER, "audience": "billing", "jwks": json.dumps(self.jwks)}])]

    @staticmethod
    def claims(**changes):
        return {"iss": ISSUER, "aud": "billing", "sub": "anna", "customer_id": "acme", "role": "owner",
                "exp": int(time.time()) + 86_400, **changes}

    def unsigned_token(self, **changes):
        return self.assemble({"alg": "none", "typ": "JWT"}, self.claims(**changes)) + "."

    def token_signed_with_the_public_key(self, **changes):
        """HS256 with what everybody can read: a verifier that believes the token's header takes it."""
        signed = self.assemble({"alg": "HS256", "kid": "rsa", "typ": "JWT"}, self.claims(**changes))
        public = openssl("pkey", "-in", self.paths["rsa"], "-pubout")
        return signed + "." + base64url(hmac.digest(public, signed.encode(), "sha256"))

    @staticmethod
    def assemble(header, claims):
        return base64url(json.dumps(header).encode()) + "." + base64url(json.dumps(claims).encode())

    def token(self, key="ed", **changes):
        header = {"alg": {"ed": "EdDSA", "rsa": "RS256"}[key], "kid": key, "typ": "JWT"}
        signed = self.assemble(header, self.claims(**changes))
        with tempfile.NamedTemporaryFile() as message:
            message.write(signed.encode())
            message.flush()
            options = ["pkeyutl", "-sign", "-rawin", "-inkey", self.paths[key], "-in", message.name]
            if key == "rsa":
                options += ["-digest", "sha256", "-pkeyopt", "rsa_padding_mode:pkcs1"]
            return signed + "." + base64url(openssl(*options))
