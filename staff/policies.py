"""What is known of the keys and citations of policies that ship (rules.md)."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_noop

# Read for the whole firm: a branch's row would hold nowhere, so none is taken.
FIRM_ONLY = frozenset(
    {
        "contact_gap_days",
        "contact_merge_days",
        "departure_visit_days",
        "expiry_lead_days",
        "new_account_call_days",
        "new_account_window_months",
        "ranking_excluded_age",
        "ranking_excluded_marital",
        "ranking_excluded_sex",
        "ranking_min_each",
        "ranking_min_outcomes",
        "ranking_prior_strength",
        "ranking_training_days",
    }
)

# As the migrations wrote them; shown in the reader's language, while a firm's own words stay theirs.
CITATIONS = (
    gettext_noop("Firm's own setting"),
    gettext_noop(
        "《关于加强证券经纪业务管理的规定》 (2010); replaced or refined by CSRC Order 204 (2023)"
    ),
    gettext_noop(
        "《关于加强证券经纪业务管理的规定》 (2010); replaced or refined by CSRC Order 204 (2023)"
        " and SAC rules (2023)"
    ),
    gettext_noop("Firms' return-visit policies; SAC rules (2023)"),
    gettext_noop(
        "Firm's own setting; PIPL arts 19 and 47 (shortest time needed, deletion after it)"
    ),
    gettext_noop("PIPL art. 24"),
)


def shown(citation: str) -> str:
    """A citation that ships, in the reader's language; a firm's own as it was written."""
    return gettext(citation) if citation in CITATIONS else citation
