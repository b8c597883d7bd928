"""Accounts of a client: all figures, record, edit."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from clients.accounts.forms import AccountForm
from clients.accounts.services import add_account, change_account
from clients.figures.held import ALL, holding
from clients.figures.mapping import MONEY
from clients.file.access import editable_client
from clients.models import Client, FundAccount, MonthlyFigure
from clients.querysets import may_record
from crm.addresses import address
from crm.paging import paginate
from staff.http import StaffRequest

_PAGE = ["GET", "HEAD", "POST"]


@never_cache
@require_safe
def accounts(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """All accounts of a client with their monthly figures."""
    client = get_object_or_404(Client.objects.visible_to(request.user), public_id=public_id)
    held = holding(client, shown=ALL)
    names = {account.pk: account.masked for account in held.accounts}
    figures = MonthlyFigure.objects.visible_to(request.user).filter(account__in=list(names))
    page = paginate(figures, order=("-month", "-id"), query=request.GET)
    context = {
        "client": client,
        "client_url": client.get_absolute_url(),
        "url": address("clients:accounts", client.public_id),
        "held": held,
        "page": page,
        "figures": [_shown(row, names[row.account_id]) for row in page.items],
        "editable": may_record(request.user),
    }
    return render(request, "clients/accounts/accounts.html", context)


def _shown(row: MonthlyFigure, account: str) -> dict[str, str]:
    """A month of an account as plain text; — is unknown."""
    money = {name: getattr(row, name) for name in MONEY}
    texts = {name: "—" if value is None else f"{value:,.2f}" for name, value in money.items()}
    return texts | {
        "account": account,
        "month": f"{row.month:%Y-%m}",
        "trades": "—" if row.trades is None else f"{row.trades:,}",
        "as_of": row.as_of.isoformat(),
        "source": row.source,
    }


@never_cache
@require_http_methods(_PAGE)
def add(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Record an account."""
    client = editable_client(request, public_id)
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            add_account(client=client, number=form.cleaned_data["number"], details=form.details())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _done(request, client)
    return _form(request, client, form, _("Add an account"))


@never_cache
@require_http_methods(_PAGE)
def edit(request: StaffRequest, public_id: UUID, pk: int) -> HttpResponse:
    """Change an account; its number stays."""
    client = editable_client(request, public_id)
    account = get_object_or_404(
        FundAccount.objects.editable_by(request.user).filter(client=client), pk=pk
    )
    form = AccountForm(request.POST or None, account=account)
    if request.method == "POST" and form.is_valid():
        try:
            change_account(account=account, details=form.details())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _done(request, client)
    return _form(request, client, form, _("Account %(number)s") % {"number": account.masked})


def _form(request: StaffRequest, client: Client, form: AccountForm, title: str) -> HttpResponse:
    form.cancel_url = address("clients:accounts", client.public_id)
    context = {"form": form, "client": client, "title": title}
    return render(request, "clients/form.html", context, status=422 if form.errors else 200)


def _done(request: StaffRequest, client: Client) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect(address("clients:accounts", client.public_id))
