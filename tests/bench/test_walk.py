"""The walk over all addresses as every role: it leaves none out, and stops at one unknown to it."""

from typing import Any

import pytest

from bench import walk
from bench.addresses import EXCEPTIONS, READERS, addresses, pages_of
from bench.browser import Answer
from bench.rows import QUERIES, ROWS, rows_of
from bench.walk import measure_walk
from demo.firm import LOGINS
from staff.models import Employee, Role
from tests.cast import Browse
from tests.factories import NotificationFactory
from tests.test_url_access import ADDRESSES, World, world
from tests.test_url_access import walk as all_addresses

__all__ = ["world"]

FORMS_ONLY = 405


def test_it_leaves_out_no_address_without_a_reason() -> None:
    walked = {address.name for address in addresses()} | set(EXCEPTIONS)
    assert {name for name, pattern in all_addresses() if pattern.name} <= walked
    assert set(ADDRESSES) <= walked


def test_it_walks_as_every_role() -> None:
    assert len(READERS) == len(Role)
    assert set(READERS.values()) <= set(LOGINS)


@pytest.mark.django_db
def test_an_address_without_an_entry_takes_forms_alone(
    administrator: Employee, browse: Browse
) -> None:
    """So a new page of a new kind of row fails here until ``bench/rows.py`` knows the row."""
    unknown = [a for a in addresses() if a.has_arguments and rows_of(a.route) is None]
    assert unknown
    browser = browse(administrator)
    pages = [a.name for a in unknown if browser.get(a.url_of_nothing).status_code != FORMS_ONLY]
    assert not pages, f"say in bench/rows.py which rows these show: {pages}"


def test_no_entry_is_of_an_address_that_is_gone() -> None:
    routes = [address.route for address in addresses()]
    gone = [key for key in ROWS if not any(rows_of(route) is ROWS[key] for route in routes)]
    assert gone == []
    assert set(QUERIES) <= set(routes)


@pytest.mark.django_db
def test_every_page_opens_with_the_rows_that_it_chooses(
    world: World, manager: Employee, stranger: Employee, browse: Browse
) -> None:
    browser = browse(manager)
    browser.raise_request_exception = False
    pages = pages_of(manager)
    found = {page: browser.get(url).status_code for page, url in pages.items()}
    # Forms alone, and what is for heads or compliance.
    other = {page: code for page, code in found.items() if code not in {200, 302, 403, 405}}
    # No such page at all or for this person, and a file that only its job could have made.
    assert other == {"account_set_password": 404, "staff:runs": 404, "staff:job_file": 410}
    assert pages["clients:detail"] == f"/clients/{world.client}/"
    opened = {page.split(" ")[0] for page in pages}
    assert {"clients:document_file", "staff:job_file", "visits:invitation"} <= opened
    assert not any(name.startswith("admin:") for name in opened)
    # Who sees none of these rows has no page of them.
    assert {"clients:detail", "clients:document_file"}.isdisjoint(pages_of(stranger))


@pytest.mark.django_db
def test_the_administration_is_opened_with_its_newest_rows(
    world: World, administrator: Employee, browse: Browse
) -> None:
    pages = pages_of(administrator)
    assert pages["admin:visits_visit_changelist"] == "/admin/visits/visit/"
    assert browse(administrator).get(pages["admin:visits_visit_change"]).status_code == 200
    assert "admin:app_list clients" in pages


class Site:
    """A site of two pages, one of them a form, with one address of which nobody has a row."""

    statuses = {"/list/": 200, "/form/": FORMS_ONLY, "/rows/0/": 404}

    def __init__(self, unknown: list[str]) -> None:
        pages = {"list": "/list/", "form": "/form/"}
        self.facts: dict[str, Any] = {
            "readers": {"administrator": {"name": "admin", "pages": pages}},
            "unopened": {"row": "/rows/0/"},
            "unknown": unknown,
        }
        self.browsers = {"administrator": self}
        self.site = self
        self.stopped = False
        self.asked: list[dict[str, str]] = []

    def get(self, url: str, **headers: str) -> Answer:
        self.asked.append(headers)
        return Answer(
            self.statuses[url], b"", 0.09, 7 if "X_Count_Queries" in headers else None, ""
        )

    def yardstick(self) -> float:
        return 0.01

    def stop(self) -> None:
        self.stopped = True


def walked(site: Site, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(walk, "Measured", lambda home, module: site)
    return measure_walk(None)  # type: ignore[arg-type]


def test_it_measures_pages_in_yardsticks(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    site = Site(unknown=[])
    (only,) = walked(site, monkeypatch)
    assert (only.title, round(only.value, 6), only.passed) == ("list · administrator", 9, False)
    assert "7 queries" in only.detail
    assert "not opened: row;" in capsys.readouterr().out
    assert site.stopped
    assert all("X_Undo" in headers for headers in site.asked), "the firm must stay as it was"


def test_it_stops_at_an_address_that_it_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RuntimeError, match="which rows these show: row"):
        walked(Site(unknown=["row"]), monkeypatch)


def test_a_page_that_breaks_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site(unknown=[])
    site.statuses = site.statuses | {"/form/": 500}
    with pytest.raises(RuntimeError, match="form · administrator \\(500\\)"):
        walked(site, monkeypatch)


@pytest.mark.django_db
@pytest.mark.parametrize(("headers", "stays"), [({}, True), ({"X-Undo": "1"}, False)])
def test_what_a_walked_page_writes_is_undone(
    headers: dict[str, str], stays: bool, manager: Employee, browse: Browse, settings: Any
) -> None:
    note = NotificationFactory(employee=manager)
    place = settings.MIDDLEWARE.index("staff.middleware.UnitOfWorkMiddleware") + 1
    settings.MIDDLEWARE[place:place] = ["bench.undo.UndoMiddleware"]
    browse(manager).post(f"/notifications/{note.pk}/", headers=headers)
    note.refresh_from_db()
    assert (note.read_at is not None) == stays
