"""How to speak with each type of prospect (D-07)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clients.models import Client, Lifecycle, ProspectType


@dataclass(frozen=True)
class Guide:
    """Advice for one type; ``warning`` is the law where the type tempts one to break it."""

    type: str
    label: Promise | str
    known_by: Promise
    talk: Promise
    offer: Promise
    avoid: Promise
    warning: Promise | str = ""
    citation: Promise | str = ""


GUIDES: dict[str, Guide] = {
    ProspectType.AVOIDANT: Guide(
        ProspectType.AVOIDANT,
        ProspectType.AVOIDANT.label,
        _("Keeps away from investing, or has lost money with it."),
        _("Ask about their worries and listen; speak of risk before gain; small steps."),
        _("A lecture, a booklet, money-market funds within their risk grade. No date for opening."),
        _("Pressing, figures of past gains, calls in short succession."),
    ),
    ProspectType.DELEGATING: Guide(
        ProspectType.DELEGATING,
        ProspectType.DELEGATING.label,
        _("Wants somebody else to decide and act: “you do it for me”."),
        _("Say at once that the client decides and orders alone; explain what the firm may do."),
        _("Funds, licensed asset management of the firm, advice within the risk grade."),
        _("Taking passwords, devices or orders in general; “leave it to me”; sharing gains."),
        _(
            "Discretionary trading is forbidden: the firm and its staff may not accept full powers"
            " to decide on buying or selling, on kinds, numbers or prices. Nor may staff trade for"
            " the client in private or promise gains or cover losses. Refuse, and note that you"
            " refused."
        ),
        _("Securities Law arts 134 to 136 (verified)"),
    ),
    ProspectType.ADVISORY: Guide(
        ProspectType.ADVISORY,
        ProspectType.ADVISORY.label,
        _("Decides alone, and wants facts and opinions before."),
        _("Ask what they hold and why; bring sources; say what is not known."),
        _("Research reports, product comparisons, a talk with an adviser, events."),
        _("Forecasts as certainties, tips without a source, running down rivals."),
    ),
    ProspectType.SELF_DIRECTED: Guide(
        ProspectType.SELF_DIRECTED,
        ProspectType.SELF_DIRECTED.label,
        _("Knows the market, compares fees and tools."),
        _("Be brief and exact; ask what they miss where they are; answer the same day."),
        _("Trading tools, fast opening online, transfer of custody, margin and permissions."),
        _("Teaching, long talks, more contacts than they asked for."),
    ),
}


def guides() -> list[Guide]:
    """All four, in the order of the form."""
    return [GUIDES[type_] for type_ in ProspectType.values]


def panel(_request: HttpRequest, client: Client) -> dict[str, Any]:
    """The advice for a prospect whose type is known."""
    known = client.lifecycle == Lifecycle.PROSPECT
    return {"guide": GUIDES.get(client.prospect_type) if known else None}
