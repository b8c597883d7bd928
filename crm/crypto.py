"""Encryption at rest and blind indexes for phone and identity numbers (PIPL art. 51).

Ciphertext: AES-256-GCM, stored as nonce + ciphertext beside the id of its key, so that keys can
be rotated. Blind index: keyed HMAC-SHA-256 cut to 16 bytes; it answers "is it exactly this
number", never a prefix or a range. Both keys live outside the database.
"""

import base64
import hashlib
import hmac
import os
from functools import cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings


class KeyMissing(Exception):
    """The ciphertext names a key that the environment does not hold."""


def _key(text: str) -> bytes:
    """A key in either alphabet of base64, as the system check reads it."""
    return base64.b64decode(text, altchars=b"-_", validate=True)


@cache
def _ciphers(configured: str) -> dict[str, AESGCM]:
    pairs = (item.split(":", 1) for item in configured.split(",") if item)
    return {key_id.strip(): AESGCM(_key(key)) for key_id, key in pairs}


@cache
def _index_key(configured: str) -> tuple[int, hmac.HMAC]:
    """Version and keyed hash to copy: setting up a key takes longer than hashing a number."""
    version, key = configured.split(":", 1)
    return int(version), hmac.new(_key(key), digestmod=hashlib.sha256)


def current_key_id() -> str:
    return next(iter(_ciphers(settings.PII_ENCRYPTION_KEYS)))


def index_version() -> int:
    return _index_key(settings.PII_INDEX_KEY)[0]


def encrypt(text: str) -> tuple[bytes, str]:
    """Ciphertext and the id of the key that made it."""
    key_id = current_key_id()
    nonce = os.urandom(12)
    cipher = _ciphers(settings.PII_ENCRYPTION_KEYS)[key_id]
    return nonce + cipher.encrypt(nonce, text.encode(), None), key_id


def decrypt(ciphertext: bytes | memoryview, key_id: str) -> str:
    """The clear text. Raises KeyMissing where the key is not configured."""
    try:
        cipher = _ciphers(settings.PII_ENCRYPTION_KEYS)[key_id]
    except KeyError as error:
        raise KeyMissing(f"Encryption key {key_id!r} is not configured.") from error
    data = bytes(ciphertext)
    return cipher.decrypt(data[:12], data[12:], None).decode()


def blind_index(kind: str, value: str) -> bytes:
    """Keyed hash of a value; ``kind`` keeps a phone's last digits apart from an identity's."""
    keyed = _index_key(settings.PII_INDEX_KEY)[1].copy()
    keyed.update(f"{kind}:{value}".encode())
    return keyed.digest()[:16]


def tail_token(kind: str, value: str) -> str:
    """Search token of the last four characters: a keyed hash, never the digits themselves."""
    return "#" + blind_index(f"{kind}-tail", value[-4:]).hex()[:20]
