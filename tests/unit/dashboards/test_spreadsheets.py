"""What is printed is opened in spreadsheets, and names come from customers."""

from decimal import Decimal

import pytest

from social_crm.dashboards.spreadsheets import harmless


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\tx", "\rx", "＝1", "＋1", "－1", "＠sum"])
def test_a_text_that_begins_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert harmless(text) == "'" + text


@pytest.mark.parametrize("cell", [-3, Decimal("-0.5"), None, "", "Mail - forms", "a=b"])
def test_numbers_and_other_texts_stay(cell: object) -> None:
    assert harmless(cell) is cell
