"""Documents: taken by what they are, kept as they came, opened within the access rule only."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, InternalError, transaction
from django.db.utils import DatabaseError

from clients.documents import services as documents
from clients.documents import views as pages
from clients.models import Client, Document
from crm.models import AccessLog
from staff.models import Employee
from tests.cast import Browse

pytestmark = pytest.mark.django_db

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"x" * 200 + b"\xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 40 + b"IEND\xaeB`\x82"
WEBP = b"RIFF" + (12).to_bytes(4, "little") + b"WEBPVP8 xxxx"
PDF = b"%PDF-1.7\n" + b"x" * 100 + b"\n%%EOF\n"


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def upload(
    browse: Browse, person: Employee, client: Client, content: bytes, name: str, **more: str
) -> Any:
    file = SimpleUploadedFile(name, content, content_type="image/jpeg")
    url = f"{client.get_absolute_url()}documents/add/"
    return browse(person).post(url, {"kind": "agreement", "title": "", "file": file, **more})


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize(
    ("content", "name", "type_"),
    [
        (JPEG, "照片.JPG", "image/jpeg"),
        (PNG, "scan.png", "image/png"),
        (WEBP, "a.webp", "image/webp"),
        (PDF, "协议.pdf", "application/pdf"),
    ],
)
def test_it_is_kept_as_it_came_and_served_as_what_it_is(
    zhang: Client,
    manager: Employee,
    browse: Browse,
    files: Path,
    content: bytes,
    name: str,
    type_: str,
) -> None:
    assert upload(browse, manager, zhang, content, name, title="开户协议").status_code == 302
    row = Document.objects.get()
    assert (row.content_type, row.name, row.size) == (type_, name, len(content))
    assert row.sha256 == hashlib.sha256(content).hexdigest()
    kept = files / row.file
    assert kept.read_bytes() == content
    assert kept.stat().st_mode & 0o077 == 0
    assert "张" not in row.file
    answer = browse(manager).get(row.file_url)
    assert body(answer) == content
    assert answer["Content-Type"] == type_
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    assert "no-store" in answer["Cache-Control"]
    assert ("sandbox" in answer["Content-Security-Policy"]) == (type_ != "application/pdf")
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    page = browse(manager).get(f"{zhang.get_absolute_url()}documents/?show={row.public_id}")
    assert page.content.decode().count(f'src="{row.file_url}"') >= 1
    assert page["X-Frame-Options"] == "DENY"
    listed = browse(manager).get(f"{zhang.get_absolute_url()}documents/").content.decode()
    assert "开户协议" in listed
    stream = browse(manager).get(f"{zhang.get_absolute_url()}timeline/?kind=document")
    assert row.file_url in stream.content.decode()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<html><script>alert(1)</script></html>", "photo.jpg"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "photo.png"),
        (b"MZ" + b"x" * 100, "form.pdf"),
        (JPEG, "form.pdf"),
        (PDF, "photo.jpg"),
        (JPEG, "photo.jpg.exe"),
        (JPEG, "photo"),
        (JPEG[:-2], "cut.jpg"),
        (PNG[:-8], "cut.png"),
        (WEBP[:-4], "cut.webp"),
        (PDF[:-8], "cut.pdf"),
        (b"", "empty.jpg"),
    ],
)
def test_what_is_something_else_or_damaged_is_refused_with_a_sentence(
    zhang: Client, manager: Employee, browse: Browse, files: Path, content: bytes, name: str
) -> None:
    answer = upload(browse, manager, zhang, content, name)
    assert answer.status_code == 422
    assert answer.context["form"].errors["file"]
    assert not Document.objects.exists()
    assert not [path for path in files.rglob("*") if path.is_file()]


def test_a_file_that_is_too_large_is_refused(
    zhang: Client, manager: Employee, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "LARGEST", len(JPEG) - 1)
    assert upload(browse, manager, zhang, JPEG, "a.jpg").status_code == 422


def test_the_same_file_is_recognised(zhang: Client, manager: Employee, browse: Browse) -> None:
    upload(browse, manager, zhang, JPEG, "a.jpg")
    assert upload(browse, manager, zhang, JPEG, "b.jpg").status_code == 422
    row = Document.objects.get()
    browse(manager).post(f"{row.file_url}void/", {"reason": "拍错了"})
    assert upload(browse, manager, zhang, JPEG, "b.jpg").status_code == 302


def test_it_is_voided_for_a_reason_and_stays(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    upload(browse, manager, zhang, JPEG, "a.jpg")
    row, browser = Document.objects.get(), browse(manager)
    assert browser.post(f"{row.file_url}void/", {"reason": " "}).status_code == 409
    assert browser.post(f"{row.file_url}void/", {"reason": "拍错了"}).status_code == 302
    assert browser.post(f"{row.file_url}void/", {"reason": "拍错了"}).status_code == 409
    assert browser.get(f"{row.file_url}void/").status_code == 405
    assert "拍错了" in browser.get(f"{zhang.get_absolute_url()}documents/").content.decode()
    assert body(browser.get(row.file_url)) == JPEG


def test_the_database_keeps_what_was_uploaded(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    upload(browse, manager, zhang, JPEG, "a.jpg")
    rows = Document.objects.all()
    for change in ({"sha256": "0"}, {"kind": "other"}, {"file": "elsewhere"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)
    with pytest.raises((InternalError, DatabaseError, IntegrityError)), transaction.atomic():
        rows._raw_delete("default")


def test_opening_an_identity_paper_is_logged(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    upload(browse, manager, zhang, JPEG, "a.jpg", kind="identity")
    upload(browse, manager, zhang, PDF, "b.pdf")
    browser = browse(manager)
    page = browser.get(f"{zhang.get_absolute_url()}documents/").content.decode()
    identity = Document.objects.get(kind="identity")
    assert f'src="{identity.file_url}"' not in page
    for row in Document.objects.all():
        body(browser.get(row.file_url))
    logged = AccessLog.objects.get(action="document")
    assert (logged.subject_id, logged.client_id) == (identity.pk, zhang.pk)


def test_outsiders_and_readers(
    zhang: Client,
    zhou: Client,
    manager: Employee,
    colleague: Employee,
    compliance: Employee,
    browse: Browse,
) -> None:
    upload(browse, manager, zhang, JPEG, "a.jpg")
    row = Document.objects.get()
    assert browse(colleague).get(row.file_url).status_code == 404
    assert upload(browse, colleague, zhang, PNG, "b.png").status_code == 404
    reader = browse(compliance)
    assert body(reader.get(row.file_url)) == JPEG
    assert upload(browse, compliance, zhang, PNG, "b.png").status_code == 403
    assert reader.post(f"{row.file_url}void/", {"reason": "x"}).status_code == 403
    # The address names the client too: another's does not lead to it.
    wrong = row.file_url.replace(str(zhang.public_id), str(zhou.public_id))
    assert browse(manager).get(wrong).status_code == 404


def test_nothing_stays_in_the_storage_when_the_row_cannot_be_written(
    zhang: Client, manager: Employee, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(Document.objects, "create", refuse)
    file = SimpleUploadedFile("a.jpg", JPEG)
    with pytest.raises(RuntimeError):
        documents.add(client=zhang, kind="other", title="", file=file, by=manager)
    assert not [path for path in files.rglob("*") if path.is_file()]
    assert default_storage.listdir("documents")[1] == []


def test_a_file_that_the_storage_lost_is_a_sentence(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    assert upload(browse, manager, zhang, JPEG, "a.jpg", kind="identity").status_code == 302
    row = Document.objects.get()
    default_storage.delete(row.file)
    answer = browse(manager).get(f"{zhang.get_absolute_url()}documents/{row.public_id}/")
    assert answer.status_code == 404
    assert answer.content.decode() == "该文档的文件已不在存储中，请联系系统运维人员。"
    assert not AccessLog.objects.exists()


def test_it_says_that_older_ones_are_not_listed(
    zhang: Client, manager: Employee, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "SHOWN", 1)
    address = f"{zhang.get_absolute_url()}documents/"
    upload(browse, manager, zhang, JPEG, "a.jpg")
    assert "仅列出最新" not in browse(manager).get(address).content.decode()
    upload(browse, manager, zhang, PNG, "b.png")
    answer = browse(manager).get(address)
    assert "仅列出最新的 1 份" in answer.content.decode()
    assert [row.name for row in answer.context["documents"]] == ["b.png"]
