"""Documents of a client: folders, upload, preview, void."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from clients.documents import services
from clients.documents.forms import DocumentForm, VoidForm
from clients.file.access import editable_client
from clients.models import Client, Document
from clients.querysets import may_record
from staff.http import StaffRequest, refusal

SHOWN = 200


@never_cache
@require_safe
def documents(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The folders of a client, the newest first."""
    client = get_object_or_404(Client.objects.visible_to(request.user), public_id=public_id)
    return _page(request, client, DocumentForm())


def _page(
    request: StaffRequest, client: Client, form: DocumentForm, status: int = 200
) -> HttpResponse:
    kind = request.GET.get("kind", "")
    rows = Document.objects.visible_to(request.user).filter(client__in=client.group)
    rows = rows.select_related("uploaded_by", "voided_by", "client")
    if kind in Document.Kind.values:
        rows = rows.filter(kind=kind)
    documents = list(rows[: SHOWN + 1])
    show = request.GET.get("show", "")
    context = {
        "client": client,
        "documents": documents[:SHOWN],
        "cut": SHOWN if len(documents) > SHOWN else 0,
        "shown": next((row for row in documents if str(row.public_id) == show), None),
        "kinds": Document.Kind.choices,
        "kind": kind,
        "editable": may_record(request.user),
        "form": form,
    }
    return render(request, "clients/documents/documents.html", context, status=status)


@require_POST
def add_document(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Upload a scan or a photo."""
    client = editable_client(request, public_id)
    form = DocumentForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            services.add(
                client=client,
                kind=form.cleaned_data["kind"],
                title=form.cleaned_data["title"],
                file=form.cleaned_data["file"],
                by=request.user,
            )
        except ValidationError as error:
            form.add_error("file", error)
        else:
            messages.success(request, _("The document is kept."))
            return redirect("clients:documents", public_id=client.public_id)
    return _page(request, client, form, status=422)


@never_cache
@require_safe
def document_file(request: StaffRequest, public_id: UUID, key: UUID) -> HttpResponse | FileResponse:
    """The content of a document, with its checked type and nothing that could run in it."""
    row = get_object_or_404(
        Document.objects.visible_to(request.user), public_id=key, client__public_id=public_id
    )
    try:
        file = services.open_file(document=row, by=request.user)
    except FileNotFoundError:
        text = _("The file of this document is not in the storage. Tell who runs this system.")
        return HttpResponse(text, status=404, content_type="text/plain; charset=utf-8")
    answer = FileResponse(file, content_type=row.content_type, filename=row.name)
    answer["X-Content-Type-Options"] = "nosniff"
    # A picture needs no rights at all; the reader of a PDF does not start in a sandbox.
    sandbox = "; sandbox" if row.is_image else ""
    answer["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'{sandbox}"
    )
    # The page of the documents shows a PDF in a frame; no other site may.
    answer["X-Frame-Options"] = "SAMEORIGIN"
    return answer


@require_POST
def void_document(request: StaffRequest, public_id: UUID, key: UUID) -> HttpResponse:
    """Mark a document as not valid, for a reason."""
    client = editable_client(request, public_id)
    rows = Document.objects.editable_by(request.user).filter(client__in=client.group)
    row = get_object_or_404(rows, public_id=key)
    form = VoidForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError(_("Say why."))
        services.void(document=row, reason=form.cleaned_data["reason"], by=request.user)
    except ValidationError as error:
        return refusal(request, " ".join(error.messages))
    messages.success(request, _("The document is void; it stays on record."))
    return redirect("clients:documents", public_id=client.public_id)
