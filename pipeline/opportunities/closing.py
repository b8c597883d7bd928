"""Consequences of a won opportunity (D-04): account, occasion, thanks."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clients.models import Client
from crm import trading_days
from crm.operations import AccountOpened, account_opened
from crm.trading_days import today
from pipeline.models import Opportunity, OpportunityKind
from staff.models import OWNERS, Employee
from visits.contacts.services import create_manual
from visits.models import Occasion
from visits.planning.occasions import note_occasion

OCCASIONS = {
    OpportunityKind.CUSTODY_TRANSFER: Occasion.Kind.CUSTODY,
    OpportunityKind.SALE: Occasion.Kind.PURCHASE,
}


def close(*, opportunity: Opportunity, happened_on: date, by: Employee) -> None:
    """Apply the consequences of an opportunity just won, in the caller's transaction.

    Account opening: every room's part of ``account_opened`` runs. Transfer and purchase: an
    occasion, from which callbacks are planned. Reactivation and referral: a call on the next
    trading day, to keep the one going and to thank for the other. Raises ValidationError for a
    day to come or before the client was recorded.
    """
    client = opportunity.client
    happened_on = _checked_day(client, happened_on)
    if opportunity.kind == OpportunityKind.ACCOUNT_OPENING:
        account_opened.run(AccountOpened(client, happened_on, won_by(client, by)))
        return
    kind = OpportunityKind(opportunity.kind)
    if kind in OCCASIONS:
        try:
            note_occasion(
                client=client,
                kind=OCCASIONS[kind],
                happened_on=happened_on,
                by=by,
                source_key=f"opportunity:{opportunity.public_id}",
            )
        except ValidationError as refused:
            raise ValidationError({"opened_on": refused.messages}) from None
        return
    reason = (
        _("Active again: ask how it goes, and what is still needed.")
        if kind == OpportunityKind.REACTIVATION
        else _("Thank for the referral, and say what came of it.")
    )
    create_manual(
        client=client,
        employee=client.manager or (by if by.may_own_clients else None),
        due_on=trading_days.add(today(), 1),
        reason=reason,
        by=by,
        token=opportunity.public_id,
    )


def won_by(client: Client, by: Employee) -> Employee:
    """The employee who has won the client: the prospect's manager, whoever moved the card."""
    serving = client.manager
    return serving if serving is not None and serving.role in OWNERS else by


def _checked_day(client: Client, day: date) -> date:
    if day > today():
        raise ValidationError(
            {"opened_on": _("This day lies in the future. Enter today or an earlier day.")}
        )
    if day < client.recorded_on:
        raise ValidationError(
            {
                "opened_on": _("The client was recorded on %(day)s; it cannot be before that.")
                % {"day": date_format(client.recorded_on, "SHORT_DATE_FORMAT")}
            }
        )
    return day
