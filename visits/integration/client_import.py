"""The contact-history columns of an import: each row becomes a visit (docs/architecture.md)."""

from __future__ import annotations

from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.importing.load import copy
from clients.importing.mapping import Source, check_date, source
from clients.importing.reading import FileRefused, Row
from clients.importing.registry import Loaded, Offer
from clients.importing.seen import Seen
from clients.importing.trail import Trail
from crm.statistics import analyze
from visits.models import Channel, Outcome, Visit

FIELDS = frozenset({"on", "key", "channel", "outcome", "seconds", "notes"})


@dataclass(frozen=True)
class Prepared:
    """The mapping's [visit] table, checked, and the outcomes by key."""

    sources: dict[str, Source]
    outcomes: dict[str, tuple[int, bool]]
    keys: Seen


class VisitPart:
    """Visits of an imported contact history. No employee: the file does not say who called."""

    def prepare(self, table: dict[str, Any]) -> Prepared:
        unknown = set(table) - FIELDS
        if unknown or not {"on", "key", "outcome"} <= set(table):
            raise FileRefused("The mapping's [visit] needs on, key and outcome; see its columns.")
        outcomes = {o.key: (o.pk, o.reached) for o in Outcome.objects.all()}
        return Prepared({name: source(entry) for name, entry in table.items()}, outcomes, Seen())

    def read(
        self, prepared: Prepared, row: Row, number: int, dates: AnyMapping[str, date | None]
    ) -> dict[str, Any]:
        texts = {n: s.text(row, number - 1, dates) for n, s in prepared.sources.items()}
        if not texts["on"]:
            return {}
        if texts["outcome"] not in prepared.outcomes:
            raise ValidationError(_("There is no outcome “%s”.") % texts["outcome"][:40])
        channel = texts.get("channel") or Channel.PHONE
        if channel not in Channel.values:
            raise ValidationError(_("There is no channel “%s”.") % channel[:40])
        if not texts["key"] or not prepared.keys.add(texts["key"]):
            raise ValidationError(_("The key of the contact is missing or comes twice."))
        outcome, reached = prepared.outcomes[texts["outcome"]]
        return {
            "key": texts["key"],
            "on": check_date(texts["on"], past=True),
            "channel": channel,
            "outcome": outcome,
            "reached": reached,
            "seconds": _seconds(texts.get("seconds", "")),
            "notes": texts.get("notes", ""),
        }

    def load(self, source: str, rows: list[Loaded], trail: Trail) -> int:
        """Insert new visits; void changed ones and insert a correction."""
        visits = [row for row in rows if row.payload]
        if not visits:
            return 0
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS visits_staging")
            cursor.execute(
                "CREATE TEMP TABLE visits_staging (source_key text, client_id bigint,"
                " occurred_on date, channel text, outcome_id bigint, reached boolean,"
                " duration_seconds integer, notes text, corrects_id bigint) ON COMMIT DROP"
            )
            copy(cursor, "visits_staging", (_line(row) for row in visits))
            cursor.execute("ANALYZE visits_staging")
            cursor.execute(_VOID, {"source": source})
            cursor.execute(_INSERT, {"source": source, "zone": settings.TIME_ZONE})
            inserted: int = cursor.rowcount
            if inserted:
                cursor.execute(_LAST_CONTACT)
        return inserted

    def finish(self) -> None:
        analyze(Visit)


def _table(columns: dict[str, str]) -> dict[str, Any]:
    """The mapping's [visit] from columns chosen in the browser; nothing without a date."""
    if "on" not in columns:
        return {}
    outcomes = {
        name: o.key for o in Outcome.objects.all() for name in (o.key, o.name_zh, o.name_en)
    }
    channels = {"电话": "phone", "微信": "wechat", "面访": "in_person", "短信": "sms"}
    for channel in Channel:
        channels |= {channel.value: channel.value, str(channel.label): channel.value}
    table: dict[str, Any] = {name: {"column": column} for name, column in columns.items()}
    table.setdefault("key", {"template": "{row:06}"})
    table.setdefault("outcome", {"value": "recorded"})
    if "outcome" in columns:
        outcomes.pop("", None)
        table["outcome"] |= {"values": outcomes, "default": "recorded"}
    if "channel" in columns:
        table["channel"] |= {"values": channels, "default": "other"}
    return table


OFFER = Offer(
    (
        (
            "on",
            gettext_lazy("Visit: date"),
            ("回访日期", "拜访日期", "联系日期", "contact date", "visit date"),
        ),
        (
            "outcome",
            gettext_lazy("Visit: outcome"),
            ("回访结果", "联系结果", "outcome", "call result"),
        ),
        ("channel", gettext_lazy("Visit: channel"), ("回访方式", "联系方式类型", "channel")),
        (
            "notes",
            gettext_lazy("Visit: notes"),
            ("回访内容", "回访记录", "visit notes", "call notes"),
        ),
        ("seconds", gettext_lazy("Visit: seconds"), ("通话时长", "duration")),
        ("key", gettext_lazy("Visit: key"), ("回访编号", "visit key", "visit id")),
    ),
    _table,
)


