"""Imports in the browser: mapped, tried, loaded, taken back; and what is refused."""

import io
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.translation import override
from openpyxl import Workbook

from clients.importing import services as importing
from clients.importing.guess import guess
from clients.models import Client, ClientImport, ImportedClient, Phone
from crm import jobs
from crm.models import Job
from staff.models import Branch, Employee
from tests.cast import Browse
from visits.models import Visit

pytestmark = pytest.mark.django_db

HEADER = ["客户编号", "客户姓名", "性别", "手机号码", "身份证号", "出生日期", "备注"]
TARGETS = ["key", "name", "title", "phone", "id_card", "birthday", "notes"]
ZHANG = ["A1", "张三", "男", "13812345678", "11010519491231002X", "1949-12-31", "老客户"]
LI = ["A2", "李四", "女", "13900008214", "", "1985/2/3", ""]


def sheet(*rows: Sequence[str], header: Sequence[str] = HEADER, encoding: str = "utf-8") -> bytes:
    return "\r\n".join(",".join(row) for row in (header, *rows)).encode(encoding)


class Desk:
    """The head's browser, from the file to the job."""

    def __init__(self, browser: Any, branch: Branch) -> None:
        self.browser, self.branch = browser, branch

    def upload(self, data: bytes, name: str = "名单.csv") -> Any:
        file = SimpleUploadedFile(name, data)
        return self.browser.post("/imports/", {"file": file, "branch": self.branch.pk})

    def map(self, address: str, targets: Sequence[str] = TARGETS, **values: Any) -> Any:
        chosen = {f"column-{n}": target for n, target in enumerate(targets)}
        asked = {"mode": "both", "match": "source", "system": "旧系统", "lifecycle": "prospect"}
        return self.browser.post(address, chosen | asked | values)

    def bring(self, data: bytes, trial: bool = False, **values: Any) -> Job:
        """Upload, map and run."""
        address = self.upload(data)["Location"]
        answer = self.map(address, **values)
        assert answer.status_code == 200, answer.content.decode()
        answer = self.browser.post(f"{address}start/", {"trial": "1"} if trial else {})
        assert answer.status_code == 302, answer.content.decode()
        return run_last()

    def undo(self) -> Job:
        batch = ClientImport.objects.latest("pk")
        answer = self.browser.post(f"{batch.get_absolute_url()}undo/")
        assert answer.status_code == 302, answer.content.decode()
        return run_last()

    def refusal(self, data: bytes, name: str = "名单.csv") -> str:
        answer = self.upload(data, name)
        assert answer.status_code == 422
        assert not ClientImport.objects.exists()
        return str(answer.content.decode())


def run_last() -> Job:
    job = Job.objects.latest("pk")
    jobs.run(job.pk)
    job.refresh_from_db()
    return job


def counts(job: Job) -> tuple[int, int, int, int]:
    assert job.state == "done", job.error
    found = job.result
    return found["created"], found["updated"], found["unchanged"], found["refused"]


def text_of(job: Job) -> str:
    with default_storage.open(job.files.get().file) as file:
        return str(file.read().decode("utf-8-sig"))


@pytest.fixture
def desk(head: Employee, branch: Branch, browse: Browse) -> Desk:
    head.language = "en"
    head.save()
    return Desk(browse(head), branch)


