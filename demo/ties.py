"""Who belongs together in the demo: families, who brought whom, records kept twice, and wishes.

Set on the people before they are written, so that everything stays one COPY per table.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, time
from random import Random
from typing import Any

from clients.models import (
    ContactPerson,
    ContactPhone,
    Household,
    Kind,
    Lifecycle,
    Membership,
    Title,
)
from crm import crypto
from crm.trading_days import today
from demo.bulk import copy_rows, reserve_ids
from demo.names import SURNAMES, mobile, person_name
from demo.people import Person

Relation = Membership.Relation
HOUSEHOLD = ("id", "head_id", "created_at")
MEMBERSHIP = ("household_id", "client_id", "relation", "valid_from")
CONTACT = ("id", "client_id", "name", "role", "position", "valid_from")
CONTACT_PHONE = (
    "contact_id",
    "ciphertext",
    "key_id",
    "number_index",
    "last4_index",
    "index_version",
    "valid_from",
)
# Of ten persons with an account, so many head a family with others in the same book.
FAMILIES = 0.08
DECIDES, PROXY, INFLUENCES = ContactPerson.Role.values
POSITIONS = {
    DECIDES: ("法定代表人", "总经理", "财务总监"),
    PROXY: ("证券事务代表", "董事会秘书", "出纳"),
    INFLUENCES: ("财务经理", "股东", "行政总监"),
}
NOTES_ON_CALLS = ("先发微信再打电话", "上班时间请打座机", "只在收盘后联系", "由配偶转达")


def tie(people: list[Person], random: Random) -> dict[int, list[tuple[Person, str]]]:
    """Referrers, wishes, one record kept twice per early book, and the families by their head."""
    books: dict[int, list[Person]] = defaultdict(list)
    for person in people:
        if person.manager is not None and person.is_open:
            books[person.manager.pk].append(person)
    families: dict[int, list[tuple[Person, str]]] = {}
    for place, book in enumerate(books.values()):
        _refer(book, random)
        for person in book:
            _wish(person, random)
        families |= _families(book, random)
        if place < 6:
            _keep_twice(book, random)
    return families


def _refer(book: list[Person], random: Random) -> None:
    """Every twelfth was brought by somebody recorded before, so nobody goes round in a circle."""
    order = sorted(book, key=lambda person: (person.recorded_on, person.id))
    brought = [p for p in order[:-1] if p.kind == Kind.PERSON and p.lifecycle == Lifecycle.CLIENT]
    for person in order[len(order) // 4 :]:
        earlier = [
            p for p in brought[:12] if p.recorded_on < person.recorded_on and p is not person
        ]
        if earlier and random.random() < 0.08:
            person.referred_by = random.choice(earlier).id
            person.source = "referral"


def _wish(person: Person, random: Random) -> None:
    """Few want no calls at all; some are to be called in their hours."""
    lately = person.last_contact_on is not None and (today() - person.last_contact_on).days < 20
    chance = random.random()
    if chance < 0.015 and lately and person.lifecycle == Lifecycle.CLIENT:
        person.calls_refused = True
    elif chance > 0.95:
        person.call_from, person.call_until = random.choice(
            [(time(9), time(11, 30)), (time(15), time(18)), (time(9, 30), time(20))]
        )
    if chance > 0.92:
        person.contact_note = random.choice(NOTES_ON_CALLS)


def _families(book: list[Person], random: Random) -> dict[int, list[tuple[Person, str]]]:
    """A head with a spouse, and where the years allow it a child of the same surname."""
    free = [p for p in book if p.kind == Kind.PERSON and p.birthday and not p.calls_refused]
    found: dict[int, list[tuple[Person, str]]] = {}
    taken: set[int] = set()
    for head in [p for p in free if p.lifecycle == Lifecycle.CLIENT]:
        if head.id in taken or random.random() > FAMILIES:
            continue
        rest = [p for p in free if p is not head and p.id not in taken]
        spouse = next((p for p in rest if p.title != head.title and _years(head, p) < 12), None)
        child = next(
            (p for p in rest if p is not spouse and _years(head, p, ahead=True) > 21), None
        )
        members = [(head, Relation.HEAD.value)]
        if spouse:
            members.append((spouse, Relation.SPOUSE.value))
        if child and random.random() < 0.7:
            members.append((child, Relation.CHILD.value))
            child.name = _surname(head.name) + child.name[len(_surname(child.name)) :]
        if len(members) > 1:
            found[head.id] = members
            taken |= {person.id for person, _relation in members}
    return found


def _years(head: Person, other: Person, *, ahead: bool = False) -> float:
    """Years between two birthdays; ``ahead``: by how many the head is older."""
    days = (_born(other) - _born(head)).days / 365
    return days if ahead else abs(days)


def _born(person: Person) -> date:
    return person.birthday or today()


def _surname(name: str) -> str:
    return name[:2] if name[:2] in SURNAMES else name[:1]


def _keep_twice(book: list[Person], random: Random) -> None:
    """A prospect who is a client already: the same phone, and the name by sound."""
    fit = [p for p in book if p.kind == Kind.PERSON and p.phones]
    clients = [p for p in fit if p.lifecycle == Lifecycle.CLIENT and p.birthday]
    prospects = [p for p in fit if p.lifecycle == Lifecycle.PROSPECT and not p.identity]
    if clients and prospects:
        one, again = random.choice(clients), random.choice(prospects)
        again.name, again.title, again.birthday = one.name, one.title, one.birthday
        again.phones = one.phones[:1]


def write_ties(
    people: list[Person], families: dict[int, list[tuple[Person, str]]], random: Random
) -> None:
    """COPY households and contact persons."""
    keys = dict(zip(families, reserve_ids(Household, len(families)), strict=True))
    by_key = {head: members[0][0] for head, members in families.items()}
    copy_rows(
        Household, HOUSEHOLD, ((keys[head], head, by_key[head].recorded_at) for head in families)
    )
    copy_rows(
        Membership,
        MEMBERSHIP,
        (
            (keys[head], person.id, relation, person.recorded_on)
            for head, members in families.items()
            for person, relation in members
        ),
    )
    contacts = list(_contacts(people, random))
    ids = reserve_ids(ContactPerson, len(contacts))
    rows = list(zip(ids, contacts, strict=True))
    copy_rows(ContactPerson, CONTACT, ((key, *contact) for key, contact in rows))
    copy_rows(ContactPhone, CONTACT_PHONE, (_phone(key, row[-1], random) for key, row in rows))


def _contacts(people: list[Person], random: Random) -> Iterator[tuple[Any, ...]]:
    """Organisations have who decides, often who has a say; few persons have somebody beside them."""
    for person in people:
        roles = [PROXY] if random.random() < 0.015 else []
        if person.kind == Kind.ORGANISATION:
            roles = [DECIDES, *(role for role in (PROXY, INFLUENCES) if random.random() < 0.5)]
        for role in roles:
            male = random.random() < 0.5
            position = random.choice(POSITIONS[role])
            if person.kind == Kind.PERSON:
                position = "配偶"
                male = person.title == Title.MS
            yield person.id, person_name(random, male=male), role, position, person.recorded_on


def _phone(contact: int, since: date, random: Random) -> tuple[Any, ...]:
    number = mobile(random)
    ciphertext, key_id = crypto.encrypt(number)
    kind = ContactPhone.BLIND_KIND
    return (
        contact,
        ciphertext,
        key_id,
        crypto.blind_index(kind, number),
        crypto.blind_index(f"{kind}-tail", number[-4:]),
        crypto.index_version(),
        since,
    )
