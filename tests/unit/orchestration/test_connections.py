"""Airflow's connections as sources see them."""

import json

import pytest

from social_crm.errors import ConnectionUnusable, CredentialRefused
from social_crm.orchestration.connections import source_connection
from social_crm.sources.x import X


def test_host_login_password_and_extra_are_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    fields = {
        "conn_type": "http",
        "host": "https://a.example",
        "login": "me",
        "password": "p",
        "extra": {"accounts": ["A"]},
    }
    monkeypatch.setenv("AIRFLOW_CONN_X_API", json.dumps(fields))
    connection = source_connection(X)
    assert (connection.url, connection.login, connection.secret) == ("https://a.example", "me", "p")
    assert connection.options == {"accounts": ["A"]}


@pytest.mark.parametrize("fields", ['{"conn_type": "http"}', '{"conn_type": "generic", "password": "canary"}'])
def test_a_connection_without_a_host_says_what_to_set(monkeypatch: pytest.MonkeyPatch, fields: str) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_X_API", fields)
    with pytest.raises(CredentialRefused, match=r"AIRFLOW_CONN_X_API.*\.env\.example") as refused:
        source_connection(X)
    assert "canary" not in str(refused.value)


def test_an_option_that_the_source_does_not_know_ends_an_extraction_before_it_begins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fields = {"conn_type": "http", "host": "https://a.example", "extra": {"acounts": ["canary"]}}
    monkeypatch.setenv("AIRFLOW_CONN_X_API", json.dumps(fields))
    with pytest.raises(ConnectionUnusable, match="x_api has no option 'acounts': did you mean accounts") as refused:
        source_connection(X)
    assert "canary" not in str(refused.value)
