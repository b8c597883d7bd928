"""Texts of digests by channel. Figures and a link only: client names never leave the product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from visits.models import DeliveryChannel, Digest
from visits.notifications import robot_delivery
from visits.notifications.robot_delivery import Refused

__all__ = ["Message", "Refused", "send"]


@dataclass(frozen=True)
class Message:
    """The content of a digest: figures of the employee's own work, number of escalations."""

    digest: Digest
    figures: dict[str, int]
    escalated: int = 0
    has_own: bool = True

    @property
    def path(self) -> str:
        """Path of the link: Today, or the list of escalated callbacks."""
        return reverse("visits:today" if self.has_own else "visits:escalations")


def send(message: Message) -> None:
    """Hand the message to the outside; nothing to do for the inbox.

    Raises what the mailer does, and Refused for an address of one's own.
    """
    digest = message.digest
    if digest.channel == DeliveryChannel.IN_APP:
        return
    with translation.override(digest.employee.language or settings.LANGUAGE_CODE):
        context = _context(message)
        subject = render_to_string("email/digest_subject.txt", context).strip()
        if digest.channel == DeliveryChannel.ENDPOINT:
            assert digest.endpoint  # noqa: S101
            body = render_to_string("email/digest_short.txt", context).strip()
            robot_delivery.send(url=digest.endpoint.url, title=subject, body=body)
            return
        text = render_to_string("email/digest.txt", context)
        html = render_to_string("email/digest.html", context)
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    mail = EmailMultiAlternatives(
        subject,
        text,
        to=[digest.employee.email],
        headers={"Message-ID": f"<digest-{digest.pk}@{host}>"},
    )
    mail.attach_alternative(html, "text/html")
    mail.send()


def _context(message: Message) -> dict[str, Any]:
    return {
        "employee": message.digest.employee,
        "language": translation.get_language(),
        "figures": message.figures,
        "escalated": message.escalated,
        "has_own": message.has_own,
        "url": settings.SITE_URL.rstrip("/") + message.path,
    }
