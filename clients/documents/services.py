"""Documents of clients; files are checked by content, not by name.

A file is taken if its first bytes, its end and its ending agree on one of a few types. It is
served with that type alone, so a browser never reads it as anything else.
"""

from __future__ import annotations

import hashlib
import uuid
from pathlib import PurePosixPath
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.file.services import lock
from clients.models import Client
from clients.models.document import Document
from crm.models import AccessLog
from crm.reasons import clean_reason
from staff.models import Employee

LARGEST = 20 * 1024 * 1024
_ENDINGS = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "application/pdf": (".pdf",),
}
_HEAD, _TAIL = 64, 2048


def content_type(file: BinaryIO, name: str) -> str:
    """The type of a file by its content. Raises ValidationError with a sentence.

    Refused are other types, a wrong ending, and files that were cut off.
    """
    file.seek(0, 2)
    size = file.tell()
    if not size:
        raise ValidationError(_("The file is empty: choose another."))
    if size > LARGEST:
        most = LARGEST // 1024 // 1024
        raise ValidationError(_("The file is larger than %(most)s MB.") % {"most": most})
    file.seek(0)
    head = file.read(_HEAD)
    file.seek(max(0, size - _TAIL))
    tail = file.read()
    by_bytes = _by_bytes(head)
    if not by_bytes:
        raise ValidationError(
            _("Only JPEG, PNG and WebP pictures and PDF files are kept. This is something else.")
        )
    if PurePosixPath(name.lower()).suffix not in _ENDINGS[by_bytes]:
        raise ValidationError(
            _("The name of the file does not fit what it is (%(type)s): save it anew.")
            % {"type": by_bytes}
        )
    if not _is_whole(by_bytes, head, tail, size):
        raise ValidationError(_("The file is damaged or was cut off: scan or save it anew."))
    return by_bytes


def _by_bytes(head: bytes) -> str:
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return "application/pdf" if head.startswith(b"%PDF-") else ""


def _is_whole(found: str, head: bytes, tail: bytes, size: int) -> bool:
    if found == "image/jpeg":
        return b"\xff\xd9" in tail
    if found == "image/png":
        return b"IEND" in tail
    if found == "image/webp":
        return int.from_bytes(head[4:8], "little") + 8 <= size
    return b"%%EOF" in tail


@transaction.atomic
def add(*, client: Client, kind: str, title: str, file: File[bytes], by: Employee) -> Document:
    """Save a file of a client. Raises ValidationError for refused or duplicate files."""
    lock(client.pk)
    name = PurePosixPath(file.name or "").name[-120:]
    media_type = content_type(file, name)  # type: ignore[arg-type]
    digest = hashlib.sha256()
    file.seek(0)
    for chunk in file.chunks():
        digest.update(chunk)
    sha256 = digest.hexdigest()
    if known := client.documents.filter(sha256=sha256, voided_at=None).first():
        raise ValidationError(
            _("This file is on record already, since %(day)s.")
            % {"day": timezone.localdate(known.uploaded_at).isoformat()}
        )
    file.seek(0)
    key = default_storage.save(f"documents/{uuid.uuid4().hex}", file)
    try:
        return Document.objects.create(
            client=client,
            kind=kind,
            title=title,
            name=name,
            content_type=media_type,
            size=file.size,
            sha256=sha256,
            file=key,
            uploaded_by=by,
        )
    except Exception:
        default_storage.delete(key)
        raise


@transaction.atomic
def void(*, document: Document, reason: str, by: Employee) -> None:
    """Mark a document as invalid; it is kept and can still be opened."""
    reason = clean_reason(reason, field=None)
    lock(document.client_id)
    rows = Document.objects.filter(pk=document.pk, voided_at=None)
    if not rows.update(voided_at=timezone.now(), voided_by=by, void_reason=reason):
        raise ValidationError(_("This document is void already."))


def open_file(*, document: Document, by: Employee) -> File[bytes]:
    """The original content; opening an identity paper is logged.

    Raises FileNotFoundError where the storage has lost it.
    """
    file = default_storage.open(document.file)
    if document.kind == Document.Kind.IDENTITY:
        AccessLog.objects.create(
            employee=by,
            action=AccessLog.Action.DOCUMENT,
            subject_type=document._meta.label_lower,
            subject_id=document.pk,
            client_id=document.client_id,
            reason="document",
        )
    return file
