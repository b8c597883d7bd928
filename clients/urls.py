"""Addresses of clients."""

from django.urls import path

from clients.accounts import views as accounts
from clients.consents import views as consents
from clients.directory import bulk_views as bulk
from clients.directory import views as lists
from clients.documents import views as documents
from clients.exporting import views as exports
from clients.figures import views as figures
from clients.file import edit_views as edits
from clients.file import views as files
from clients.handovers import views as hand_overs
from clients.importing import views as imports
from clients.merging import views as duplicates
from clients.relations import views as relations
from clients.segments import views as segments

app_name = "clients"

urlpatterns = [
    path("clients/", lists.client_list, name="list"),
    path("clients/search/", lists.search_hits, name="search"),
    path("duplicates/", duplicates.duplicates, name="duplicates"),
    path("duplicates/<uuid:left>/<uuid:right>/", duplicates.pair, name="pair"),
    path("merges/<int:pk>/undo/", duplicates.undo_merge, name="undo_merge"),
    path("hand-overs/", hand_overs.hand_overs, name="hand_overs"),
    path("hand-overs/new/", hand_overs.ask_hand_over, name="ask_hand_over"),
    path("hand-overs/<int:pk>/", hand_overs.hand_over, name="hand_over"),
    path("hand-overs/<int:pk>/decide/", hand_overs.decide_hand_over, name="decide_hand_over"),
    path("segments/", segments.segments, name="segments"),
    path("segments/new/", segments.add_segment, name="add_segment"),
    path("segments/<int:pk>/", segments.edit_segment, name="edit_segment"),
    path("clients/bulk/", bulk.change_many, name="change_many"),
    path("clients/bulk/<int:pk>/undo/", bulk.undo_many, name="undo_many"),
    path("clients/export/", exports.export_clients, name="export"),
    path("exports/", exports.exports, name="exports"),
    path("exports/<uuid:public_id>/decide/", exports.decide_export, name="decide_export"),
    path("imports/", imports.imports, name="imports"),
    path("imports/<uuid:public_id>/", imports.import_file, name="import_file"),
    path("imports/<uuid:public_id>/start/", imports.start_import, name="start_import"),
    path("imports/<uuid:public_id>/undo/", imports.undo_import, name="undo_import"),
    path("clients/views/", bulk.save_view, name="save_view"),
    path("clients/views/<int:pk>/delete/", bulk.delete_view, name="delete_view"),
    path("figures/", figures.imports, name="figure_imports"),
    path("figures/<uuid:public_id>/", figures.report, name="figure_import"),
    path("figures/<uuid:public_id>/load/", figures.load, name="load_figures"),
    path("clients/new/", edits.create, name="create"),
    path("clients/<uuid:public_id>/", files.detail, name="detail"),
    path("clients/<uuid:public_id>/panels/<str:key>/", files.panel, name="panel"),
    path("clients/<uuid:public_id>/timeline/", files.stream, name="stream"),
    path("clients/<uuid:public_id>/history/", files.history, name="history"),
    path("clients/<uuid:public_id>/accounts/", accounts.accounts, name="accounts"),
    path("clients/<uuid:public_id>/accounts/new/", accounts.add, name="add_account"),
    path("clients/<uuid:public_id>/accounts/<int:pk>/", accounts.edit, name="edit_account"),
    path("clients/<uuid:public_id>/consents/", consents.consents, name="consents"),
    path("clients/<uuid:public_id>/consents/give/", consents.give_consent, name="give_consent"),
    path(
        "clients/<uuid:public_id>/consents/<int:pk>/withdraw/",
        consents.withdraw_consent,
        name="withdraw_consent",
    ),
    path("clients/<uuid:public_id>/wishes/", consents.set_wishes, name="set_wishes"),
    path("clients/<uuid:public_id>/documents/", documents.documents, name="documents"),
    path("clients/<uuid:public_id>/documents/add/", documents.add_document, name="add_document"),
    path(
        "clients/<uuid:public_id>/documents/<uuid:key>/",
        documents.document_file,
        name="document_file",
    ),
    path(
        "clients/<uuid:public_id>/documents/<uuid:key>/void/",
        documents.void_document,
        name="void_document",
    ),
    path("clients/<uuid:public_id>/relations/", relations.relations, name="relations"),
    path("clients/<uuid:public_id>/relations/add/", relations.relate, name="relate"),
    path("clients/<uuid:public_id>/relations/change/", relations.unrelate, name="unrelate"),
    path("clients/<uuid:public_id>/contacts/", relations.add_contact, name="add_contact"),
    path(
        "clients/<uuid:public_id>/contacts/<int:pk>/end/", relations.end_contact, name="end_contact"
    ),
    path("clients/<uuid:public_id>/edit/", edits.edit, name="edit"),
    path("clients/<uuid:public_id>/segment/", edits.segment, name="segment"),
    path("clients/<uuid:public_id>/manager/", edits.manager, name="manager"),
    path("clients/<uuid:public_id>/reveal/<slug:kind>/<int:pk>/", files.reveal, name="reveal"),
]
