"""Merging of two records of one person, and its undo (docs/architecture.md#one-person-two-records).

The merged client keeps its rows and points to the survivor; reads go by the group of both
(``Client.group``). What must be one per client, such as open callbacks by hand and opportunities,
moves; the rooms above do that in ``operations.merge``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.file.services import EditConflict, last_editor, lock, refresh_search
from clients.models import (
    Assignment,
    Client,
    ClientMerge,
    ClientTag,
    Household,
    Identity,
    Lifecycle,
    Membership,
    NotDuplicate,
    Phone,
)
from clients.search import name_pinyin
from clients.segments.classification import classify
from crm.operations import (
    ClientSaved,
    ClientsMerged,
    ClientsSplit,
    client_saved,
)
from crm.operations import (
    merge as merge_operation,
)
from crm.operations import (
    unmerge as unmerge_operation,
)
from crm.reasons import clean_reason
from crm.trading_days import today
from staff.models import Employee

UNDO_FOR = timedelta(days=7)
# Chosen field by field; all else follows from both.
CHOSEN = (
    "name",
    "kind",
    "title",
    "birthday",
    "income_level",
    "investment_size",
    "investment_style",
    "prospect_type",
    "source",
    "notes",
)
_KEPT = (
    *CHOSEN,
    "lifecycle",
    "opened_on",
    "recorded_on",
    "last_contact_on",
    "risk_grade",
    "risk_expires_on",
    "calls_refused",
    "call_from",
    "call_until",
    "contact_note",
    "name_pinyin",
    "referred_by_id",
)


@transaction.atomic
def merge(
    *,
    survivor: Client,
    merged: Client,
    versions: Mapping[int, int],
    take: Mapping[str, str],
    by: Employee,
) -> ClientMerge:
    """Merge two records. ``take``: for each field of CHOSEN, whether ``merged`` wins.

    ``versions`` are those that the person looked at. Raises EditConflict where one was saved
    since, ValidationError where the two cannot be merged.
    """
    for key in sorted((survivor.pk, merged.pk)):
        lock(key)
    survivor, merged = (Client.objects.get(pk=client.pk) for client in (survivor, merged))
    if survivor.pk == merged.pk or survivor.merged_into_id or merged.merged_into_id:
        raise ValidationError(_("These two are one already."))
    for client in (survivor, merged):
        if client.version != versions.get(client.pk):
            raise EditConflict(client, last_editor(client))
    before = {str(client.pk): _columns(client) for client in (survivor, merged)}
    moved: dict[str, list[int]] = {}
    _take(survivor, merged, take)
    _join_numbers(survivor, merged, moved)
    _join_rest(survivor, merged, moved)
    _close(survivor, merged, moved)
    survivor.version += 1
    survivor.save()
    refresh_search(client=survivor)
    classify(clients=[survivor.pk])
    survivor.refresh_from_db()
    merge_operation.run(ClientsMerged(survivor=survivor, merged=merged, moved=moved, by=by))
    survivor.forget_merged_keys()
    client_saved.run(ClientSaved(client=survivor, created=False, by=by))
    survivor.refresh_from_db()
    return ClientMerge.objects.create(
        survivor=survivor,
        merged=merged,
        before=before,
        moved=moved,
        version=survivor.version,
        employee=by,
    )


def _columns(client: Client) -> dict[str, Any]:
    encoder = DjangoJSONEncoder()
    values = {name: getattr(client, name) for name in (*_KEPT, "manager_id", "branch_id")}
    return {
        name: encoder.default(value) if isinstance(value, date | datetime | time) else value
        for name, value in values.items()
    }


def _take(survivor: Client, merged: Client, take: Mapping[str, str]) -> None:
    """Set chosen values, and combined ones: the earliest, the latest, the strictest."""
    for name in CHOSEN:
        if take.get(name) == "merged":
            setattr(survivor, name, getattr(merged, name))
    survivor.name_pinyin = name_pinyin(survivor.name)
    both = (survivor, merged)
    if Lifecycle.CLIENT in {client.lifecycle for client in both}:
        survivor.lifecycle = Lifecycle.CLIENT
    survivor.opened_on = min((c.opened_on for c in both if c.opened_on), default=None)
    survivor.recorded_on = min(client.recorded_on for client in both)
    survivor.last_contact_on = max(
        (c.last_contact_on for c in both if c.last_contact_on), default=None
    )
    survivor.calls_refused = any(client.calls_refused for client in both)
    _take_hours(survivor, merged)
    notes = dict.fromkeys(client.contact_note for client in both if client.contact_note)
    survivor.contact_note = " · ".join(notes)[:200]
    referrers = [key for key in (survivor.referred_by_id, merged.referred_by_id) if key]
    survivor.referred_by_id = next(
        (key for key in referrers if not _goes_round(key, {survivor.pk, merged.pk})), None
    )
    tested = (merged.risk_expires_on or date.min) > (survivor.risk_expires_on or date.min)
    if merged.risk_grade and (tested or not survivor.risk_grade):
        survivor.risk_grade, survivor.risk_expires_on = merged.risk_grade, merged.risk_expires_on


def _take_hours(survivor: Client, merged: Client) -> None:
    """Only the hours in which both may be called. Raises ValidationError where there are none."""
    begin = [c.call_from for c in (survivor, merged) if c.call_from is not None]
    end = [c.call_until for c in (survivor, merged) if c.call_until is not None]
    survivor.call_from, survivor.call_until = max(begin, default=None), min(end, default=None)
    if begin and end and max(begin) >= min(end):
        raise ValidationError(
            _(
                "The two take calls at different hours. Ask the client and correct one of them first."
            )
        )


def _goes_round(referrer: int, both: set[int]) -> bool:
    """Whether a referrer was brought by one of the two, directly or through others."""
    above: int | None = referrer
    seen: set[int] = set()
    while above is not None and above not in seen | both:
        seen.add(above)
        above = Client.objects.values_list("referred_by", flat=True).get(pk=above)
    return above in both


def _join_numbers(survivor: Client, merged: Client, moved: dict[str, list[int]]) -> None:
    """Phones and papers of the merged client that the survivor lacks, copied: both stay found."""
    held = {bytes(phone.number_index) for phone in survivor.phones.filter(valid_to=None)}
    moved["phones"] = []
    for phone in merged.phones.filter(valid_to=None).order_by("-is_primary", "pk"):
        if bytes(phone.number_index) in held:
            continue
        first = not survivor.phones.filter(valid_to=None, is_primary=True).exists()
        row = _copy(phone, survivor, Phone(is_primary=first))
        moved["phones"].append(row.pk)
    types = set(survivor.identities.filter(valid_to=None).values_list("type", flat=True))
    moved["identities"] = []
    for paper in merged.identities.filter(valid_to=None).exclude(type__in=types):
        row = _copy(paper, survivor, Identity(type=paper.type, expires_on=paper.expires_on))
        moved["identities"].append(row.pk)


def _copy(number: Phone | Identity, survivor: Client, row: Any) -> Any:
    for name in ("ciphertext", "key_id", "number_index", "last4_index", "index_version"):
        setattr(row, name, getattr(number, name))
    row.client, row.valid_from = survivor, today()
    row.save()
    return row


def _join_rest(survivor: Client, merged: Client, moved: dict[str, list[int]]) -> None:
    """Whom the merged client brought, tags and a place in a household that the survivor lacks."""
    brought = Client.objects.filter(referred_by=merged).exclude(pk=survivor.pk)
    moved["referred"] = list(brought.values_list("pk", flat=True))
    brought.update(referred_by=survivor)
    held = survivor.tags.values_list("tag", flat=True)
    tags = list(merged.tags.exclude(tag__in=held))
    made = [ClientTag(client=survivor, tag_id=t.tag_id, added_by_id=t.added_by_id) for t in tags]
    moved["tags"] = [row.pk for row in ClientTag.objects.bulk_create(made)]
    moved["memberships"] = []
    own = Membership.objects.filter(client=merged, valid_to=None).first()
    if own is not None:
        if Membership.objects.filter(client=survivor, valid_to=None).exists():
            raise ValidationError(_("Both are of a household. Take one of them out of it first."))
        Membership.objects.filter(pk=own.pk).update(client=survivor)
        Household.objects.filter(pk=own.household_id, head=merged).update(head=survivor)
        moved["memberships"] = [own.pk]


def _close(survivor: Client, merged: Client, moved: dict[str, list[int]]) -> None:
    """Point the merged record to the survivor; it gets the survivor's manager and branch."""
    served = Assignment.objects.filter(client=merged, kind="serves", valid_to=None)
    moved["assignments"] = list(served.values_list("pk", flat=True))
    for row in served:
        row.valid_to = max(today(), row.valid_from)
        row.save(update_fields=["valid_to"])
    chain = Client.objects.filter(merged_into=merged)
    moved["chain"] = list(chain.values_list("pk", flat=True))
    chain.update(merged_into=survivor)
    merged.merged_into = survivor
    merged.manager_id, merged.branch_id = survivor.manager_id, survivor.branch_id
    merged.version += 1
    merged.save()


