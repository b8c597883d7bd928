"""What one knows before dialling: with whom and why, what is open, what the plan says comes next.

One statement, since the page is opened all day long. The client was read through the access rule;
confidential callbacks and contacts are not told here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from clients.consents.services import agrees
from clients.models import Client, ContactPerson, Kind, Lifecycle
from clients.models.consent import By
from clients.models.consent import Purpose as Consented
from crm import trading_days
from crm.addresses import address
from crm.localized import choice
from crm.money import yuan
from visits import wording
from visits.contacts.recent import PHONE, masked
from visits.models import Callback, Purpose
from visits.planning.upcoming import BASIS

# From so many days before its end a paper or a risk test is to be spoken of.
SOON = timedelta(days=30)
# Other callbacks of the client that are named, and characters of a suggestion that are.
SHOWN, SAID = 3, 60
# What a callback is for, by its kind (D-14); of every other kind, to learn about the client.
PURPOSES = {
    Callback.Kind.NEW_ACCOUNT: Purpose.BE_KNOWN,
    Callback.Kind.EXPIRY: Purpose.ACTION,
    Callback.Kind.BIRTHDAY: Purpose.IMAGE,
    Callback.Kind.COMPLAINT: Purpose.IMAGE,
}

_BEFORE = f"""
WITH persons AS (
    SELECT p.id, p.name, p.role, p.position,
           EXISTS (SELECT FROM clients_contactphone n
                   WHERE n.contact_id = p.id AND n.valid_to IS NULL) AS has_number
    FROM clients_contactperson p WHERE p.client_id = ANY (%(clients)s) AND p.valid_to IS NULL
), held AS (
    SELECT sum(assets) FILTER (WHERE place = 1) AS assets, max(as_of) AS as_of,
           sum(assets) FILTER (WHERE place = CASE WHEN latest = newest THEN 2 ELSE 1 END) AS had
    FROM (SELECT f.assets, f.as_of, max(f.month) OVER () AS newest,
                 row_number() OVER months AS place, max(f.month) OVER months AS latest
          FROM clients_monthlyfigure f JOIN clients_fundaccount a ON a.id = f.account_id
          WHERE a.client_id = ANY (%(clients)s) AND a.closed_on IS NULL
          WINDOW months AS (PARTITION BY f.account_id ORDER BY f.month DESC)) f
)
SELECT (SELECT json_agg(json_build_array(id, name, role, position, has_number)
                        ORDER BY role <> 'decides', role <> 'proxy', id) FROM persons),
       EXISTS (SELECT FROM clients_consent o WHERE o.client_id = ANY (%(clients)s)
               AND o.purpose = 'marketing' AND o.channel = 'phone' AND o.withdrawn_on IS NULL),
       held.assets, held.as_of, held.assets - held.had,
       (SELECT min(i.expires_on) FROM clients_identity i
        WHERE i.client_id = ANY (%(clients)s) AND i.valid_to IS NULL AND i.expires_on <= %(soon)s),
       (SELECT json_agg(json_build_array(k.public_id, k.due_on, k.kind, k.reason) ORDER BY k.due_on, k.id)
        FROM (SELECT * FROM visits_callback k
              WHERE k.client_id = %(client)s AND k.status = 'open' AND NOT k.confidential
                AND k.id <> %(callback)s AND k.kind <> 'compliance'
                AND (k.due_on <= %(today)s OR k.kind IN ('promise', 'appointment'))
              ORDER BY k.due_on, k.id LIMIT {SHOWN}) k),
       (SELECT json_build_array(v.public_id, v.occurred_on, left(v.suggestions, {SAID}))
        FROM visits_visit v
        WHERE v.client_id = ANY (%(clients)s) AND v.suggestions <> '' AND NOT v.void
          AND NOT v.confidential
          AND NOT EXISTS (SELECT FROM visits_suggestionreply r WHERE r.visit_id = v.id)
        ORDER BY v.occurred_at DESC, v.id DESC LIMIT 1),
       ({BASIS}), phone.ciphertext, phone.key_id
