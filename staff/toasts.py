"""Messages after a change, with a button that takes it back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest


def done(request: HttpRequest, text: str, undo: str) -> None:
    """Say on the next page what was done; ``undo``: the address that takes it back on a POST."""
    messages.success(request, text, extra_tags=undo)
