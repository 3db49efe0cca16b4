"""Writes vectors.json, the test vectors of package pseudonym.

A second implementation of docs/pseudonyms.md with nothing but Python's standard library. The normalised spellings are
written by hand, not computed, so that they say what Normalize must do.

    python3 vectors.py > vectors.json
"""

import base64
import hashlib
import hmac
import json
import struct
import sys

LABEL = b"passavant-pseudonym/1"


def prf(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def domain_key(master, context):
    parts = ("agreement", "recipient", "purpose", "scope", "scope_id", "epoch")
    encoded = b"".join(struct.pack(">I", len(p)) + p for p in (context.get(n, "").encode() for n in parts))
    return prf(master, struct.pack(">I", 1) + LABEL + b"\0" + encoded + struct.pack(">I", 256))


def pseudonym(key, category, normalised):
    name = category.encode()
    mac = prf(key, struct.pack(">H", len(name)) + name + normalised)
    return "psn_" + base64.urlsafe_b64encode(mac[:16]).rstrip(b"=").decode()


def kdf(key, label, context, size):
    blocks = (prf(key, struct.pack(">I", i) + label + b"\0" + context + struct.pack(">I", 8 * size)) for i in (1, 2))
    return b"".join(blocks)[:size]


def technique_key(master, context, label, category, size=32):
    parts = ("agreement", "recipient", "purpose", "scope", "scope_id", "epoch")
    encoded = b"".join(struct.pack(">I", len(p)) + p for p in (context.get(n, "").encode() for n in parts))
    key = kdf(master, b"passavant-technique/1", encoded, 32)
    name = category.encode()
    return kdf(key, label, struct.pack(">I", len(name)) + name, size)


def base32(digest):
    return base64.b32encode(digest[:16]).decode().rstrip("=").lower()


def email(key, normalised, keep_domain):
    host = normalised.split("@")[1]
    local = "u-" + base32(prf(key, b"\x01" + normalised.encode()))
    return local + "@" + (host if keep_domain else "d-" + base32(prf(key, b"\x02" + host.encode())) + ".invalid")


def shift(key, days, normalised):
    k = struct.unpack(">Q", prf(key, struct.pack(">I", days) + normalised.encode())[:8])[0] % (2 * days)
    return k + 1 if k < days else days - k - 1


BASE = {"agreement": "ie-jp-bank-fraud", "recipient": "sakura-bank-jp", "purpose": "fraud_investigation"}
CONTEXTS = [
    {**BASE, "scope": "transaction", "scope_id": "tr-000017", "epoch": "2026-Q4"},
    {**BASE, "scope": "relationship", "epoch": "2026-Q4"},
    {**BASE, "scope": "relationship", "scope_id": "case-142", "epoch": ""},
    {**BASE, "scope": "person"},
    {"agreement": "é", "recipient": "ü", "purpose": "日本", "scope": "person"},
]
VALUES = [
    ("iban", "IE29 aibk 9311 5212 3456 78", "IE29AIBK93115212345678"),
    ("iban", "IE29\u00a0AIBK\u2011931152 12345678", "IE29AIBK93115212345678"),
    ("email", " Aoife.Byrne@Example.IE", "aoife.byrne@example.ie"),
    ("email", "aoife[@]example[.]ie", "aoife@example.ie"),
    ("phone", "+353 (1) 555-01.23", "+35315550123"),
    ("name", "Aoife Ní Bhriain", "Aoife Ní Bhriain"),
    ("name", "Aoife Ni\u0301 Bhriain", "Aoife Ní Bhriain"),
    ("domain", "Login[.]Example[.]COM.", "login.example.com"),
    ("ip_address", "2001:0DB8:0:0:0:0:0:1", "2001:db8::1"),
    ("ip_address", "::ffff:192.0.2[.]7", "192.0.2.7"),
    ("url", "hxxps[://]Login[.]Example[.]com/Path?Q=1", "https://login.example.com/Path?Q=1"),
    ("device_id", "  Ab-12 ", "  Ab-12 "),
    ("name", "", ""),
]


def main():
    master = bytes(range(32))
    vectors = [
        {
            "context": context,
            "category": category,
            "value": value,
            "normalised": normalised,
            "pseudonym": pseudonym(domain_key(master, context), category, normalised.encode()),
        }
        for context in CONTEXTS
        for category, value, normalised in VALUES
    ]
    techniques = [
        {
            "context": context,
            "email": {
                "value": value,
                "kept": email(technique_key(master, context, b"email", "email"), normalised, True),
                "hidden": email(technique_key(master, context, b"email", "email"), normalised, False),
            },
            "shift": {
                "value": value,
                "days_30": shift(technique_key(master, context, b"date", "email"), 30, normalised),
                "days_3650": shift(technique_key(master, context, b"date", "email"), 3650, normalised),
            },
            "token_key": technique_key(master, context, b"token", "email", 64).hex(),
        }
        for context in CONTEXTS
        for category, value, normalised in VALUES
        if category == "email"
    ]
    document = {
        "comment": "Written by vectors.py.",
        "master_key": master.hex(),
        "key_id": prf(master, LABEL + b" key id")[:8].hex(),
        "vectors": vectors,
        "techniques": techniques,
    }
    json.dump(document, sys.stdout, indent=1, ensure_ascii=False)
    print()


main()