FROM held LEFT JOIN LATERAL ({PHONE}) phone ON true
"""  # noqa: S608 - of our own parts


class Person(NamedTuple):
    """A contact person of the client; ``has_number``: one of their own, which is then dialled."""

    pk: int
    name: str
    role: str
    position: str
    has_number: bool

    @property
    def label(self) -> str:
        """「李秘书 · 影响决策人（秘书）」."""
        text = f"{self.name} · {choice(ContactPerson.Role, self.role)}"
        return f"{text} ({self.position})" if self.position else text


@dataclass(frozen=True)
class Note:
    """One thing to keep in mind; ``tone`` is the ending of the class of its pill."""

    text: str
    tone: str = ""
    url: str = ""


@dataclass(frozen=True)
class Before:
    """What stands beside the script."""

    persons: list[Person]
    # Whether the client agreed to be called about products and events.
    agrees_to_offers: bool
    assets: str = ""
    as_of: date | None = None
    # The first one, masked; '' where none is known.
    phone: str = ""
    # Since the month end before the newest figures; '' where either is unknown.
    change: str = ""
    rose: bool = False
    notes: list[Note] = field(default_factory=list)
    # For ``planning.upcoming``; ``None`` without a cadence.
    basis: dict[str, Any] | None = None

    @property
    def people(self) -> list[tuple[str, str]]:
        """The contact persons to choose from, as keys and names with their roles."""
        return [(str(person.pk), person.label) for person in self.persons]


def before(client: Client, callback: Callback | None = None) -> Before:
    """Everything that is known before the contact; one statement."""
    today = trading_days.today()
    parameters: dict[str, Any] = {
        "client": client.pk,
        "clients": client.group,
        "callback": callback.pk if callback is not None else 0,
        "today": today,
        "soon": today + SOON,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BEFORE, parameters)
        row = cursor.fetchone()
    persons, agreed, assets, as_of, change, paper_ends, others, said, basis = row[:-2]
    notes = [*_of_papers(client, paper_ends, today), *_of_work(others or (), today)]
    if said:
        key, day, words = said
        text = _("Suggestion of %(day)s has no answer yet: %(words)s")
        figures = {"day": day, "words": words}
        notes.append(Note(text % figures, url=address("visits:suggestion", key)))
    if not agreed:
        notes.append(Note(_("No consent to calls about products: this call is for service only.")))
    if client.contact_note:
        notes.append(Note(client.contact_note))
    return Before(
        persons=[Person(*row) for row in persons or ()],
        agrees_to_offers=agreed,
        phone=masked(row[-2:]),
        assets=yuan(assets),
        as_of=as_of,
        change=_change(change, assets),
        rose=bool(change and change > 0),
        notes=notes,
        basis=basis,
    )


def _change(change: Decimal | None, assets: Decimal) -> str:
    """「▲ ¥68.42 万（4.75%）」; '' where nothing is known of the month before, or nothing changed."""
    if not change:
        return ""
    text = f"{'▲' if change > 0 else '▼'} {yuan(abs(change))}"
    former = assets - change
    return f"{text} ({abs(change) / former:.2%})" if former > 0 else text


def _of_papers(client: Client, paper_ends: date | None, today: date) -> list[Note]:
    """Risk grade and identity papers, as far as they end soon or are missing."""
    notes = []
    ends = client.risk_expires_on
    if not client.risk_grade and client.lifecycle == Lifecycle.CLIENT:
        notes.append(Note(_("No risk grade: recommend nothing."), "warn"))
    elif client.risk_grade and ends is not None and ends <= today + SOON:
        wording_ = (
            _("Risk test ended on %(day)s") if ends < today else _("Risk test ends on %(day)s")
        )
        notes.append(Note(wording_ % {"day": ends.isoformat()}, "late" if ends < today else "warn"))
    if paper_ends is not None:
        text = _("Identity paper ends on %(day)s") % {"day": paper_ends.isoformat()}
        notes.append(Note(text, "late" if paper_ends < today else "warn"))
    return notes


def _of_work(others: Any, today: date) -> list[Note]:
    """Other open callbacks of the client."""
    notes = []
    for key, due_on, kind, reason in others:
        text = f"{due_on} · {reason or wording.label(kind)}"
        late = date.fromisoformat(due_on) < today
        notes.append(Note(text, "late" if late else "", address("visits:callback", key)))
    return notes


def whom(client: Client, found: Before) -> int | str:
    """With whom one means to speak: the client; of an organisation, who decides, or else a proxy."""
    if client.kind != Kind.ORGANISATION or not found.persons:
        return ""
    return found.persons[0].pk


def purpose_of(callback: Callback | None) -> str:
    """What the contact is for, before anybody says otherwise (D-14)."""
    kind = callback.kind if callback is not None else Callback.Kind.CADENCE
    return PURPOSES.get(Callback.Kind(kind), Purpose.LEARN)


def refuses_offer(client: Client, purpose: str) -> str:
    """Why the client must not be called for this purpose, as a sentence; '' if allowed."""
    if purpose != Purpose.OFFER:
        return ""
    if agrees(client, Consented.MARKETING, By.PHONE):
        return ""
    return _(
        "The client has not agreed to calls about products. Call for another purpose, or record "
        "the consent first."
    )
