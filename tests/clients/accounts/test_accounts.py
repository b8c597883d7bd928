"""Accounts by hand, and what the client file shows of them and of the figures."""

import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from clients.figures.derive import derive
from clients.figures.held import holding, line_points
from clients.models import Client, DerivedProfile, FundAccount
from clients.search import matching
from crm.models import AccessLog
from crm.trading_days import today
from staff.models import Branch, Employee
from tests.cast import Browse
from tests.clients.importing.files import MAPPING, Desk
from tests.factories import ClientFactory, FundAccountFactory, MonthlyFigureFactory

pytestmark = pytest.mark.django_db

NUMBER = "880012345678"


@pytest.fixture
def account(zhang: Client) -> FundAccount:
    return FundAccountFactory(
        client=zhang, number=NUMBER, permissions=["star", "hk_connect"], commission_rate="0.00025"
    )


def url(client: Client, rest: str = "") -> str:
    return f"{client.get_absolute_url()}accounts/{rest}"


def form(**changes: object) -> dict[str, object]:
    return {
        "number": " 8800-1234 5678",
        "opened_on": "2025-03-04",
        "closed_on": "",
        "rate": "2.5",
        "markets": ["sse", "bse"],
        "permissions": ["margin"],
        **changes,
    }


def text(content: bytes) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", content.decode()))


