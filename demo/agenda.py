"""When each client was reached: chosen backwards, so that every manager's Today looks alive."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Literal

from clients.models import Lifecycle
from crm.trading_days import between, today
from demo.people import Person
from demo.scales import Scale
from visits.cadence import due_date
from visits.models import CallbackPlan

YEARS_BACK = 12
# Per manager: how many callbacks are late, due today and done today, from and to.
OVERDUE, DUE_TODAY, DONE_TODAY = (4, 6), (9, 12), (2, 4)


class Calendar:
    """Trading days around today, and which day a plan leads to from a contact."""

    def __init__(self) -> None:
        self.today = today()
        self.days = between(self.today - timedelta(days=366 * YEARS_BACK), self.today)
        self.days += between(self.today + timedelta(days=1), self.today + timedelta(days=800))
        rows = CallbackPlan.objects.filter(valid_to__isnull=True, every__isnull=False)
        self.plans = {plan.segment_id: plan for plan in rows.select_related("script")}
        self.led_to = {segment: self._contacts_by_due(p) for segment, p in self.plans.items()}

    def on_or_before(self, day: date) -> date:
        return self.days[bisect_right(self.days, day) - 1]

    def on_or_after(self, day: date) -> date:
        return self.days[bisect_left(self.days, day)]

    def back(self, trading_days: int) -> date:
        """The trading day so many before the last one that is not after today."""
        return self.days[bisect_right(self.days, self.today) - 1 - trading_days]

    def due(self, contact: date, plan: CallbackPlan) -> date:
        unit: Literal["day", "month"] = "day" if plan.unit == CallbackPlan.Unit.DAY else "month"
        return due_date(contact, plan.every or 1, unit)

    def length(self, plan: CallbackPlan) -> int:
        """The cadence in days."""
        return (self.due(self.today, plan) - self.today).days

    def _contacts_by_due(self, plan: CallbackPlan) -> dict[date, list[date]]:
        """Contacts up to today by the trading day on which the next callback falls."""
        found = defaultdict(list)
        start = self.today - timedelta(days=self.length(plan) + 40)
        for day in self.days[bisect_left(self.days, start) : bisect_right(self.days, self.today)]:
            found[self.on_or_after(self.due(day, plan))].append(day)
        return found


def schedule(people: list[Person], scale: Scale, calendar: Calendar, random: Random) -> None:
    """Give everyone their contacts, the day they were recorded and, clients, their opening."""
    books: dict[int, list[Person]] = defaultdict(list)
    for person in people:
        books[person.manager.pk if person.manager else 0].append(person)
    for book in books.values():
        _last_contacts(book, calendar, random)
    known = [person for person in people if person.last_contact_on]
    for place, person in enumerate(known):
        count = None
        if scale.visits is not None:
            count = scale.visits // len(known) + (place < scale.visits % len(known))
        _history(person, count, scale.history_days, calendar, random)


def _last_contacts(book: list[Person], calendar: Calendar, random: Random) -> None:
    """Spread a book over late, due today, done today, new and later."""
    waiting = []
    for person in book:
        if person.is_open and person.segment_id in calendar.plans:
            waiting.append(person)
        else:
            person.last_contact_on = calendar.back(random.randrange(60, 300))
    random.shuffle(waiting)

    def take(share: tuple[int, int], due: date | None = None) -> list[Person]:
        """Some of those who wait; with ``due``, only where a contact leads to that day."""
        count = min(random.randint(*share), len(waiting) // 5)
        fit = [p for p in waiting if due is None or due in calendar.led_to[p.segment_id]][:count]
        taken = {id(person) for person in fit}
        waiting[:] = [person for person in waiting if id(person) not in taken]
        return fit

    for _ in range(random.randint(*OVERDUE)):
        late = calendar.back(random.randint(1, 6))
        for person in take((1, 1), late):
            person.last_contact_on = random.choice(calendar.led_to[person.segment_id][late])
    due = calendar.on_or_after(calendar.today)
    for person in take(DUE_TODAY, due):
        person.last_contact_on = random.choice(calendar.led_to[person.segment_id][due])
    for person in take(DONE_TODAY):
        person.last_contact_on = calendar.back(0)
    for person in take((1, 2)):
        _newcomer(person, calendar, random)
    for person in waiting:
        length = calendar.length(calendar.plans[person.segment_id])
        latest = min(length - 1, random.randrange(1, length))
        person.last_contact_on = calendar.on_or_before(calendar.today - timedelta(days=latest))
        due = calendar.due(person.last_contact_on, calendar.plans[person.segment_id])
        if calendar.on_or_after(due) <= calendar.today:
            person.last_contact_on = calendar.back(1)


def _newcomer(person: Person, calendar: Calendar, random: Random) -> None:
    """Somebody nobody has talked to yet: an account opened this week, or a fresh prospect."""
    day = calendar.back(random.randint(1, 4))
    person.recorded_on = day
    if person.lifecycle == Lifecycle.CLIENT:
        person.opened_on = day
        person.recorded_on = day - timedelta(days=random.randrange(5, 40))


def _history(
    person: Person, count: int | None, days: int, calendar: Calendar, random: Random
) -> None:
    """What came before the last contact; every third person came within the last year."""
    young = random.random() < 0.35
    back = random.randrange(40, 365) if young else days
    start = calendar.today - timedelta(days=back)
    person.contacts = list(_backwards(person, count, start, calendar, random))[::-1]
    first = person.contacts[0][0]
    if person.lifecycle == Lifecycle.PROSPECT:
        person.recorded_on = first - timedelta(days=random.randrange(1, 12))
        return
    before = random.randrange(2, 12) + (0 if young else random.randrange(30, 1500))
    person.opened_on = calendar.on_or_before(first - timedelta(days=before))
    person.recorded_on = person.opened_on - timedelta(days=random.randrange(0, 60))


def _backwards(
    person: Person, count: int | None, start: date, calendar: Calendar, random: Random
) -> Iterator[tuple[date, bool]]:
    """Contacts from the last one back, cadence by cadence, with calls in between that failed.

    Ends after ``count`` of them or, without a count, at ``start``.
    """
    plan = calendar.plans.get(person.segment_id)
    length = calendar.length(plan) if plan else 90
    day, jitter, made = person.last_contact_on, 0, 0
    while day and made != count and (made == 0 or count or day >= start):
        yield day, True
        made += 1
        if made != count and random.random() < 0.2:
            yield calendar.on_or_before(day - timedelta(days=random.randint(1, 4))), False
            made += 1
        day = calendar.on_or_before(day - timedelta(days=max(7, length + jitter)))
        jitter = random.randint(-3, 4)  # whoever was called today was due about now
