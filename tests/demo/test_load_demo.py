"""The demo firm: what it holds, that it comes out alike, and where it refuses to be loaded."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client as Browser
from django.test import override_settings
from django.utils import timezone
from pytest_django import Settings

from clients.models import Client, Identity, Segment
from clients.normalisation import normal_credit_code, normal_id_card
from compliance.models import ExceptionCase, ReturnVisit, YearEndClient
from compliance.planning import planner
from crm.trading_days import on_or_after, today
from demo.scales import SCALES
from demo.talks import SAID
from pipeline.models import Lead, Opportunity, Stage
from staff.models import Branch, Employee, Role
from tests.cases import shared_rows
from tests.database import restore_seed
from visits.models import Callback, ScriptStep, Visit
from visits.planning.planner import plan_callbacks

pytestmark = pytest.mark.slow

# What must come out alike: no keys, no ciphertext, no time of loading; and no return visits, whose
# clients and days a hash of keys chooses.
CONTENT = """
    SELECT c.name, c.lifecycle, c.opened_on, c.last_contact_on, s.key, e.username,
           (SELECT string_agg(concat(v.occurred_at, v.outcome_id, v.notes, v.public_id), ','
                              ORDER BY v.occurred_at, v.public_id)
              FROM visits_visit v WHERE v.client_id = c.id AND NOT v.confidential),
           (SELECT string_agg(concat(b.kind, regexp_replace(b.occurrence, '^occasion:.*', ''),
                                     b.due_on, b.status), ',' ORDER BY b.kind, b.due_on)
              FROM visits_callback b WHERE b.client_id = c.id AND NOT b.confidential)
      FROM clients_client c JOIN clients_segment s ON s.id = c.segment_id
      LEFT JOIN staff_employee e ON e.id = c.manager_id
     ORDER BY c.public_id
"""


@pytest.fixture
def embedded(settings: Settings) -> None:
    """As on the embedded servers, whatever servers the suite runs on."""
    settings.EMBEDDED = True


def digest() -> str:
    with connection.cursor() as cursor:
        cursor.execute(CONTENT)
        return hashlib.sha256(repr(cursor.fetchall()).encode()).hexdigest()


@pytest.fixture
def clean_afterwards(transactional_db: None) -> Iterator[None]:
    yield
    restore_seed()


def test_it_loads_alike_each_time_and_keeps_what_ships(
    embedded: None, clean_afterwards: None
) -> None:
    # The hour at which it is loaded says what has happened today: both loads in the same one.
    with time_machine.travel(timezone.now(), tick=False):
        call_command("load_demo", scale="small", stdout=StringIO())
        first, segments = digest(), Segment.objects.count()
        call_command("load_demo", "--reload", scale="small", stdout=StringIO())
        assert digest() == first
    assert Segment.objects.count() == segments > 6


@pytest.mark.parametrize("days", [0, 1, 4, 8, 31])
def test_today_is_lively_on_every_day_of_loading(db: None, embedded: None, days: int) -> None:
    day = on_or_after(today() + timedelta(days=days))
    with time_machine.travel(datetime(day.year, day.month, day.day, 4, tzinfo=UTC), tick=False):
        call_command("load_demo", scale="small", stdout=StringIO())
        for manager in Employee.objects.filter(username__startswith="manager"):
            rows = Callback.objects.filter(employee=manager).open()
            assert 2 <= rows.filter(due_on__lt=day).count() <= 8
            assert 7 <= rows.filter(due_on=day).count() <= 14


def test_it_refuses_where_real_people_may_be(db: None, settings: Settings) -> None:
    settings.EMBEDDED = False
    with pytest.raises(CommandError, match="not the embedded demo"):
        call_command("load_demo", scale="small")
    with pytest.raises(CommandError):
        call_command("demo_logins")
    assert not Employee.objects.exists()


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_it_says_that_no_demo_is_loaded(db: None, embedded: None, arguments: list[str]) -> None:
    with pytest.raises(CommandError, match="demo firm is not loaded"):
        call_command("demo_logins", *arguments)


def test_it_says_that_there_are_no_tables_yet(db: None, embedded: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path TO pg_catalog")
    with pytest.raises(CommandError, match="migrate"):
        call_command("demo_logins")


def test_elsewhere_the_password_is_made_up(db: None, settings: Settings) -> None:
    settings.EMBEDDED = False
    out = StringIO()
    call_command("load_demo", "--i-know-this-is-not-a-demo", scale="small", stdout=out)
    password = out.getvalue().rsplit(": ", 1)[1].strip()
    assert Browser().login(username="manager1", password=password)
    assert not Browser().login(username="manager1", password="demo-zhengquan")


def test_a_share_of_a_firm_keeps_the_size_of_the_books() -> None:
    firm, tenth = SCALES["firm"], SCALES["firm"].share(0.1)
    assert (firm.branches, sum(firm.managers), firm.clients, firm.visits) == (
        45,
        400,
        100_000,
        1_000_000,
    )
    assert (sum(tenth.managers), tenth.clients, tenth.visits) == (40, 10_000, 100_000)


@pytest.fixture(scope="class")
def firm(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Loaded once for the class; each test leaves it as it was."""
    with shared_rows(django_db_blocker), override_settings(EMBEDDED=True):
        call_command("load_demo", scale="small", stdout=StringIO())
        yield


