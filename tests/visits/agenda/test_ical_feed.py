"""The private calendar address and invitations, read back by a calendar library and by rule."""

import re
import uuid
from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client as Browser
from django.utils import timezone
from icalendar import Calendar

from clients.models import Client
from crm.trading_days import today
from staff.models import Employee, Policy
from tests.cast import Browse
from tests.factories import CallbackFactory
from visits import ics
from visits.agenda import appointments, reschedule
from visits.contacts import invitations
from visits.contacts import services as contacts_services
from visits.models import CalendarFeed, Callback

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting(zhang: Client) -> Callback:
    starts_at = timezone.localtime().replace(hour=10, minute=0, second=0, microsecond=0)
    starts_at += timedelta(days=2)
    return CallbackFactory(
        client=zhang,
        kind="appointment",
        starts_at=starts_at,
        minutes=45,
        is_placed=True,
        due_on=starts_at.date(),
        place="浦东新区世纪大道一百号" * 6,
    )


@pytest.fixture
def address(manager: Employee, browse: Browse) -> str:
    page = browse(manager).post("/calendar/feed/", {"act": "make"})
    return str(page.context["url"].partition("//")[2].partition("/")[2])


def read(address: str) -> Any:
    return Browser().get(f"/{address}")


def events(content: bytes) -> dict[str, Any]:
    """Parsed, after the rules of RFC 5545 that a lenient reader forgives."""
    assert content.endswith(b"\r\n")
    lines = content.split(b"\r\n")
    assert all(b"\n" not in line and b"\r" not in line for line in lines)
    assert all(len(line) <= 75 for line in lines)
    for line in lines:
        line.decode()  # no fold cuts a character in two
    found = {}
    parsed: Any = Calendar.from_ical(content)
    for event in parsed.walk("VEVENT"):
        assert event["DTSTAMP"].dt.tzinfo is not None
        found[str(event["UID"])] = event
    assert re.search(rb"^VERSION:2.0\r$", content, re.M)
    assert re.search(rb"^PRODID:", content, re.M)
    return found


def test_it_is_read_without_login_and_names_nobody(
    address: str, meeting: Callback, manager: Employee
) -> None:
    for _ in range(2):
        CallbackFactory(client=meeting.client, due_on=today())
    answer = read(address)
    assert answer["Content-Type"].startswith("text/calendar")
    found = events(answer.content)
    booked = found[f"appointment-{meeting.public_id}@localhost"]
    assert booked["DTSTART"].dt == meeting.starts_at
    assert booked["DTSTART"].dt.tzinfo is not None
    assert b"DTSTART:" + f"{meeting.starts_at.astimezone(UTC):%Y%m%dT%H%M%SZ}".encode() in (
        answer.content
    )
    assert booked["DTEND"].dt - booked["DTSTART"].dt == timedelta(minutes=45)
    day = found[f"callbacks-{manager.pk}-{today()}@localhost"]
    assert "2" in day["SUMMARY"]
    assert day["DTSTART"].dt == today()
    text = answer.content.replace(b"\r\n ", b"").decode()
    assert "张" not in text
    assert "世纪大道" not in text
    assert set(events(read(address).content)) == set(found)
    assert CalendarFeed.objects.get().read_at is not None


def test_surnames_leave_the_house_where_the_policy_says_so(address: str, meeting: Callback) -> None:
    Policy.objects.filter(key=ics.NAMES.key).update(value=1)
    event = events(read(address).content)[f"appointment-{meeting.public_id}@localhost"]
    assert "张" in event["SUMMARY"]
    assert "伟" not in event["SUMMARY"]
    assert "世纪大道" in event["LOCATION"]


def test_a_forged_secret_is_like_no_address(
    address: str, manager: Employee, browse: Browse
) -> None:
    assert read(address).status_code == 200
    forged = read("feed/" + "x" * 43 + ".ics")
    browser = browse(manager)
    browser.post("/calendar/feed/", {"act": "make"})
    replaced = read(address)
    assert forged.status_code == replaced.status_code == 404
    assert forged.content == replaced.content
    assert set(forged.headers) == set(replaced.headers)
    assert Browser().post(f"/{address}").status_code == 405


