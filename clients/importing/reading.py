"""Rows of a CSV or XLSX file with their line numbers, or a sentence why there are none."""

from __future__ import annotations

import codecs
import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from clients.importing import workbook
from clients.importing.sheet import plain
from clients.importing.workbook import FileRefused as FileRefused

Row = dict[str, str]

MAX_COLUMNS = 200
# Lines that one record may take: notes have some, what a lost quotation mark swallows has more.
MAX_LINES = 200
ENCODINGS = ("utf-8-sig", "gb18030")
SEPARATORS = ",;\t|"
_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Detected:
    """The detected format of a file, regardless of its name."""

    kind: str
    encoding: str = ""
    separator: str = ""


def detect(path: Path, name: str = "") -> Detected:
    """Look at the content. ``name`` is how people know the file. Raises FileRefused."""
    name = name or path.name
    if not path.is_file():
        raise FileRefused(_("There is no file %(name)s. Check the name.") % {"name": path})
    if path.stat().st_size == 0:
        raise FileRefused(_("%(name)s is empty. Export it again.") % {"name": name})
    if workbook.check(path, name):
        return Detected("xlsx")
    encoding = _encoding(path, name)
    with path.open(encoding=encoding, newline="") as file:
        first = file.readline(_CHUNK)
    if first.lstrip().lower().startswith(("<!doctype", "<html", "<?xml", "<table")):
        raise FileRefused(
            _("%(name)s is a web page, not a table. Open it and save it as XLSX or CSV.")
            % {"name": name}
        )
    return Detected("csv", encoding, max(SEPARATORS, key=first.count))


def rows(path: Path, name: str = "") -> Iterator[tuple[int, Row]]:
    """Line number (the header is line 1) and cells by column name. Raises FileRefused.

    The file is read as it is asked for: however long it is, only some rows are in memory.
    """
    detected = detect(path, name)
    name = name or path.name
    lines = _xlsx(path, name) if detected.kind == "xlsx" else _csv(path, name, detected)
    header: list[str] | None = None
    has_rows = False
    for number, cells in lines:
        if header is None:
            header = _header(cells, name)
            continue
        if not any(cells):
            continue
        has_rows = True
        while len(cells) > len(header) and not cells[-1]:
            cells.pop()
        if len(cells) != len(header):
            # Said of the row, not of the file: the others may be sound.
            yield (
                number,
                {
                    "": _("%(found)s columns instead of %(wanted)s")
                    % {"found": len(cells), "wanted": len(header)}
                },
            )
            continue
        yield number, dict(zip(header, cells, strict=True))
    if not has_rows:
        raise FileRefused(
            _("%(name)s holds no row below its header. Export it again.") % {"name": name}
        )


def _header(cells: list[str], name: str) -> list[str]:
    names = [cell.strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names or len(names) > MAX_COLUMNS:
        raise FileRefused(
            _("%(name)s has no header row with column names in its first line.") % {"name": name}
        )
    if "" in names:
        raise FileRefused(
            _("Column %(column)s of %(name)s has no name. Give it one.")
            % {"column": names.index("") + 1, "name": name}
        )
    repeated = {column for column in names if names.count(column) > 1}
    if repeated:
        raise FileRefused(
            _("%(name)s has the column “%(column)s” twice. Rename one.")
            % {"name": name, "column": sorted(repeated)[0]}
        )
    return names


def _encoding(path: Path, name: str) -> str:
    """UTF-16 by its mark, else the first of strict UTF-8 and GB18030 that fits the whole file."""
    with path.open("rb") as file:
        wide = file.read(2) in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if wide else ENCODINGS:
        if _fits(path, encoding):
            return encoding
    raise FileRefused(
        _("%(name)s is not text in UTF-8 or GB18030. Save it as CSV in UTF-8.") % {"name": name}
    )


def _fits(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                if "\x00" in decoder.decode(chunk):
                    return False
        return "\x00" not in decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False


def _csv(path: Path, name: str, detected: Detected) -> Iterator[tuple[int, list[str]]]:
    """Records with the line where each begins."""
    with path.open(encoding=detected.encoding, newline="") as file:
        reader = csv.reader(file, delimiter=detected.separator, strict=True)
        begins = 1
        try:
            for cells in reader:
                if reader.line_num - begins > MAX_LINES:
                    raise csv.Error("unexpected end of data")
                texts = [cell.strip() for cell in cells]
                if "'" in "".join(texts):  # only then may one be guarded
                    texts = [plain(text) for text in texts]
                yield begins, texts
                begins = reader.line_num + 1
        except csv.Error as error:
            raise FileRefused(_csv_sentence(str(error)) % {"name": name, "line": begins}) from error


def _csv_sentence(error: str) -> str:
    if "unexpected end" in error or "expected after" in error:
        return _("%(name)s, line %(line)s: a quotation mark opens here and is not closed rightly.")
    if "field larger" in error:
        return _("%(name)s, line %(line)s: a cell has no end. Is a quotation mark not closed?")
    return _("%(name)s, line %(line)s is no line of a table. Export it again.")


def _xlsx(path: Path, name: str) -> Iterator[tuple[int, list[str]]]:
    """First sheet of a workbook, parsed in a child process with limits on memory and time."""
    child = subprocess.Popen(
        [sys.executable, "-m", "clients.importing.sheet", str(path)],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    assert child.stdout is not None  # noqa: S101 - asked for above
    try:
        for line in child.stdout:
            part = json.loads(line)
            if part is None:
                return
            if isinstance(part, str):
                raise FileRefused(
                    _("%(name)s cannot be read: %(error)s.") % {"name": name, "error": part}
                )
            yield from part
        raise FileRefused(
            _("%(name)s needs too much memory or time. Save it as CSV.") % {"name": name}
        )
    finally:
        child.kill()
        child.stdout.close()
        child.wait()
