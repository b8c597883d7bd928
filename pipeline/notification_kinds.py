"""What this room tells people of."""

from django.utils.translation import gettext_lazy as _

from crm.notifications import Figures, Kind, Text


def _public_form(figures: Figures) -> Text:
    if figures.get("new"):
        return _("A new prospect filled in the form behind your QR code")
    return _("Somebody on record filled in the form behind a QR code")


PUBLIC_FORM = Kind("public_form", _("Public form"), _public_form)
CANCELLED = Kind(
    "campaign_off",
    _("Campaign"),
    _("Cancelled: %(name)s (%(reason)s). Tell the clients you invited."),
    {"name": "", "reason": ""},
)
KINDS = (PUBLIC_FORM, CANCELLED)
