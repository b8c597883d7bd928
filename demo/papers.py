"""Scans of the demo's clients: small pictures and a page of PDF, drawn here."""

import hashlib
import struct
import zlib
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from clients.models import Document, Kind, Lifecycle
from demo.bulk import copy_rows
from demo.firm import LOGINS
from demo.people import Person

DOCUMENT = (
    "public_id",
    "client_id",
    "kind",
    "title",
    "name",
    "content_type",
    "size",
    "sha256",
    "file",
    "uploaded_by_id",
    "uploaded_at",
    "void_reason",
)
# So many of the clients of everyone who can be logged in as have documents.
CLIENTS = 4
PAPERS = (
    (Document.Kind.IDENTITY, "身份证正面", "idcard-front.png"),
    (Document.Kind.AGREEMENT, "证券交易委托代理协议", "agreement.pdf"),
    (Document.Kind.RISK_NOTICE, "风险揭示书", "risk-notice.pdf"),
    (Document.Kind.BUSINESS_FORM, "创业板权限开通申请表", "form.png"),
)


def write_papers(people: list[Person], random: Random) -> None:
    """Keep files in the storage, under names that a second load writes over, and COPY the rows."""
    copy_rows(Document, DOCUMENT, _documents(people, random))


def _documents(people: list[Person], random: Random) -> Iterator[tuple[Any, ...]]:
    held: dict[str, int] = defaultdict(int)
    for person in people:
        if person.manager is None or person.manager.username not in LOGINS:
            continue
        fit = person.kind == Kind.PERSON and person.lifecycle == Lifecycle.CLIENT
        if not fit or held[person.manager.username] >= CLIENTS:
            continue
        held[person.manager.username] += 1
        for kind, title, name in PAPERS[: random.choice([2, 3, 4])]:
            key = UUID(int=random.getrandbits(128), version=4)
            picture = name.endswith(".png")
            content = scan(random) if picture else page(f"No. {key.hex[:10].upper()}")
            path = f"documents/{key.hex}"
            default_storage.delete(path)
            kept = default_storage.save(path, ContentFile(content))
            yield (
                str(key),
                person.id,
                kind.value,
                title,
                name,
                "image/png" if picture else "application/pdf",
                len(content),
                hashlib.sha256(content).hexdigest(),
                kept,
                person.manager.pk,
                person.recorded_at + timedelta(minutes=random.randrange(5, 400)),
                "",
            )


def scan(random: Random, width: int = 480, height: int = 300) -> bytes:
    """A PNG that looks like a scanned form from afar: a photo's place, and lines of writing."""
    rows = [bytearray(b"\xf4\xf1\xe8" * width) for _ in range(height)]

    def fill(left: int, top: int, right: int, bottom: int, colour: bytes) -> None:
        for row in rows[top:bottom]:
            row[left * 3 : right * 3] = colour * (right - left)

    fill(0, 0, width, 34, b"\xb9\xc9\xe0")
    fill(340, 70, 440, 200, b"\xd2\xd6\xdc")
    fill(370, 90, 410, 132, b"\xa8\xaf\xb8")
    fill(355, 140, 425, 200, b"\xa8\xaf\xb8")
    for top in range(70, 260, 26):
        fill(36, top, 36 + random.randrange(150, 270), top + 9, b"\x6b\x70\x78")
    raw = b"".join(b"\x00" + bytes(row) for row in rows)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(kind, data)
        for kind, data in ((b"IHDR", head), (b"IDAT", zlib.compress(raw, 9)), (b"IEND", b""))
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def page(number: str) -> bytes:
    """A PDF of one page with a heading and lines to sign on."""
    lines = [
        "BT /F1 20 Tf 72 770 Td (Specimen for the demo firm) Tj ET",
        f"BT /F1 11 Tf 72 744 Td ({number}) Tj ET",
        *(f"72 {y} m 523 {y} l S" for y in range(120, 700, 40)),
        "BT /F1 11 Tf 72 92 Td (Signature of the client) Tj ET",
    ]
    stream = "\n".join(lines).encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, places = b"%PDF-1.4\n", []
    for place, item in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (place, item)
    table = b"".join(b"%010d 00000 n \n" % at for at in places)
    size = len(objects) + 1
    return body + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (size, table, size, len(body))
    )
