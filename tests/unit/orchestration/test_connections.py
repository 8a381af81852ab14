"""Airflow's connections as sources see them."""

import json

import pytest

from social_crm.errors import CredentialRefused
from social_crm.orchestration.connections import source_connection


def test_host_login_password_and_extra_are_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    fields = {
        "conn_type": "http",
        "host": "https://a.example",
        "login": "me",
        "password": "p",
        "extra": {"accounts": ["A"]},
    }
    monkeypatch.setenv("AIRFLOW_CONN_X_API", json.dumps(fields))
    connection = source_connection("x")
    assert (connection.url, connection.login, connection.secret) == ("https://a.example", "me", "p")
    assert connection.options == {"accounts": ["A"]}


@pytest.mark.parametrize("fields", ['{"conn_type": "http"}', '{"conn_type": "generic", "password": "canary"}'])
def test_a_connection_without_a_host_says_what_to_set(monkeypatch: pytest.MonkeyPatch, fields: str) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_X_API", fields)
    with pytest.raises(CredentialRefused, match=r"AIRFLOW_CONN_X_API.*\.env\.example") as refused:
        source_connection("x")
    assert "canary" not in str(refused.value)
