"""Per-request ground: the reader's language and one transaction that names its employee."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pghistory
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.db import DataError, connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from staff.http import local, refusal
from staff.models import Employee

GetResponse = Callable[[HttpRequest], HttpResponse]
_FAILED = "unit_of_work_failed"
# SQLSTATE of untranslatable_character.
_UNTRANSLATABLE = "22P05"
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


class LanguageMiddleware:
    """Language chosen by the employee, else by the browser (docs/domain.md#languages)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.user.language if request.user.is_authenticated else ""
        language = chosen or translation.get_language_from_request(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class LoginMiddleware(LoginRequiredMiddleware):
    """Whoever sends a form after the session ended is told, and comes back to the form's page."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        if request.method in _READS:
            return super().handle_no_permission(request, view_func)
        text = _("Your session had ended, so nothing was saved. Log in and send it again.")
        messages.warning(request, text)
        back = urlsplit(local(request, request.headers.get("Referer", "")) or "/")
        field = self.get_redirect_field_name(view_func)
        address = back._replace(scheme="", netloc="").geturl()
        return redirect_to_login(address, self.get_login_url(view_func), field)


class UnitOfWorkMiddleware:
    """One transaction per request, naming its employee with SET LOCAL (docs/access.md).

    Its answer is for that employee alone.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        with transaction.atomic():
            name_employee(request.user)
            if request.method in _READS:
                response = self.get_response(request)
            else:
                with pghistory.context(employee=request.user.pk):
                    response = self.get_response(request)
            if response.status_code >= 500 or hasattr(request, _FAILED):
                transaction.set_rollback(True)
            # What is shown to somebody stays in no cache, of the browser's nor on the way to it.
            if not response.has_header("Cache-Control"):
                add_never_cache_headers(response)
            return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Only remember it: the error page is drawn in this transaction and may ask it.

        Text with a NUL, which the database driver takes nowhere, is the sender's mistake.
        """
        setattr(request, _FAILED, True)
        if not _is_nul(exception):
            return None
        text = _("The text holds a character that cannot be kept. Type it anew.")
        return HttpResponse(text, status=400, content_type="text/plain; charset=utf-8")


def _is_nul(exception: Exception) -> bool:
    """Whether a text held a NUL: the driver refuses it as such, PostgreSQL within JSON."""
    if isinstance(exception, DataError):
        return getattr(exception.__cause__, "pgcode", "") == _UNTRANSLATABLE
    return isinstance(exception, ValueError) and "NUL (0x00)" in str(exception)


class MethodMiddleware:
    """An address that takes forms alone, opened as a page, says so on a page with a way on."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        answer = self.get_response(request)
        if answer.status_code != 405 or request.method != "GET":
            return answer
        if not request.user.is_authenticated or "text/html" not in request.headers.get(
            "Accept", ""
        ):
            return answer
        said = refusal(
            request, _("This address has no page. Go back and use its button."), status=405
        )
        said["Allow"] = answer.headers.get("Allow", "")
        return said


class OwnPasswordMiddleware:
    """Whoever has a password of an administrator's making chooses another before reading on."""

    OPEN = frozenset({"account_change_password", "account_logout", "staff:unread"})

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """Pages only: what is sent is kept, and what a page loads belongs to it."""
        employee = request.user
        if not employee.is_authenticated or not employee.must_change_password:
            return None
        part = request.headers.get("HX-Request") == "true"
        page = request.resolver_match.view_name if request.resolver_match else ""
        if request.method not in _READS or part or page in self.OPEN:
            return None
        return redirect("account_change_password")


@contextmanager
def system_work(*, savepoint: bool = True) -> Iterator[None]:
    """A transaction of the system's own; within another one, that one has said whom it is for.

    Without ``savepoint`` an error within another transaction ends that one too.
    """
    alone = not connection.in_atomic_block
    with transaction.atomic(savepoint=savepoint):
        if alone:
            name_employee(None)
        yield


def name_employee(employee: Employee | None) -> None:
    """Name who this transaction works for; 0 is a system job. Ends with the transaction."""
    with connection.cursor() as cursor:
        pk = employee.pk if employee else 0
        cursor.execute("SELECT set_config('crm.employee_id', %s, true)", [str(pk)])
