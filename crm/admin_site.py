"""The administration site: the product's own login, and no way around the access rule."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.apps import AdminConfig
from django.contrib.admin.sites import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, ngettext_lazy

from crm.admin_tasks import grouped

# Apps of django-allauth: second factors, and addresses that the employee's own page holds.
SECRETS = frozenset({"account", "mfa"})

# What Django itself says in English to readers of Chinese: its own catalogue lacks it.
UNTRANSLATED = (
    gettext_noop("Model name"),
    gettext_noop("Add link"),
    gettext_noop("Change or view list link"),
    gettext_noop("After you’ve created a user, you’ll be able to edit more user options."),
    gettext_noop("Error:"),
    gettext_noop("%(model)s instance with %(field)s %(value)r is not a valid choice."),
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
        1,
    ),
)


class Site(AdminSite):
    """Reference data, staff and jobs. Whoever is not staff finds nothing here."""

    index_title = _("Administration")
    # The header links back to work already.
    site_url = None
    # The start page leads everywhere; lists have the width.
    enable_nav_sidebar = False

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        # Nothing is deleted by the dozen; single rows are, where nothing refers to them.
        self.disable_action("delete_selected")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Without the pages that packages bring for secrets of logins: nobody looks at those."""
        models = (
            model_or_iterable if isinstance(model_or_iterable, Iterable) else [model_or_iterable]
        )
        shown = [model for model in models if model._meta.app_label not in SECRETS]
        super().register(shown, admin_class, **options)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """By task (crm/admin_tasks.py)."""
        request.current_app = self.name
        groups = grouped(self, self._build_app_dict(request).values())
        # The site is loaded before the models are.
        from crm import failures

        user: Any = request.user
        wrong = failures.count() if user.administers_firm else 0
        context = {"title": self.index_title, "groups": groups, "failures": wrong}
        return TemplateResponse(request, "admin/index.html", {**context, **(extra_context or {})})

    def _build_app_dict(self, request: HttpRequest, label: Any = None) -> dict[str, Any]:
        """With names as text: Django sorts lazy ones, each translated anew at every comparison."""
        found: dict[str, Any] = super()._build_app_dict(request, label)
        for app in found.values():
            for model in app["models"]:
                model["name"] = str(model["name"])
        return found

    @method_decorator(login_not_required)
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Send people to the product's login, which limits attempts; others find nothing."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise Http404
        target = request.GET.get("next", reverse("admin:index"))
        return redirect(f"{reverse('account_login')}?{urlencode({'next': target})}")

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """In the product's own page, whose rules are the ones that count."""
        return redirect("account_change_password")

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Without the redirect to any object's page: it would tell addresses across scopes."""
        return [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]


class CrmAdminConfig(AdminConfig):
    """``django.contrib.admin`` with the site above."""

    default_site = "crm.admin_site.Site"
