"""Fragments of pages on Django's Jinja2 backend: what a page draws hundreds of times.

Their templates lie in ``templates/jinja2/`` and escape everything that is not marked safe. Texts
are taken by ``_()`` only: ``makemessages`` sees it there, and no other tag. An undefined name is
an error and not an empty text.
"""

from __future__ import annotations

import re
from typing import Any

from django.template.loader import get_template
from django.templatetags.static import static
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from jinja2 import Environment, StrictUndefined
from jinja2.ext import Extension

from crm.addresses import address
from crm.money import yuan

ENGINE = "jinja2"
_INDENTATION = re.compile(r"\n +")


class Outdent(Extension):
    """Templates are indented for people; what is drawn hundreds of times is sent without that."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """The source with its lines as they are, from their first letter on."""
        return _INDENTATION.sub("\n", source)


def environment(**options: Any) -> Environment:
    """What the templates know besides their context; settings.TEMPLATES names this function."""
    own = {
        "undefined": StrictUndefined,
        "extensions": [Outdent],
    }
    made = Environment(**{**options, **own})  # noqa: S701 - the backend passes autoescape=True
    made.globals.update(_=gettext, url=address, static=static)
    made.filters.update(date=date_format, yuan=yuan)
    return made


def fragment(template_name: str, /, **context: Any) -> SafeString:
    """The template of this name on this backend, drawn, without space around it.

    Raises TemplateDoesNotExist, and UndefinedError for what ``context`` lacks.
    """
    html = get_template(template_name, using=ENGINE).render(context)
    return mark_safe(html.strip())  # noqa: S308 - the backend escapes
