"""Figures in the browser: upload, check, load, report; by whom and about whose accounts."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from clients.figures.job import KIND
from clients.figures.report import lines
from clients.models import Client, FigureDifference, FigureImport, FundAccount, MonthlyFigure
from crm import jobs
from crm.models import Job
from staff.models import Employee
from tests.cast import Browse
from tests.clients.figures.back_office import NOBODYS, OTHERS, OURS, BackOffice, line
from tests.factories import ClientFactory, FundAccountFactory, MonthlyFigureFactory

pytestmark = pytest.mark.django_db

PAGE = "/figures/"


@pytest.fixture(autouse=True)
def storage(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def office(tmp_path: Path) -> BackOffice:
    return BackOffice(tmp_path)


@pytest.fixture
def account(zhang: Client) -> FundAccount:
    return FundAccountFactory(client=zhang, number=OURS, opened_on=date(2025, 1, 1))


@pytest.fixture
def theirs(stranger: Employee) -> FundAccount:
    client = ClientFactory(name="钱七", manager=stranger)
    return FundAccountFactory(client=client, number=OTHERS, opened_on=date(2025, 1, 1))


def upload(browser: Any, file: Path, **data: Any) -> Any:
    sent = SimpleUploadedFile(file.name, file.read_bytes(), content_type="text/csv")
    return browser.post(PAGE, {"file": sent, "mapping": "back-office-zh", **data})


def finish() -> Job:
    """Do the newest job, as a worker would."""
    job = Job.objects.filter(kind=KIND).latest("pk")
    jobs.run(job.pk)
    job.refresh_from_db()
    return job


class TestFlow:
    @pytest.mark.parametrize("post", ["head", "operations", "administrator"])
    def test_a_file_is_checked_and_then_loaded(
        self,
        office: BackOffice,
        account: FundAccount,
        browse: Browse,
        post: str,
        request: pytest.FixtureRequest,
    ) -> None:
        employee = request.getfixturevalue(post)
        browser = browse(employee)
        answer = upload(browser, office.csv(line(), line(NOBODYS), line(assets="x")))
        checked = finish()
        assert answer["Location"] == checked.get_absolute_url()
        assert (checked.state, checked.error) == ("done", "")
        assert [file.name for file in checked.files.all()] == ["figures.errors.csv"]
        assert not MonthlyFigure.objects.exists()
        report = FigureImport.objects.get()
        assert (report.by, report.dry_run, report.file_name) == (employee, True, "figures.csv")
        assert report.get_absolute_url() in browser.get(checked.get_absolute_url()).content.decode()
        page = browser.get(report.get_absolute_url()).content.decode()
        assert f"{report.get_absolute_url()}load/" in page
        answer = browser.post(f"{report.get_absolute_url()}load/")
        loaded = finish()
        assert answer["Location"] == loaded.get_absolute_url()
        assert (loaded.state, loaded.error) == ("done", "")
        assert MonthlyFigure.objects.get().account == account
        final = FigureImport.objects.latest("pk")
        assert (final.dry_run, final.created, final.unknown, final.refused) == (False, 1, 1, 1)
        assert f"{final.get_absolute_url()}load/" not in (
            browser.get(final.get_absolute_url()).content.decode()
        )
        # What was loaded is not offered again, and not taken again.
        again = browser.get(report.get_absolute_url()).content.decode()
        assert f"{report.get_absolute_url()}load/" not in again
        assert browser.post(f"{report.get_absolute_url()}load/").status_code == 409
        assert FigureImport.objects.filter(dry_run=False).count() == 1

    def test_a_head_loads_the_figures_of_their_branch_alone(
        self,
        office: BackOffice,
        account: FundAccount,
        theirs: FundAccount,
        head: Employee,
        browse: Browse,
    ) -> None:
        browser = browse(head)
        upload(browser, office.csv(line(), line(OTHERS)))
        finish()
        report = FigureImport.objects.get()
        assert (report.created, report.unknown, report.missing) == (1, 1, 0)
        browser.post(f"{report.get_absolute_url()}load/")
        finish()
        assert [row.account for row in MonthlyFigure.objects.all()] == [account]

    def test_a_file_that_is_none_fails_with_a_sentence(
        self, office: BackOffice, head: Employee, browse: Browse
    ) -> None:
        file = office.path / "figures.csv"
        file.write_bytes(b"\x00\x01")
        upload(browse(head), file)
        job = finish()
        assert job.state == "failed"
        assert "figures.csv 不是 UTF-8" in job.error
        assert not FigureImport.objects.exists()

    def test_who_lost_the_post_meanwhile_loads_nothing(
        self, office: BackOffice, account: FundAccount, head: Employee, browse: Browse
    ) -> None:
        upload(browse(head), office.csv(line()))
        Employee.objects.filter(pk=head.pk).update(role="compliance")
        assert finish().state == "failed"
        assert not FigureImport.objects.exists()

    def test_a_cancelled_job_leaves_nothing(
        self, office: BackOffice, account: FundAccount, head: Employee, browse: Browse
    ) -> None:
        upload(browse(head), office.csv(line()))
        job = Job.objects.latest("pk")
        Job.objects.filter(pk=job.pk).update(cancel_asked=True)
        assert finish().state == "cancelled"
        assert not FigureImport.objects.exists()

    def test_a_job_that_runs_twice_ends_in_the_same_figures(
        self, office: BackOffice, account: FundAccount, head: Employee, browse: Browse
    ) -> None:
        browser = browse(head)
        upload(browser, office.csv(line()))
        finish()
        browser.post(f"{FigureImport.objects.get().get_absolute_url()}load/")
        job = finish()
        Job.objects.filter(pk=job.pk).update(state="waiting")
        finish()
        assert FigureImport.objects.latest("pk").unchanged == 1
        assert MonthlyFigure.objects.count() == 1

    def test_a_file_no_longer_kept_is_asked_for_again(
        self, office: BackOffice, account: FundAccount, head: Employee, browse: Browse
    ) -> None:
        browser = browse(head)
        upload(browser, office.csv(line()))
        finish()
        Job.objects.update(file="")
        answer = browser.post(f"{FigureImport.objects.get().get_absolute_url()}load/")
        assert answer.status_code == 409
        assert Job.objects.count() == 1

    def test_a_mapping_of_ones_own_goes_with_the_file(
        self, office: BackOffice, account: FundAccount, head: Employee, browse: Browse
    ) -> None:
        text = (
            'source = "分公司"\n[figures]\naccount = { column = "资金账号" }\n'
            'month = { column = "月份" }\nassets = { column = "成交金额" }\n'
            'turnover = { value = "0" }\n'
        )
        own = SimpleUploadedFile("own.toml", text.encode())
        upload(browse(head), office.csv(line()), own_mapping=own)
        assert finish().state == "done"
        report = FigureImport.objects.get()
        assert (report.mapping, report.source, report.created) == ("own", "分公司", 1)

    @pytest.mark.parametrize(
        "text",
        [
            b"source = ",
            b"\xff\xfe",
            b'source = "x"\n[figures]\naccount = { column = "a" }\nmonth = { template = "{row}" }\n'
            b'assets = { column = "b" }\nturnover = { column = "c" }',
        ],
    )
    def test_a_mapping_that_cannot_be_meant_starts_nothing(
        self, office: BackOffice, head: Employee, browse: Browse, text: bytes
    ) -> None:
        own = SimpleUploadedFile("own.toml", text)
        assert upload(browse(head), office.csv(line()), own_mapping=own).status_code == 422
        assert not Job.objects.exists()

    @pytest.mark.parametrize(
        "wrong", [{"mapping": "../../etc"}, {"as_of": "2199-01-01"}, {"file": ""}]
    )
    def test_bad_input_starts_nothing(
        self, office: BackOffice, head: Employee, browse: Browse, wrong: dict[str, str]
    ) -> None:
        file = SimpleUploadedFile("figures.csv", b"a,b\n1,2\n")
        data = {"file": file, "mapping": "back-office-zh", **wrong}
        assert browse(head).post(PAGE, data).status_code == 422
        assert not Job.objects.exists()


class TestReading:
    @pytest.fixture
    def report(
        self, office: BackOffice, account: FundAccount, head: Employee, browse: Browse
    ) -> FigureImport:
        upload(browse(head), office.csv(line(month="2026-04"), line(NOBODYS, month="2026-05")))
        finish()
        return FigureImport.objects.get()

    def test_it_names_a_client_to_whoever_may_see_them(
        self,
        office: BackOffice,
        zhang: Client,
        account: FundAccount,
        head: Employee,
        operations: Employee,
        compliance: Employee,
        browse: Browse,
    ) -> None:
        FundAccountFactory(client=zhang, number="880000007777", opened_on=date(2025, 1, 1))
        upload(browse(head), office.csv(line()))
        finish()
        address = f"{FigureImport.objects.get().get_absolute_url()}?kind=missing"
        for reader, named in ((head, True), (compliance, True), (operations, False)):
            page = browse(reader).get(address).content.decode()
            assert "******7777" in page
            assert (zhang.name in page) is named
            assert "88000000" not in page

    def test_missing_accounts_are_listed_to_the_last(
        self,
        office: BackOffice,
        zhang: Client,
        account: FundAccount,
        head: Employee,
        browse: Browse,
    ) -> None:
        numbers = [f"77000000{n:04}" for n in range(1001, 1053)]
        for number in numbers:
            FundAccountFactory(client=zhang, number=number, opened_on=date(2025, 1, 1))
        upload(browse(head), office.csv(line()))
        finish()
        report = FigureImport.objects.get()
        assert report.missing == len(numbers)
        query, seen = "kind=missing", []
        while query:
            answer = browse(head).get(f"{report.get_absolute_url()}?{query}")
            seen.append([row.account for row in answer.context["lines"]])
            query = answer.context["page"].next_query
        assert [len(page) for page in seen] == [50, 2]
        assert [n for page in seen for n in page] == [f"******{n[-4:]}" for n in numbers]

    def test_what_an_earlier_version_listed_row_by_row_is_still_read(
        self, report: FigureImport, account: FundAccount, head: Employee, browse: Browse
    ) -> None:
        for month in (date(2026, 4, 1), date(2026, 5, 1)):
            FigureDifference.objects.create(
                report=report, kind="missing", account=account, month=month
            )
        answer = browse(head).get(f"{report.get_absolute_url()}?kind=missing")
        old = [row for row in answer.context["lines"] if row.account == account.masked]
        assert [row.month for row in old] == ["2026-04", "2026-05"]

    def test_unknown_rows_show_their_line_and_four_digits(
        self, report: FigureImport, head: Employee, browse: Browse
    ) -> None:
        page = browse(head).get(report.get_absolute_url()).content.decode()
        assert "******1111" in page
        assert NOBODYS[:-4] not in page

    def test_any_kind_can_be_asked_for(
        self, report: FigureImport, head: Employee, browse: Browse
    ) -> None:
        for kind in ("unknown", "changed", "nonsense", ""):
            answer = browse(head).get(report.get_absolute_url(), {"kind": kind})
            assert answer.status_code == 200

    def test_who_reads_reports(
        self,
        report: FigureImport,
        manager: Employee,
        stranger: Employee,
        compliance: Employee,
        operations: Employee,
        regional_head: Employee,
        browse: Browse,
    ) -> None:
        for reader, status in (
            (manager, 404),
            (stranger, 404),
            (compliance, 200),
            (operations, 200),
            (regional_head, 200),
        ):
            assert browse(reader).get(report.get_absolute_url()).status_code == status
        for reader, status in (
            (manager, 404),
            (compliance, 403),
            (operations, 403),
            (regional_head, 403),
        ):
            answer = browse(reader).post(f"{report.get_absolute_url()}load/")
            assert answer.status_code == status
        assert browse(manager).get(f"{report.get_absolute_url()}load/").status_code == 405
        assert Job.objects.count() == 1

    def test_who_opens_the_list(
        self,
        report: FigureImport,
        manager: Employee,
        compliance: Employee,
        head: Employee,
        operations: Employee,
        office: BackOffice,
        browse: Browse,
    ) -> None:
        assert browse(manager).get(PAGE).status_code == 403
        for reader, acts in ((compliance, False), (head, True), (operations, True)):
            answer = browse(reader).get(PAGE)
            assert answer.status_code == 200
            assert report.get_absolute_url() in answer.content.decode()
            assert (b'type="file"' in answer.content) is acts
        assert upload(browse(compliance), office.csv(line())).status_code == 403
        assert upload(browse(manager), office.csv(line())).status_code == 403


def test_it_says_how_much_a_changed_value_differs(manager: Employee) -> None:
    row = FigureDifference(kind="changed", field="assets", before="1234567.00", after="1200000.50")
    shown = lines([row], manager)[0]
    assert (shown.before, shown.after) == ("1,234,567.00", "1,200,000.50")
    assert shown.difference == "-34,566.50"
    older = FigureDifference(kind="older", before="2026-05-31", after="")
    assert (lines([older], manager)[0].before, lines([older], manager)[0].difference) == (
        "2026-05-31",
        "",
    )


def test_the_file_says_that_a_turnover_is_unknown(
    account: FundAccount, manager: Employee, browse: Browse
) -> None:
    MonthlyFigureFactory(account=account, turnover=None)
    client = account.client
    page = browse(manager).get(client.get_absolute_url()).content.decode()
    assert "未知" in page
    assert browse(manager).get(f"{client.get_absolute_url()}accounts/").status_code == 200
