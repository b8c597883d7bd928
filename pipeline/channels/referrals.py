"""Referrals: referrer, thanks, and result (D-08)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from clients.file.services import lock
from clients.models import Client
from crm.trading_days import today
from pipeline.models import Opportunity, Thanks
from staff.models import Employee


def _thanks() -> QuerySet[Any]:
    """Thanks never move: ``thanked`` and ``brought`` are whom their clients were merged into."""
    return Thanks.objects.alias(
        thanked=Coalesce("referrer__merged_into", "referrer"),
        brought=Coalesce("referred__merged_into", "referred"),
    )


def _was_thanked() -> Q:
    """Whether the present referrer was thanked for a client, whichever record either was then.

    Three questions, since each can be answered by an index, and for the whole firm at once.
    """
    referrer = OuterRef("referred_by")
    direct = Thanks.objects.filter(referred=OuterRef("pk"))
    later = Thanks.objects.filter(
        referrer__merged_into__isnull=False, referrer__merged_into=referrer
    )
    merged = _thanks().filter(referred__merged_into__isnull=False, thanked=referrer)
    return (
        Q(Exists(direct.filter(referrer=referrer)))
        | Q(Exists(later.filter(referred=OuterRef("pk"))))
        | Q(Exists(merged.filter(referred__merged_into=OuterRef("pk"))))
    )


def referrals(viewer: Employee) -> QuerySet[Any]:
    """Visible clients with a referrer.

    ``stage_key`` is the opportunity that is worked or was closed last; ``thanked_on`` and
    ``thanked_how`` the last thanks to the present referrer.
    """
    group = Q(pk=OuterRef(OuterRef("pk"))) | Q(merged_into=OuterRef(OuterRef("pk")))
    # By the keys of the group: the index then finds the few thanks of each line.
    thanks = _thanks().filter(
        referred__in=Client.objects.filter(group).order_by().values("pk"),
        thanked=OuterRef("referred_by"),
    )
    chances = Opportunity.objects.filter(client=OuterRef("pk")).order_by("-id")
    rows = Client.objects.visible_to(viewer).filter(referred_by__isnull=False)
    rows = rows.annotate(
        thanked_on=Subquery(thanks.order_by("-on", "-id").values("on")[:1]),
        thanked_how=Subquery(thanks.order_by("-on", "-id").values("how")[:1]),
        chance=Subquery(chances.values("pk")[:1]),
        # A referrer of somebody else's book is not named.
        sees_referrer=Exists(Client.objects.visible_to(viewer).filter(pk=OuterRef("referred_by"))),
    )
    return rows.select_related("referred_by", "manager")


def in_state(rows: QuerySet[Any], state: str) -> QuerySet[Any]:
    """Filter ``referrals``; ``open``: without thanks so far. Any other value: all."""
    if state == "open":
        return rows.filter(~_was_thanked())
    if state == "thanked":
        return rows.filter(_was_thanked())
    if state == "opened":
        return rows.filter(opened_on__isnull=False)
    return rows


def counts(rows: QuerySet[Any]) -> dict[str, int]:
    """Of these of ``referrals``: how many in all, without thanks, and with an account opened."""
    return {name or "all": in_state(rows, name).count() for name in ("", "open", "opened")}


def unthanked(viewer: Employee, client: Client) -> list[Client]:
    """Referrals by or of this client without thanks so far."""
    rows = in_state(referrals(viewer), "open").filter(Q(pk=client.pk) | Q(referred_by=client))
    return list(rows.order_by(F("recorded_on").desc(), "-pk")[:5])


@transaction.atomic
def thank(*, referred: Client, how: str, on: date, note: str, by: Employee) -> Thanks:
    """Record that the referrer of ``referred`` was thanked.

    Raises ValidationError for a day to come, for nobody to thank, and for the same thanks again.
    """
    referred = lock(referred.pk)
    if referred.referred_by is None:
        raise ValidationError(_("Nobody is on record who brought this client."))
    if on > today():
        raise ValidationError({"on": _("Choose today or a day before.")})
    referrer = referred.referred_by
    same = _thanks().filter(thanked=referrer.pk, brought=referred.pk, how=how, on=on)
    if same.exists():
        raise ValidationError(_("This is on record already."))
    return Thanks.objects.create(
        referrer=referrer, referred=referred, how=how, on=on, note=note.strip(), employee=by
    )
