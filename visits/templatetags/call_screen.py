"""Long lists of the call screen, rendered in Python: a template is several times slower."""

from collections.abc import Iterable

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString
from django.utils.translation import pgettext

from crm.fragments import fragment
from visits.contacts.selectors import Choice, StepChoice
from visits.models import ScriptStep
from visits.scripts.talking_points import Help

register = template.Library()


@register.simple_tag
def steps(
    prompts: Iterable[tuple[ScriptStep, str]], may_answer: object, marks: object
) -> SafeString:
    """The steps with what was given; ``marks``: the page says which one is at."""
    return fragment(
        "visits/scripts/steps.html", steps=prompts, answers=bool(may_answer), marks=bool(marks)
    )


@register.simple_tag
def outcomes(choices: Iterable[Choice], field: BoundField) -> SafeString:
    """The outcomes in two parts, those that reached the client first."""
    return fragment(
        "visits/contacts/outcomes.html",
        choices=choices,
        chosen=str(field.value() or ""),
        reached=pgettext("outcomes", "Reached"),
        missed=pgettext("outcomes", "Not reached"),
    )


@register.simple_tag
def next_steps(steps: Iterable[StepChoice], field: BoundField) -> SafeString:
    """The next steps as buttons."""
    chosen = str(field.value() or "")
    return fragment("visits/contacts/next_steps.html", steps=steps, chosen=chosen)


@register.filter
def helps(rows: Iterable[Help]) -> SafeString:
    """What one can say, with what came of it; a share where there are enough contacts."""
    return fragment("visits/scripts/helps.html", rows=rows)


@register.filter
def grouped(number: str) -> str:
    """A number as one reads it aloud: 「138 1234 1234」; others than Chinese mobiles as they are."""
    digits = number.removeprefix("+86")
    if len(digits) != 11 or not digits.startswith("1"):
        return number
    return f"{digits[:3]} {digits[3:7]} {digits[7:]}"


@register.filter
def swapped(field: BoundField) -> SafeString:
    """The control of a form that is on the page, to take the place of the one there (htmx)."""
    return field.as_widget(attrs={"hx-swap-oob": "true"})
