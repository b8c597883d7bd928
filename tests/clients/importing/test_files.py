"""Files that must not be imported, each with its sentence; and how much memory a long one takes."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from openpyxl import Workbook

from clients.importing import reading
from clients.models import ClientImport
from crm.cells import guarded
from staff.models import Employee
from tests.cast import Browse

pytestmark = pytest.mark.slow

HEADER = ["姓名", "手机"]


def book(*rows: list[object]) -> bytes:
    made = Workbook()
    page = made.active
    assert page is not None
    lines: list[list[Any]] = [list(HEADER), *map(list, rows)]
    for row in lines:
        page.append(row)
    data = io.BytesIO()
    made.save(data)
    return data.getvalue()


def packed(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The workbook with more parts, or with some of them replaced."""
    data = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book(["张三", "1"]))) as plain,
        zipfile.ZipFile(data, "w", method) as archive,
    ):
        for name in plain.namelist():
            if name not in parts:
                archive.writestr(name, plain.read(name))
        for name, content in parts.items():
            archive.writestr(name, content)
    return data.getvalue()


CSV = "姓名,手机\r\n张三,13812345678\r\n".encode()
BAD: dict[str, tuple[str, bytes, str]] = {
    "empty": ("a.csv", b"", "empty"),
    "only a header": ("a.csv", "姓名,手机\n".encode(), "no row below its header"),
    "truncated": ("a.xlsx", book(["张三", "1"])[:-300], "is damaged"),
    "cut at the front": ("a.xlsx", b"PK\x03\x04" + b"\x00" * 50, "is damaged"),
    "bomb": ("a.xlsx", packed({"xl/media/x": b"0" * 60_000_000}), "no spreadsheet does"),
    # A small file that would be searched for hours.
    "blanks": (
        "a.xlsx",
        packed({"xl/worksheets/sheet1.xml": b"<f/>" + b" " * 1_000_000}),
        "no row below its header",
    ),
    "marks": ("a.xlsx", packed({"xl/worksheets/sheet1.xml": b"<f" * 500_000}), "cannot be read"),
    "odd packing": ("a.xlsx", packed({}, zipfile.ZIP_LZMA), "no spreadsheet does"),
    "macros": ("a.xlsx", packed({"xl/vbaProject.bin": b"x"}), "contains macros"),
    "name of a macro file": ("a.xlsm", book(["张三", "1"]), "is neither"),
    "formula without result": ("a.xlsx", book(["张三", "=1+1"]), "formulas without results"),
    "old workbook": ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "old Excel"),
    "document": ("a.xlsx", b"%PDF-1.7\x00\x00\xff\xfe\xff" * 9, "is damaged|not text"),
    "other archive": (
        "a.xlsx",
        (lambda f: f)(packed({"xl/workbook.bin": b"x"})),
        "binary workbook",
    ),
    "web page": ("a.csv", b"<html><table><tr><td>1</td></tr></table>", "web page"),
    "wrong encoding": (
        "a.csv",
        "姓名,手机\n张三,1\n".encode() + b"\xff\xff\x80",
        "not text",
    ),
    "binary": ("a.csv", b"a,b\n\x00\x01,2\n", "not text"),
    "unknown kind": ("a.exe", CSV, "is neither"),
    "no kind": ("clients", CSV, "is neither"),
    "open quote": ("a.csv", b'a,b\n"' + b"x" * 200_000, "line 2: a cell has no end"),
    "lost quote": ("a.csv", b'a,b\n1,2\n"3,4\n5,6\n', "line 3: a quotation mark opens here"),
    "quote closed far below": (
        "a.csv",
        b'a,b\n1,2\n"3,4\n' + b"5,6\n" * 300 + b'x",1\n',
        "line 3: a quotation mark opens here",
    ),
    "rows that do not fit": ("a.csv", b"a,b\n1,2,3\n", "do not fit the header"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("what", BAD)
def test_it_is_refused_with_a_sentence(
    what: str, head: Employee, browse: Browse, branch: object
) -> None:
    import re

    head.language = "en"
    head.save()
    name, data, sentence = BAD[what]
    file = SimpleUploadedFile(name, data)
    answer = browse(head).post("/imports/", {"file": file, "branch": head.branch_id})
    assert answer.status_code == 422
    assert re.search(sentence, answer.content.decode())
    assert not ClientImport.objects.exists()


def test_too_large_a_file(head: Employee, browse: Browse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clients.importing.services.LARGEST", 10)
    file = SimpleUploadedFile("a.csv", CSV)
    answer = browse(head).post("/imports/", {"file": file, "branch": head.branch_id})
    assert answer.status_code == 422
    assert not ClientImport.objects.exists()


def test_a_name_that_lies_is_read_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(book(["张三", 13812345678]))
    assert list(reading.rows(path, "a.csv")) == [(2, {"姓名": "张三", "手机": "13812345678"})]
    path.write_bytes(CSV)
    assert reading.detect(path, "a.xlsx") == reading.Detected("csv", "utf-8-sig", ",")


def test_a_formula_of_a_workbook_counts_by_its_result(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    with zipfile.ZipFile(io.BytesIO(book(["张三", "=1+1"]))) as plain:
        page = plain.read("xl/worksheets/sheet1.xml")
    page = page.replace(b"<v></v>", b"<v>2</v>").replace(b"<v />", b"<v>2</v>")
    path.write_bytes(packed({"xl/worksheets/sheet1.xml": page}))
    if b"</f><v>2" not in page:
        page = page.replace(b"</f>", b"</f><v>2</v>")
        path.write_bytes(packed({"xl/worksheets/sheet1.xml": page}))
    assert dict(next(iter(reading.rows(path)))[1])["手机"] == "2"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "＝1", "＠x"])
def test_formulas_are_neutralised(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["张三", "13812345678", "a=b", "", "1-2"])
def test_other_text_is_left_alone(text: str) -> None:
    assert guarded(text) == text


MEASURE = """
import resource, sys
sys.path.insert(0, {base!r})
import django; django.setup()
from pathlib import Path
from clients.importing.reading import rows
from clients.importing.seen import Seen
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
seen = Seen()
count = sum(seen.add(row["客户编号"]) for _number, row in rows(Path({path!r})))
print(count, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_a_long_file_takes_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    """200,000 rows here; what is read is let go, so a million take the same."""
    path = tmp_path / "long.csv"
    with path.open("w", encoding="gb18030") as file:
        file.write("客户编号,姓名,手机,备注\n")
        for number in range(200_000):
            file.write(f"K{number:07},客户{number},138{number:08},{'备注' * 20}\n")
    assert path.stat().st_size > 20_000_000
    code = MEASURE.format(base=str(settings.BASE_DIR), path=str(path))
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=600
    )
    count, grown = map(int, said.stdout.split())
    assert count == 200_000
    assert grown < 30, f"{grown} MB for {path.stat().st_size // 1_000_000} MB of file"


def test_a_workbook_that_needs_too_much_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words without end in the shared table pass every look from outside; the limit stops them."""
    import random

    noise = random.Random(1)
    words = (f"<si><t>{noise.getrandbits(64):x}</t></si>" for _n in range(2_600_000))
    table = f'<sst xmlns="{MAIN}" count="1" uniqueCount="1">{"".join(words)}</sst>'.encode()
    path = tmp_path / "upload"
    types = {
        "xl/sharedStrings.xml": table,
        "[Content_Types].xml": TYPES.encode(),
    }
    path.write_bytes(packed(types))
    with translation.override("en"), pytest.raises(reading.FileRefused, match="too much memory"):
        list(reading.rows(path, "a.xlsx"))


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
TYPES = f"""<?xml version="1.0"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/>
<Override PartName="/xl/sharedStrings.xml" ContentType="{_KIND}.sharedStrings+xml"/>
</Types>"""
