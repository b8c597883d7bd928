"""The one reader of policies: which number is in force, for one branch or for all of them.

What there is to read is declared in ``crm.policies``. The nearest branch's row wins; for numbers of
the whole firm, rows of branches hold nowhere.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q

from crm.policies import MissingPolicy, PolicyDefinition, registry
from staff.models import Branch, Policy
from staff.models.policy import PolicyQuerySet

FIRM = "/"
# Written out, since every planning asks it.
_IN_FORCE = """
SELECT p.key, b.path, p.value FROM staff_policy p LEFT JOIN staff_branch b ON b.id = p.branch_id
WHERE p.key = ANY (%s) AND p.valid_from <= %s AND (p.valid_to IS NULL OR p.valid_to > %s)
ORDER BY p.valid_from, p.id
"""


def rows_in_force(policies: Collection[PolicyDefinition], *, on: date) -> PolicyQuerySet:
    """Rows in force on a day, of the firm and of branches where those hold.

    Of several of one key and branch the last by ``valid_from`` counts: they come in that order.
    """
    of_firm = [policy.key for policy in policies if policy.scope == "firm"]
    rows = Policy.objects.valid_on(on).filter(key__in=[policy.key for policy in policies])
    return rows.filter(~Q(key__in=of_firm) | Q(branch=None)).order_by("valid_from", "pk")


def by_path(policies: Collection[PolicyDefinition], *, on: date) -> dict[str, dict[str, Decimal]]:
    """Numbers by key and by path of the branch that has a row; one query.

    ``FIRM`` is the firm; a default holds there where it has no row.
    """
    found = {
        policy.key: {FIRM: Decimal(policy.default)} if policy.without_row == "default" else {}
        for policy in policies
    }
    of_branches = {policy.key for policy in policies if policy.scope == "branch"}
    with connection.cursor() as cursor:
        cursor.execute(_IN_FORCE, [list(found), on, on])
        for key, path, value in cursor.fetchall():
            if path is None or key in of_branches:
                found[key][path or FIRM] = value
    return found


def nearest_of(numbers: Mapping[str, Decimal], branch: Branch | None) -> Decimal | None:
    """Of the numbers of one policy by path, the one of the nearest branch above, or its own."""
    here = branch.path if branch else FIRM
    paths = [path for path in numbers if here.startswith(path)]
    return numbers[max(paths, key=len)] if paths else None


def numbers(
    policies: Collection[PolicyDefinition], *, on: date, branch: Branch | None = None
) -> dict[str, Decimal | None]:
    """The numbers in force in a branch by their keys, ``None`` where none is; one query."""
    found = by_path(policies, on=on)
    return {key: nearest_of(by_branch, branch) for key, by_branch in found.items()}


def find(policy: PolicyDefinition, *, on: date, branch: Branch | None = None) -> Decimal | None:
    """The number in force; ``None`` where no row is and no default holds."""
    row = Policy.objects.in_force(
        registry[policy.key].key, on=on, branch=branch if policy.scope == "branch" else None
    )
    if row is not None:
        return row.value
    return Decimal(policy.default) if policy.without_row == "default" else None


def number(policy: PolicyDefinition, *, on: date, branch: Branch | None = None) -> Decimal:
    """The number in force, in the unit of the policy.

    Raises MissingPolicy where no row is in force and no default holds.
    """
    value = find(policy, on=on, branch=branch)
    if value is None:
        raise MissingPolicy(policy.key)
    return value


def of_firm_with_prefix(prefix: str, *, on: date) -> dict[str, Decimal]:
    """Numbers of the whole firm whose keys begin so, those that a firm added among them."""
    rows = Policy.objects.valid_on(on).filter(key__startswith=prefix, branch=None)
    return dict(rows.order_by("valid_from", "pk").values_list("key", "value"))


def by_branch(policies: Mapping[str, PolicyDefinition], *, on: date) -> dict[str, list[Any]]:
    """Parameters ``<name>_paths`` and ``<name>_values`` for ``nearest``, by name; one query."""
    found = by_path(policies.values(), on=on)
    parameters: dict[str, list[Any]] = {}
    for name, policy in policies.items():
        parameters[f"{name}_paths"] = list(found[policy.key])
        parameters[f"{name}_values"] = list(found[policy.key].values())
    return parameters


def nearest(name: str, kind: str = "numeric") -> str:
    """SQL: the value for the branch ``b`` of what ``by_branch`` found; the nearest branch's row wins."""
    return f"""(
    SELECT p.value FROM unnest(%({name}_paths)s::text[], %({name}_values)s::{kind}[]) p (path, value)
    WHERE starts_with(b.path, p.path) ORDER BY length(p.path) DESC LIMIT 1)"""  # noqa: S608


def meeting(key: str, branch: Branch | None, *, start: date, end: date | None) -> PolicyQuerySet:
    """Rows of ``key`` for exactly this ``branch`` that hold on a day from ``start`` to before ``end``.

    ``end``: ``None`` for as long as nobody ends it.
    """
    rows = Policy.objects.filter(key=key, branch=branch).exclude(valid_to__lte=start)
    return (rows.filter(valid_from__lt=end) if end else rows).order_by("valid_from", "pk")