@transaction.atomic
def undo(*, done: ClientMerge, by: Employee) -> None:
    """Make two of one again, both as they were. Contacts recorded since stay with the survivor.

    Raises ValidationError where it is too late, or somebody changed the survivor since: then the
    record is theirs, and nothing can be told apart any more.
    """
    row = ClientMerge.objects.select_for_update(of=("self",)).get(pk=done.pk)
    for key in sorted((row.survivor_id, row.merged_id)):
        lock(key)
    survivor, merged = (Client.objects.get(pk=key) for key in (row.survivor_id, row.merged_id))
    if row.undone_at is not None:
        raise ValidationError(_("This merge has been undone already."))
    if row.at < timezone.now() - UNDO_FOR:
        raise ValidationError(_("A merge can be undone for 7 days only."))
    if survivor.version != row.version or survivor.merged_into_id:
        raise ValidationError(
            _("The client was changed since the merge: it cannot be taken apart any more.")
        )
    moved: dict[str, list[int]] = row.moved
    Phone.objects.filter(pk__in=moved["phones"]).update(valid_to=today(), is_primary=False)
    Identity.objects.filter(pk__in=moved["identities"]).update(valid_to=today())
    tags = ClientTag.objects.filter(pk__in=moved["tags"])
    tags.delete()
    for member in Membership.objects.filter(pk__in=moved["memberships"]):
        Membership.objects.filter(pk=member.pk).update(client=merged)
        Household.objects.filter(pk=member.household_id, head=survivor).update(head=merged)
    _restore(survivor, row.before[str(survivor.pk)])
    Client.objects.filter(pk__in=moved["chain"]).update(merged_into=merged)
    merged.merged_into = None
    _restore(merged, row.before[str(merged.pk)])
    Assignment.objects.filter(pk__in=moved["assignments"]).update(valid_to=None)
    brought = Client.objects.filter(pk__in=moved.get("referred", []), referred_by=survivor)
    brought.update(referred_by=merged)
    classify(clients=[survivor.pk, merged.pk])
    for client in (survivor, merged):
        client.forget_merged_keys()
        client.refresh_from_db()
        refresh_search(client=client)
    unmerge_operation.run(ClientsSplit(survivor=survivor, merged=merged, moved=moved, by=by))
    for client in (survivor, merged):
        client_saved.run(ClientSaved(client=client, created=False, by=by))
    row.undone_at = timezone.now()
    row.save(update_fields=["undone_at"])


def _restore(client: Client, values: dict[str, Any]) -> None:
    for name, value in values.items():
        field = Client._meta.get_field(name.removesuffix("_id"))
        setattr(client, name, field.to_python(value) if not name.endswith("_id") else value)  # type: ignore[union-attr]
    client.version += 1
    client.save()


@transaction.atomic
def dismiss(*, first: Client, second: Client, reason: str, by: Employee) -> None:
    """Record that two clients are different people; the pair is not listed again."""
    reason = clean_reason(reason, field=None)
    low, high = sorted((first.pk, second.pk))
    NotDuplicate.objects.get_or_create(
        first_id=low, second_id=high, defaults={"reason": reason, "employee": by}
    )
