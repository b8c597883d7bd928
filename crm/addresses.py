"""Addresses of pages by the names of their routes, fast enough for every row of a long list."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from uuid import UUID

from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.functional import lazy

# Stand for a key while its route is resolved; no address contains them otherwise.
_PLACEHOLDERS = (UUID("5b0e3f2c-9d41-4a6b-8c7e-1f2d3a4b5c6d"), 7_318_529_046)


def address(name: str, key: UUID | int | str | None = None) -> str:
    """Path of the page behind the route ``name``; ``key`` is its argument where it takes one.

    ``reverse()`` resolves a route at every call; here each is resolved once, so that an address
    costs less than a microsecond. ``key`` is put in as it is: a UUID (or its text) or a whole
    number. Raises NoReverseMatch for a route that does not exist or takes other arguments.
    """
    before, after = _around(name, key is not None, get_script_prefix())
    return before if key is None else f"{before}{key}{after}"


@cache
def _around(name: str, has_key: bool, _prefix: str) -> tuple[str, str]:
    """The text before and after the key in an address."""
    if not has_key:
        return reverse(name), ""
    uuid, number = _PLACEHOLDERS
    try:
        before, _place, after = reverse(name, args=[uuid]).partition(str(uuid))
    except NoReverseMatch:
        before, _place, after = reverse(name, args=[number]).partition(str(number))
    return before, after


def formatter(name: str) -> Callable[[UUID | int | str], str]:
    """``address(name, key)`` for a loop over many keys; made anew for each request."""
    before, after = _around(name, True, get_script_prefix())
    return f"{_literal(before)}{{}}{_literal(after)}".format


def _literal(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def lazy_address(name: str) -> str:
    """``address(name)`` for a constant of a module: resolved when it is used as text.

    Modules are imported before the routes are.
    """
    return lazy(address, str)(name)
