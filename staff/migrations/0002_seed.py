"""Numbers of the rules that ship: each with its source and whether it is verified."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import migrations

OWN = "Firm's own setting"
LAW = "《关于加强证券经纪业务管理的规定》 (2010); replaced or refined by CSRC Order 204 (2023)"
VISITS = "Firms' return-visit policies; SAC rules (2023)"
PIPL = "Firm's own setting; PIPL arts 19 and 47 (shortest time needed, deletion after it)"

# key, value, unit, citation, status
POLICIES = [
    ("callback_daily_capacity", 20, "callbacks", OWN, "verified"),
    ("new_account_call_days", 5, "trading_days", OWN, "verified"),
    ("new_account_window_months", 1, "months", LAW, "unverified"),
    # Within how many trading days a client is called after the manager left.
    ("departure_visit_days", 5, "trading_days", OWN, "unverified"),
    # How early a client is asked about a paper or risk test that ends.
    ("expiry_lead_days", 30, "days", OWN, "verified"),
    # Exports of clients: from how many on somebody else approves, and whether managers may.
    ("export_approval_rows", 500, "clients", OWN, "verified"),
    ("export_by_managers", 0, "yes_no", OWN, "verified"),
    # Fewest days between two contacts of one client.
    ("contact_gap_days", 5, "days", OWN, "verified"),
    # How early a reason may join the contact that another reason makes.
    ("contact_merge_days", 14, "days", OWN, "verified"),
    # When overdue work goes to the head.
    ("escalation_days", 3, "trading_days", OWN, "verified"),
    # Quiet hours of messages that leave the house.
    ("quiet_from", 21, "hour", OWN, "verified"),
    ("quiet_to", 8, "hour", OWN, "verified"),
    # 0: calendars outside the house name no client; 1: surname with title, and the place.
    ("calendar_client_names", 0, "0/1", OWN, "verified"),
    # After so many attempts that did not reach the client, another channel is proposed.
    ("unreached_attempts", 3, "attempts", OWN, "verified"),
    # And the next attempt is so much later, instead of what the outcome proposes.
    ("unreached_pause_days", 5, "trading days", OWN, "verified"),
    # Share of last year's clients to be visited in a year.
    ("return_visit_yearly_percent", 10, "percent", f"{LAW} and SAC rules (2023)", "unverified"),
    # A client whose assets pass it for the first time is visited.
    ("return_visit_assets_over", 10_000_000, "CNY", VISITS, "unverified"),
    # How long one has for visits after a departure, a complaint or passing that sum.
    ("return_visit_extra_days", 30, "days", VISITS, "unverified"),
    # Days after the last contact (else the recording) of a prospect that never opened an account.
    ("prospect.retention_days", 730, "days", PIPL, "verified"),
    # How many days before that heads see it coming.
    ("prospect.retention_notice_days", 30, "days", PIPL, "verified"),
]


def seed(apps: Any, schema_editor: Any) -> None:
    Policy = apps.get_model("staff", "Policy")
    Policy.objects.bulk_create(
        Policy(
            key=key,
            value=Decimal(value),
            unit=unit,
            citation=citation,
            status=status,
            valid_from=date(2000, 1, 1),
        )
        for key, value, unit, citation, status in POLICIES
    )


class Migration(migrations.Migration):
    dependencies = [("staff", "0001_initial")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