def test_it_is_kept_as_a_hash_and_shown_once(
    address: str, manager: Employee, browse: Browse
) -> None:
    secret = address.removeprefix("feed/").removesuffix(".ics")
    kept = CalendarFeed.objects.values().get()
    assert secret not in str(kept)
    assert secret not in browse(manager).get("/calendar/feed/").content.decode()


def test_it_dies_when_revoked_and_with_the_employee(
    address: str, manager: Employee, browse: Browse
) -> None:
    Employee.objects.filter(pk=manager.pk).update(is_active=False)
    assert read(address).status_code == 404
    Employee.objects.filter(pk=manager.pk).update(is_active=True)
    assert read(address).status_code == 200
    assert browse(manager).post("/calendar/feed/", {"act": "revoke"}).status_code == 302
    assert read(address).status_code == 404
    assert browse(manager).post("/calendar/feed/", {"act": "sell"}).status_code == 422


def test_it_holds_what_its_owner_may_still_see(
    address: str, meeting: Callback, colleague: Employee
) -> None:
    Client.objects.filter(pk=meeting.client_id).update(manager=colleague)
    assert events(read(address).content) == {}


def test_an_invitation_counts_its_changes(
    meeting: Callback, manager: Employee, browse: Browse
) -> None:
    browser = browse(manager)
    url = f"{meeting.get_absolute_url()}invitation.ics"
    uid = f"appointment-{meeting.public_id}@localhost"

    def asked() -> tuple[str, int, str]:
        content = browser.get(url).content
        event = events(content)[uid]
        parsed: Any = Calendar.from_ical(content)
        method = str(parsed["METHOD"])
        return method, int(event["SEQUENCE"]), str(event["STATUS"])

    later = timezone.localtime(meeting.starts_at) + timedelta(days=1)
    for _ in range(2):
        later += timedelta(hours=1)
        appointments.change(
            callback=meeting, starts_at=later, minutes=30, place="", reason="x", by=manager
        )
    method, moved, status = asked()
    assert (method, status) == ("REQUEST", "CONFIRMED")
    contacts_services.cancel(callback=meeting, reason="x", by=manager)
    method, cancelled, status = asked()
    assert (method, status) == ("CANCEL", "CANCELLED")
    assert cancelled > moved > 0


def test_it_is_mailed_to_oneself(meeting: Callback, manager: Employee) -> None:
    keys: dict[str, Any] = {"callback_id": meeting.pk, "employee_id": manager.pk}
    Employee.objects.filter(pk=manager.pk).update(email="")
    assert not invitations.send(**keys)
    Employee.objects.filter(pk=manager.pk).update(email="wang@example.com")
    assert invitations.send(**keys)
    letter = mail.outbox[0]
    assert letter.to == ["wang@example.com"]
    attached: Any = letter.attachments[0]
    _name, content, kind = attached
    assert "method=REQUEST" in kind
    assert "张" not in f"{letter.subject} {letter.body} {content!r}"


