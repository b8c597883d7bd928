"""Validation of scripts before publication: completeness, consistency, banned phrases."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from crm.localized import listed
from staff.models import Branch
from visits.models import ScriptStep
from visits.scripts import banned_phrases

# Placeholders of a prompt (in braces); the call screen fills them in.
WORDS = ("greeting", "introduction", "manager", "firm", "post", "certificate")
SCALE = tuple("12345")
_BRACES = re.compile(r"\{([^{}]*)\}")

Answer = ScriptStep.Answer


def answers_of(step: dict[str, Any]) -> Sequence[str]:
    """The answers that another step may depend on: those of a choice or a scale."""
    if step.get("answer") == Answer.SCALE:
        return SCALE
    return step.get("options_zh") or () if step.get("answer") == Answer.CHOICE else ()


def check_steps(steps: Sequence[dict[str, Any]], branch: Branch | None) -> None:
    """Raise ValidationError with a sentence for each fault, its code ``step-1``, ``step-2`` …"""
    if not steps:
        raise ValidationError(_("A script needs at least one step."))
    if all(step.get("answer") == Answer.NONE for step in steps):
        raise ValidationError(
            _("A script needs at least one question: let a step expect an answer.")
        )
    faults: list[ValidationError] = []
    bans = banned_phrases.in_force(branch)
    for number, step in enumerate(steps, 1):
        place = _("Step %(n)s") % {"n": number}
        texts = [step.get(name) or "" for name in ("title_zh", "title_en")]
        texts += [step.get(name) or "" for name in ("prompt_zh", "prompt_en")]
        texts += [*(step.get("options_zh") or ()), *(step.get("options_en") or ())]
        sentences = [*_faults(steps, number), *banned_phrases.sentences(texts, bans)]
        faults += [ValidationError(f"{place}: {text}", code=f"step-{number}") for text in sentences]
    if faults:
        raise ValidationError(faults)


def _faults(steps: Sequence[dict[str, Any]], number: int) -> list[str]:
    step = steps[number - 1]
    faults = []
    for prompt in (step.get("prompt_zh") or "", step.get("prompt_en") or ""):
        for word in _BRACES.findall(prompt):
            if word not in WORDS:
                text = _("{%(word)s} is not known: use %(known)s.")
                known = listed(f"{{{name}}}" for name in WORDS)
                faults.append(text % {"word": word, "known": known})
    if not set(step.get("flags") or ()) <= set(answers_of(step)):
        faults.append(_("An answer to be examined must be one of its own options."))
    earlier, values = step.get("if_step"), step.get("if_values") or []
    if earlier is None:
        if values:
            faults.append(_("Say after which step these answers are meant."))
        return faults
    if not 1 <= earlier < number:
        faults.append(_("It can depend on an earlier step only."))
    elif not answers_of(steps[earlier - 1]):
        faults.append(_("It can depend on a choice or a scale only."))
    elif not values:
        faults.append(_("Say for which answers it is asked."))
    elif unknown := [value for value in values if value not in answers_of(steps[earlier - 1])]:
        text = _("“%(value)s” is no answer of step %(n)s.")
        faults += [text % {"value": value, "n": earlier} for value in unknown]
    return faults
