"""Phones, identity papers and risk tests of imported clients."""

from __future__ import annotations

from datetime import date

from clients.importing.rows import Record
from clients.importing.trail import Trail
from clients.models import Client, Identity, Phone, RiskAssessment
from clients.search import reindex
from crm import crypto
from crm.trading_days import today

_IDENTITIES = {"id_card": Identity.Type.ID_CARD, "credit_code": Identity.Type.CREDIT_CODE}


def load(records: dict[int, Record], trail: Trail | None = None) -> int:
    """Write the numbers and risk tests of a batch, by client key; how many rows were added.

    ``trail`` is told what would have to be taken back.
    """
    trail = trail or Trail()
    return _phones(records, trail) + _identities(records, trail) + _risk(records, trail)


def _phones(records: dict[int, Record], trail: Trail) -> int:
    wanted = {pk: r.values["phone"] for pk, r in records.items() if r.values.get("phone")}
    index = {pk: crypto.blind_index("phone", number) for pk, number in wanted.items()}
    known: dict[int, set[bytes]] = {}
    primary: set[int] = set()
    for phone in Phone.objects.filter(client__in=wanted, valid_to=None):
        known.setdefault(phone.client_id, set()).add(bytes(phone.number_index))
        if phone.is_primary:
            primary.add(phone.client_id)
    added = []
    for pk, number in wanted.items():
        if index[pk] not in known.get(pk, set()):
            phone = Phone(client_id=pk, valid_from=today(), is_primary=pk not in primary)
            phone.set_number(number)
            added.append(phone)
    for phone in Phone.objects.bulk_create(added, batch_size=1000):
        trail.of(phone.client_id).phones.append(phone.pk)
    # A new client was indexed with its number already; who had one before was not.
    reindex([phone.client_id for phone in added if phone.client_id in known])
    return len(added)


def _identities(records: dict[int, Record], trail: Trail) -> int:
    added = []
    for field, type_ in _IDENTITIES.items():
        wanted = {pk: r.values[field] for pk, r in records.items() if r.values.get(field)}
        open_rows = {
            row.client_id: row
            for row in Identity.objects.filter(client__in=wanted, type=type_, valid_to=None)
        }
        for pk, number in wanted.items():
            paper = Identity(client_id=pk, type=type_, valid_from=today())
            paper.set_number(number)
            before = open_rows.get(pk)
            if before is None or bytes(before.number_index) != paper.number_index:
                added.append(paper)
        changed = {row.client_id for row in added} & set(open_rows)
        for pk in changed:
            trail.of(pk).ended.append(open_rows[pk].pk)
        Identity.objects.filter(client__in=changed, type=type_, valid_to=None).update(
            valid_to=today()
        )
    for paper in Identity.objects.bulk_create(added, batch_size=1000):
        trail.of(paper.client_id).papers.append(paper.pk)
    return len(added)


def _risk(records: dict[int, Record], trail: Trail) -> int:
    wanted = {pk: r.values for pk, r in records.items() if r.values.get("risk_grade")}
    known = set(
        RiskAssessment.objects.filter(client__in=wanted).values_list(
            "client", "grade", "assessed_on"
        )
    )
    added = [
        RiskAssessment(
            client_id=pk,
            grade=values["risk_grade"],
            assessed_on=values["risk_assessed_on"],
            expires_on=values["risk_expires_on"],
            source="import",
        )
        for pk, values in wanted.items()
        if (pk, values["risk_grade"], values["risk_assessed_on"]) not in known
    ]
    RiskAssessment.objects.bulk_create(added, batch_size=1000)
    latest: dict[int, date] = {}
    for pk, _grade, assessed_on in known:
        latest[pk] = max(assessed_on, latest.get(pk, assessed_on))
    copies = [
        Client(pk=row.client_id, risk_grade=row.grade, risk_expires_on=row.expires_on)
        for row in added
        if row.assessed_on >= latest.get(row.client_id, row.assessed_on)
    ]
    for copy in copies:
        trail.of(copy.pk)
    Client.objects.bulk_update(copies, ["risk_grade", "risk_expires_on"], batch_size=1000)
    return len(added)
