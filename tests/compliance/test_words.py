"""One English word, several Chinese ones: what is closed says what it is."""

import pytest
from django.utils.translation import override

from compliance.models import ExceptionCase
from compliance.models.case import CaseStep
from visits.forms import OccasionForm
from visits.models import Callback, ScriptStep, SuggestionReply
from visits.suggestions import STATES


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        (ExceptionCase.State.OPEN.label, "待处理"),
        (ExceptionCase.State.CLOSED.label, "已结案"),
        (CaseStep.Action.OPENED.label, "立案"),
        (CaseStep.Action.CLOSED.label, "已结案"),
        (SuggestionReply.State.CLOSED.label, "已办结"),
        (dict(STATES)["open"], "待答复"),
        (Callback.Status.OPEN.label, "待办"),
        (ScriptStep.Kind.INFORM.label, "告知"),
        (OccasionForm.base_fields["kind"].label, "契机类型"),
    ],
)
def test_it_says_what_a_brokerage_says(label: object, expected: str) -> None:
    with override("zh-hans"):
        assert str(label) == expected
