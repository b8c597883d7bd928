"""What besides the cadence makes a callback: dates, figures, and occasions that were noted."""

import uuid
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import ValidationError

from clients.birthdays import lunar_birthday, lunar_places
from clients.models import Client, Lifecycle
from staff.models import Employee
from tests.cast import Browse
from tests.factories import ClientFactory, FundAccountFactory, MonthlyFigureFactory
from visits.models import Callback, CallbackPlan, Occasion, Trigger
from visits.planning.occasions import note_occasion
from visits.planning.planner import plan_callbacks
from visits.plans import services as plans

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 6, 10, 9, 0, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def _frozen(zhang: Client) -> Any:
    """Wednesday 10 June 2026; Zhang has been here for a year and was reached ten days ago."""
    Client.objects.filter(pk=zhang.pk).update(
        created_at=datetime(2025, 6, 10, tzinfo=SHANGHAI),
        segment_since=date(2025, 6, 10),
        opened_on=date(2025, 6, 10),
        last_contact_on=date(2026, 5, 31),
    )
    with time_machine.travel(NOW, tick=False):
        yield


def planned(client: Client, kind: str) -> Callback | None:
    plan_callbacks()
    assert plan_callbacks().changed == 0
    return Callback.objects.filter(client=client, kind=kind, status__in=["open", "merged"]).first()


@pytest.mark.parametrize(
    ("born", "due"),
    [
        (date(1980, 6, 24), date(2026, 6, 24)),
        (date(1980, 6, 21), date(2026, 6, 18)),  # a Sunday after the Dragon Boat Festival
        (date(1980, 9, 1), None),  # too far ahead
        (date(1980, 6, 1), None),  # over
    ],
)
def test_a_birthday_is_greeted_on_the_day_or_the_trading_day_before(
    zhang: Client, born: date, due: date | None
) -> None:
    Client.objects.filter(pk=zhang.pk).update(birthday=born)
    row = planned(zhang, "birthday")
    assert (row.due_on if row else None) == due


def test_a_plan_changed_on_the_birthday_cancels_no_greeting(zhang: Client) -> None:
    Client.objects.filter(pk=zhang.pk).update(birthday=date(1980, 6, 10))
    assert planned(zhang, "birthday") is not None
    plan = CallbackPlan.objects.get(segment=zhang.segment)
    values = {name: getattr(plan, name) for name in plans.PLAN_COLUMNS}
    plans.change_plan(segment=plan.segment, values=values | {"every": 1})
    Client.objects.filter(pk=zhang.pk).update(segment_since=NOW.date())
    row = planned(zhang, "birthday")
    assert row is not None
    assert row.due_on == NOW.date()


def test_a_leap_day_is_greeted_on_its_eve(zhang: Client) -> None:
    Client.objects.filter(pk=zhang.pk).update(birthday=date(1980, 2, 29))
    with time_machine.travel(NOW.replace(year=2027, month=2, day=10), tick=False):
        row = planned(zhang, "birthday")
    assert row is not None
    assert row.ideal_on == date(2027, 2, 28)


def test_a_lunar_birthday_moves_with_the_lunar_calendar(zhang: Client) -> None:
    # The fifth day of the fifth month: 19 June in 2026.
    born = date(1980, 6, 17)
    assert lunar_birthday(born) == 505
    assert lunar_places(date(2026, 6, 19)) == [505]
    Client.objects.filter(pk=zhang.pk).update(birthday=born, lunar_birthday=505)
    row = planned(zhang, "birthday")
    assert row is not None
    assert row.anchor_on == date(2026, 6, 19)


def test_every_lunar_birthday_comes_once_a_lunar_year() -> None:
    # 2025 has a leap sixth month; the year of 2026 begins on 17 February.
    first = date(2025, 1, 29)
    days = [first + timedelta(days=n) for n in range((date(2026, 2, 17) - first).days)]
    places = [place for day in days for place in lunar_places(day)]
    assert len(places) == len(set(places)) == 360


def test_what_others_need_is_said_on_the_birthday(zhang: Client, manager: Employee) -> None:
    Client.objects.filter(pk=zhang.pk).update(birthday=date(1980, 6, 16))
    note_occasion(client=zhang, kind="event", happened_on=date(2026, 6, 10), by=manager)
    birthday = planned(zhang, "birthday")
    event = planned(zhang, "event")
    assert birthday is not None
    assert event is not None
    assert event.merged_into == birthday


@pytest.mark.parametrize(
    ("state", "due"), [("dormant", 11), ("half_dormant", 15), ("active", None)]
)
def test_a_dormant_account_is_called_once(zhang: Client, state: str, due: int | None) -> None:
    Client.objects.filter(pk=zhang.pk).update(activity=state, activity_on=date(2026, 6, 8))
    row = planned(zhang, "dormant")
    assert (row.earliest_on.day if row else None) == due
    if row:
        Callback.objects.filter(pk=row.pk).update(status="done", done_at=NOW, done_on=NOW.date())
        assert planned(zhang, "dormant") is None


@pytest.mark.parametrize(("inflow", "called"), [("600000", True), ("-600000", True), ("9", False)])
def test_a_large_flow_is_called(zhang: Client, inflow: str, called: bool) -> None:
    for half in (0, 1):
        account = FundAccountFactory(client=zhang, number=f"88001234987{half}")
        MonthlyFigureFactory(
            account=account,
            month=date(2026, 5, 1),
            as_of=date(2026, 6, 9),
            net_inflow=Decimal(inflow) / 2,
        )
    row = planned(zhang, "flow")
    assert (row is not None) is called
    if row:
        # The next trading day after the figures, but not within five days of the last contact.
        assert (row.occurrence, row.due_on) == ("flow:2026-05", date(2026, 6, 10))


