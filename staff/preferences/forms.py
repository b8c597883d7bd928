"""Forms of the staff room."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from crm.forms import CrispyModelForm
from staff.models import Employee


class PreferencesForm(CrispyModelForm[Employee]):
    """What people set for themselves: language and theme."""

    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("As the browser asks")), ("zh-hans", "中文（简体）"), ("en", "English")],
    )
    theme = forms.ChoiceField(
        label=_("Look"),
        required=False,
        choices=[("", _("As the device is set")), ("light", _("Light")), ("dark", _("Dark"))],
    )

    class Meta:
        model = Employee
        fields = ("language", "theme")


class LanguageForm(forms.Form):
    """The switch in the top bar."""

    language = forms.ChoiceField(choices=settings.LANGUAGES)


class ThemeForm(forms.Form):
    """The switch between light and dark."""

    theme = forms.ChoiceField(choices=[("light", _("Light")), ("dark", _("Dark"))])
