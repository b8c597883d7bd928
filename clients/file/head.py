"""What stays in sight while one reads a client file: who, money, household, contact, next step.

One statement reads what no other part of the page has read, another the household where there is
one; the rest is handed in.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.figures.held import Holding, line_points
from clients.models import Activity, Client, Document, Kind, Lifecycle
from clients.models.consent import By, Purpose
from clients.querysets import seen_sql
from crm.addresses import address
from crm.localized import choice
from crm.money import yuan
from crm.trading_days import today
from staff.models import Employee

# So many of the newest documents are named beside the file.
DOCUMENTS = 3

_AROUND = """
SELECT ARRAY(SELECT channel FROM clients_consent
             WHERE client_id = ANY(%(group)s) AND purpose = %(marketing)s AND withdrawn_on IS NULL
             ORDER BY given_on DESC, id DESC),
       ARRAY(SELECT t.name FROM clients_clienttag k JOIN clients_tag t ON t.id = k.tag_id
             WHERE k.client_id = %(client)s ORDER BY t.name, t.id),
       ARRAY(SELECT json_build_array(public_id, kind, COALESCE(NULLIF(title, ''), name),
                                     (uploaded_at AT TIME ZONE %(zone)s)::date,
                                     count(*) OVER ())::text
             FROM clients_document WHERE client_id = ANY(%(group)s) AND voided_at IS NULL
             ORDER BY id DESC LIMIT %(documents)s),
       own.household_id,
       (SELECT count(*) FROM clients_membership m JOIN clients_client c ON c.id = m.client_id
        WHERE m.household_id = own.household_id AND m.valid_to IS NULL
          AND c.merged_into_id IS NULL)
