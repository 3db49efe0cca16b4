"""Reads the vectors of this directory in another language and on another cryptographic library (pyca/cryptography).

Written from docs/envelope-format.md and RFC 9180, for whoever writes a reader of their own. It decrypts the good
vectors and refuses the bad ones; it tells apart only what a reader must ("ok" or not).

    python3 reader.py        needs the package "cryptography"; exits with 1 if a vector does not read as index.json says
"""

import base64
import hashlib
import hmac
import json
import pathlib
import struct
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = b"passavant-sealed/1"
SUITE = "HPKE-X25519-SHA256-A256GCM+A256GCM-HKDF-4K+Ed25519"
FRAME = 65536


class Refused(Exception):
    pass


def extract(salt, ikm):
    return hmac.new(salt or bytes(32), ikm, hashlib.sha256).digest()


def expand(prk, info, length):
    out, block = b"", b""
    for i in range(1, 256):
        block = hmac.new(prk, block + info + bytes([i]), hashlib.sha256).digest()
        out += block
        if len(out) >= length:
            return out[:length]


def hpke_open(private, enc, info, ciphertext):
    """RFC 9180, OpenBase with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM, first message, no aad."""

    def labeled_extract(suite, salt, label, ikm):
        return extract(salt, b"HPKE-v1" + suite + label + ikm)

    def labeled_expand(suite, prk, label, info, length):
        return expand(prk, struct.pack(">H", length) + b"HPKE-v1" + suite + label + info, length)

    kem, whole = b"KEM\x00\x20", b"HPKE\x00\x20\x00\x01\x00\x02"
    dh = private.exchange(X25519PublicKey.from_public_bytes(enc))
    context = enc + private.public_key().public_bytes_raw()
    shared = labeled_expand(kem, labeled_extract(kem, b"", b"eae_prk", dh), b"shared_secret", context, 32)
    schedule = b"\0" + labeled_extract(whole, b"", b"psk_id_hash", b"") + labeled_extract(whole, b"", b"info_hash", info)
    secret = labeled_extract(whole, shared, b"secret", b"")
    key = labeled_expand(whole, secret, b"key", schedule, 32)
    nonce = labeled_expand(whole, secret, b"base_nonce", schedule, 12)
    return AESGCM(key).decrypt(nonce, ciphertext, b"")


def body_open(secret, bound, ct):
    """Tink's AES256_GCM_HKDF_4KB."""
    if len(ct) < 56 or ct[0] != 40:
        raise Refused("body")
    aead, prefix = AESGCM(expand(extract(ct[1:33], secret), bound, 32)), ct[33:40]
    segments, rest, size = [], ct[40:], 4096 - 40
    while len(rest) > size:
        segments.append(rest[:size])
        rest, size = rest[size:], 4096
    segments.append(rest)
    plain = b""
    for i, segment in enumerate(segments):
        last = b"\1" if i == len(segments) - 1 else b"\0"
        plain += aead.decrypt(prefix + struct.pack(">I", i) + last, segment, b"")
    return plain


def split_frames(data):
    ciphertext, at, short = b"", 0, False
    while True:
        (n,) = struct.unpack_from(">I", data, at)
        at += 4
        if n == 0:
            return ciphertext, at
        if n > FRAME or short or at + n > len(data):
            raise Refused("frame")
        ciphertext, at, short = ciphertext + data[at : at + n], at + n, n < FRAME


def read(msg, sender, privates):
    version, header, line, rest = msg.split(b"\n", 3)
    if version != VERSION:
        raise Refused("version")
    seal = json.loads(line)
    if json.dumps(seal, separators=(",", ":"), sort_keys=True).encode() != line or seal["suite"] != SUITE:
        raise Refused("seal line")
    raw_sender = sender.public_bytes_raw()
    if seal["signer"] != hashlib.sha256(raw_sender).hexdigest()[:16]:
        raise Refused("signer")
    ciphertext, end = split_frames(rest)
    signature, signed = rest[end:], msg[: len(msg) - len(rest) + end]
    if len(signature) != 64:
        raise Refused("signature")
    sender.verify(signature, VERSION + b" signature\n" + hashlib.sha256(signed).digest())
    for private in privates:
        name = hashlib.sha256(private.public_key().public_bytes_raw()).hexdigest()[:16]
        for r in seal["recipients"]:
            if r["key"] == name:
                info = VERSION + b"\n" + SUITE.encode() + b"\n" + raw_sender
                secret = hpke_open(private, base64.b64decode(r["enc"]), info, base64.b64decode(r["wrapped"]))
                commitment = expand(extract(b"", secret), VERSION + b" commitment\n", 32)
                if base64.b64encode(commitment).decode() != seal["commitment"]:
                    raise Refused("commitment")
                bound = hashlib.sha256(msg[: len(msg) - len(rest)]).digest()
                return header.decode(), body_open(secret, bound, ciphertext)
    raise Refused("not for us")


def agrees(index, vector, folder):
    sender = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(index["keys"][vector["verify"]])).public_key()
    privates = [X25519PrivateKey.from_private_bytes(bytes.fromhex(index["keys"][n])) for n in vector["open"]]
    try:
        header, body = read((folder / vector["file"]).read_bytes(), sender, privates)
    except Exception:  # every library refuses with an exception of its own
        return vector["expect"] != "ok"
    return (
        vector["expect"] == "ok"
        and header == vector["header"]
        and hashlib.sha256(body).hexdigest() == vector["body_sha256"]
    )


def main():
    folder = pathlib.Path(__file__).parent
    index = json.loads((folder / "index.json").read_text())
    wrong = [v["file"] for v in index["vectors"] if not agrees(index, v, folder)]
    print(f"{len(index['vectors'])} vectors, {len(wrong)} read otherwise than index.json says", *wrong)
    sys.exit(1 if wrong else 0)


main()
