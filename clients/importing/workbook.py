"""Checks of workbooks before they are opened (docs/design.md)."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from django.utils.translation import gettext as _

MAX_UNPACKED = 300 * 1024 * 1024
# Real sheets of numbers and names pack to a tenth or so; a bomb to a thousandth.
MAX_RATIO = 200
_RATIO_FROM = 20 * 1024 * 1024
MAX_PARTS = 2000
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_PLAIN = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
# A formula right before the end of its cell: the file holds no result for it. Blanks are given back
# to nobody (``*+``) and a mark ends at the next one, so that no forged sheet is read over and over.
_UNCOMPUTED = re.compile(rb"<f(?:>[^<]*</f|[^<>]*/)>\s*+(?:<v\s*+/>|<v>\s*+</v>)?\s*+</c>")
_CHUNK = 1024 * 1024


class FileRefused(Exception):
    """The file as a whole cannot be imported; the message says what to do."""


def check(path: Path, name: str) -> bool:
    """Whether the file is a workbook; False for what may be text. Raises FileRefused."""
    with path.open("rb") as file:
        head = file.read(8)
    if head == _OLD:
        raise FileRefused(
            _("%(name)s is an old Excel workbook (.xls) or locked by a password. Save it as XLSX.")
            % {"name": name}
        )
    if not head.startswith(_ZIP):
        if Path(name).suffix.lower() in {".xlsx", ".xlsm", ".xltx"} and b"\x00" in head:
            raise FileRefused(_("%(name)s is damaged. Save it again.") % {"name": name})
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            _outside(path, name, archive)
            _formulas(name, archive)
    except (zipfile.BadZipFile, EOFError, OSError, ValueError) as error:
        raise FileRefused(_("%(name)s is damaged. Save it again.") % {"name": name}) from error
    return True


def _outside(path: Path, name: str, archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    names = {entry.filename.lower() for entry in entries}
    if any(part.endswith("vbaproject.bin") for part in names) or "xl/macrosheets" in str(names):
        raise FileRefused(
            _("%(name)s contains macros. Save it as XLSX without macros.") % {"name": name}
        )
    if "xl/workbook.bin" in names:
        raise FileRefused(
            _("%(name)s is a binary workbook (.xlsb). Save it as XLSX.") % {"name": name}
        )
    if "xl/workbook.xml" not in names:
        raise FileRefused(_("%(name)s is neither CSV nor an XLSX workbook.") % {"name": name})
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > MAX_UNPACKED:
        raise FileRefused(_("%(name)s unpacks to more than 300 MB. Split it.") % {"name": name})
    bomb = unpacked > _RATIO_FROM and unpacked > MAX_RATIO * packed
    overlapping = packed > path.stat().st_size
    odd = any(entry.compress_type not in _PLAIN or entry.flag_bits & 1 for entry in entries)
    if bomb or overlapping or odd or len(entries) > MAX_PARTS:
        raise FileRefused(
            _("%(name)s is packed in a way that no spreadsheet does. Save it again.")
            % {"name": name}
        )


def _formulas(name: str, archive: zipfile.ZipFile) -> None:
    """A formula is taken by its result; one that was never computed would come out empty."""
    for part in archive.namelist():
        if not part.lower().startswith("xl/worksheets/sheet"):
            continue
        rest = b""
        with archive.open(part) as file:
            while chunk := file.read(_CHUNK):
                if _UNCOMPUTED.search(rest + chunk):
                    raise FileRefused(
                        _("%(name)s has formulas without results. Open it, save it and try again.")
                        % {"name": name}
                    )
                rest = chunk[-500:]
