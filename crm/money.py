"""Amounts as people of the trade say them."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import get_language


def yuan(amount: Decimal | None, language: str | None = None) -> str:
    """An amount of CNY: in ten thousands (万) in Chinese, grouped by thousands in English.

    '' where it is unknown. Cents do not matter where one looks for the size of it. Loops pass the
    ``language``, which is looked up otherwise.
    """
    if amount is None:
        return ""
    sign, amount = "-" if amount < 0 else "", abs(amount)
    language = language or get_language() or ""
    if language.startswith("zh") and amount >= 10_000:
        tens = f"{amount / 10_000:,.2f}".rstrip("0").rstrip(".")
        return f"{sign}¥{tens} 万"
    return f"{sign}¥{amount:,.0f}"


def figure(amount: Decimal, language: str) -> str:
    """An amount of CNY without its unit, which the head of the column says.

    In ten thousands (万) with two decimals in Chinese, grouped by thousands in English.
    """
    if language.startswith("zh"):
        return f"{amount / 10_000:,.2f}"
    return f"{amount:,.0f}"
