"""The manager concerned sees nothing: every page stays, to the letter, as it was before."""

import html
import re
import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.test import Client as Browser
from django.urls import reverse

from clients.models import Assignment, Client
from compliance.models import ExceptionCase, ReturnVisit
from compliance.planning import planner
from compliance.return_visits import services as return_visits
from crm.trading_days import today
from staff.absences import services as absences
from staff.models import Employee, Notification, Role
from tests.cast import Browse
from tests.compliance.conftest import made
from tests.factories import EmployeeFactory
from visits.contacts.services import log_visit
from visits.models import Callback, Outcome, Reminder, Visit
from visits.notifications import reminders
from visits.planning.planner import plan_callbacks

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
SHANGHAI = ZoneInfo("Asia/Shanghai")

START = (
    "/today/",
    "/clients/",
    "/callbacks/",
    "/visits/",
    "/calendar/",
    "/board/",
    "/pipeline/",
    "/notifications/",
    "/deliveries/",
    "/suggestions/",
    "/record/",
    "/me/",
    "/absences/",
    "/callbacks/?kind=compliance",
    "/callbacks/?status=done",
    "/callbacks/?status=unassigned",
    "/callbacks/?status=cancelled",
    "/callbacks/?by=day",
    "/clients/search/?q=张伟",
    "/hand-overs/",
    "/compliance/visits/",
    "/compliance/cases/",
    "/compliance/coverage/",
)
ADMIN = (
    "visits_callback",
    "visits_visit",
    "visits_callbackevent",
    "visits_callbackchange",
    "visits_reminder",
    "visits_digest",
    "visits_phraseflag",
    "crm_accesslog",
    "clients_client",
    "clients_clientevent",
    "staff_notification",
    "compliance_returnvisit",
    "compliance_returnvisitstep",
    "compliance_exceptioncase",
    "compliance_casestep",
    "compliance_yearendclient",
)
# What differs from one drawing of a page to the next, whatever it says.
NOISE = re.compile(
    r'name="csrf-token"[^>]*|name="csrfmiddlewaretoken"[^>]*|name="token"[^>]*|nonce="[^"]*"'
    r'|name="source_key"[^>]*|cursor=[\w:=%.-]+|data-lock="[^"]*"|__debug__.*|name="initial-token"[^>]*'
)
LINK = re.compile(r'(?:href|hx-get)="(/[^"#]*)')
NEVER = re.compile(r"/(accounts|static|admin/logout|admin/jsi18n|admin/password_change)")
MOST = 250


def pages(browser: Browser) -> dict[str, str]:
    """Every page that one comes to from the places in the frame, and what it says."""
    admin = [reverse(f"admin:{name}_changelist") for name in ADMIN]
    waiting = [*START, *admin]
    found: dict[str, str] = {}
    while waiting and len(found) < MOST:
        url = waiting.pop(0)
        key = re.sub(r"cursor=[^&]+", "cursor", url)
        if key in found or NEVER.match(url):
            continue
        answer = browser.get(url)
        body = "" if answer.streaming else answer.content.decode()
        found[key] = f"{answer.status_code} {NOISE.sub('', body)}"
        if "html" in answer.headers.get("Content-Type", ""):
            waiting += [html.unescape(link) for link in LINK.findall(body)]
    return found


@pytest.fixture(autouse=True)
def _frozen() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 6, 10, 14, 0, tzinfo=SHANGHAI), tick=False):
        yield


def concerned(kind: str, zhang: Client, manager: Employee, colleague: Employee) -> Employee:
    """Somebody from whom it is hidden, for one of the reasons."""
    if kind == "manager":
        return manager
    if kind == "substitute":
        absences.enter(
            employee=manager,
            starts_on=today(),
            ends_on=today() + timedelta(days=2),
            substitute=colleague,
            reason="年假",
            by=manager,
        )
        return colleague
    past = {"valid_from": date(2020, 1, 1), "valid_to": date(2021, 1, 1)}
    Assignment.objects.create(
        client=zhang,
        employee=colleague,
        kind="developed" if kind == "winner" else "serves",
        **past,
    )
    if kind in {"head", "winner"}:
        # A head sees the client anyway, but not this.
        Employee.objects.filter(pk=colleague.pk).update(role="branch_head")
    return colleague


