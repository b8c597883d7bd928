"""An import taken back: what it made is closed, what it changed restored, whole or not at all."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clients.models import Client, ClientImport, FundAccount, Phone
from clients.search import matching
from crm.models import Job
from crm.operations import ImportUndone, undo_import
from staff.models import Employee
from tests.clients.importing.test_pages import HEADER, LI, TARGETS, ZHANG, Desk, counts, desk, sheet
from tests.factories import MonthlyFigureFactory, OpportunityFactory, VisitFactory
from visits.models import Callback, Visit
from visits.planning.planner import plan_callbacks

__all__ = ["desk"]

pytestmark = pytest.mark.django_db


class TestUndo:
    def test_made_clients_are_closed_and_changed_ones_restored(self, desk: Desk) -> None:
        desk.bring(sheet(ZHANG))
        zhang = Client.objects.get(source_key="A1")
        before = (
            Client.objects.filter(pk=zhang.pk).values("name", "notes", "birthday", "search").get()
        )
        changed = ["A1", "张三丰", "男", "13700000001", "440524188001010014", "1950-01-01", "新"]
        desk.bring(sheet(changed, LI))
        zhang.refresh_from_db()
        assert zhang.name == "张三丰"
        job = desk.undo()
        assert job.state == "done", job.error
        assert (job.result["closed"], job.result["restored"], job.result["kept"]) == (1, 1, 0)
        after = (
            Client.objects.filter(pk=zhang.pk).values("name", "notes", "birthday", "search").get()
        )
        assert after == before
        assert zhang.phones.get(valid_to=None).number == "+8613812345678"
        assert zhang.identities.get(valid_to=None).number == "11010519491231002X"
        li = Client.objects.get(name="李四")
        assert (li.lifecycle, li.manager, li.source_key) == ("closed", None, "")
        assert not li.phones.filter(valid_to=None).exists()
        # The file can be imported anew.
        assert counts(desk.bring(sheet(changed, LI))) == (1, 1, 0, 0)

    def test_who_was_worked_with_since_stays(self, desk: Desk, head: Employee) -> None:
        rows = [[f"K{n}", f"客户{n}", "", f"1390000000{n}", "", "", ""] for n in range(4)]
        desk.bring(sheet(*rows), deal_out="")
        talked, edited, hoped, alone = Client.objects.order_by("source_key")
        VisitFactory(client=talked, employee=head)
        OpportunityFactory(client=hoped)
        Client.objects.filter(pk=edited.pk).update(notes="改过", version=edited.version + 1)
        job = desk.undo()
        assert (job.result["closed"], job.result["kept"]) == (1, 3)
        states = dict(Client.objects.values_list("pk", "lifecycle"))
        assert states[alone.pk] == "closed"
        assert {states[c.pk] for c in (talked, edited, hoped)} == {"prospect"}

    def test_a_lunar_birthday_is_restored(self, desk: Desk) -> None:
        desk.bring(sheet(ZHANG))
        Client.objects.update(lunar_birthday=1112)
        born = [*ZHANG]
        born[5] = "1950-02-17"
        desk.bring(sheet(born))
        assert Client.objects.get().lunar_birthday == 101
        assert desk.undo().state == "done"
        assert Client.objects.get().lunar_birthday == 1112

    def test_accounts_are_free_again(self, desk: Desk) -> None:
        header = [*HEADER, "资金账号", "账户开户日期"]
        targets = [*TARGETS, "account.number", "account.opened_on"]
        desk.bring(sheet(ZHANG))
        rows = [[*ZHANG, "30012340071", "2020-05-06"], [*LI, "30012340072", ""]]
        data = sheet(*rows, header=header)
        desk.bring(data, targets=targets)
        zhang = FundAccount.objects.get(client__source_key="A1")
        assert (zhang.number, str(zhang.opened_on)) == ("30012340071", "2020-05-06")
        assert desk.undo().state == "done"
        assert not FundAccount.objects.exists()
        assert not matching(Client.objects.all(), "0071").exists()
        assert counts(desk.bring(data, targets=targets)) == (1, 1, 0, 0)
        assert FundAccount.objects.count() == 2

    def test_a_client_whose_account_has_figures_stays(self, desk: Desk) -> None:
        header, targets = [*HEADER, "资金账号"], [*TARGETS, "account.number"]
        desk.bring(sheet([*ZHANG, "30012340071"], header=header), targets=targets)
        MonthlyFigureFactory(account=FundAccount.objects.get())
        job = desk.undo()
        assert (job.result["closed"], job.result["kept"]) == (0, 1)
        assert Client.objects.get().accounts.count() == 1

    def test_imported_visits_are_void_and_corrected_ones_come_back(self, desk: Desk) -> None:
        header = [*HEADER, "回访日期", "回访内容"]
        targets = [*TARGETS, "visit.on", "visit.notes"]
        desk.bring(sheet([*ZHANG, "2026-03-02", "聊基金"], header=header), targets=targets)
        again = sheet([*ZHANG, "2026-03-05", "聊债券"], [*LI, "2026-03-06", ""], header=header)
        desk.bring(again, targets=targets)
        assert desk.undo().state == "done"
        valid = Visit.objects.filter(void=False).get()
        assert (valid.notes, str(valid.occurred_on)) == ("聊基金", "2026-03-02")
        zhang = Client.objects.get(source_key="A1")
        assert zhang.last_contact_on == valid.occurred_on
        assert Client.objects.get(name="李四").last_contact_on is None

    def test_calls_of_closed_clients_are_due_no_longer(self, desk: Desk, manager: Employee) -> None:
        desk.bring(sheet(ZHANG), deal_out="1")
        plan_callbacks(clients=[Client.objects.get().pk])
        assert Callback.objects.filter(status="open").exists()
        desk.undo()
        assert not Callback.objects.filter(status="open").exists()

    def test_a_part_that_fails_takes_all_back(self, desk: Desk) -> None:
        desk.bring(sheet(ZHANG))

        def fail(event: ImportUndone) -> None:
            assert Client.objects.filter(lifecycle="closed").exists()
            raise RuntimeError

        undo_import.register("test", 99, fail)
        try:
            assert desk.undo().state == "failed"
        finally:
            undo_import.unregister("test")
        assert Client.objects.get().lifecycle == "prospect"
        assert Phone.objects.filter(valid_to=None).exists()
        assert desk.undo().state == "done"

    def test_once_and_for_a_day_only(self, desk: Desk) -> None:
        desk.bring(sheet(ZHANG))
        address = f"{ClientImport.objects.get().get_absolute_url()}undo/"
        Job.objects.update(created_at=timezone.now() - timedelta(hours=25))
        assert desk.browser.post(address).status_code == 409
        Job.objects.update(created_at=timezone.now())
        desk.undo()
        assert desk.browser.post(address).status_code == 409