class TestMapping:
    @pytest.mark.parametrize(
        ("header", "targets"),
        [
            (HEADER, TARGETS),
            (
                [
                    "Client ID",
                    "Full name",
                    "Gender",
                    "Mobile",
                    "ID card",
                    "Date of birth",
                    "Remarks",
                ],
                TARGETS,
            ),
            (["姓名", "姓 名", "胡言"], ["name", "", ""]),
            (
                ["客户号", "姓名", "资金账号", "账户开户日期"],
                ["key", "name", "account.number", "account.opened_on"],
            ),
            (["开户日期", "客户经理", "回访日期"], ["opened_on", "manager", "visit.on"]),
        ],
    )
    def test_it_is_guessed_from_the_headers(self, header: list[str], targets: list[str]) -> None:
        assert guess(header) == targets

    def test_encoding_separator_and_guess_are_shown(self, desk: Desk) -> None:
        data = sheet(ZHANG, encoding="gb18030").replace(b",", b";")
        page = desk.browser.get(desk.upload(data)["Location"]).content.decode()
        assert "gb18030" in page
        assert "<code>;</code>" in page
        assert '<option value="phone" selected>' in page
        assert not Client.objects.exists()

    def test_the_first_rows_are_shown_with_each_fault_on_its_cell(self, desk: Desk) -> None:
        address = desk.upload(sheet(ZHANG, ["A2", "李四", "女", "12", "", "1985-13-03", ""]))
        answer = desk.map(address["Location"])
        rows = answer.context["rows"]
        assert [bool(fault) for _text, fault in rows[0]["cells"]] == [False] * 7
        assert [bool(fault) for _text, fault in rows[1]["cells"]] == [
            False,
            False,
            False,
            True,
            False,
            True,
            False,
        ]
        assert "Enter a phone number in digits" in answer.content.decode()
        assert not Client.objects.exists()

    def test_it_is_the_same_structure_as_the_toml(self, desk: Desk) -> None:
        desk.map(desk.upload(sheet(ZHANG))["Location"])
        mapping = ClientImport.objects.get().mapping
        assert mapping["source"] == "旧系统"
        assert mapping["client"]["phone"] == {"column": "手机号码"}
        assert mapping["client"]["title"]["values"]["女"] == "ms"

    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({"targets": ["key", "", "", "phone", "", "", ""]}, "holds the name"),
            ({"targets": ["", "name", "", "phone", "", "", ""]}, "holds the key"),
            (
                {"targets": ["key", "name", "", "", "", "", ""], "match": "phone"},
                "holds the number",
            ),
            ({"targets": ["key", "name", "name", "", "", "", ""]}, "several columns"),
            ({"lifecycle": "client"}, "needs an opening date"),
            ({"mode": "destroy"}, "Select a valid choice"),
        ],
    )
    def test_a_mapping_that_cannot_be_meant(
        self, desk: Desk, values: dict[str, Any], sentence: str
    ) -> None:
        answer = desk.map(desk.upload(sheet(ZHANG))["Location"], **values)
        assert answer.status_code == 422
        assert sentence in answer.content.decode()

    def test_the_choices_come_back_for_the_same_columns(self, desk: Desk) -> None:
        desk.map(desk.upload(sheet(ZHANG))["Location"], ["key", "name", "", "", "", "", "notes"])
        page = desk.browser.get(desk.upload(sheet(LI))["Location"])
        assert [c["target"] for c in page.context["form"].columns()] == [
            "key",
            "name",
            "",
            "",
            "",
            "",
            "notes",
        ]
        assert "旧系统" in page.content.decode()