@pytest.mark.django_db
@pytest.mark.usefixtures("firm")
class TestTheFirm:
    def test_it_has_the_promised_size_and_fills_every_segment(self) -> None:
        kinds = Branch.objects.values_list("kind", flat=True)
        assert sorted(kinds) == ["branch"] * 6 + ["branch_company"] * 2 + ["head_office"]
        assert 300 <= Client.objects.count() <= 600
        filled = Client.objects.values_list("segment", flat=True).distinct()
        assert set(filled) == set(Segment.objects.values_list("pk", flat=True))
        since = today() - timedelta(days=365)
        assert Visit.objects.filter(occurred_on__gte=since).count() > 1000
        assert not Visit.objects.filter(occurred_on__gt=today()).exists()
        reached = Opportunity.objects.values_list("stage", flat=True).distinct()
        assert set(reached) == set(Stage.objects.values_list("pk", flat=True))

    def test_identity_papers_pass_the_check(self) -> None:
        papers = list(Identity.objects.all())
        assert {paper.type for paper in papers} == {"id_card", "credit_code"}
        for paper in papers:
            check = normal_id_card if paper.type == Identity.Type.ID_CARD else normal_credit_code
            assert check(paper.number) == paper.number

    def test_each_manager_has_a_lively_today(self) -> None:
        day = today()
        for manager in Employee.objects.filter(username__startswith="manager"):
            rows = Callback.objects.filter(employee=manager)
            assert 2 <= rows.open().filter(due_on__lt=day).count() <= 8
            assert rows.open().filter(due_on__gt=day).count() > 15
            # On a day without trading nothing falls due; the next one has it.
            assert rows.open().filter(due_on__gte=day).exists()
            assert manager.notifications.filter(read_at__isnull=True).exists()

    def test_planning_agrees_with_what_was_loaded(self) -> None:
        counts = plan_callbacks()
        assert (counts.created, counts.moved, counts.cancelled) == (0, 0, 0)

    def test_every_role_can_log_in_with_the_listed_password(self) -> None:
        out = StringIO()
        call_command("demo_logins", "--json", stdout=out)
        rows = json.loads(out.getvalue())
        assert all(set(row) == {"name", "password", "role", "branch"} for row in rows)
        assert {row["role"] for row in rows} == set(Role.values)
        in_branch = [row["branch"] for row in rows if row["role"] == Role.MANAGER]
        assert sorted(in_branch.count(name) for name in set(in_branch)) == [2, 2]
        for row in rows:
            assert Browser().login(username=row["name"], password=row["password"]), row

    def test_it_refuses_to_mix_with_who_is_there(self) -> None:
        with pytest.raises(CommandError, match="--reload"):
            call_command("load_demo", scale="small")

    def test_it_has_return_visits_to_show(self) -> None:
        states = Counter(str(row.state) for row in ReturnVisit.objects.select_related("callback"))
        assert (states["accepted"], states["to_review"]) == (1, 2)
        assert states["planned"] > 20
        case = ExceptionCase.objects.get()
        assert [one["step"] for one in case.findings] == ["他人操作"]
        assert YearEndClient.objects.filter(left_out="").exists()
        # What the loader wrote is what the nightly run would have: nothing is planned anew.
        counts = planner.plan()
        assert (counts.planned, counts.released, counts.given) == (0, 0, 0)

    def test_answers_are_those_of_the_questions(self) -> None:
        told = Visit.objects.exclude(answers=[]).exclude(script_version=None)
        steps = {(s.version_id, s.title_zh): s for s in ScriptStep.objects.all()}
        assert told.filter(confidential=False).count() > 100
        for visit in told.filter(confidential=False):
            version = visit.script_version_id or 0
            asked = [steps[version, one["step"]] for one in visit.answers]
            given = {s.position: one["answer"] for s, one in zip(asked, visit.answers, strict=True)}
            for step in asked:
                said = given[step.position]
                assert step.answer != "choice" or said in step.options_zh
                assert step.answer != "amount" or int(said) > 0
                assert step.answer != "text" or said in SAID[step.title_zh]
                # Nobody is asked what an answer before has settled.
                assert not step.if_step or given[step.if_step] in step.if_values
                if step.title_zh == "满意度":
                    assert (visit.outcome.key == "dissatisfied") == (said == "不满意")

    def test_a_cautious_segment_has_no_client_of_a_high_grade(self) -> None:
        cautious = Client.objects.filter(segment__key="small_conservative")
        assert cautious.exists()
        assert set(cautious.values_list("risk_grade", flat=True)) <= {"", "C1", "C2", "C3"}
        bold = Client.objects.filter(risk_grade="C5").values_list("investment_style", flat=True)
        assert set(bold) == {"aggressive"}

    def test_leads_have_the_channel_that_they_came_by(self) -> None:
        leads = Lead.objects.exclude(client__source__in=["family_friends", "referral"])
        assert leads.count() > 100
        assert not leads.filter(channel=None).exists()
        assert not Lead.objects.filter(via="public_form", channel=None).exists()
        kinds = Lead.objects.exclude(channel=None).values_list("channel__kind", flat=True)
        assert set(kinds) == {"bank", "community", "employer", "online"}
