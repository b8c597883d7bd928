"""The rows of the clients' room: clients, numbers, assessments, assignments, segment history."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

from clients.models import (
    Assignment,
    Client,
    Identity,
    Kind,
    Phone,
    RiskAssessment,
    SegmentChange,
)
from clients.search import name_pinyin, search_tokens
from crm import crypto
from crm.fields import lexemes
from crm.trading_days import today
from demo.bulk import copy_rows
from demo.people import Person

CLIENT = (
    "id",
    "public_id",
    "name",
    "kind",
    "title",
    "lifecycle",
    "activity",
    "activity_on",
    "prospect_type",
    "income_level",
    "investment_size",
    "investment_style",
    "risk_grade",
    "risk_expires_on",
    "branch_id",
    "manager_id",
    "segment_id",
    "segment_since",
    "segment_pinned",
    "segment_reason",
    "source",
    "source_system",
    "source_key",
    "birthday",
    "opened_on",
    "recorded_on",
    "last_contact_on",
    "notes",
    "name_pinyin",
    "search",
    "version",
    "created_at",
    "updated_at",
    "referred_by_id",
    "calls_refused",
    "call_from",
    "call_until",
    "contact_note",
    "commission_tier",
)
NUMBER = (
    "client_id",
    "ciphertext",
    "key_id",
    "number_index",
    "last4_index",
    "index_version",
    "valid_from",
)
# A risk assessment holds for two years.
VALID = timedelta(days=730)


def write_people(people: list[Person], random: Random) -> None:
    """COPY everything that the clients' room keeps of these people."""
    for person in people:
        _assess(person, random)
    copy_rows(Client, CLIENT, map(_client, people))
    copy_rows(Phone, (*NUMBER, "is_primary"), _phones(people))
    copy_rows(Identity, (*NUMBER, "type"), _identities(people))
    copy_rows(
        RiskAssessment,
        ("client_id", "grade", "assessed_on", "expires_on", "source"),
        ((p.id, p.risk_grade, p.risk_on, p.risk_on + VALID, "") for p in people if p.risk_on),
    )
    copy_rows(
        Assignment,
        ("client_id", "employee_id", "kind", "valid_from", "reason"),
        _assignments(people),
    )
    copy_rows(
        SegmentChange,
        ("client_id", "segment_id", "rule_id", "pinned", "reason", "at"),
        ((p.id, p.segment_id, p.rule_id, False, "", p.recorded_at) for p in people),
    )


def _assess(person: Person, random: Random) -> None:
    """Date the assessment: at opening or later; few are about to expire or have."""
    if not person.risk_grade or person.opened_on is None:
        person.risk_grade = ""
        return
    old = random.random() < 0.03
    recent = today() - timedelta(
        days=random.randrange(690, 780) if old else random.randrange(1, 690)
    )
    person.risk_on = max(person.opened_on, recent)


def _client(person: Person) -> tuple[Any, ...]:
    pinyin = name_pinyin(person.name)
    at = person.recorded_at
    return (
        person.id,
        person.public_id,
        person.name,
        person.kind,
        person.title,
        person.lifecycle,
        person.activity,
        today() if person.activity else None,
        person.prospect_type,
        person.income_level,
        person.investment_size,
        person.investment_style,
        person.risk_grade,
        person.risk_on + VALID if person.risk_on else None,
        person.branch_id,
        person.manager.pk if person.manager else None,
        person.segment_id,
        person.recorded_on,
        False,
        "",
        person.source,
        "",
        "",
        person.birthday,
        person.opened_on,
        person.recorded_on,
        person.last_contact_on,
        person.notes,
        pinyin,
        lexemes(search_tokens(person.name, person.phones, person.accounts)),
        1,
        at,
        at,
        person.referred_by,
        person.calls_refused,
        person.call_from,
        person.call_until,
        person.contact_note,
        person.commission_tier,
    )


def _number(person: Person, kind: str, number: str) -> tuple[Any, ...]:
    ciphertext, key_id = crypto.encrypt(number)
    return (
        person.id,
        ciphertext,
        key_id,
        crypto.blind_index(kind, number),
        crypto.blind_index(f"{kind}-tail", number[-4:]),
        crypto.index_version(),
        person.recorded_on,
    )


def _phones(people: list[Person]) -> Iterator[tuple[Any, ...]]:
    for person in people:
        for place, number in enumerate(person.phones):
            yield (*_number(person, Phone.BLIND_KIND, number), place == 0)


def _identities(people: list[Person]) -> Iterator[tuple[Any, ...]]:
    for person in people:
        if person.identity:
            company = person.kind == Kind.ORGANISATION
            type_ = Identity.Type.CREDIT_CODE if company else Identity.Type.ID_CARD
            yield (*_number(person, Identity.BLIND_KIND, person.identity), str(type_.value))


def _assignments(people: list[Person]) -> Iterator[tuple[Any, ...]]:
    for person in people:
        if person.manager is None:
            continue
        yield person.id, person.manager.pk, "serves", person.recorded_on, ""
        if person.opened_on:
            yield person.id, person.manager.pk, "developed", person.opened_on, ""
