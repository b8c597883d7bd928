"""Writes one row of a client file: by the services that write the whole, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from clients.consents.services import Wishes, set_wishes
from clients.file.rows import Row, tags_of
from clients.file.services import Details, EditConflict, last_editor, lock, update_client
from clients.models import Client, Tag
from staff.models import Employee


@transaction.atomic
def save_row(
    *, client_id: int, row: Row, seen: str, values: dict[str, Any], by: Employee
) -> Client:
    """Save the values of one row and return the client as it is then.

    ``seen`` is the ``Row.state`` that the person had before them. Raises EditConflict where the row
    is another by now, ValidationError for values that do not go together.
    """
    client = lock(client_id)
    tags = tags_of(client) if row.key == "tags" else []
    if client.merged_into_id or row.state(client, tags) != seen:
        raise EditConflict(client, None if row.key == "tags" else last_editor(client))
    if row.key == "tags":
        _set_tags(client, values["tags"], by)
        return client
    if row.fields[0] in Wishes.__annotations__:
        kept = {name: getattr(client, name) for name in Wishes.__annotations__}
        return set_wishes(
            client_id=client_id, version=client.version, wishes=Wishes(**(kept | values)), by=by
        )
    details = Details(values=values)
    return update_client(client_id=client_id, version=client.version, by=by, details=details).client


def _set_tags(client: Client, names: Sequence[str], by: Employee) -> None:
    """Make ``names`` the tags of the client; a new word becomes a tag of the employee's branch."""
    unwanted = client.tags.exclude(tag__name__in=names)
    unwanted.delete()
    held = set(client.tags.values_list("tag__name", flat=True))
    near = {tag.name: tag for tag in Tag.objects.filter(by.near, name__in=names).order_by("-pk")}
    branch = None if by.administers_firm else by.branch
    for name in names:
        if name not in held:
            tag = near.get(name) or Tag.objects.get_or_create(name=name, branch=branch)[0]
            client.tags.create(tag=tag, added_by=by)
