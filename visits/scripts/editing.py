"""Steps of a script while they are edited: added, moved and deleted one by one, nothing saved.

The rows are what a person typed, as strings and not yet valid, so that no change of their order loses
a word. Step numbers are counted from one, as the page shows them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from staff.models import Employee
from visits import salutation
from visits.models import ScriptStep
from visits.scripts.forms import MOST_READ, MOST_STEPS, StepForm

Row = dict[str, str]
FIELDS = tuple(StepForm.base_fields)
NEW: Row = {"kind": ScriptStep.Kind.QUESTION, "answer": ScriptStep.Answer.TEXT}


def typed_rows(data: Mapping[str, str]) -> list[Row]:
    """The rows of a submitted formset. Raises ValidationError where it does not say how many."""
    total = data.get("form-TOTAL_FORMS", "")
    if not (total.isdecimal() and len(total) < 4):
        raise ValidationError(_("The steps arrived incomplete. Go back and send them again."))
    return [
        {name: data.get(f"form-{number}-{name}", "") for name in FIELDS}
        for number in range(min(int(total), MOST_READ))
    ]


def form_data(rows: Sequence[Row]) -> dict[str, str]:
    """Rows as the formset reads them."""
    data = {"form-TOTAL_FORMS": str(len(rows)), "form-INITIAL_FORMS": str(len(rows))}
    for number, row in enumerate(rows):
        data |= {f"form-{number}-{name}": value for name, value in row.items()}
    return data


def filled(rows: Sequence[Row]) -> list[Row]:
    """Rows with a title or a prompt: a step that was emptied is left out."""
    names = ("title_zh", "title_en", "prompt_zh", "prompt_en")
    kept = [n for n, row in enumerate(rows, 1) if any(row.get(name, "").strip() for name in names)]
    return _in_order(rows, kept)


def changed(rows: Sequence[Row], action: str) -> tuple[list[Row], int]:
    """The rows after ``add``, ``up-3``, ``down-3`` or ``delete-3``, and the step that was meant.

    Raises ValidationError for a step that is not there, and for more steps than a script may have.
    """
    name, _dash, text = action.partition("-")
    order = list(range(1, len(rows) + 1))
    if name == "add":
        if len(rows) >= MOST_STEPS:
            most = _("A script has at most %(most)s steps. Delete one first.")
            raise ValidationError(most % {"most": MOST_STEPS})
        return [*rows, dict(NEW)], len(rows) + 1
    number = int(text) if text.isdecimal() and len(text) < 4 else 0
    if number not in order or name not in {"up", "down", "delete"}:
        raise ValidationError(_("This step is not there any more. Nothing was changed."))
    if name == "delete":
        order.remove(number)
        return _in_order(rows, order), min(number, len(order))
    place = min(max(number + (1 if name == "down" else -1), 1), len(rows))
    order.remove(number)
    order.insert(place - 1, number)
    return _in_order(rows, order), place


def _in_order(rows: Sequence[Row], order: Sequence[int]) -> list[Row]:
    """The rows of these numbers in this order; what depends on one of them follows it.

    A step whose condition went keeps the answers that it asks for: validation then says so there.
    """
    places = {str(old): str(new) for new, old in enumerate(order, 1)}
    made = []
    for number in order:
        row = dict(rows[number - 1])
        after = row.get("if_step", "").strip()
        known = not after.isdecimal() or not 1 <= int(after) <= len(rows)
        row["if_step"] = after if known else places.get(str(int(after)), "")
        made.append(row)
    return made


def preview(rows: Sequence[Row], reader: Employee, hello: str) -> list[tuple[ScriptStep, str]]:
    """What was typed so far as steps of the call page; values that are none yet are left out."""
    made = []
    for number, row in enumerate(rows, 1):
        after = row.get("if_step", "").strip()
        kind, answer = row.get("kind", ""), row.get("answer", "")
        step = ScriptStep(
            position=number,
            kind=kind if kind in ScriptStep.Kind else ScriptStep.Kind.QUESTION,
            answer=answer if answer in ScriptStep.Answer else ScriptStep.Answer.NONE,
            style=row.get("style", "") if row.get("style", "") in ScriptStep.Style else "",
            if_step=int(after) if after.isdecimal() and len(after) < 3 else None,
        )
        for name in ("title_zh", "title_en", "prompt_zh", "prompt_en"):
            setattr(step, name, row.get(name, "").strip())
        for name in ("options_zh", "options_en", "if_values", "flags"):
            setattr(step, name, [s.strip() for s in row.get(name, "").splitlines() if s.strip()])
        if len(step.options_en) != len(step.options_zh):
            step.options_en = []
        if step.prompt_zh or step.prompt_en or step.title_zh:
            made.append(step)
    return shown(made, reader, hello)


def shown(
    steps: Iterable[ScriptStep], reader: Employee, hello: str
) -> list[tuple[ScriptStep, str]]:
    """Steps as the manager will see them, with a greeting for a client made up."""
    words = salutation.words(reader, hello)
    pairs = []
    for number, step in enumerate(steps, 1):
        step.words = words
        step.pk = step.pk or number
        pairs.append((step, ""))
    return pairs
