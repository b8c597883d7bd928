"""Normal forms of the numbers that identify and reach a client."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from stdnum.cn import ric, uscc
from stdnum.exceptions import InvalidChecksum, InvalidComponent
from stdnum.exceptions import ValidationError as NumberError

from clients.cleaning import digits

_MOBILE = re.compile(r"\+861[3-9]\d{9}", re.ASCII)
# Beijing (10) and the cities of 2x have numbers of eight digits, the others of seven or eight.
_LANDLINE = re.compile(r"\+86(?:10\d{8}|2\d{9}|[3-9]\d{2}\d{7,8})", re.ASCII)
_FOREIGN = re.compile(r"\+(?!86)[1-9]\d{6,14}", re.ASCII)


def normal_phone(text: str) -> str:
    """``+86`` form of a phone; accepts spaces, hyphens, 86 in all spellings and full-width digits.

    Raises ValidationError with a sentence for anything else, letters included.
    """
    number = digits(text)
    if number.startswith("00"):
        number = "+" + number[2:]
    if not number.startswith("+"):
        home = number.removeprefix("86") if len(number) > 11 else number
        number = "+86" + home
    if number.startswith("+86"):
        number = "+86" + number[3:].removeprefix("0")
    if any(pattern.fullmatch(number) for pattern in (_MOBILE, _LANDLINE, _FOREIGN)):
        return number
    raise ValidationError(
        _("Enter a phone number in digits: 11 for a mobile, area code first for a landline.")
    )


def mask_phone(number: str) -> str:
    """``138****1234``: enough to recognise, too little to dial."""
    local = number.removeprefix("+86")
    return f"{local[:3]}****{local[-4:]}"


def mask_identity_number(number: str) -> str:
    """``110***********002X``: district and last characters."""
    return f"{number[:3]}{'*' * (len(number) - 7)}{number[-4:]}"


def normal_id_card(text: str) -> str:
    """The 18 characters of a resident identity card, checked.

    Check digit, length and date decide; a place that is not on the list of today's districts is
    no error (many were abolished). Raises ValidationError with a sentence.
    """
    number = ric.compact(digits(text)).upper()
    try:
        ric.validate(number)
    except InvalidChecksum as error:
        raise ValidationError(_("The last character does not fit: check the number.")) from error
    except InvalidComponent as error:
        try:
            ric.get_birth_date(number)
        except NumberError:
            raise ValidationError(_("The number holds no valid date of birth.")) from error
        if ric.calc_check_digit(number) != number[-1]:
            raise ValidationError(
                _("The last character does not fit: check the number.")
            ) from error
    except NumberError as error:
        raise ValidationError(_("Enter all 18 characters of the identity number.")) from error
    return number


def normal_credit_code(text: str) -> str:
    """The 18 characters of a unified social credit code, checked. Raises ValidationError."""
    try:
        code: str = uscc.validate(digits(text))
    except NumberError as error:
        raise ValidationError(
            _("Enter the 18 characters of the unified social credit code.")
        ) from error
    return code


def normal_document(text: str) -> str:
    """A passport or permit number: 5 to 20 capital letters and digits. Raises ValidationError."""
    number = digits(text).upper()
    if not re.fullmatch(r"[A-Z0-9]{5,20}", number):
        raise ValidationError(_("Enter the 5 to 20 letters and digits of the document number."))
    return number
