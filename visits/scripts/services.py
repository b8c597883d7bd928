"""How a segment is contacted, changed by a head: scripts in versions, plans in rows.

The old wording and the old plan stay as they were; the new ones are in force from today.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify
from django.utils.translation import gettext as _

from clients.models import Segment
from clients.search import name_pinyin
from staff.models import Branch
from visits.models import CallbackPlan, Script, ScriptVersion
from visits.plans.services import PLAN_COLUMNS, change_plan
from visits.scripts.validation import check_steps
from visits.scripts.versions import STEP_COLUMNS, open_version, renumbered


class VersionChanged(ValidationError):
    """Somebody published another version of the script while one edited it."""


@transaction.atomic
def publish(*, script: Script, steps: Sequence[dict[str, Any]], base: int | None) -> ScriptVersion:
    """Close the version in force and put ``steps`` in its place as the next one.

    ``base`` is the number that the person edited: when another was published meanwhile, nothing is
    overwritten and VersionChanged says so.
    """
    steps = renumbered(steps)
    check_steps(steps, script.branch)
    Script.objects.select_for_update().get(pk=script.pk)
    newest = script.versions.aggregate(number=Max("number"))["number"]
    if newest != base:
        raise VersionChanged(
            _(
                "Version %(number)s was published meanwhile. Yours is kept below and not published: "
                "compare the two, then publish again to replace it."
            )
            % {"number": newest}
        )
    return open_version(script=script, steps=steps)


@transaction.atomic
def create_script(
    *,
    branch: Branch | None,
    name_zh: str,
    name_en: str,
    purpose: str,
    segment: Segment | None = None,
) -> Script:
    """A script without steps yet, of a branch or (None) of the firm; used once they are published."""
    text = slugify(name_en) or slugify(name_pinyin(name_zh)) or "script"
    key = base = text[:30]
    taken = set(Script.objects.filter(branch=branch).values_list("key", flat=True))
    number = 1
    while key in taken:
        number += 1
        key = f"{base}-{number}"
    return Script.objects.create(
        key=key,
        name_zh=name_zh,
        name_en=name_en,
        branch=branch,
        purpose=purpose,
        segment=segment if purpose != Script.Purpose.REGULAR else None,
    )


@transaction.atomic
def copy_script(
    *, script: Script, segment: Segment | None = None, branch: Branch | None = None
) -> Script:
    """A script of a branch with the same steps, used from today.

    For a ``segment`` of a branch, its plan names the copy; for a whole ``branch``, the copy stands
    in for the firm's script wherever a client of the branch is called with that.
    """
    if segment is not None:
        segment = Segment.objects.select_for_update(of=("self",)).get(pk=segment.pk)
        branch = segment.branch
    if branch is None:
        raise ValidationError(_("Only a segment of a branch takes a copy of its own."))
    if Script.objects.filter(key=script.key, branch=branch).exists():
        raise ValidationError(_("This branch has a copy of this script already. Edit that one."))
    copied = Script.objects.create(
        key=script.key,
        name_zh=script.name_zh,
        name_en=script.name_en,
        branch=branch,
        purpose=script.purpose,
        segment=script.segment,
    )
    current = script.current
    steps = current.steps.order_by("position").values(*STEP_COLUMNS) if current else []
    if steps:
        publish(script=copied, steps=list(steps), base=None)
    regular = script.purpose == Script.Purpose.REGULAR
    plan = CallbackPlan.objects.filter(segment=segment, valid_to=None).first() if segment else None
    if plan is not None and regular:
        values = {name: getattr(plan, name) for name in PLAN_COLUMNS}
        change_plan(segment=plan.segment, values={**values, "script": copied})
    return copied
