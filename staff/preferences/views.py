"""Pages of one's own. Everything here concerns the person who asks, and nobody else."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm import panels
from staff.context_processors import Shell
from staff.http import StaffRequest, local, refusal
from staff.models import Employee
from staff.preferences.forms import LanguageForm, PreferencesForm, ThemeForm


@require_http_methods(["GET", "HEAD", "POST"])
def me(request: StaffRequest) -> HttpResponse:
    """Own settings: language and look, the way to the password, and out."""
    form = PreferencesForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        employee = form.save(commit=False)
        employee.save(update_fields=["language", "theme"])
        if employee.language:
            translation.activate(employee.language)
        messages.success(request, _("Saved."))
        return _remember_language(redirect("staff:me"), employee.language)
    status = 422 if form.errors else 200
    actions = panels.contexts("me_actions", request, request.user)
    context = {"form": form, "branch": request.user.branch, "panels": actions}
    return render(request, "staff/preferences/me.html", context, status=status)


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Change the language and stay on the page; before login the browser remembers it."""
    form = LanguageForm(request.POST)
    if not form.is_valid():
        text = _("Choose Chinese or English.")
        return HttpResponseBadRequest(text, content_type="text/plain; charset=utf-8")
    language = form.cleaned_data["language"]
    if isinstance(request.user, Employee):
        request.user.language = language
        request.user.save(update_fields=["language"])
    return _remember_language(_back(request), language)


@require_POST
def set_theme(request: StaffRequest) -> HttpResponse:
    """Keep the choice of light or dark and stay on the page."""
    form = ThemeForm(request.POST)
    if not form.is_valid():
        return refusal(request, _("Choose light or dark."), status=400)
    request.user.theme = form.cleaned_data["theme"]
    request.user.save(update_fields=["theme"])
    return _back(request)


def _remember_language(response: HttpResponse, language: str) -> HttpResponse:
    """Also in the browser, for the pages before the next login."""
    if not language:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
        return response
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 3600,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
    return response


def _back(request: HttpRequest) -> HttpResponse:
    return redirect(local(request, request.POST.get("next", "")) or "home")


@require_GET
def home(request: StaffRequest) -> HttpResponse:
    """The page one begins with, by role: Today, the branch board or the administration."""
    return redirect(Shell(request).places[0].url)
