"""Encryption at rest, blind indexes, and lexemes."""

import base64
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from crm import crypto
from crm.fields import lexemes

OTHER = base64.b64encode(b"o" * 32).decode()


@given(st.text(max_size=40))
def test_it_reads_back_what_it_wrote(text: str) -> None:
    ciphertext, key_id = crypto.encrypt(text)
    assert crypto.decrypt(memoryview(ciphertext), key_id) == text


def test_the_same_number_never_looks_the_same() -> None:
    first, second = crypto.encrypt("13812345678")[0], crypto.encrypt("13812345678")[0]
    assert first != second
    assert b"13812345678" not in first


def test_a_changed_ciphertext_is_refused() -> None:
    ciphertext, key_id = crypto.encrypt("13812345678")
    with pytest.raises(InvalidTag):
        crypto.decrypt(ciphertext[:-1] + bytes([ciphertext[-1] ^ 1]), key_id)


def test_an_old_key_still_reads_and_the_first_writes(settings: Any) -> None:
    old, old_id = crypto.encrypt("13812345678")
    settings.PII_ENCRYPTION_KEYS = f"new:{OTHER},{settings.PII_ENCRYPTION_KEYS}"
    assert crypto.encrypt("x")[1] == "new"
    assert crypto.decrypt(old, old_id) == "13812345678"
    settings.PII_ENCRYPTION_KEYS = f"new:{OTHER}"
    with pytest.raises(crypto.KeyMissing, match=old_id):
        crypto.decrypt(old, old_id)


def test_the_index_depends_on_the_key_and_the_kind(settings: Any) -> None:
    phone = crypto.blind_index("phone", "5678")
    assert phone == crypto.blind_index("phone", "5678")
    assert len(phone) == 16
    assert phone != crypto.blind_index("identity", "5678")
    settings.PII_INDEX_KEY = f"2:{OTHER}"
    assert phone != crypto.blind_index("phone", "5678")
    assert crypto.index_version() == 2


def test_the_tail_counts_and_nothing_else_of_a_number() -> None:
    token = crypto.tail_token("phone", "+8613812345678")
    assert token == crypto.tail_token("phone", "5678")
    assert "5678" not in token


class TestLexemes(TestCase):
    words = st.text(
        min_size=1, max_size=30, alphabet=st.characters(exclude_characters="\x00", codec="utf-8")
    )

    @given(st.lists(words, max_size=6))
    def test_the_database_keeps_each_word_as_it_is(self, words: list[str]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT tsvector_to_array(%s::tsvector)", [lexemes(words)])
            assert set(cursor.fetchone()[0]) == set(words)