def _seconds(text: str) -> int | None:
    if not text:
        return None
    try:
        seconds = int(float(text))
    except (ValueError, OverflowError) as error:
        raise ValidationError(_("Enter the duration in seconds.")) from error
    if not 0 <= seconds < 86_400:
        raise ValidationError(_("Enter the duration in seconds."))
    return seconds


def _line(row: Loaded) -> list[Any]:
    p = row.payload
    return [
        p["key"],
        row.client_id,
        p["on"],
        p["channel"],
        p["outcome"],
        "t" if p["reached"] else "f",
        p["seconds"],
        p["notes"],
        None,
    ]


def void_import(source: str, begun: datetime, ended: datetime) -> int:
    """Void the visits written by an import of this source in that period; returns their number.

    What it had voided as corrected comes back as an entry of its own, because a void one stays so.
    """
    parameters: dict[str, Any] = {"source": source, "begun": begun, "ended": ended}
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS visits_undone")
        cursor.execute(_UNDO, parameters)
        cursor.execute(_BACK)
        cursor.execute("SELECT count(*) FROM visits_undone")
        count: int = cursor.fetchone()[0]
        if count:
            cursor.execute(_LAST_CONTACT.replace("visits_staging", "visits_undone"))
    return count


_CONTENT = "client_id, occurred_on, channel, outcome_id, duration_seconds, notes"
_V = ", ".join(f"v.{name}" for name in _CONTENT.split(", "))
_S = ", ".join(f"s.{name}" for name in _CONTENT.split(", "))
_VOID = f"""
    WITH voided AS (
        UPDATE visits_visit v
        SET void = true, void_reason = 'corrected by import', voided_at = now()
        FROM visits_staging s
        WHERE v.source_system = %(source)s AND v.source_key = s.source_key AND NOT v.void
          AND ({_V}) IS DISTINCT FROM ({_S})
        RETURNING v.id, v.source_key)
    UPDATE visits_staging s SET corrects_id = voided.id
    FROM voided WHERE voided.source_key = s.source_key
"""  # noqa: S608
_INSERT = f"""
    INSERT INTO visits_visit (
        {_CONTENT}, occurred_at, reached, source_system, source_key, corrects_id, purpose,
        spoke_with, answers, attraction_style, question_styles, suggestions, next_step,
        risk_grade, confidential, void, void_reason)
    SELECT {_S}, (s.occurred_on + time '12:00') AT TIME ZONE %(zone)s, s.reached, %(source)s,
           s.source_key, s.corrects_id, '', '', '[]', '', '{{}}', '', 'none', '',
           false, false, ''
    FROM visits_staging s
    WHERE NOT EXISTS (
        SELECT FROM visits_visit v
        WHERE v.source_system = %(source)s AND v.source_key = s.source_key AND NOT v.void)
    ORDER BY s.source_key
"""  # noqa: S608
# The copy on the client: the last contact that reached them and is not confidential.
_LAST_CONTACT = """
    UPDATE clients_client c SET last_contact_on = latest.day
    FROM (SELECT s.client_id, max(v.occurred_on) AS day
          FROM (SELECT DISTINCT client_id FROM visits_staging) s
          LEFT JOIN visits_visit v ON v.client_id = s.client_id
            AND v.reached AND NOT v.void AND NOT v.confidential
          GROUP BY s.client_id) latest
    WHERE c.id = latest.client_id AND c.last_contact_on IS DISTINCT FROM latest.day
"""
_UNDO = """
    CREATE TEMP TABLE visits_undone ON COMMIT DROP AS
    WITH voided AS (
        UPDATE visits_visit
        SET void = true, void_reason = 'import taken back', voided_at = now()
        WHERE source_system = %(source)s AND NOT void
          AND created_at BETWEEN %(begun)s AND %(ended)s
        RETURNING id, client_id, corrects_id)
    SELECT * FROM voided
"""
_KEPT = (
    "client_id, employee_id, callback_id, occurred_at, occurred_on, channel, purpose, spoke_with,"
    " outcome_id, reached, duration_seconds, script_version_id, answers, attraction_style,"
    " question_styles, satisfaction_service, satisfaction_information, suggestions, notes,"
    " next_step, next_step_on, risk_grade, confidential, source_system, source_key"
)
_BACK = f"""
    INSERT INTO visits_visit ({_KEPT}, corrects_id, void, void_reason)
    SELECT {", ".join(f"v.{name}" for name in _KEPT.split(", "))}, u.id, false, ''
    FROM visits_undone u JOIN visits_visit v ON v.id = u.corrects_id
"""  # noqa: S608
