"""Normal forms of telephone and identity numbers."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from clients.normalisation import mask_phone, normal_document, normal_id_card, normal_phone

mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)


@given(mobiles, st.sampled_from(["", "+86", "0086", "+86 ", "+86-"]), st.sampled_from(" -"))
def test_a_mobile_has_one_form_however_it_is_written(number: str, code: str, gap: str) -> None:
    wide = number.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    for text in (number, wide, gap.join([number[:3], number[3:7], number[7:]])):
        assert normal_phone(code + text) == f"+86{number}"


@given(mobiles, st.integers(0, 10), st.sampled_from("aZ张.#"))
def test_a_letter_is_refused(number: str, place: int, letter: str) -> None:
    with pytest.raises(ValidationError):
        normal_phone(number[:place] + letter + number[place + 1 :])


@given(st.text(max_size=20))
def test_whatever_is_typed_ends_in_a_form_or_a_sentence(text: str) -> None:
    for normal in (normal_phone, normal_id_card, normal_document):
        try:
            found = normal(text)
        except ValidationError:
            continue
        assert normal(found) == found


@given(mobiles)
def test_a_mask_shows_seven_digits(number: str) -> None:
    assert mask_phone(f"+86{number}") == f"{number[:3]}****{number[-4:]}"


@given(st.dates(), st.integers(0, 999))
def test_of_all_check_digits_one_fits(born: object, order: int) -> None:
    first = f"110105{str(born).replace('-', '')}{order:03}"
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    right = "10X98765432"[sum(w * int(d) for w, d in zip(weights, first, strict=True)) % 11]
    assert normal_id_card(first + right) == first + right
    for wrong in set("0123456789X") - {right}:
        with pytest.raises(ValidationError):
            normal_id_card(first + wrong)
