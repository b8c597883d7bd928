"""Rows of the list of callbacks: plain columns, worded once per row."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from clients.models import addressed
from crm.addresses import address
from crm.localized import choice, localized
from crm.money import figure
from visits.models import Callback


class _Names(NamedTuple):
    name_zh: str
    name_en: str


class CallbackRow(NamedTuple):
    """One callback with its client, segment and who is to act."""

    pk: int
    public_id: UUID
    kind: str
    status: str
    due_on: date
    done_on: date | None
    over_capacity: bool
    is_backlog: bool
    client: str
    client_title: str
    client_key: UUID
    # In CNY; None where no figures are known.
    assets: Decimal | None
    segment_zh: str
    segment_en: str
    full_name: str | None
    username: str | None

    @property
    def url(self) -> str:
        return address("visits:callback", self.public_id)

    @property
    def salutation(self) -> str:
        return addressed(self.client, self.client_title)

    @property
    def client_url(self) -> str:
        return address("clients:detail", self.client_key)

    @property
    def snooze_url(self) -> str:
        return address("visits:snooze", self.public_id)

    @property
    def move_url(self) -> str:
        return address("visits:move", self.public_id)

    @property
    def amount(self) -> str:
        """The assets as the column shows them; '' where they are unknown."""
        return "" if self.assets is None else figure(self.assets, get_language() or "")

    @property
    def segment(self) -> str:
        return localized(_Names(self.segment_zh, self.segment_en), "name")

    @property
    def employee(self) -> str:
        """Who is to act; said so where nobody is."""
        return self.full_name or self.username or _("nobody")

    @property
    def kind_label(self) -> str:
        return choice(Callback.Kind, self.kind)

    @property
    def status_label(self) -> str:
        return choice(Callback.Status, self.status)

    @property
    def is_open(self) -> bool:
        return self.status == Callback.Status.OPEN


# Paths to the fields of a row, in their order.
COLUMNS = (
    "pk",
    "public_id",
    "kind",
    "status",
    "due_on",
    "done_on",
    "over_capacity",
    "is_backlog",
    "client__name",
    "client__title",
    "client__public_id",
    "client__derived__assets",
    "client__segment__name_zh",
    "client__segment__name_en",
    "employee__full_name",
    "employee__username",
)
