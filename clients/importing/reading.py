"""Rows of a CSV or XLSX file with their line numbers, or a sentence why there are none."""

from __future__ import annotations

import codecs
import csv
import multiprocessing
import resource
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

Row = dict[str, str]

MAX_COLUMNS = 200
PIECE = 1024 * 1024
MAX_UNPACKED = 300 * 1024 * 1024
XLSX_MEMORY = 1024 * 1024 * 1024
XLSX_SECONDS = 120


class FileRefused(Exception):
    """The file as a whole cannot be imported; the message says what to do."""


def rows(path: Path) -> Iterator[tuple[int, Row]]:
    """Line number (the header is line 1) and cells by column name. Raises FileRefused."""
    if not path.is_file():
        raise FileRefused(f"There is no file {path}. Check the name.")
    if path.stat().st_size == 0:
        raise FileRefused(f"{path.name} is empty. Export it again.")
    lines = _xlsx(path) if zipfile.is_zipfile(path) else _csv(path)
    header: list[str] | None = None
    found = False
    for number, cells in lines:
        if header is None:
            header = _header(cells, path)
            continue
        if not any(cells):
            continue
        found = True
        while len(cells) > len(header) and not cells[-1]:
            cells.pop()
        if len(cells) != len(header):
            # Said of the row, not of the file: the others may be sound.
            yield number, {"": f"{len(cells)} columns instead of {len(header)}"}
            continue
        yield number, dict(zip(header, cells, strict=True))
    if not found:
        raise FileRefused(f"{path.name} holds no row below its header. Export it again.")


def _header(cells: list[str], path: Path) -> list[str]:
    names = [cell.strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names or len(names) > MAX_COLUMNS:
        raise FileRefused(f"{path.name} has no header row with column names in its first line.")
    if "" in names:
        raise FileRefused(f"Column {names.index('') + 1} of {path.name} has no name. Give it one.")
    repeated = {name for name in names if names.count(name) > 1}
    if repeated:
        raise FileRefused(f"{path.name} has the column {sorted(repeated)[0]!r} twice. Rename one.")
    return names


def _encoding(path: Path) -> str:
    """The first encoding in which the whole file is text, read piece by piece. Raises FileRefused."""
    with path.open("rb") as file:
        wide = file.read(2) in (b"\xff\xfe", b"\xfe\xff")
        for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
            file.seek(0)
            decoder = codecs.getincrementaldecoder(encoding)()
            try:
                while piece := file.read(PIECE):
                    if "\x00" in decoder.decode(piece):
                        break
                else:
                    decoder.decode(b"", final=True)
                    return encoding
            except UnicodeDecodeError:
                continue
    raise FileRefused(f"{path.name} is not text in UTF-8 or GB18030. Save it as CSV in UTF-8.")


def _csv(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Lines as they are read, so that memory does not grow with the file."""
    with path.open(encoding=_encoding(path), newline="") as file:
        first = file.readline(PIECE)
        file.seek(0)
        reader = csv.reader(file, delimiter=max(",;\t", key=first.count))
        try:
            for cells in reader:
                yield reader.line_num, [cell.strip() for cell in cells]
        except csv.Error as error:
            raise FileRefused(f"{path.name}, line {reader.line_num}: {error}.") from error


def _xlsx(path: Path) -> Iterator[tuple[int, list[str]]]:
    """First sheet of a workbook, parsed in a child process with limits on memory and time."""
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    except zipfile.BadZipFile as error:
        raise FileRefused(f"{path.name} is damaged. Save it again.") from error
    if "xl/workbook.xml" not in sizes:
        raise FileRefused(f"{path.name} is neither CSV nor an XLSX workbook.")
    if sum(sizes.values()) > MAX_UNPACKED:
        raise FileRefused(f"{path.name} unpacks to more than 300 MB. Split it.")
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_parse_xlsx, args=(str(path), sender), daemon=True)
    child.start()
    sender.close()
    try:
        while receiver.poll(XLSX_SECONDS):
            part = receiver.recv()
            if part is None:
                return
            if isinstance(part, str):
                raise FileRefused(f"{path.name} cannot be read: {part}.")
            yield from part
        raise FileRefused(f"{path.name} takes too long to read. Save it as CSV.")
    except EOFError as error:
        raise FileRefused(f"{path.name} needs too much memory or time. Save it as CSV.") from error
    finally:
        child.kill()
        child.join()


def _parse_xlsx(path: str, sender: Any) -> None:
    """Body of the child process: sends lists of rows, then ``None``; a text is an error."""
    resource.setrlimit(resource.RLIMIT_AS, (XLSX_MEMORY, XLSX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (XLSX_SECONDS, XLSX_SECONDS))
    try:
        sheet = load_workbook(path, read_only=True, data_only=True).worksheets[0]
        part: list[tuple[int, list[str]]] = []
        width = 0
        for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
            texts = [_cell(cell) for cell in cells]
            if not width:
                while texts and not texts[-1]:
                    texts.pop()
                width = len(texts)
            # A sheet may leave out the empty cells at the end of a row.
            texts += [""] * (width - len(texts))
            part.append((number, texts))
            if len(part) == 1000:
                sender.send(part)
                part = []
        sender.send(part)
        sender.send(None)
    except Exception as error:
        sender.send(str(error)[:200] or type(error).__name__)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if hasattr(value, "date"):
        return str(value.date().isoformat())
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