@pytest.fixture
def committed(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> Callable[..., list[Any]]:
    """Does something, commits, and lets the worker send; answers the letters of that."""
    monkeypatch.setattr(invitations.send_invitation, "delay", invitations.send_invitation)

    def run(act: Callable[..., Any], **how: Any) -> list[Any]:
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            act(**how)
        return list(mail.outbox)

    return run


def attached(letter: Any) -> tuple[str, Any]:
    """Method and event of what is attached to a letter, the same in its two places."""
    ((_name, content, kind),) = letter.attachments
    parsed: Any = Calendar.from_ical(content)
    assert f"method={parsed['METHOD']}" in kind
    (event,) = parsed.walk("VEVENT")
    return str(parsed["METHOD"]), event


def test_every_change_of_an_appointment_is_mailed_to_who_has_it(
    zhang: Client, manager: Employee, head: Employee, committed: Callable[..., list[Any]]
) -> None:
    starts_at = timezone.localtime().replace(hour=10, minute=0, second=0, microsecond=0)
    starts_at += timedelta(days=9)
    booking = {
        "client": zhang,
        "employee": manager,
        "starts_at": starts_at,
        "minutes": 60,
        "place": "",
        "reason": "资产配置",
        "by": head,
        "token": uuid.uuid4(),
    }
    (letter,) = committed(appointments.book, **booking)
    assert letter.to == [manager.email]
    method, event = attached(letter)
    assert (method, event["DTSTART"].dt, int(event["SEQUENCE"])) == ("REQUEST", starts_at, 0)
    assert committed(appointments.book, **booking) == []  # the same form again
    row = Callback.objects.get(kind="appointment")
    uid, last, later = str(event["UID"]), 0, {"callback": row, "reason": "x", "by": manager}
    day = starts_at.date()
    for act, how, expected in (
        (
            appointments.change,
            {"starts_at": starts_at + timedelta(hours=1), "minutes": 30, "place": ""},
            starts_at + timedelta(hours=1),
        ),
        (reschedule.move, {"day": day + timedelta(days=1)}, starts_at + timedelta(days=1, hours=1)),
        (
            contacts_services.snooze,
            {"until": day + timedelta(days=3)},
            starts_at + timedelta(days=3, hours=1),
        ),
    ):
        (letter,) = committed(act, **later, **how)
        method, event = attached(letter)
        assert (method, str(event["UID"]), event["DTSTART"].dt) == ("REQUEST", uid, expected)
        assert int(event["SEQUENCE"]) > last
        last = int(event["SEQUENCE"])
    (letter,) = committed(contacts_services.cancel, **later)
    method, event = attached(letter)
    assert (method, str(event["UID"]), str(event["STATUS"])) == ("CANCEL", uid, "CANCELLED")
    assert int(event["SEQUENCE"]) > last


def test_given_to_somebody_it_leaves_one_calendar_and_enters_another(
    meeting: Callback, manager: Employee, head: Employee, committed: Callable[..., list[Any]]
) -> None:
    letters = committed(reschedule.reassign, callback=meeting, to=head, reason="x", by=manager)
    methods = {letter.to[0]: attached(letter)[0] for letter in letters}
    assert methods == {head.email: "REQUEST", manager.email: "CANCEL"}


def test_what_has_no_time_of_day_is_mailed_to_nobody(
    zhang: Client, manager: Employee, committed: Callable[..., list[Any]]
) -> None:
    row = CallbackFactory(client=zhang)
    assert committed(contacts_services.cancel, callback=row, reason="x", by=manager) == []


def test_without_an_address_it_changes_all_the_same(
    meeting: Callback, manager: Employee, committed: Callable[..., list[Any]]
) -> None:
    Employee.objects.filter(pk=manager.pk).update(email="")
    assert committed(contacts_services.cancel, callback=meeting, reason="x", by=manager) == []
    meeting.refresh_from_db()
    assert meeting.status == "cancelled"


def test_a_cancelled_one_can_be_mailed_again(
    meeting: Callback, manager: Employee, browse: Browse
) -> None:
    contacts_services.cancel(callback=meeting, reason="x", by=manager)
    url = f"{meeting.get_absolute_url()}invitation/"
    assert f'action="{url}"' in browse(manager).get(meeting.get_absolute_url()).content.decode()
    assert browse(manager).post(url).status_code == 302


def test_nobody_else_is_mailed(meeting: Callback, colleague: Employee) -> None:
    Employee.objects.filter(pk=colleague.pk).update(email="li@example.com")
    assert not invitations.send(callback_id=meeting.pk, employee_id=colleague.pk)
    assert mail.outbox == []
