"""The retention clock: whose time is over, who is kept, and that nothing personal remains."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.consents import services as consents
from clients.documents.services import add as add_document
from clients.file.services import pin_segment, set_phones
from clients.models import (
    Client,
    ClientTag,
    ContactPerson,
    Household,
    Membership,
    Segment,
    Tag,
)
from clients.relations.services import Contact, add_contact
from compliance.models import ExceptionCase
from crm import purging
from crm.models import AccessLog
from crm.operations import ProspectsPurged, purge
from crm.trading_days import today
from pipeline.capture.qr_codes import make as make_link
from pipeline.models import (
    Campaign,
    CaptureEntry,
    Invitation,
    Lead,
    LostReason,
    Opportunity,
    PrivacyNotice,
    PurgedStatistic,
    PurgeRun,
    RetentionHold,
    Stage,
)
from pipeline.opportunities.services import create_opportunity, move
from pipeline.retention import services as retention
from staff.models import Branch, Employee, Notification, Policy
from tests.cast import Browse
from tests.factories import (
    CallbackFactory,
    ClientFactory,
    FundAccountFactory,
    OpportunityFactory,
    VisitFactory,
)
from visits.models import Callback, CallbackChange, VisitDraft

pytestmark = pytest.mark.django_db

NAME, NUMBER = "欧阳待删", "+8613777770001"
DAYS = 730


def long_ago(days: int = DAYS + 1) -> date:
    return today() - timedelta(days=days)


@pytest.fixture
def forgotten(manager: Employee) -> Client:
    """A prospect whose time was over yesterday, with nothing in progress."""
    return ClientFactory(
        name=NAME,
        name_pinyin="ouyangdaishan",
        manager=manager,
        prospect=True,
        recorded_on=long_ago(),
        segment=Segment.objects.get(key="prospect"),
        source="leaflet",
        prospect_type="avoidant",
    )


class TestWhoseTimeIsOver:
    def test_it_runs_from_the_day_of_recording(self, forgotten: Client) -> None:
        Client.objects.filter(pk=forgotten.pk).update(recorded_on=long_ago(DAYS))
        assert retention.run().purged == 0
        Client.objects.filter(pk=forgotten.pk).update(recorded_on=long_ago())
        assert retention.run().purged == 1
        assert not Client.objects.exists()

    def test_a_contact_starts_it_anew(self, forgotten: Client) -> None:
        Client.objects.filter(pk=forgotten.pk).update(last_contact_on=long_ago(10))
        assert retention.run().purged == 0

    def test_a_consent_starts_it_anew(self, forgotten: Client, manager: Employee) -> None:
        consents.give(
            client=forgotten,
            purpose="marketing",
            channel="phone",
            on=today(),
            proof="x",
            by=manager,
        )
        assert retention.run().purged == 0

    def test_a_public_form_starts_it_anew(self, forgotten: Client, manager: Employee) -> None:
        CaptureEntry.objects.create(
            link=make_link(employee=manager, valid_until=today()),
            client=forgotten,
            known=True,
            notice=PrivacyNotice.objects.get(),
            name=NAME,
        )
        assert retention.run().purged == 0

    def test_the_rule_of_the_branch_wins(
        self, forgotten: Client, branch: Branch, stranger: Employee
    ) -> None:
        elsewhere = ClientFactory(manager=stranger, prospect=True, recorded_on=long_ago())
        Policy.objects.create(
            key="prospect.retention_days",
            value=1000,
            unit="days",
            branch=branch,
            valid_from=date(2020, 1, 1),
            citation="x",
            status="verified",
        )
        assert retention.run().purged == 1
        assert not Client.objects.filter(pk=elsewhere.pk).exists()
        assert Client.objects.filter(pk=forgotten.pk).exists()

    def test_without_a_rule_nobody_is_purged(self, forgotten: Client) -> None:
        Policy.objects.filter(key="prospect.retention_days").update(valid_to=date(2020, 1, 1))
        assert retention.run().purged == 0

    def test_a_day_to_come_is_for_trial_runs(self, forgotten: Client) -> None:
        Client.objects.filter(pk=forgotten.pk).update(recorded_on=long_ago(DAYS - 5))
        ahead = today() + timedelta(days=10)
        with pytest.raises(ValidationError):
            retention.run(on=ahead)
        assert retention.run(on=ahead, dry_run=True).purged == 1
        assert Client.objects.exists()


class TestWhoIsKept:
    def keeps(self, forgotten: Client) -> None:
        done = retention.run()
        assert (done.purged, done.kept) == (0, 1)
        assert Client.objects.filter(pk=forgotten.pk).exists()
        assert not PurgedStatistic.objects.exists()

    def test_an_open_opportunity_keeps(self, forgotten: Client) -> None:
        OpportunityFactory(client=forgotten)
        self.keeps(forgotten)

    def test_a_hold_keeps_until_it_is_lifted(self, forgotten: Client, head: Employee) -> None:
        retention.place_hold(client=forgotten, reason="投诉", by=head)
        self.keeps(forgotten)
        retention.lift_hold(client=forgotten, by=head)
        assert retention.run().purged == 1

    def test_an_exception_case_keeps(self, forgotten: Client, manager: Employee) -> None:
        ExceptionCase.objects.create(
            visit=VisitFactory(client=forgotten), client=forgotten, concerned=manager, findings=[]
        )
        self.keeps(forgotten)

    def test_whoever_was_a_client_once_is_kept(self, forgotten: Client) -> None:
        rows = Client.objects.filter(pk=forgotten.pk)
        rows.update(lifecycle="client", opened_on=long_ago())
        rows.update(lifecycle="prospect", opened_on=None)
        self.keeps(forgotten)

    def test_an_account_keeps(self, forgotten: Client) -> None:
        FundAccountFactory(client=forgotten, opened_on=long_ago())
        self.keeps(forgotten)

    def test_an_appointment_ahead_keeps(self, forgotten: Client) -> None:
        CallbackFactory(client=forgotten, due_on=today())
        self.keeps(forgotten)

    def test_the_head_of_a_household_is_kept(self, forgotten: Client, zhang: Client) -> None:
        family = Household.objects.create(head=forgotten)
        for one in (forgotten, zhang):
            Membership.objects.create(
                household=family, client=one, relation="other", valid_from=today()
            )
        self.keeps(forgotten)

    def test_one_in_doubt_keeps_all_that_were_merged(
        self, forgotten: Client, manager: Employee
    ) -> None:
        merged = ClientFactory(
            manager=manager, prospect=True, recorded_on=long_ago(), merged_into=forgotten
        )
        FundAccountFactory(client=merged, opened_on=long_ago())
        self.keeps(forgotten)

    def test_clients_are_never_purged(self, zhang: Client) -> None:
        Client.objects.filter(pk=zhang.pk).update(recorded_on=long_ago(9000))
        assert retention.run().purged == 0


@pytest.fixture
def full(
    settings: Any,
    tmp_path: Any,
    forgotten: Client,
    manager: Employee,
    head: Employee,
    zhang: Client,
    branch: Branch,
) -> Client:
    """The same with rows in every corner, and ties to Zhang, who stays."""
    settings.MEDIA_ROOT = tmp_path
    set_phones(client=forgotten, numbers=[NUMBER])
    contact = Contact("欧阳秘书", "proxy", "", NUMBER)
    assert isinstance(add_contact(client=forgotten, contact=contact), ContactPerson)
    photo = ContentFile(b"\xff\xd8\xff\xe0photo\xff\xd9", name="a.jpg")
    add_document(client=forgotten, kind="other", title=NAME, by=manager, file=photo)
    opportunity = create_opportunity(client=forgotten, by=manager, next_step=f"约{NAME}")
    Opportunity.objects.filter(pk=opportunity.pk).update(next_step="x")
    opportunity.refresh_from_db()
    for key in ("contacted", "lost"):
        lost = LostReason.objects.order_by("pk").first() if key == "lost" else None
        opportunity = move(
            opportunity=opportunity,
            stage=Stage.objects.get(key=key),
            by=manager,
            version=opportunity.version,
            lost_reason=lost,
            lost_note=NAME,
        )
    callback = CallbackFactory(
        client=forgotten,
        due_on=long_ago(),
        status="done",
        done_at=timezone.now(),
        done_on=long_ago(),
    )
    Callback.objects.filter(pk=callback.pk).update(due_on=long_ago(5))
    CallbackChange.objects.create(
        callback=callback, action="snoozed", reason=NAME, employee=manager
    )
    joined = CallbackFactory(client=forgotten, due_on=long_ago())
    CallbackFactory(client=forgotten, due_on=long_ago(), status="merged", merged_into=joined)
    first = VisitFactory(client=forgotten, callback=callback, notes=NAME)
    VisitFactory(client=forgotten, notes=NAME, corrects=first)
    VisitDraft.objects.create(client=forgotten, callback=callback, employee=manager)
    pin_segment(client=forgotten, segment=forgotten.segment, reason=NAME, by=head)
    ClientTag.objects.create(
        client=forgotten, tag=Tag.objects.create(name="打新"), added_by=manager
    )
    Lead.objects.create(client=forgotten, via="quick", employee=manager, on=long_ago())
    now = timezone.now()
    campaign = Campaign.objects.create(
        name="讲座",
        branch=branch,
        created_by=manager,
        starts_at=now,
        ends_at=now + timedelta(hours=1),
    )
    Invitation.objects.create(
        campaign=campaign, client=forgotten, invited_by=manager, invited_on=today()
    )
    AccessLog.objects.create(
        employee=manager,
        action="reveal",
        subject_type="phone",
        subject_id=1,
        client_id=forgotten.pk,
        reason=NAME,
    )
    Notification.objects.create(
        employee=manager, kind="public_form", key="x", url=forgotten.get_absolute_url()
    )
    held = retention.place_hold(client=forgotten, reason=NAME, by=head)
    retention.lift_hold(client=forgotten, by=head)
    assert isinstance(held, RetentionHold)
    ClientFactory(
        name=f"{NAME}二",
        manager=manager,
        prospect=True,
        recorded_on=long_ago(),
        merged_into=forgotten,
    )
    Client.objects.filter(pk=zhang.pk).update(referred_by=forgotten)
    Client.objects.filter(pk=zhang.pk).update(notes="history names the referrer")
    Client.objects.filter(pk=forgotten.pk).update(notes=NAME)
    Client.objects.filter(pk=forgotten.pk).update(notes="", recorded_on=long_ago())
    Callback.objects.filter(client=forgotten, status="open").update(due_on=long_ago(3))
    Client.objects.filter(pk=forgotten.pk).update(last_contact_on=None)
    return forgotten


def client_columns() -> Iterator[tuple[str, str]]:
    """Every column of every table that holds keys of clients."""
    for model, column in purging.keys_to(Client):
        yield model._meta.db_table, column.column
    yield AccessLog._meta.db_table, "client_id"


def tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        return [name for (name,) in cursor.fetchall()]


def rows_with(text: str) -> list[str]:
    """Tables of which any row, written as text, holds ``text``."""
    found = []
    with connection.cursor() as cursor:
        for table in tables():
            cursor.execute(
                f'SELECT 1 FROM "{table}" t WHERE strpos(t::text, %s) > 0 LIMIT 1', [text]
            )
            found += [table] if cursor.fetchone() else []
    return found


class TestNothingPersonalRemains:
    def test_no_key_no_name_no_number(
        self, full: Client, django_capture_on_commit_callbacks: Any, tmp_path: Any
    ) -> None:
        keys = [full.pk, *full.merged_clients.values_list("pk", flat=True)]
        public_id = str(full.public_id)
        index = bytes(full.phones.get().number_index).hex()
        assert len(rows_with(NAME)) > 8
        assert len(rows_with(index)) >= 1
        with django_capture_on_commit_callbacks(execute=True):
            done = retention.run()
        assert (done.purged, done.kept) == (1, 0)
        with connection.cursor() as cursor:
            for table, column in client_columns():
                cursor.execute(
                    f'SELECT count(*) FROM "{table}" WHERE "{column}" = ANY (%s)', [keys]
                )
                assert cursor.fetchone() == (0,), (table, column)
        for text in (NAME, public_id, index, "欧阳秘书", "ouyang"):
            assert rows_with(text) == [], text
        assert not [path for path in tmp_path.rglob("*") if path.is_file()]

    def test_no_row_is_left_without_its_owner(self, full: Client) -> None:
        """History tables have no foreign keys of their own: their rows are counted."""
        retention.run()
        with connection.cursor() as cursor:
            for parent, child in (
                ("pipeline_opportunity", "pipeline_opportunityevent"),
                ("visits_callback", "visits_callbackevent"),
                ("clients_client", "clients_clientevent"),
                ("clients_assignment", "clients_assignmentevent"),
            ):
                cursor.execute(
                    f"SELECT count(*) FROM {child} e WHERE NOT EXISTS"
                    f" (SELECT FROM {parent} p WHERE p.id = e.pgh_obj_id)"
                )
                assert cursor.fetchone() == (0,), child

    def test_others_stay_as_they_are(self, full: Client, zhang: Client, zhou: Client) -> None:
        visit = VisitFactory(client=zhang, notes="stays")
        retention.run()
        zhang.refresh_from_db()
        visit.refresh_from_db()
        assert zhang.referred_by is None
        assert set(Client.objects.all()) == {zhang, zhou}
        assert zhang.assignments.count() == zhou.assignments.count() == 1

    def test_the_log_keeps_who_saw_what_and_when(self, full: Client, manager: Employee) -> None:
        retention.run()
        row = AccessLog.objects.get()
        assert (row.employee, row.action, row.client_id, row.reason) == (
            manager,
            "reveal",
            None,
            "",
        )

    def test_what_is_left_is_counts(self, full: Client, branch: Branch) -> None:
        retention.run()
        row = PurgedStatistic.objects.get()
        assert row.month == long_ago().replace(day=1)
        assert (row.branch, row.source, row.prospect_type, row.count) == (
            branch,
            "leaflet",
            "avoidant",
            1,
        )
        assert row.stage is not None
        assert row.stage.key == "contacted"
        assert row.lost_reason is not None
        run = PurgeRun.objects.get()
        assert (run.purged, run.rows["clients.client"], run.rows["visits.visit"]) == (1, 2, 2)

    def test_counts_add_up(self, manager: Employee) -> None:
        for _ in range(2):
            ClientFactory.create_batch(2, manager=manager, prospect=True, recorded_on=long_ago())
            retention.run()
        assert PurgedStatistic.objects.get().count == 4

    def test_a_part_that_fails_takes_everything_back(self, full: Client) -> None:
        def fail(_event: ProspectsPurged) -> None:
            raise RuntimeError

        purge.register("test", 99, fail)
        try:
            with pytest.raises(RuntimeError):
                retention.run()
        finally:
            purge.unregister("test")
        assert Client.objects.filter(pk=full.pk).exists()
        assert full.phones.exists()
        assert not PurgedStatistic.objects.exists()

    def test_append_only_rows_stay_append_only_after_it(self, full: Client, zhang: Client) -> None:
        visit = VisitFactory(client=zhang)
        retention.run()
        rows = type(visit)._default_manager.filter(pk=visit.pk)
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            rows.delete()
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            rows.update(notes="changed")


class TestRuns:
    def test_a_trial_run_says_it_and_deletes_nothing(self, full: Client) -> None:
        out = StringIO()
        call_command("purge_prospects", "--dry-run", stdout=out)
        assert "1 prospects would be purged" in out.getvalue()
        assert "clients.phone: 1" in out.getvalue()
        assert Client.objects.filter(pk=full.pk).exists()
        assert not PurgedStatistic.objects.exists()
        assert not PurgeRun.objects.exists()

    def test_the_command_purges(self, full: Client) -> None:
        call_command("purge_prospects", "--on", today().isoformat(), stdout=StringIO())
        assert not Client.objects.filter(pk=full.pk).exists()

    def test_the_night_does_it_once(
        self, forgotten: Client, manager: Employee, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(retention, "NIGHTLY_AT", time(0, 0))
        retention.run_nightly()
        assert not Client.objects.exists()
        later = ClientFactory(manager=manager, prospect=True, recorded_on=long_ago())
        retention.run_nightly()
        assert Client.objects.filter(pk=later.pk).exists()

    def test_many_go_portion_by_portion(
        self, manager: Employee, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(retention, "PORTION", 2)
        made = ClientFactory.create_batch(5, manager=manager, prospect=True, recorded_on=long_ago())
        OpportunityFactory(client=made[0])
        done = retention.run()
        assert (done.purged, done.kept) == (4, 1)


class TestTheList:
    URL = "/prospects/expiring/"

    def test_it_lists_who_will_go_within_the_notice(
        self, browse: Browse, head: Employee, forgotten: Client
    ) -> None:
        Client.objects.filter(pk=forgotten.pk).update(recorded_on=long_ago(DAYS - 30))
        assert browse(head).get(self.URL).context["lines"] == []
        Client.objects.filter(pk=forgotten.pk).update(recorded_on=long_ago(DAYS - 20))
        (line,) = browse(head).get(self.URL).context["lines"]
        assert (line.client, line.goes_on) == (forgotten, today() + timedelta(days=21))
        assert not line.kept

    def test_without_a_policy_of_the_notice_it_says_so(
        self, browse: Browse, head: Employee, forgotten: Client
    ) -> None:
        notice = Policy.objects.filter(key="prospect.retention_notice_days")
        notice.update(valid_to=today() - timedelta(days=1))
        answer = browse(head).get(self.URL)
        assert answer.status_code == 200
        assert "prospect.retention_notice_days" in answer.content.decode()

    def test_a_rule_that_begins_within_the_notice_chooses_and_dates(
        self, browse: Browse, head: Employee, forgotten: Client
    ) -> None:
        start = today() + timedelta(days=20)
        Policy.objects.filter(key="prospect.retention_days").update(valid_from=start)
        (line,) = browse(head).get(self.URL).context["lines"]
        assert line.client == forgotten

    def test_it_says_who_is_kept(self, browse: Browse, head: Employee, forgotten: Client) -> None:
        OpportunityFactory(client=forgotten)
        (line,) = browse(head).get(self.URL).context["lines"]
        assert line.kept

    def test_others_see_their_own_only(
        self, browse: Browse, manager: Employee, stranger: Employee, forgotten: Client
    ) -> None:
        assert len(browse(manager).get(self.URL).context["lines"]) == 1
        assert browse(stranger).get(self.URL).context["lines"] == []

    def test_a_longer_list_asks_no_more(
        self, browse: Browse, head: Employee, manager: Employee
    ) -> None:
        browser, asked = browse(head), []
        for count in (1, 2, 12):
            ClientFactory.create_batch(
                count, manager=manager, prospect=True, recorded_on=long_ago()
            )
            with CaptureQueriesContext(connection) as queries:
                lines = browser.get(self.URL).context["lines"]
            asked.append(len(queries))
        assert len(lines) == 15
        assert asked[1] == asked[2] < 35

    def test_heads_hold_and_lift(self, browse: Browse, head: Employee, forgotten: Client) -> None:
        url = f"/prospects/{forgotten.public_id}/hold/"
        browser = browse(head)
        assert browser.post(url, {"act": "hold", "reason": "投诉"}).status_code == 302
        assert RetentionHold.objects.get().reason == "投诉"
        assert browser.post(url, {"act": "hold", "reason": "again"}).status_code == 302
        assert RetentionHold.objects.count() == 1
        assert browser.post(url, {"act": "lift"}).status_code == 302
        assert RetentionHold.objects.get().lifted_by == head

    def test_who_may_not(
        self,
        browse: Browse,
        manager: Employee,
        stranger: Employee,
        compliance: Employee,
        head: Employee,
        forgotten: Client,
    ) -> None:
        url = f"/prospects/{forgotten.public_id}/hold/"
        assert browse(manager).post(url, {"reason": "x"}).status_code == 403
        assert browse(compliance).post(url, {"reason": "x"}).status_code == 403
        assert browse(stranger).post(url, {"reason": "x"}).status_code == 404
        assert browse(head).get(url).status_code == 405
        assert browse(head).post(url, {"reason": " "}).status_code == 422
        assert not RetentionHold.objects.exists()
