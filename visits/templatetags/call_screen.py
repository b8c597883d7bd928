"""Long lists of the call screen, rendered in Python: a template is several times slower."""

from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from visits.models import ScriptStep
from visits.scripts.talking_points import Help

register = template.Library()
_CHECKED, _DISABLED = mark_safe(" checked"), mark_safe(" disabled")


@register.simple_tag
def answers(step: ScriptStep, given: str, may_answer: object) -> SafeString:
    """The answers to choose from, the given one marked."""
    off = "" if may_answer else _DISABLED
    rows = (
        (step.pk, n, step.pk, value, _CHECKED if value == given else "", off, step.pk, n, text)
        for n, (value, text) in enumerate(step.choices, 1)
    )
    return format_html_join(
        "",
        '<input type="radio" id="answer-{}-{}" name="answer_{}" value="{}"{}{}>'
        '<label for="answer-{}-{}">{}</label>',
        rows,
    )


@register.filter
def helps(rows: Iterable[Help]) -> SafeString:
    """What one can say, with what came of it; a share where there are enough contacts."""
    return format_html_join(
        "",
        '<li><span class="crm-pill crm-pill-muted">{}</span> <small class="muted nowrap">{}{}</small>'
        '<p class="mb-0">{}</p></li>',
        ((row.label, row.counts_text, _share(row), row.example) for row in rows),
    )


def _share(row: Help) -> SafeString | str:
    share = row.share
    if not share.is_enough:
        return ""
    return format_html(" · {}% ({}–{}%)", share.percent, share.low, share.high)