class TestLoading:
    def test_a_trial_counts_exactly_and_writes_nothing(self, desk: Desk) -> None:
        job = desk.bring(sheet(ZHANG, LI, ["A3", "", "", "", "", "", ""]), trial=True)
        assert counts(job) == (2, 0, 0, 1)
        assert not Client.objects.exists()
        assert not Phone.objects.exists()
        assert not ImportedClient.objects.exists()

    def test_it_creates_then_updates_and_tells_both(self, desk: Desk) -> None:
        assert counts(desk.bring(sheet(ZHANG, LI))) == (2, 0, 0, 0)
        zhang = Client.objects.get(source_key="A1")
        assert (zhang.name, zhang.title, zhang.source_system) == ("张三", "mr", "旧系统")
        changed = ["A1", "张三丰", *ZHANG[2:]]
        assert counts(desk.bring(sheet(changed, LI))) == (0, 1, 1, 0)
        page = desk.browser.get(Job.objects.latest("pk").get_absolute_url()).content.decode()
        assert ClientImport.objects.latest("pk").get_absolute_url() in page

    def test_refused_rows_come_back_mendable(self, desk: Desk) -> None:
        bad = ["A9", "=HYPERLINK(1)", "不明", "12", "", "", "x"]
        job = desk.bring(sheet(ZHANG, bad))
        assert counts(job) == (1, 0, 0, 1)
        text = text_of(job)
        assert text.startswith("客户编号,客户姓名,")
        assert "A9,'=HYPERLINK(1)" in text
        assert "The mapping does not translate" in text
        assert "张三" not in text
        mended = text.replace("不明", "男").replace(",12,", ",13700000001,").encode()
        targets = [*TARGETS, "", "", ""]
        assert counts(desk.bring(mended, targets=targets)) == (1, 0, 0, 0)
        # The guard of the file is not part of the name.
        assert Client.objects.get(source_key="A9").name == "=HYPERLINK(1)"

    @pytest.mark.parametrize(
        ("match", "row"),
        [
            ("phone", ["", "张伟东", "", "13812345678", "", "", ""]),
            ("identity", ["", "张伟东", "", "", "11010519491231002X", "", ""]),
        ],
    )
    def test_it_recognises_a_client_by_a_number(
        self, desk: Desk, zhang: Client, match: str, row: list[str]
    ) -> None:
        desk.bring(sheet(ZHANG))
        made = Client.objects.get(source_key="A1")
        targets = ["", *TARGETS[1:]]
        job = desk.bring(sheet(row), targets=targets, match=match)
        assert counts(job) == (0, 1, 0, 0)
        made.refresh_from_db()
        assert (made.name, made.source_key, made.title) == ("张伟东", "A1", "mr")
        assert Client.objects.count() == 2

    def test_create_only_and_update_only(self, desk: Desk) -> None:
        assert counts(desk.bring(sheet(ZHANG), mode="update")) == (0, 0, 0, 1)
        assert "There is no such client" in text_of(Job.objects.latest("pk"))
        assert counts(desk.bring(sheet(ZHANG), mode="create")) == (1, 0, 0, 0)
        other = ["A1", "别人", *ZHANG[2:]]
        assert counts(desk.bring(sheet(other, LI), mode="create")) == (1, 0, 0, 1)
        assert Client.objects.get(source_key="A1").name == "张三"

    def test_another_branchs_client_is_never_touched(
        self, desk: Desk, other_branch: Branch
    ) -> None:
        desk.bring(sheet(ZHANG))
        Client.objects.update(branch=other_branch)
        assert counts(desk.bring(sheet(["A1", "抢来", *ZHANG[2:]]))) == (0, 0, 0, 1)
        assert Client.objects.get().name == "张三"
        # By a number it is not even known: the file makes a client of one's own.
        targets = ["", *TARGETS[1:]]
        job = desk.bring(sheet(["", "同号", *ZHANG[2:]]), targets=targets, match="phone", system="")
        assert counts(job) == (1, 0, 0, 0)

    def test_a_number_of_several_clients_is_refused(self, desk: Desk) -> None:
        desk.bring(sheet(ZHANG, ["A5", "同号", "", "13812345678", "", "", ""]))
        targets = ["", *TARGETS[1:]]
        row = ["", "张三", "", "13812345678", "", "", ""]
        job = desk.bring(sheet(row, row), targets=targets, match="phone")
        assert counts(job) == (0, 0, 0, 2)
        assert "Several clients have this number" in text_of(job)
        assert "comes twice in the file" in text_of(job)

    def test_an_interrupted_job_ends_in_the_same_rows(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(importing, "BATCH", 1)
        progress = jobs.Running.progress
        dying = [1]

        def die(self: jobs.Running, done: int, total: int | None = None) -> None:
            progress(self, done, total)
            if dying:
                dying.clear()
                raise SystemExit

        monkeypatch.setattr(jobs.Running, "progress", die)
        with pytest.raises(SystemExit):
            desk.bring(sheet(ZHANG, LI), mode="create")
        assert Client.objects.count() == 1
        Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        assert counts(run_last()) == (2, 0, 0, 0)
        assert ImportedClient.objects.filter(created=True).count() == 2

    def test_a_cancelled_one_keeps_what_is_in_and_can_be_taken_back(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(importing, "BATCH", 1)
        progress = jobs.Running.progress

        def wish(self: jobs.Running, done: int, total: int | None = None) -> None:
            jobs.cancel(job=self.job)
            progress(self, done, total)

        monkeypatch.setattr(jobs.Running, "progress", wish)
        assert desk.bring(sheet(ZHANG, LI)).state == "cancelled"
        assert Client.objects.count() == 1
        monkeypatch.undo()
        page = desk.browser.get(ClientImport.objects.get().get_absolute_url())
        assert (page.context["created"], page.context["may_undo"]) == (1, True)
        assert desk.undo().result["closed"] == 1

    def test_it_brings_visits_too(self, desk: Desk) -> None:
        header = [*HEADER, "回访日期", "回访内容"]
        rows = [[*ZHANG, "2026-03-02", "聊基金"]]
        desk.bring(sheet(*rows, header=header), targets=[*TARGETS, "visit.on", "visit.notes"])
        visit = Visit.objects.get()
        assert (visit.notes, visit.client.last_contact_on) == ("聊基金", visit.occurred_on)

    def test_the_file_is_not_kept_for_ever(self, desk: Desk) -> None:
        desk.map(desk.upload(sheet(ZHANG))["Location"])
        batch = ClientImport.objects.get()
        assert importing.clear_files() == 0
        assert importing.clear_files(timezone.now() + timedelta(days=8)) == 1
        assert not default_storage.exists(batch.file)
        answer = desk.browser.post(f"{batch.get_absolute_url()}start/")
        assert answer.status_code == 409
        assert "no longer kept" in answer.content.decode()


class TestAccess:
    @pytest.mark.parametrize("who", ["manager", "operations", "compliance"])
    def test_only_heads_and_administrators(
        self, who: str, request: pytest.FixtureRequest, browse: Browse
    ) -> None:
        browser = browse(request.getfixturevalue(who))
        assert browser.get("/imports/").status_code == 403
        assert "/imports/" not in browser.get("/clients/").content.decode()

    def test_a_head_imports_into_own_branches_only(
        self, desk: Desk, other_branch: Branch, administrator: Employee, browse: Browse
    ) -> None:
        desk.branch = other_branch
        assert "Select a valid choice" in desk.refusal(sheet(ZHANG))
        assert Desk(browse(administrator), other_branch).upload(sheet(ZHANG)).status_code == 302

    def test_an_import_is_its_owners_alone(
        self, desk: Desk, regional_head: Employee, browse: Browse
    ) -> None:
        address = desk.upload(sheet(ZHANG))["Location"]
        browser = browse(regional_head)
        assert browser.get(address).status_code == 404
        assert browser.post(f"{address}start/").status_code == 404
        assert desk.browser.get(f"{address}start/").status_code == 405

    def test_the_right_is_asked_again_when_it_runs(
        self, desk: Desk, head: Employee, other_branch: Branch
    ) -> None:
        address = desk.upload(sheet(ZHANG))["Location"]
        desk.map(address)
        desk.browser.post(f"{address}start/")
        head.role = "compliance"
        head.save()
        job = run_last()
        assert job.state == "failed"
        assert not Client.objects.exists()

    def test_it_is_not_imported_twice_by_two_clicks(self, desk: Desk) -> None:
        address = desk.upload(sheet(ZHANG))["Location"]
        desk.map(address)
        assert desk.browser.post(f"{address}start/").status_code == 302
        assert desk.browser.post(f"{address}start/").status_code == 409
        late = desk.map(address)
        assert (late.status_code, "imported already" in late.content.decode()) == (409, True)


def workbook(rows: Sequence[Sequence[Any]]) -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(list(row))
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def test_a_workbook_is_imported(desk: Desk) -> None:
    with override("en"):
        address = desk.upload(workbook([HEADER, ZHANG, LI]), "名单.xlsx")["Location"]
    assert "Excel workbook" in desk.browser.get(address).content.decode()
    desk.map(address)
    desk.browser.post(f"{address}start/")
    assert counts(run_last()) == (2, 0, 0, 0)