FROM (SELECT) one
LEFT JOIN clients_membership own ON own.client_id = %(client)s AND own.valid_to IS NULL
"""


# Written out: to build it took longer than to answer it.
_FAMILY = f"""
SELECT count(*), sum(p.assets) FILTER (WHERE c.id <> %(client)s)
FROM clients_membership m
JOIN clients_client c ON c.id = m.client_id AND c.merged_into_id IS NULL
JOIN staff_employee e ON e.id = %(viewer)s
LEFT JOIN clients_derivedprofile p ON p.client_id = c.id
WHERE m.household_id = %(home)s AND m.valid_to IS NULL AND {seen_sql(today="%(today)s")}
"""  # noqa: S608 - of our own parts


@dataclass(frozen=True)
class Paper:
    """A document as a line beside the file."""

    text: str
    day: date
    url: str


@dataclass(frozen=True)
class Around:
    """Consents to be told of offers by channel, tags, documents and household of a client.

    ``others``: assets of the other members whom the viewer may see; ``None`` where unknown.
    """

    offers: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    documents: int = 0
    papers: list[Paper] = field(default_factory=list)
    people: int = 0
    seen: int = 0
    others: Decimal | None = None


def around(viewer: Employee, client: Client) -> Around:
    """What is around a client whom the viewer may see; one statement, and one for a household."""
    parameters: dict[str, Any] = {
        "client": client.pk,
        "group": client.group,
        "marketing": Purpose.MARKETING,
        "documents": DOCUMENTS,
        "zone": timezone.get_current_timezone_name(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_AROUND, parameters)
        offers, tags, newest, home, people = cursor.fetchone()
    folder = address("clients:documents", client.public_id)
    papers, documents = [], 0
    for key, kind, title, day, count in map(json.loads, newest):
        documents = count
        text = f"{choice(Document.Kind, kind)} · {title}"
        papers.append(Paper(text, date.fromisoformat(day), f"{folder}?show={key}#preview"))
    family = _family(viewer, client, home) if home else (0, None)
    return Around(offers, tags, documents, papers, people, *family)


def _family(viewer: Employee, client: Client, home: int) -> tuple[int, Decimal | None]:
    """How many of a household the viewer may see, and what they have but for the client."""
    parameters: dict[str, Any] = {
        "home": home,
        "client": client.pk,
        "viewer": viewer.pk,
        "today": today(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_FAMILY, parameters)
        seen, others = cursor.fetchone()
    return seen, others


class Badge(NamedTuple):
    """A state in words; ``tone`` is the ending of its class: today, warn, late, ok or ''."""

    text: str
    tone: str = ""


@dataclass(frozen=True)
class Fact:
    """One of the large facts; ``tail`` is said quietly, ``badge`` in a tint."""

    key: str
    label: str
    text: str
    unit: str = ""
    tail: str = ""
    url: str = ""
    badge: Badge | None = None
    # Of the assets: "up" or "down" with the words of the change, and the line of the months.
    way: str = ""
    change: str = ""
    points: str = ""


def assets(held: Holding | None) -> Fact | None:
    """The assets last reported, and how they changed since the month before; ``None`` if unknown."""
    if held is None or not held.assets:
        return None
    amount = held.assets[-1]
    text, _space, unit = yuan(amount).partition(" ")
    day = held.as_of
    label = _("Assets · %(day)s") % {
        "day": day.isoformat() if day else f"{held.months[-1]:%Y-%m}",
    }
    way = change = tail = ""
    if len(held.assets) > 1 and held.assets[-2]:
        before, month = held.assets[-2], held.months[-2]
        moved = amount - before
        way = "up" if moved > 0 else "down" if moved < 0 else ""
        if way:
            share = abs(moved) / before * 100
            change = f"{'▲' if moved > 0 else '▼'} {yuan(abs(moved))} ({share:.2f}%)"
        end = (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        words = _("against %(day)s") if way else _("unchanged since %(day)s")
        tail = words % {"day": date_format(end, "MONTH_DAY_FORMAT")}
    points = line_points(held.assets)
    return Fact("assets", label, text, unit, tail=tail, way=way, change=change, points=points)


def household(around: Around, held: Holding | None) -> Fact | None:
    """What the family has with the firm together; ``None`` for who is in none, or all is unknown."""
    if around.people < 2 or around.others is None:
        return None
    own = held.assets[-1] if held and held.assets else Decimal(0)
    together = own + around.others
    text, _space, unit = yuan(together).partition(" ")
    said = (
        [_("own share %(share)s%%") % {"share": f"{own / together * 100:.1f}"}] if together else []
    )
    if around.seen < around.people:
        said.append(_("only the %(n)s you may see") % {"n": around.seen})
    label = ngettext(
        "Household assets · %(n)s person", "Household assets · %(n)s persons", around.people
    ) % {"n": around.people}
    return Fact("household", label, text, unit, tail=" · ".join(said))


def last_contact(client: Client, said: str) -> Fact:
    """How long ago the client was last reached; ``said`` is channel and outcome of that contact."""
    day = client.last_contact_on
    label = _("Last reached")
    if day is None:
        return Fact("contact", label, _("never yet"))
    days = (today() - day).days
    text = _("today") if days <= 0 else ngettext("%(n)s day ago", "%(n)s days ago", days)
    tail = " ".join(filter(None, [date_format(day, "MONTH_DAY_FORMAT"), said]))
    return Fact("contact", label, text % {"n": days} if days > 0 else text, tail=tail)


def due(day: date) -> Badge:
    """How a date stands to today, in words."""
    days = (today() - day).days
    if days > 0:
        text = ngettext("%(n)s day overdue", "%(n)s days overdue", days) % {"n": days}
        return Badge(text, "late")
    if days == 0:
        return Badge(_("due today"), "today")
    return Badge(ngettext("in %(n)s day", "in %(n)s days", -days) % {"n": -days})


def age(birthday: date | None) -> int | None:
    """Whole years today."""
    if birthday is None:
        return None
    day = today()
    return day.year - birthday.year - ((day.month, day.day) < (birthday.month, birthday.day))


def about(client: Client) -> str:
    """The age, said quietly after the name; '' for an organisation or where it is unknown."""
    years = age(client.birthday) if client.kind == Kind.PERSON else None
    return ngettext("%(n)s year old", "%(n)s years old", years) % {"n": years} if years else ""


def badges(client: Client) -> list[Badge]:
    """Segment, lifecycle with the opening date, activity."""
    labels = [Badge(str(client.segment), "today")]
    text = choice(Lifecycle, client.lifecycle)
    if client.opened_on and client.lifecycle != Lifecycle.PROSPECT:
        text = _("%(lifecycle)s · account opened %(day)s") % {
            "lifecycle": text,
            "day": client.opened_on.isoformat(),
        }
    if text != labels[0].text:
        labels.append(Badge(text))
    if client.activity and client.activity != Activity.ACTIVE:
        labels.append(Badge(choice(Activity, client.activity)))
    return labels


def consents(client: Client, offers: list[str]) -> list[Badge]:
    """What may be offered through which channel, and whether one may call at all."""
    labels = []
    if client.calls_refused:
        labels.append(Badge(_("No calls"), "late"))
    for channel in dict.fromkeys(offers):
        words = _("Offers by %(channel)s: agreed") % {"channel": choice(By, channel)}
        labels.append(Badge(words, "ok"))
    served = client.lifecycle == Lifecycle.CLIENT and not client.calls_refused
    if served and By.PHONE not in offers:
        labels.append(Badge(_("Offers by telephone: not agreed, service calls only")))
    return labels


def good_hours(client: Client) -> str:
    """When and how the client wishes to be reached, as one line; '' where nothing is known."""
    hours = ""
    if not client.calls_refused and client.call_from and client.call_until:
        hours = f"{client.call_from:%H:%M}–{client.call_until:%H:%M}"
    return " · ".join(filter(None, [hours, client.contact_note]))


def name_parts(client: Client) -> tuple[str, str, str]:
    """What stands before the name, the name, and what stands after it, as one addresses them."""
    before, name, after = client.salutation.partition(client.name)
    return before, name, after


def summary(
    client: Client, around: Around, held: Holding | None, said: str, step: Any
) -> dict[str, Any]:
    """What the template of the head draws. ``step``: the next one, or ``None``."""
    facts = [assets(held), household(around, held), last_contact(client, said)]
    if step is not None:
        facts.append(
            Fact(
                "step",
                _("Next step"),
                step.title or step.text,
                tail=date_format(step.due_on, "MONTH_DAY_FORMAT") if step.due_on else "",
                url=step.url,
                badge=due(step.due_on) if step.due_on else None,
            )
        )
    return {
        "name": name_parts(client),
        "about": about(client),
        "badges": badges(client),
        "consents": consents(client, around.offers),
        "hours": good_hours(client),
        "facts": [fact for fact in facts if fact],
    }