class TestRecording:
    def test_it_keeps_an_account_with_its_number_encrypted(
        self, zhang: Client, manager: Employee, browse: Browse
    ) -> None:
        answer = browse(manager).post(url(zhang, "new/"), form())
        assert (answer.status_code, answer["Location"]) == (302, url(zhang))
        account = FundAccount.objects.get()
        assert (account.client, account.number, account.source) == (zhang, NUMBER, "typed")
        assert (account.markets, account.permissions) == (["sse", "bse"], ["margin"])
        assert account.commission_rate == Decimal("0.00025")
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_jsonb(a)::text FROM clients_fundaccount a")
            assert "5678" not in cursor.fetchone()[0].replace(str(zhang.public_id), "")

    @pytest.mark.parametrize("query", ["5678", NUMBER, "8800 1234 5678"])
    def test_the_client_is_found_by_it(
        self, zhang: Client, zhou: Client, manager: Employee, browse: Browse, query: str
    ) -> None:
        browse(manager).post(url(zhang, "new/"), form())
        assert matching(Client.objects.all(), query).get() == zhang
        for other in ("1234", "880012345679", "67"):
            assert not matching(Client.objects.all(), other).exists()

    def test_it_changes_an_account_and_keeps_what_was(
        self, zhang: Client, account: FundAccount, manager: Employee, browse: Browse
    ) -> None:
        page = browse(manager).get(url(zhang, f"{account.pk}/")).content.decode()
        assert 'name="number"' not in page
        assert 'value="2.5"' in page
        browse(manager).post(url(zhang, f"{account.pk}/"), form(rate="2", number="999999"))
        account.refresh_from_db()
        assert account.number == NUMBER
        assert account.commission_rate == Decimal("0.0002")
        before = account.events.get()  # type: ignore[attr-defined]
        assert before.commission_rate == Decimal("0.00025")

    @pytest.mark.parametrize(
        "wrong",
        [
            {"number": "12"},
            {"number": "资金账号一二三四"},
            {"number": "\x00"},
            {"opened_on": ""},
            {"opened_on": "2199-01-01"},
            {"closed_on": "2025-03-03"},
            {"closed_on": "2199-01-01"},
            {"rate": "31"},
            {"rate": "-1"},
            {"rate": "NaN"},
            {"markets": ["nyse"]},
            {"permissions": ["insider"]},
        ],
    )
    def test_bad_input_is_a_sentence_and_nothing_is_written(
        self, zhang: Client, manager: Employee, browse: Browse, wrong: dict[str, object]
    ) -> None:
        answer = browse(manager).post(url(zhang, "new/"), form(**wrong))
        assert answer.status_code == 422
        assert not FundAccount.objects.exists()

    def test_a_number_is_recorded_once_and_nobody_is_named(
        self, zhang: Client, manager: Employee, stranger: Employee, browse: Browse
    ) -> None:
        FundAccountFactory(client=ClientFactory(name="钱七", manager=stranger), number=NUMBER)
        answer = browse(manager).post(url(zhang, "new/"), form())
        assert answer.status_code == 422
        assert "钱七" not in answer.content.decode()
        assert FundAccount.objects.count() == 1

    def test_a_prospect_has_no_account(
        self, zhou: Client, manager: Employee, browse: Browse
    ) -> None:
        assert browse(manager).post(url(zhou, "new/"), form()).status_code == 422
        assert not FundAccount.objects.exists()

    def test_the_database_holds_the_choices(self, account: FundAccount) -> None:
        for column, value in (("markets", "{nyse}"), ("permissions", "{insider}")):
            with (
                pytest.raises(IntegrityError),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(f"UPDATE clients_fundaccount SET {column} = %s", [value])

    @pytest.mark.parametrize("rest", ["new/", "{pk}/"])
    def test_who_may(
        self,
        zhang: Client,
        account: FundAccount,
        colleague: Employee,
        compliance: Employee,
        browse: Browse,
        rest: str,
    ) -> None:
        address = url(zhang, rest.format(pk=account.pk))
        assert browse(colleague).post(address, form()).status_code == 404
        assert browse(compliance).post(address, form()).status_code == 403
        assert browse(compliance).get(address).status_code == 403
        account.refresh_from_db()
        assert account.permissions == ["star", "hk_connect"]

    def test_an_account_of_another_client_is_not_there(
        self, zhang: Client, manager: Employee, browse: Browse
    ) -> None:
        other = FundAccountFactory(client=ClientFactory(manager=manager))
        assert browse(manager).get(url(zhang, f"{other.pk}/")).status_code == 404

    def test_the_wrong_method(self, zhang: Client, manager: Employee, browse: Browse) -> None:
        assert browse(manager).post(url(zhang)).status_code == 405
        assert browse(manager).delete(url(zhang, "new/")).status_code == 405


class TestClientFile:
    def test_it_shows_accounts_masked_with_figures_trend_date_and_source(
        self, zhang: Client, account: FundAccount, manager: Employee, browse: Browse
    ) -> None:
        Employee.objects.filter(pk=manager.pk).update(language="en")
        for month, assets in ((4, 100_000), (5, 150_000), (6, 125_000)):
            MonthlyFigureFactory(
                account=account,
                month=date(2026, month, 1),
                as_of=date(2026, month, 28),
                assets=assets,
                turnover=assets // 10,
                source="柜台月报",
            )
        content = browse(manager).get(zhang.get_absolute_url()).content
        page = text(content)
        assert "******5678 Shanghai (SSE) · Shenzhen (SZSE) · STAR Market" in page
        assert "Hong Kong Connect · 2.5‱" in page
        assert "¥125,000" in page
        assert "Turnover in 2026-06 ¥12,500" in page
        assert "As of 2026-06-28 · 柜台月报" in page
        assert b'points="2.0,22.0 44.0,2.0 86.0,12.0"' in content
        assert NUMBER[:-4] not in content.decode()

    def test_it_says_what_the_figures_took_the_place_of(
        self, zhang: Client, account: FundAccount, manager: Employee, browse: Browse
    ) -> None:
        Employee.objects.filter(pk=manager.pk).update(language="en")
        MonthlyFigureFactory(account=account, assets=600_000)
        derive()
        page = text(browse(manager).get(zhang.get_absolute_url()).content)
        sentence = f"Since {today()} the figures decide; typed before: Below 100,000 in assets."
        assert sentence in page

    def test_it_asks_once_whatever_there_is(self, zhang: Client, account: FundAccount) -> None:
        second = FundAccountFactory(client=zhang)
        for each in (account, second):
            for month in range(1, 7):
                MonthlyFigureFactory(account=each, month=date(2026, month, 1))
        with CaptureQueriesContext(connection) as asked:
            held = holding(zhang)
        assert len(asked) == 1
        assert len(held.accounts) == 2
        assert held.assets == [400_000] * 6

    def test_an_account_that_a_month_leaves_out_counts_with_what_was_last_said(
        self, zhang: Client, account: FundAccount, manager: Employee, browse: Browse
    ) -> None:
        Employee.objects.filter(pk=manager.pk).update(language="en")
        second, closed = FundAccountFactory(client=zhang), FundAccountFactory(client=zhang)
        for each, month in ((account, 4), (account, 5), (account, 6), (second, 4), (second, 5)):
            MonthlyFigureFactory(
                account=each, month=date(2026, month, 1), as_of=date(2026, month, 28), assets=1000
            )
        MonthlyFigureFactory(account=closed, month=date(2026, 4, 1), assets=500)
        FundAccount.objects.filter(pk=closed.pk).update(closed_on=date(2026, 5, 2))
        held = holding(zhang)
        assert held.assets == [2500, 2000, 2000]
        derive()
        assert DerivedProfile.objects.get(client=zhang).assets == held.assets[-1]
        assert (held.as_of, held.source) == (None, "")
        page = text(browse(manager).get(zhang.get_absolute_url()).content)
        assert "As of 2026-06-28" in page
        assert "As of 2026-05-28" in page

    def test_it_says_how_many_accounts_it_does_not_name(
        self, zhang: Client, manager: Employee, browse: Browse
    ) -> None:
        Employee.objects.filter(pk=manager.pk).update(language="en")
        for each in FundAccountFactory.create_batch(22, client=zhang):
            MonthlyFigureFactory(account=each, assets=10)
        held = holding(zhang)
        assert (len(held.accounts), held.more) == (20, 2)
        assert held.assets == [220]
        assert "2 more accounts" in text(browse(manager).get(zhang.get_absolute_url()).content)
        assert len(browse(manager).get(url(zhang)).context["held"].accounts) == 22

    def test_months_beyond_a_year_are_left_to_the_page_of_figures(
        self, zhang: Client, account: FundAccount, manager: Employee, browse: Browse
    ) -> None:
        for back in range(14):
            count = 2026 * 12 + 5 - back
            MonthlyFigureFactory(account=account, month=date(count // 12, count % 12 + 1, 1))
        assert len(holding(zhang).months) == 12
        page = text(browse(manager).get(url(zhang)).content)
        assert "2025-05 ******5678 200,000.00 50,000.00 0.00 4 12.00" in page

    def test_a_prospect_shows_no_such_panel(
        self, zhou: Client, manager: Employee, browse: Browse
    ) -> None:
        assert b"panel-accounts" not in browse(manager).get(zhou.get_absolute_url()).content

    def test_compliance_reads_and_changes_nothing(
        self, zhang: Client, account: FundAccount, compliance: Employee, browse: Browse
    ) -> None:
        answer = browse(compliance).get(url(zhang))
        assert answer.status_code == 200
        assert b"accounts/new/" not in answer.content
        assert b"******5678" in answer.content


def test_the_number_is_shown_for_a_reason_that_is_logged(
    zhang: Client, account: FundAccount, manager: Employee, compliance: Employee, browse: Browse
) -> None:
    address = f"{zhang.get_absolute_url()}reveal/account/{account.pk}/"
    assert address in browse(manager).get(url(zhang)).content.decode()
    assert browse(manager).post(address, {"reason": ""}).status_code == 400
    assert browse(compliance).post(address, {"reason": "核对"}).status_code == 403
    assert NUMBER in browse(manager).post(address, {"reason": "柜台核对账号"}).content.decode()
    entry = AccessLog.objects.get()
    assert (entry.subject_type, entry.subject_id, entry.employee) == (
        "account",
        account.pk,
        manager,
    )


def test_accounts_of_a_merged_client_are_the_survivors(
    zhang: Client, account: FundAccount, manager: Employee
) -> None:
    survivor = ClientFactory(manager=manager)
    Client.objects.filter(pk=zhang.pk).update(merged_into=survivor)
    held = holding(survivor)
    assert [(row.masked, row.is_own) for row in held.accounts] == [("******5678", False)]


def test_a_level_trend_is_a_line_and_a_point_is_none() -> None:
    assert line_points([Decimal(5)] * 3) == "2.0,12.0 86.0,12.0"
    assert line_points([Decimal(5)]) == ""


def test_an_account_closes_after_it_was_opened(account: FundAccount) -> None:
    account.closed_on = account.opened_on - timedelta(days=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        account.save()


def test_the_form_says_that_the_figures_decide(
    zhang: Client, account: FundAccount, manager: Employee, browse: Browse
) -> None:
    Employee.objects.filter(pk=manager.pk).update(language="en")
    address = f"{zhang.get_absolute_url()}edit/"
    sentence = "The figures decide this: another choice holds until they are derived next."
    assert sentence not in text(browse(manager).get(address).content)
    MonthlyFigureFactory(account=account)
    derive()
    assert text(browse(manager).get(address).content).count(sentence) == 2


class TestImported:
    """Accounts come with the list of clients."""

    @pytest.fixture
    def desk(self, tmp_path: Path, branch: Branch) -> Desk:
        desk = Desk(tmp_path)
        table = '\n[account]\nnumber = { column = "资产" }\nopened_on = { column = "称呼" }\n'
        lines = MAPPING.splitlines()
        kept = [line for line in lines if not line.startswith(("title", "investment_size"))]
        desk.mapping.write_text("\n".join(kept) + table, encoding="utf-8")
        return desk

    def test_the_client_is_found_by_it(self, desk: Desk) -> None:
        row = ["A1", "张伟", "", "13812348214", "", "", NUMBER]
        desk.load(desk.csv(row))
        for query in ("5678", NUMBER, "8214", "zhangw"):
            assert matching(Client.objects.all(), query).get().name == "张伟", query
        desk.load(desk.csv([*row[:3], "13812340001", *row[4:]]))
        for query in ("5678", "8214", "0001"):
            assert matching(Client.objects.all(), query).get().name == "张伟", query

    def test_they_are_recorded_once(self, desk: Desk) -> None:
        file = desk.csv(["A1", "张伟", "2020-05-06", "", "", "", NUMBER])
        desk.load(file)
        account = FundAccount.objects.get()
        assert (account.client.source_key, account.number) == ("A1", NUMBER)
        assert (account.opened_on, account.source) == (date(2020, 5, 6), "old-crm")
        desk.load(file)
        assert FundAccount.objects.count() == 1

    def test_an_account_of_somebody_else_is_a_fault_of_its_row(
        self, desk: Desk, account: FundAccount
    ) -> None:
        before = Client.objects.count()
        other = ["A2", "李娜", "", "", "", "", "30099887766"]
        again = ["A3", "王强", "", "", "", "", "30099887766"]
        desk.load(desk.csv(["A1", "张伟", "", "", "", "", NUMBER], other, again))
        assert Client.objects.count() == before + 1
        assert account.client.accounts.get() == account
        assert desk.faults() == [
            "4,account,The account number comes twice in the file.",
            "2,account,This account is recorded for another client. Check it with the back office.",
        ]

    def test_an_account_of_who_was_merged_into_the_client_is_its_own(
        self, desk: Desk, account: FundAccount
    ) -> None:
        desk.load(desk.csv(["A1", "张伟", "", "", "", "", ""]))
        survivor = Client.objects.get(source_key="A1")
        Client.objects.filter(pk=account.client_id).update(merged_into=survivor)
        desk.load(desk.csv(["A1", "张伟大", "", "", "", "", NUMBER]))
        survivor.refresh_from_db()
        assert survivor.name == "张伟大"
        assert FundAccount.objects.get() == account

    def test_a_bad_number_is_refused_with_its_row(self, desk: Desk) -> None:
        desk.load(desk.csv(["A1", "张伟", "", "", "", "", "12"]))
        assert not Client.objects.exists()
        assert desk.faults() == ["2,account,An account number has 6 to 20 letters and digits."]
