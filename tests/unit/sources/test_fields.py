"""What a resource reads from a record."""

from typing import Any

import pytest

from social_crm.sources.fields import field


@pytest.mark.parametrize(("value", "read"), [("7", "7"), (7, "7"), (0, "0"), ("true", "true"), (2**70, str(2**70))])
def test_a_text_and_a_whole_number_are_read_as_sql_reads_them(value: Any, read: str) -> None:
    assert field("id")({"id": value}) == read


@pytest.mark.parametrize("value", [True, False, 7.5, None, "", [], ["7"], {"id": "7"}])
def test_anything_else_is_no_value(value: Any) -> None:
    assert field("id")({"id": value}) is None
    assert field("id", "other")({"id": value, "other": "7"}) == "7"
