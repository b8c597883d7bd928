"""What people give as a reason: one check for every write that asks for one."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LONGEST = 200  # characters; the width of the columns that keep reasons


def clean_reason(text: str, *, field: str | None = "reason", missing: str = "") -> str:
    """The reason without spaces around it.

    Raises ValidationError, on ``field`` of the form, where nothing is said (with the sentence
    ``missing``) or more than ``LONGEST`` characters.
    """
    text = text.strip()
    wrong = ""
    if not text:
        wrong = missing or _("Say why.")
    elif len(text) > LONGEST:
        wrong = _("Say it in at most 200 characters.")
    if wrong:
        raise ValidationError({field: wrong} if field else wrong)
    return text
