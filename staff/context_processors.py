"""What the frame of every page needs: places per role, unread notifications, language, theme."""

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from crm import navigation
from crm.localized import choice
from crm.navigation import OWN, OWN_TITLE, SECTIONS, Place, Waiting
from staff.models import Employee, Role
from staff.navigation import audience_of

# More unread than this are shown as "99+": nobody reads the exact number.
MOST_UNREAD = 99


@dataclass(frozen=True)
class MarkedPlace:
    """A place as one page shows it."""

    url: str
    label: str
    icon: str
    active: bool
    count: Waiting | None = None


@dataclass(frozen=True)
class MarkedSection:
    """Places under one title, '' for none; ``key`` is what the browser remembers it by."""

    key: int
    title: str
    places: list[MarkedPlace]

    @property
    def is_open(self) -> bool:
        """Whether it is unfolded at first: the daily ones, and the one where one is."""
        return self.key in (*range(4), OWN) or any(place.active for place in self.places)


@cache
def _address(name: str) -> str:
    """Addresses of the frame: the same for everybody."""
    return reverse(name)


class Shell:
    """Computed as the template asks: a partial that shows none of it costs nothing."""

    csrf_cookie = settings.CSRF_COOKIE_NAME

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._counts: dict[str, Waiting] = dict(getattr(request, "counted", {}))

    @cached_property
    def employee(self) -> Employee | None:
        """Who is logged in; nobody before login and on some error pages."""
        user = getattr(self._request, "user", None)
        return user if isinstance(user, Employee) else None

    @property
    def product(self) -> str:
        """The product's name."""
        return _("Manager's desk")

    @property
    def frame(self) -> str:
        """The template of error pages: the full frame is for those who are logged in."""
        return "base.html" if self.employee else "entrance.html"

    @cached_property
    def language(self) -> str:
        """The language code of this page, such as ``zh-hans``."""
        return translation.get_language() or settings.LANGUAGE_CODE

    @property
    def html_lang(self) -> str:
        """The same as browsers write it."""
        return translation.to_locale(self.language).replace("_", "-")

    @property
    def other_language(self) -> str:
        """What the switch changes to."""
        return "en" if self.language.startswith("zh") else "zh-hans"

    @property
    def theme(self) -> str:
        """``light`` or ``dark`` where the person chose; '' follows the system."""
        return self.employee.theme if self.employee else ""

    @cached_property
    def icons(self) -> str:
        """The icon sprite."""
        return static("img/icons.svg")

    @property
    def here(self) -> str:
        """Where the language and theme switches come back to."""
        return self._request.get_full_path() if self._request.method == "GET" else ""

    @cached_property
    def _own_bars(self) -> tuple[tuple[Place, ...], ...]:
        if self.employee is None:
            return ((), ())
        audience = audience_of(self.employee)
        given = navigation.given_to(self.employee)
        return (
            navigation.bar("side", audience, given, self.language),
            navigation.bar("bottom", audience, given, self.language),
        )

    @cached_property
    def _here_name(self) -> str:
        match = self._request.resolver_match
        return match.view_name if match else ""

    def _mark(self, bar: tuple[Place, ...]) -> list[MarkedPlace]:
        here = self._here_name
        if here and not any(place.name == here for place in bar):
            here = navigation.place_of_room(here.partition(":")[0])
        return [
            MarkedPlace(
                place.url,
                place.label,
                place.icon,
                bool(here) and place.name == here,
                self._waiting(place),
            )
            for place in bar
        ]

    def _waiting(self, place: Place) -> Waiting | None:
        """The number beside a place, asked once for both bars."""
        if place.count is None:
            return None
        if place.url not in self._counts:
            self._counts[place.url] = place.count(self.employee)
        return self._counts[place.url]

    @cached_property
    def places(self) -> list[MarkedPlace]:
        """The side bar."""
        return self._mark(self._own_bars[0])

    @property
    def sections(self) -> list[MarkedSection]:
        """The side bar by its sections."""
        keys = [place.section for place in self._own_bars[0]]
        found = [MarkedSection(key, str(SECTIONS.get(key, "")), []) for key in dict.fromkeys(keys)]
        by_key = {section.key: section for section in found}
        for key, place in zip(keys, self.places, strict=True):
            by_key[key].places.append(place)
        if self._made:
            after = sum(section.key < 2 for section in found)
            found.insert(after, MarkedSection(OWN, str(OWN_TITLE), self._mark(self._made)))
        return found

    @cached_property
    def _made(self) -> tuple[Place, ...]:
        """What the employee made, such as saved views."""
        return tuple(navigation.own_places(self.employee)) if self.employee else ()

    @cached_property
    def tabs(self) -> list[MarkedPlace]:
        """The bottom bar of phones, at most five."""
        return self._mark(self._own_bars[1])

    def found(self, text: str) -> list[Place]:
        """Places, and what can be begun, whose name has ``text`` in it."""
        if self.employee is None:
            return []
        given = navigation.given_to(self.employee)
        audience = audience_of(self.employee)
        made = self._made if text.strip() else ()
        return navigation.found(text, audience, given, self.language, made)

    @property
    def more_places(self) -> list[MarkedPlace]:
        """Places that have no room in the bottom bar; the page Me lists them on phones."""
        tabs = {place.url for place in self.tabs}
        return [place for place in self.places if place.url not in tabs]

    @cached_property
    def unread(self) -> int:
        """Unread notifications, counted up to one more than ``MOST_UNREAD``."""
        return unread_count(self.employee) if self.employee else 0

    @property
    def unread_text(self) -> str:
        """The number on the bell; '' when everything is read."""
        return count_text(self.unread)

    @property
    def name(self) -> str:
        """The employee's name."""
        return self.employee.full_name if self.employee else ""

    @property
    def initial(self) -> str:
        """The character in the avatar."""
        return self.name[:1]

    @property
    def role(self) -> str:
        """The role's name in the reader's language."""
        return choice(Role, self.employee.role) if self.employee else ""

    @cached_property
    def _search(self) -> navigation.Entry | None:
        return navigation.search_of(audience_of(self.employee)) if self.employee else None

    @property
    def search_url(self) -> str:
        """Where the search box sends to; '' for whoever is not offered one."""
        return _address(self._search.route) if self._search else ""

    @property
    def hits_url(self) -> str:
        """The hits while typing."""
        return _address(self._search.hits) if self._search else ""

    home_url = property(lambda self: _address("home"))
    login_url = property(lambda self: _address("account_login"))
    logout_url = property(lambda self: _address("account_logout"))
    language_url = property(lambda self: _address("staff:set_language"))
    theme_url = property(lambda self: _address("staff:set_theme"))
    notifications_url = property(lambda self: _address("staff:notifications"))
    unread_url = property(lambda self: _address("staff:unread"))
    me_url = property(lambda self: _address("staff:me"))


_UNREAD = """
SELECT count(*) FROM (
    SELECT FROM staff_notification WHERE employee_id = %s AND read_at IS NULL LIMIT %s) n
"""


def unread_count(employee: Employee) -> int:
    """Unread notifications of ``employee``, by the index over unread ones; stops at 100.

    Written out, since every page asks it: to build the query took longer than to answer it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_UNREAD, [employee.pk, MOST_UNREAD + 1])
        return int(cursor.fetchone()[0])


def count_text(count: int) -> str:
    """The number for the bell: '', '3' or '99+'."""
    if count > MOST_UNREAD:
        return f"{MOST_UNREAD}+"
    return str(count) if count else ""


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the frame's data, each part computed when a template first asks."""
    return {"shell": Shell(request)}
