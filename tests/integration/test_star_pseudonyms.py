"""Pseudonyms are keyed: the database computes what Python's own HMAC computes, and never without a key."""

import hashlib
import hmac

import psycopg
import pytest

from social_crm.database import connect
from social_crm.settings import Settings

IDENTIFIERS = ["", "x|1007", "phone|+6591234567", "Zoë|😀", "a" * 10_000]


@pytest.mark.parametrize("key", ["k", "test-pseudonym-key", "é" * 20, "k" * 64, "k" * 65, "k" * 500])
def test_pseudonym_equals_hmac_sha256(warehouse: Settings, key: str) -> None:
    with connect(warehouse.warehouse_transformer_url) as session:
        session.execute("select set_config('social_crm.pseudonym_key', %s, false)", [key])
        for identifier in IDENTIFIERS:
            row = session.execute("select ops.pseudonym(%s)", [identifier]).fetchone()
            assert row == (hmac.new(key.encode(), identifier.encode(), hashlib.sha256).hexdigest(),)


def test_no_pseudonym_without_a_key(warehouse: Settings) -> None:
    with (
        connect(warehouse.warehouse_transformer_url) as session,
        pytest.raises(psycopg.errors.RaiseException, match=r"social_crm\.pseudonym_key is not set"),
    ):
        session.execute("select ops.pseudonym('x|1')")


def test_pseudonym_of_nobody_is_null(warehouse: Settings) -> None:
    with connect(warehouse.warehouse_transformer_url) as session:
        assert session.execute("select ops.pseudonym(null)").fetchone() == (None,)