def test_a_closed_client_is_not_called_for_anything(zhang: Client) -> None:
    Client.objects.filter(pk=zhang.pk).update(
        birthday=date(1980, 6, 24),
        activity="dormant",
        activity_on=date(2026, 6, 8),
        lifecycle=Lifecycle.CLOSED,
    )
    plan_callbacks()
    assert not Callback.objects.filter(client=zhang).exists()


def test_a_trigger_that_is_off_makes_nothing(zhang: Client, manager: Employee) -> None:
    note_occasion(client=zhang, kind="custody", happened_on=date(2026, 6, 9), by=manager)
    assert planned(zhang, "custody") is not None
    Trigger.objects.filter(cause="custody").update(is_active=False)
    assert planned(zhang, "custody") is None


def test_an_old_occasion_is_spread_from_when_it_was_noted(zhang: Client, manager: Employee) -> None:
    note_occasion(client=zhang, kind="purchase", happened_on=date(2026, 3, 2), by=manager)
    row = planned(zhang, "purchase")
    assert row is not None
    assert row.is_backlog
    assert row.earliest_on == date(2026, 6, 10)


def test_the_same_form_twice_is_one_occasion(zhang: Client, manager: Employee) -> None:
    key = uuid.uuid4()
    for _ in range(2):
        note_occasion(
            client=zhang, kind="event", happened_on=NOW.date(), by=manager, source_key=key
        )
    assert Occasion.objects.count() == 1
    with pytest.raises(ValidationError):
        note_occasion(
            client=ClientFactory(manager=manager),
            kind="event",
            happened_on=NOW.date(),
            by=manager,
            source_key=key,
        )


def posted(**more: str) -> dict[str, str]:
    form = {"source_key": str(uuid.uuid4()), "kind": "custody", "happened_on": "2026-06-09"}
    return {**form, "note": "", **more}


def test_one_notes_it_and_takes_it_back(zhang: Client, manager: Employee, browse: Browse) -> None:
    url = f"{zhang.get_absolute_url()}occasions/"
    assert browse(manager).post(url, posted(note="转托管 300 万")).status_code == 302
    made = Occasion.objects.get()
    assert (made.noted_by, made.note) == (manager, "转托管 300 万")
    assert planned(zhang, "custody") is not None
    assert "转托管 300 万" in browse(manager).get(url).content.decode()
    assert browse(manager).post(f"/occasions/{made.pk}/void/").status_code == 302
    assert planned(zhang, "custody") is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"happened_on": "2026-06-11"},
        {"happened_on": "2020-01-01"},
        {"happened_on": "31.31.2026"},
        {"kind": "wedding"},
        {"note": "长" * 201},
        {"source_key": "x"},
    ],
)
def test_wrong_input_is_refused(
    zhang: Client, manager: Employee, browse: Browse, wrong: dict[str, str]
) -> None:
    url = f"{zhang.get_absolute_url()}occasions/"
    assert browse(manager).post(url, posted(**wrong)).status_code == 422
    assert not Occasion.objects.exists()


def test_outsiders_and_readers_note_nothing(
    zhang: Client, manager: Employee, stranger: Employee, compliance: Employee, browse: Browse
) -> None:
    url = f"{zhang.get_absolute_url()}occasions/"
    made = note_occasion(client=zhang, kind="event", happened_on=NOW.date(), by=manager)
    for who, status in ((stranger, 404), (compliance, 403)):
        assert browse(who).post(url, posted()).status_code == status
        assert browse(who).post(f"/occasions/{made.pk}/void/").status_code == status
    assert browse(manager).get(f"/occasions/{made.pk}/void/").status_code == 405
    made.refresh_from_db()
    assert not made.void


def test_it_explains_a_holiday_that_is_not_published_yet(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    Client.objects.filter(pk=zhang.pk).update(last_contact_on=date(2026, 10, 1))
    plan_callbacks()
    row = Callback.objects.get(client=zhang, kind="cadence", status="open")
    assert row.ideal_on == date(2027, 1, 1)
    page = browse(manager).get(f"/callbacks/{row.public_id}/why/").content.decode()
    assert "按临时日历为节假日，以 2027 年公布的休市安排为准" in page


def test_the_day_is_explained_step_by_step(
    zhang: Client, manager: Employee, stranger: Employee, browse: Browse
) -> None:
    note_occasion(client=zhang, kind="custody", happened_on=date(2026, 6, 9), by=manager)
    Client.objects.filter(pk=zhang.pk).update(last_contact_on=date(2026, 3, 14))
    plan_callbacks()
    lead = Callback.objects.get(client=zhang, status="open")
    joined = Callback.objects.get(client=zhang, status="merged")
    page = browse(manager).get(f"/callbacks/{lead.public_id}/why/").content.decode()
    # 14 June is a Sunday; custody asks for the 11th, so the regular call joins it.
    assert lead.kind == "custody"
    assert "2026" in page
    for row in (lead, joined):
        response = browse(manager).get(f"/callbacks/{row.public_id}/why/")
        assert len(response.context["steps"]) >= 4
    assert browse(stranger).get(f"/callbacks/{lead.public_id}/why/").status_code == 404
