"""English words with several meanings have a Chinese word for each."""

import pytest
from django import forms
from django.utils import translation

from clients.models.client import Lifecycle
from compliance.models import CaseStep, ExceptionCase
from crm.forms import CrispyFormMixin
from visits.models import Callback, ScriptStep, SuggestionReply
from visits.planning.forms import OccasionForm
from visits.scripts.suggestions import STATES


@pytest.mark.parametrize(
    ("label", "chinese"),
    [
        (Lifecycle.CLOSED.label, "已销户"),
        (ExceptionCase.State.OPEN.label, "待处理"),
        (ExceptionCase.State.CLOSED.label, "已结案"),
        (CaseStep.Action.OPENED.label, "立案"),
        (CaseStep.Action.CLOSED.label, "已结案"),
        (SuggestionReply.State.CLOSED.label, "已办结"),
        (Callback.Status.OPEN.label, "待办"),
        (Callback.Kind.CADENCE.label, "定期回访"),
        (ScriptStep.Kind.INFORM.label, "告知"),
        (OccasionForm.base_fields["kind"].label, "事件类型"),
    ],
)
def test_it_says_closed_of_an_account_and_not_of_a_case(label: object, chinese: str) -> None:
    with translation.override("zh-hans"):
        assert str(label) == chinese


def test_it_lists_suggestions_by_what_is_to_be_done() -> None:
    with translation.override("zh-hans"):
        assert [str(label) for _key, label in STATES] == ["待答复", "已答复", "已办结"]


def test_it_asks_to_fill_in_what_is_missing_and_keeps_a_sentence_of_the_field() -> None:
    class Asked(CrispyFormMixin, forms.Form):
        title = forms.CharField()
        reason = forms.CharField(error_messages={"required": "Say why."})

    with translation.override("zh-hans"):
        assert Asked({}).errors == {"title": ["请填写此项。"], "reason": ["Say why."]}
