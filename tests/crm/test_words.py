"""English words with several meanings have a Chinese word for each."""

import pytest
from django import forms
from django.utils import translation

from clients.models.client import Lifecycle
from compliance.models import CaseStep, ExceptionCase
from crm.forms import CrispyFormMixin
from visits.models import Callback, SuggestionReply
from visits.suggestions import STATES


@pytest.mark.parametrize(
    ("word", "chinese"),
    [
        (Lifecycle.CLOSED, "已销户"),
        (ExceptionCase.State.OPEN, "待处理"),
        (ExceptionCase.State.CLOSED, "已结案"),
        (CaseStep.Action.OPENED, "立案"),
        (CaseStep.Action.CLOSED, "已结案"),
        (SuggestionReply.State.CLOSED, "已办结"),
        (Callback.Status.OPEN, "待办"),
        (Callback.Kind.CADENCE, "定期回访"),
    ],
)
def test_it_says_closed_of_an_account_and_not_of_a_case(word: object, chinese: str) -> None:
    with translation.override("zh-hans"):
        assert str(word.label) == chinese  # type: ignore[attr-defined]


def test_it_lists_suggestions_by_what_is_to_be_done() -> None:
    with translation.override("zh-hans"):
        assert [str(label) for _key, label in STATES] == ["待答复", "已答复", "已办结"]


def test_it_asks_to_fill_in_what_is_missing_and_keeps_a_sentence_of_the_field() -> None:
    class Asked(CrispyFormMixin, forms.Form):
        title = forms.CharField()
        reason = forms.CharField(error_messages={"required": "Say why."})

    with translation.override("zh-hans"):
        assert Asked({}).errors == {"title": ["请填写此项。"], "reason": ["Say why."]}
