"""What is printed is opened in spreadsheets, and names come from customers."""

import pytest

from social_crm.dashboards.spreadsheets import harmless


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\tx", "\rx", "＝1", "＋1", "－1", "＠sum"])
def test_a_text_that_begins_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert harmless(text) == "'" + text


@pytest.mark.parametrize("text", ["", "Mail - forms", "a=b"])
def test_other_texts_stay(text: str) -> None:
    assert harmless(text) == text
