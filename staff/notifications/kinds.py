"""What this room tells people of: ended jobs, silent machinery, and plain texts."""

from django.utils.translation import gettext_lazy as _

from crm import periodic
from crm.notifications import Figures, Kind, Text


def _job(figures: Figures) -> Text:
    if figures.get("failed"):
        return _("%(title)s: could not be finished")
    return _("%(title)s: finished")


def _outage(figures: Figures) -> Text:
    sentence = periodic.sentence(str(figures["part"]), over=bool(figures["over"]))
    return sentence or _("%(text)s")


# A text in the language of whoever receives it.
SYSTEM = Kind("system", _("System"), _("%(text)s"), {"text": ""})
JOB = Kind("job", _("Work finished"), _job, {"title": ""})
OUTAGE = Kind(
    "outage",
    _("Machinery silent"),
    _outage,
    {"part": "", "over": False, "text": ""},
    link=periodic.status_url,
)
KINDS = (SYSTEM, JOB, OUTAGE)
