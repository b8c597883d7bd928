"""What this room tells people of."""

from django.utils.translation import gettext_lazy as _

from crm.notifications import Figures, Kind, Text


def _hand_over(figures: Figures) -> Text:
    if figures["state"] == "asked":
        return _("Clients of %(name)s: handing over %(count)s waits for your decision")
    if figures["state"] != "done":
        return _("Clients of %(name)s: the hand-over was refused, taken back or not possible")
    return _("Clients of %(name)s: %(count)s handed over")


HAND_OVER = Kind("hand_over", _("Hand-over"), _hand_over, {"state": "done", "name": "", "count": 0})
KINDS = (HAND_OVER,)
