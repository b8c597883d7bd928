"""Lines of the inbox: written once, worded by what their room declares."""

from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from crm import notifications
from crm.notifications import Kind
from staff.models import Employee, Notification
from staff.notifications.kinds import SYSTEM
from staff.notifications.services import Line, notify
from visits.notifications.kinds import DIGEST

ROOMS = ("crm", "staff", "clients", "visits", "pipeline", "compliance", "dashboards")


@pytest.mark.django_db
def test_it_writes_all_lines_in_one_statement_and_none_twice(
    manager: Employee, head: Employee
) -> None:
    lines = [Line(person.pk, f"a:{person.pk}", {"due": 2}) for person in (manager, head)]
    with CaptureQueriesContext(connection) as captured:
        notify(DIGEST, lines)
    assert len(captured) == 1
    notify(DIGEST, [Line(manager.pk, f"a:{manager.pk}", {"due": 9}, "/elsewhere/")])
    line = Notification.objects.get(employee=manager)
    assert (line.kind, line.params, line.url) == ("digest", {"due": 2}, reverse("visits:today"))
    assert Notification.objects.count() == 2


@pytest.mark.django_db
def test_it_renews_the_figures_of_a_line_where_asked(manager: Employee) -> None:
    notify(DIGEST, [Line(manager.pk, "b", {"due": 2}, "/there/")])
    before = Notification.objects.get()
    notify(DIGEST, [Line(manager.pk, "b", {"due": 3})], renew=True)
    line = Notification.objects.get()
    assert (line.params, line.url, line.created_at) == ({"due": 3}, "/there/", before.created_at)


@pytest.mark.django_db
def test_it_writes_nothing_of_a_kind_that_no_room_declares(manager: Employee) -> None:
    with pytest.raises(KeyError, match="birthday"):
        notify(Kind("birthday", "Birthday", "Congratulations"), [Line(manager.pk, "c")])
    assert not Notification.objects.exists()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_it_words_every_kind_in_both_languages(language: str) -> None:
    with translation.override(language):
        for kind in notifications.kinds:
            assert "%" not in kind.title({}), kind.key
            assert str(kind.label), kind.key
            assert kind.url() == "" or kind.url().startswith("/"), kind.key
            assert len(kind.key) <= 20


def test_it_keeps_a_line_of_a_room_that_left() -> None:
    assert Notification(kind="left", key="left:1").title == "left:1"


@pytest.mark.parametrize(
    ("kind", "params", "title"),
    [
        ("digest", {"due": 1, "overdue": 2}, "Callbacks due today: 1, overdue: 2"),
        ("digest", {"due": 1, "ahead": 3}, "Callbacks due today: 1, overdue: 0, coming up: 3"),
        ("job", {"title": "Import"}, "Import: finished"),
        ("job", {"title": "Import", "failed": True}, "Import: could not be finished"),
        ("outage", {"part": "beat", "over": True}, "The clock works again."),
        ("hand_over", {"name": "Li", "count": 4}, "Clients of Li: 4 handed over"),
        (
            "hand_over",
            {"name": "Li", "count": 4, "state": "asked"},
            "Clients of Li: handing over 4 waits for your decision",
        ),
        (
            "hand_over",
            {"name": "Li", "state": "failed"},
            "Clients of Li: the hand-over was refused, taken back or not possible",
        ),
        ("callback_given", {"name": "Li"}, "Li gave you a callback"),
        (
            "return_visits",
            {"unassigned": 1, "overdue": 2, "review": 3},
            "Return visits: 1 with nobody to act, 2 overdue, 3 to be reviewed",
        ),
        (
            "campaign_off",
            {"name": "Talk", "reason": "rain"},
            "Cancelled: Talk (rain). Tell the clients you invited.",
        ),
        ("system", {"text": "100% done"}, "100% done"),
    ],
)
def test_it_says_what_the_figures_say(kind: str, params: dict[str, object], title: str) -> None:
    with translation.override("en"):
        assert Notification(kind=kind, params=params).title == title


def test_only_notify_writes_lines() -> None:
    """One way in: what is sent, and when it is not sent twice, is decided in one place."""
    writers = set()
    for room in ROOMS:
        for path in Path(settings.BASE_DIR, room).rglob("*.py"):
            text = path.read_text()
            written = (
                "INSERT INTO staff_notification",
                "Notification(\n",
                "Notification.objects.create",
                "Notification.objects.bulk_create",
                "Notification.objects.get_or_create",
            )
            if "migrations" not in path.parts and any(piece in text for piece in written):
                writers.add(str(path.relative_to(settings.BASE_DIR)))
    assert writers == {"staff/notifications/services.py"}
    assert SYSTEM.key in notifications.kinds
