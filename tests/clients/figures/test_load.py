"""The import of figures: what lands, what is reported, what is refused, what a second run does."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from openpyxl import Workbook

from clients.figures import load
from clients.figures.mapping import shipped
from clients.importing import reading
from clients.models import Client, FigureDifference, FigureImport, FundAccount, MonthlyFigure
from staff.models import Branch, Employee
from tests.clients.figures.back_office import HEADER, NOBODYS, OTHERS, OURS, BackOffice, line
from tests.factories import ClientFactory, FundAccountFactory, MonthlyFigureFactory

pytestmark = pytest.mark.django_db

APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)


@pytest.fixture
def office(tmp_path: Path) -> BackOffice:
    return BackOffice(tmp_path)


@pytest.fixture
def account(zhang: Client) -> FundAccount:
    return FundAccountFactory(client=zhang, number=OURS, opened_on=date(2025, 1, 1))


@pytest.fixture
def theirs(stranger: Employee) -> FundAccount:
    client = ClientFactory(manager=stranger)
    return FundAccountFactory(client=client, number=OTHERS, opened_on=date(2025, 1, 1))


def differences(kind: str) -> list[FigureDifference]:
    return list(FigureDifference.objects.filter(kind=kind))


class TestLanding:
    def test_it_takes_the_figures_of_our_accounts(
        self, office: BackOffice, account: FundAccount
    ) -> None:
        said = office.load(line(as_of="2026-05-31", inflow="-1500.5"))
        assert said[0] == "1 rows: 1 new, 0 changed, 0 unchanged."
        row = MonthlyFigure.objects.get()
        assert (row.account, row.month, row.as_of) == (account, MAY, date(2026, 5, 31))
        assert [row.assets, row.turnover, row.trades] == [200_000, 50_000, 4]
        assert (row.net_inflow, row.commission) == (Decimal("-1500.50"), Decimal("12.50"))
        assert row.source == "柜台月报"
        assert not office.errors.exists()

    def test_an_empty_turnover_is_unknown(self, office: BackOffice, account: FundAccount) -> None:
        said = office.load(line(turnover=""))
        assert said[0] == "1 rows: 1 new, 0 changed, 0 unchanged."
        assert MonthlyFigure.objects.get().turnover is None
        # Stated later, it is known; left empty again, it stays.
        office.load(line(turnover="70000"))
        office.load(line(turnover="-"))
        assert MonthlyFigure.objects.get().turnover == 70_000

    @pytest.mark.parametrize("month", ["2026-5", "202605", "2026年5月", "2026/05", "2026-05-17"])
    def test_it_reads_months_as_offices_write_them(
        self, office: BackOffice, account: FundAccount, month: str
    ) -> None:
        office.load(line(month=month))
        assert MonthlyFigure.objects.get().month == MAY

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ('"1,234,567.89"', "1234567.89"),
            ("￥88.005", "88.01"),
            ("(300)", "-300"),
            ("50万", "500000"),
            ("1.2亿元", "120000000"),
            ("-0.01", "-0.01"),
            ("１２００", "1200"),
        ],
    )
    def test_it_reads_amounts_as_offices_write_them(
        self, office: BackOffice, account: FundAccount, text: str, value: str
    ) -> None:
        office.load(line(assets=text))
        assert MonthlyFigure.objects.get().assets == Decimal(value)

    def test_what_the_file_does_not_say_is_unknown_and_takes_nothing_away(
        self, office: BackOffice, account: FundAccount
    ) -> None:
        office.load(line(inflow="", commission="--", trades=""))
        row = MonthlyFigure.objects.get()
        assert [row.net_inflow, row.commission, row.trades] == [None, None, None]
        office.load(line(inflow="7", commission="8", trades="9"))
        office.load(line(inflow="", commission="", trades=""))
        row.refresh_from_db()
        assert [row.net_inflow, row.commission, row.trades] == [7, 8, 9]

    def test_the_end_of_the_month_is_its_date_where_the_file_has_none(
        self, office: BackOffice, account: FundAccount
    ) -> None:
        office.load(line())
        assert MonthlyFigure.objects.get().as_of == date(2026, 5, 31)
        office.load(line(), as_of="2026-06-02")
        assert MonthlyFigure.objects.get().as_of == date(2026, 6, 2)

    def test_it_reads_a_workbook_and_english_headers(
        self, office: BackOffice, account: FundAccount
    ) -> None:
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.append(
            [
                "Account",
                "Month",
                "As of",
                "Branch",
                "Assets",
                "Net inflow",
                "Turnover",
                "Trades",
                "Commission",
            ]
        )
        sheet.append([int(OURS), MAY, None, "PD", 1234.5, 0, 0, 0, 0])
        file = office.path / "figures.xlsx"
        book.save(file)
        office.load(file=file, mapping="back-office-en")
        assert MonthlyFigure.objects.get().assets == Decimal("1234.50")

    def test_it_reads_gb18030_with_a_factor_and_zeros_cut_off(
        self, office: BackOffice, zhang: Client
    ) -> None:
        FundAccountFactory(client=zhang, number="000012345678")
        mapping = office.path / "own.toml"
        mapping.write_text(
            'source = "own"\naccount_digits = 12\n[figures]\naccount = { column = "资金账号" }\n'
            'month = { column = "月份" }\nassets = { column = "期末资产", factor = 10000 }\n'
            'turnover = { column = "成交金额", factor = 10000 }\n',
            encoding="utf-8",
        )
        file = office.csv(line("12345678", assets="1.5", turnover="2"), encoding="gb18030")
        office.load(file=file, mapping=str(mapping))
        row = MonthlyFigure.objects.get()
        assert [row.assets, row.turnover, row.trades] == [15_000, 20_000, None]

    def test_a_dry_run_reports_and_writes_no_figure(
        self, office: BackOffice, account: FundAccount
    ) -> None:
        said = office.load(line(), line(NOBODYS), dry_run=True)
        assert said[0] == "2 rows: 1 new, 0 changed, 0 unchanged. A dry run: no figure was written."
        assert not MonthlyFigure.objects.exists()
        report = FigureImport.objects.get()
        assert (report.dry_run, report.unknown, report.differences.count()) == (True, 1, 1)

    @pytest.mark.parametrize("name", shipped())
    def test_every_shipped_mapping_can_be_read(self, office: BackOffice, name: str) -> None:
        said = office.refusal(line(), file=office.csv(["1"], header=["x"]), mapping=name)
        assert "which the mapping names" in said


class TestReport:
    def test_rows_unknown_to_us_stand_with_line_and_four_digits(
        self, office: BackOffice, account: FundAccount
    ) -> None:
        office.load(line(), line(NOBODYS))
        found = differences("unknown")[0]
        assert (found.line, found.last4, found.account) == (3, "1111", None)
        stored = repr(list(FigureDifference.objects.values()) + list(FigureImport.objects.values()))
        assert "5555" not in stored
        assert "12345678" not in stored

    def test_an_account_of_ours_without_a_row_is_missing(
        self, office: BackOffice, account: FundAccount, theirs: FundAccount, zhang: Client
    ) -> None:
        FundAccountFactory(client=zhang, number="880000000001", opened_on=date(2026, 6, 1))
        closed = FundAccountFactory(client=zhang, number="880000000002", opened_on=date(2025, 1, 1))
        closed.closed_on = date(2026, 4, 30)
        closed.save()
        office.load(line())
        missing = differences("missing")
        assert [(row.accounts, row.month) for row in missing] == [([theirs.pk], MAY)]

    def test_a_slip_in_one_month_makes_no_list_of_everybody(
        self, office: BackOffice, zhang: Client
    ) -> None:
        numbers = [f"8800{n:08}" for n in range(11)]
        for number in numbers:
            FundAccountFactory(client=zhang, number=number, opened_on=date(2025, 1, 1))
        rows = [line(number) for number in numbers]
        office.load(*rows, line(numbers[0], month="2026-04"))
        assert differences("missing") == []
        office.load(*rows, line(numbers[0], "2026-04"), line(numbers[1], "2026-04"))
        (missing,) = differences("missing")
        assert len(missing.accounts) == 9

    def test_missing_accounts_are_kept_by_the_page(
        self, office: BackOffice, account: FundAccount, zhang: Client
    ) -> None:
        """A row each would cost more than the figures where a file leaves out most of a firm."""
        away = [
            FundAccountFactory(client=zhang, opened_on=date(2025, 1, 1)).pk
            for _ in range(load.PAGE + 2)
        ]
        office.load(line(), line(month="2026-04"))
        kept = [(row.month, row.accounts) for row in differences("missing")]
        assert kept == [
            (month, part)
            for month in (APRIL, MAY)
            for part in (away[: load.PAGE], away[load.PAGE :])
        ]
        assert FigureImport.objects.get().missing == 2 * (load.PAGE + 2)

    def test_totals_that_differ(
        self, office: BackOffice, account: FundAccount, theirs: FundAccount
    ) -> None:
        office.load(
            line(assets="100", turnover="10"),
            line(OTHERS, assets="50", turnover="5", branch="MH"),
            ["小计", "", "", "PD", "100", "0", "11", "4", "12.50"],
            ["小计", "2026-05", "", "MH", "50", "", "5", "", ""],
            ["合计", "", "", "", "151", "0", "15", "9", "25.00"],
        )
        found = [(row.line, row.field, row.before, row.after) for row in differences("total")]
        assert found == [
            (4, "PD turnover", "10.00", "11"),
            (6, "assets", "150.00", "151"),
            (6, "trades", "8", "9"),
        ]
        assert FigureImport.objects.get().totals_off == 3

    def test_values_that_changed_stand_with_what_we_had(
        self, office: BackOffice, account: FundAccount
    ) -> None:
        office.load(line())
        office.load(line(assets="200000.10", trades="5"))
        found = [(row.field, row.before, row.after) for row in differences("changed")]
        assert found == [("assets", "200000.00", "200000.10"), ("trades", "4", "5")]

    def test_the_same_account_and_month_twice_counts_once(
        self, office: BackOffice, account: FundAccount
    ) -> None:
        office.load(line(assets="1"), line(assets="2"))
        assert MonthlyFigure.objects.get().assets == 1
        assert [row.line for row in differences("repeated")] == [3]

    def test_an_older_file_changes_nothing(self, office: BackOffice, account: FundAccount) -> None:
        office.load(line(assets="1", as_of="2026-05-31"))
        office.load(line(assets="2", as_of="2026-05-20"))
        assert MonthlyFigure.objects.get().assets == 1
        found = differences("older")[0]
        assert (found.before, found.after) == ("2026-05-31", "2026-05-20")

    def test_every_row_is_accounted_for(
        self, office: BackOffice, account: FundAccount, theirs: FundAccount
    ) -> None:
        office.load(line(), line(OTHERS), line(NOBODYS), line(), line(assets="x"))
        report = FigureImport.objects.get()
        kinds = (report.created, report.unknown, report.repeated, report.refused)
        assert kinds == (2, 1, 1, 1)
        assert report.rows == sum(kinds)

    def test_a_file_of_one_branch_speaks_of_its_accounts_alone(
        self, office: BackOffice, account: FundAccount, theirs: FundAccount
    ) -> None:
        office.load(line(OTHERS), branch="PD")
        assert not MonthlyFigure.objects.exists()
        assert FigureImport.objects.get().unknown == 1
        office.load(line(), branch="PD")
        assert differences("missing") == []

    def test_the_report_is_kept_as_it_is(self, office: BackOffice, account: FundAccount) -> None:
        office.load(line(NOBODYS))
        with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
            FigureDifference.objects.update(last4="0000")
        with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
            FigureImport.objects.update(rows=0)


class TestRefusal:
    @pytest.mark.parametrize(
        ("row", "fault"),
        [
            (line("12"), "2,资金账号,An account number has 6 to 20 letters and digits."),
            (line(""), "2,资金账号,An account number has 6 to 20 letters and digits."),
            (line(month="2026-13"), "2,月份,Write the month as 2026-10."),
            (line(month=""), "2,月份,Write the month as 2026-10."),
            (line(month="2199-01"), "2,月份,The month lies in the future."),
            (line(month="1926-01"), "2,月份,The month lies before 2000: check the year."),
            (line(assets=""), "2,期末资产,The figure is missing."),
            (line(assets="=1+1"), "2,期末资产,Enter a number such as 1234.56 or 50万."),
            (line(assets="NaN"), "2,期末资产,Enter a number such as 1234.56 or 50万."),
            (line(assets="9" * 30), "2,期末资产,The number is too large: check its unit."),
            (
                line(month="2026.1"),
                "2,月份,2026.1 may be January or October. Write 2026-01 or 2026-10.",
            ),
            (line(turnover="-5"), "2,成交金额,Turnover is never negative."),
            (line(trades="1.5"), "2,成交笔数,The number of trades is a whole number."),
            (line(as_of="2026-04-30"), "2,数据日期,The date lies before the month of the figures."),
            (line(as_of="2199-01-01"), "2,数据日期,The date lies in the future."),
        ],
    )
    def test_a_bad_row_goes_to_the_error_file_and_the_others_land(
        self, office: BackOffice, account: FundAccount, row: list[str], fault: str
    ) -> None:
        office.load(row, line(month="2026-04"))
        assert office.faults() == [fault]
        found = differences("refused")
        assert [(f.line, f.field, f.reason) for f in found] == [(2, *fault.split(",", 2)[1:])]
        assert MonthlyFigure.objects.get().month == date(2026, 4, 1)

    def test_a_formula_is_no_formula_in_the_error_file(
        self, office: BackOffice, account: FundAccount
    ) -> None:
        mapping = office.path / "own.toml"
        mapping.write_text(
            'source = "own"\n[figures]\naccount = { column = "资金账号" }\n'
            'month = { column = "月份" }\nassets = { column = "=A1" }\n'
            'turnover = { column = "成交金额" }\n',
            encoding="utf-8",
        )
        header = [*HEADER[:4], "=A1", *HEADER[5:]]
        office.load(file=office.csv(line(assets="x"), header=header), mapping=str(mapping))
        assert office.faults() == ["2,'=A1,Enter a number such as 1234.56 or 50万."]

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("source = ", "is not valid TOML"),
            ('source = "x"\n[figures]\nmonth = { column = "月份" }', "needs figures.account"),
            ('source = "x"\n[shoes]\nsize = 1', "'shoes' means nothing here"),
            ('source = "x"\n[figures]\nshoe = { column = "y" }', "'figures.shoe' means nothing"),
            ("source = " + "[" * 20_000, "is nested too deeply"),
            (
                'source = "x"\naccount_digits = 1000000000\n[figures]\n'
                'account = { column = "a" }\nmonth = { column = "b" }\n'
                'assets = { column = "c" }\nturnover = { column = "d" }',
                "account_digits is a number from 0 to 20",
            ),
        ],
        ids=["toml", "account", "table", "field", "deep", "digits"],
    )
    def test_a_mapping_that_cannot_be_meant(
        self, office: BackOffice, text: str, sentence: str
    ) -> None:
        mapping = office.path / "own.toml"
        mapping.write_text(text, encoding="utf-8")
        assert sentence in office.refusal(line(), mapping=str(mapping))

    def test_files_that_are_none(self, office: BackOffice, account: FundAccount) -> None:
        file = office.path / "figures.csv"
        for data, sentence in [
            (b"", "is empty"),
            (b"PK\x03\x04\x00" + b"x" * 200, "is damaged"),
            (b"\xff\x00\xfe" * 60, "is not text in UTF-8 or GB18030"),
            ("资金账号\n".encode(), "holds no row below its header"),
            (b"a,b\n1,2\n", "has no column"),
        ]:
            file.write_bytes(data)
            assert sentence in office.refusal(file=file)
        assert "There is no file" in office.refusal(file=office.path / "none.csv")
        assert "There is no mapping" in office.refusal(line(), mapping="none")
        assert "There is no branch" in office.refusal(line(), branch="none")
        assert not FigureImport.objects.exists()
        assert not office.errors.exists()

    def test_a_late_byte_decides_the_encoding(
        self, office: BackOffice, account: FundAccount, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(reading, "_CHUNK", 7)
        rows = [line(month=f"2026-0{n}") for n in range(1, 6)]
        office.load(file=office.csv(*rows, encoding="gb18030"))
        assert MonthlyFigure.objects.count() == 5


def test_a_second_run_writes_nothing(office: BackOffice, account: FundAccount) -> None:
    office.load(line(), line(month="2026-04"))
    before = list(MonthlyFigure.objects.values_list("pk", "assets", "as_of"))
    versions = list(_tuple_ids())
    assert office.load(line(), line(month="2026-04"))[0] == "2 rows: 0 new, 0 changed, 2 unchanged."
    assert list(MonthlyFigure.objects.values_list("pk", "assets", "as_of")) == before
    assert list(_tuple_ids()) == versions


def _tuple_ids() -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT ctid::text, xmin::text FROM clients_monthlyfigure ORDER BY id")
        return list(cursor.fetchall())


def test_an_import_that_fails_leaves_nothing(
    office: BackOffice, account: FundAccount, branch: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "_UPSERT", load._UPSERT + " AND 1 / (SELECT 0) = 1")
    MonthlyFigureFactory(account=account, month=MAY, as_of=MAY)
    assert "The database refused the figures" in office.refusal(line(), line(NOBODYS))
    assert not FigureImport.objects.exists()
    assert not FigureDifference.objects.exists()
