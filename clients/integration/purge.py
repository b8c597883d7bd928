"""The part of clients/ in the operation ``purge``: present and former clients are kept."""

from __future__ import annotations

from functools import partial

from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import F, Q

from clients.models import Client, Document, FundAccount, HandOverItem, Lifecycle, Membership
from crm import purging
from crm.operations import ProspectsPurged
from staff.models import Notification

# Who saw what, and when, stays for the security of the firm; of whom and why goes.
_FORGET = """
UPDATE crm_accesslog SET client_id = NULL, subject_id = 0, reason = '' WHERE client_id = ANY (%s)
"""


def keep_clients(event: ProspectsPurged) -> None:
    """Exclude present and former clients, and prospects whom other records depend on."""
    rows = Client.objects.filter(pk__in=event.all)
    was = Q(opened_on__isnull=False) | ~Q(lifecycle=Lifecycle.PROSPECT)
    earlier = Q(events__opened_on__isnull=False) | ~Q(events__lifecycle=Lifecycle.PROSPECT)
    had = Q(pk__in=FundAccount.objects.filter(client__in=event.all).values("client"))
    event.keep.update(rows.filter(was | had).values_list("pk", flat=True))
    event.keep.update(
        rows.filter(events__pgh_id__isnull=False).filter(earlier).values_list("pk", flat=True)
    )
    others = Membership.objects.filter(household__head__in=event.all)
    others = others.exclude(client=F("household__head"))
    event.keep.update(others.values_list("household__head", flat=True))
    waiting = HandOverItem.objects.filter(client__in=event.all, state="waiting")
    waiting = waiting.filter(hand_over__state__in=["asked", "approved"])
    event.keep.update(waiting.values_list("client", flat=True))


def delete_clients(event: ProspectsPurged) -> None:
    """The rows of clients, of whatever room, their files, and lines that lead to them."""
    keys = [key for pk, merged in event.gone.items() for key in (pk, *merged)]
    rows = Client.objects.filter(pk__in=keys)
    pages = [client.get_absolute_url() for client in rows.only("public_id")]
    files = list(Document.objects.filter(client__in=keys).values_list("file", flat=True))
    Notification.objects.filter(url__in=pages).delete()
    with purging.unguarded(), connection.cursor() as cursor:
        cursor.execute(_FORGET, [keys])
        event.counts["crm.accesslog"] = cursor.rowcount
    event.counts.update(purging.delete(Client, keys))
    for file in files:
        transaction.on_commit(partial(default_storage.delete, file))