@pytest.mark.parametrize("kind", ["manager", "substitute", "former", "winner", "head"])
def test_no_page_tells_of_a_visit_or_a_case(
    kind: str,
    zhang: Client,
    manager: Employee,
    colleague: Employee,
    mei: Employee,
    compliance: Employee,
    browse: Browse,
) -> None:
    person = concerned(kind, zhang, manager, colleague)
    Employee.objects.filter(pk=person.pk).update(is_staff=True)
    person = Employee.objects.get(pk=person.pk)
    person.user_permissions.set(Permission.objects.all())
    log_visit(
        client=zhang,
        employee=manager,
        token=uuid.uuid4(),
        channel="phone",
        notes="寻常",
        outcome=Outcome.objects.get(key="talked"),
    )
    plan_callbacks()
    officer = browse(compliance)  # before one looks: a login leaves its time on the person
    browse(person).get(zhang.get_absolute_url())  # the palette names what was opened last
    before = pages(browse(person))
    facts = Client.objects.filter(pk=zhang.pk).values().get()
    assert len(before) > 60
    row = return_visits.plan_by_hand(
        client=zhang,
        due_on=today(),
        words="绝密",
        by=compliance,
        token="6f2c9a52-0000-4000-8000-000000000001",  # type: ignore[arg-type]
    )
    made(row, mei, "他人操作", "全权委托")
    officer.post(f"{row.get_absolute_url()}review/", {"decision": "accept"})
    other = return_visits.plan_by_hand(
        client=zhang,
        due_on=today(),
        words="绝密",
        by=compliance,
        token="6f2c9a52-0000-4000-8000-000000000002",  # type: ignore[arg-type]
    )
    assert other.callback.status == "open"
    case = ExceptionCase.objects.get()
    planner.tell(today())
    after = pages(browse(person))
    assert sorted(after) == sorted(before)
    assert [url for url in before if before[url] != after[url]] == []
    assert Client.objects.filter(pk=zhang.pk).values().get() == facts
    for url in (
        row.get_absolute_url(),
        case.get_absolute_url(),
        f"/callbacks/{row.callback.public_id}/",
        f"/callbacks/{row.callback.public_id}/why/",
        f"/visits/{Visit.objects.get(confidential=True).public_id}/",
        reverse("admin:compliance_exceptioncase_change", args=[case.pk]),
        reverse("admin:compliance_returnvisit_change", args=[row.pk]),
        reverse("admin:visits_callback_change", args=[row.callback_id]),
    ):
        assert browse(person).get(url).status_code == 404, url
        assert browse(person).post(url).status_code in {403, 404, 405}, url
    assert not Notification.objects.filter(employee=person).exists()


@pytest.mark.parametrize("person", ["head", "compliance", "regional_head", "administrator"])
def test_heads_and_compliance_see_both(
    person: str,
    planned: ReturnVisit,
    mei: Employee,
    head: Employee,
    browse: Browse,
    request: pytest.FixtureRequest,
) -> None:
    viewer = request.getfixturevalue(person)
    made(planned, mei, "他人操作")
    case = ExceptionCase.objects.get()
    browser = browse(viewer)
    assert "仅供合规" in browser.get(planned.get_absolute_url()).content.decode()
    assert "他人操作" in browser.get("/compliance/cases/").content.decode()
    assert browser.get(case.get_absolute_url()).status_code == 200
    assert "仅供合规" in browser.get(planned.callback.client.get_absolute_url()).content.decode()


def test_the_reminders_of_callbacks_leave_them_out(
    planned: ReturnVisit, zhang: Client, mei: Employee
) -> None:
    plan_callbacks()
    reminders.start_due_runs()
    reminders.remind(segment_id=zhang.segment_id, day=today())
    assert not Reminder.objects.filter(callback__kind="compliance").exists()
    planner.tell(today())
    planner.tell(today())
    line = Notification.objects.get(employee=mei)
    assert line.params == {"due": 1, "overdue": 0}


def test_officers_are_told_once_a_day_what_waits(
    planned: ReturnVisit, zhang: Client, mei: Employee, compliance: Employee, stranger: Employee
) -> None:
    elsewhere = EmployeeFactory(role=Role.COMPLIANCE, branch=stranger.branch)
    planner.tell(today())
    assert not Notification.objects.exclude(employee=mei).exists()  # due today is no news to them
    Callback.objects.filter(pk=planned.callback_id).update(
        employee=None, due_on=today() - timedelta(days=1)
    )
    other = return_visits.plan_by_hand(
        client=zhang, due_on=today(), words="抽查", by=compliance, token=uuid.uuid4()
    )
    made(other, mei)
    for _turn in range(2):
        planner.tell(today())
    line = Notification.objects.exclude(employee=mei).get()
    assert (line.employee, line.params) == (
        compliance,
        {"unassigned": 1, "overdue": 1, "review": 1},
    )
    assert "%" not in line.title
    assert zhang.name not in line.title
    assert not Notification.objects.filter(employee=elsewhere).exists()


def test_the_planner_gives_none_to_the_manager(
    planned: ReturnVisit, zhang: Client, mei: Employee
) -> None:
    before = Callback.objects.filter(pk=planned.callback_id).values().get()
    plan_callbacks()
    plan_callbacks(clients=[zhang.pk])
    assert Callback.objects.filter(pk=planned.callback_id).values().get() == before


def test_a_closed_client_has_none(planned: ReturnVisit, zhang: Client) -> None:
    Client.objects.filter(pk=zhang.pk).update(lifecycle="closed")
    plan_callbacks()
    assert ReturnVisit.objects.get(pk=planned.pk).state == ReturnVisit.State.CLOSED
