"""Sources of rules: those that ship are stored in English and read in the reader's language."""

from __future__ import annotations

from typing import Any

from crm.admin_base import ModelForm
from crm.policies import citation_words


class CitationForm(ModelForm):
    """Edits a row with a ``citation``, in the reader's language.

    What is left as it was shown stays stored as it shipped: readers of both languages keep theirs.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """With the words of the reader."""
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["citation"] = self.words()

    def words(self) -> str:
        """The stored citation in the reader's language."""
        return citation_words(self.instance.citation)

    def clean_citation(self) -> str:
        """What was typed; what ships where nothing was."""
        typed: str = self.cleaned_data["citation"]
        stored: str = self.instance.citation
        return stored if stored and typed == self.words() else typed
