"""QR codes of the public form: create, render, revoke, look up."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, timedelta

import segno
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from crm import crypto
from crm.trading_days import today
from pipeline.models import Campaign, CaptureLink, Channel
from staff.models import OWNERS, Employee

USUAL = timedelta(days=90)
LONGEST = timedelta(days=366)
# Open codes of one person; each campaign may want its own.
MOST = 20


def make(
    *,
    employee: Employee,
    valid_until: date,
    channel: Channel | None = None,
    campaign: Campaign | None = None,
) -> CaptureLink:
    """A new code. Raises ValidationError for a day that is past or too far, or too many codes."""
    if not today() <= valid_until <= today() + LONGEST:
        raise ValidationError({"valid_until": _("Choose a day from today to a year from now.")})
    if still_open(CaptureLink.objects.visible_to(employee)).count() >= MOST:
        raise ValidationError(_("You have many open codes already: revoke one first."))
    token = secrets.token_urlsafe(32)
    ciphertext, key_id = crypto.encrypt(token)
    return CaptureLink.objects.create(
        employee=employee,
        token_hash=_hash(token),
        ciphertext=ciphertext,
        key_id=key_id,
        channel=channel or (campaign.channel if campaign else None),
        campaign=campaign,
        valid_until=valid_until,
    )


def still_open(rows: QuerySet[CaptureLink]) -> QuerySet[CaptureLink]:
    """Those of the codes that still answer, the newest first."""
    return rows.filter(revoked_at=None, valid_until__gte=today())


def revoke(link: CaptureLink) -> None:
    """Revoke the code."""
    CaptureLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now())


def of_token(token: str) -> CaptureLink | None:
    """The code of this secret, if it is in force and its owner may still serve clients.

    Looked up by the hash of a 256-bit secret: how long that takes tells nothing of any secret.
    """
    rows = CaptureLink.objects.filter(
        token_hash=_hash(token),
        revoked_at=None,
        valid_until__gte=today(),
        employee__is_active=True,
        employee__role__in=OWNERS,
        employee__branch__isnull=False,
    )
    return rows.select_related("employee__branch", "channel", "campaign").first()


def url_of(link: CaptureLink) -> str:
    """The address encoded in the QR code."""
    return f"{settings.SITE_URL}{link.path}"


def drawing(link: CaptureLink) -> SafeString:
    """The code as SVG for the page: attributes only, as the policy of the pages wants it."""
    code = segno.make(url_of(link), error="m", micro=False)
    svg = code.svg_inline(scale=6, border=4, light="white", svgclass="crm-qr", omitsize=True)
    return mark_safe(svg)  # noqa: S308 - drawn here from an address of our own


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
