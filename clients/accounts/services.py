"""Writes of fund accounts by a person; a back office writes figures only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from clients.file.services import lock, refresh_search
from clients.models import Client, FundAccount, Lifecycle
from crm.trading_days import today

TYPED = "typed"


@dataclass(frozen=True)
class AccountDetails:
    """Entered data of an account; ``commission_rate`` is a share of the turnover."""

    markets: Sequence[str]
    permissions: Sequence[str]
    opened_on: date
    commission_rate: Decimal | None
    closed_on: date | None = None


@transaction.atomic
def add_account(*, client: Client, number: str, details: AccountDetails) -> FundAccount:
    """Record an account; ``number`` is in its normal form. Raises ValidationError."""
    # Under the client's lock, so that a form sent twice is one account.
    locked = lock(client.pk)
    if locked.lifecycle == Lifecycle.PROSPECT:
        raise ValidationError(
            _("A prospect has no account yet: move the opportunity to “account opened” first.")
        )
    account = FundAccount(client=client, source=TYPED)
    account.set_number(number)
    if FundAccount.objects.filter(number_index=account.number_index).exists():
        raise ValidationError(
            {"number": _("This account number is recorded already: check it with the back office.")}
        )
    _take(account, details)
    account.save()
    refresh_search(client=locked)
    return account


@transaction.atomic
def change_account(*, account: FundAccount, details: AccountDetails) -> FundAccount:
    """Edit an account; its history keeps former values. Raises ValidationError."""
    lock(account.client_id)
    account.refresh_from_db()
    _take(account, details)
    account.save()
    return account


def _take(account: FundAccount, details: AccountDetails) -> None:
    for name, day in (("opened_on", details.opened_on), ("closed_on", details.closed_on)):
        if day and day > today():
            raise ValidationError({name: _("The date lies in the future.")})
    if details.closed_on and details.closed_on < details.opened_on:
        raise ValidationError({"closed_on": _("An account closes after it was opened.")})
    account.markets = list(details.markets)
    account.permissions = list(details.permissions)
    account.opened_on = details.opened_on
    account.commission_rate = details.commission_rate
    account.closed_on = details.closed_on
