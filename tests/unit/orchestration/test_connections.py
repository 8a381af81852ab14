"""Airflow's connections as sources see them."""

import json
import re
from pathlib import Path

import pytest

from social_crm.activation.chat import Chat
from social_crm.activation.crm_notes import CrmNotes
from social_crm.activation.mail import Mail
from social_crm.activation.model import Target
from social_crm.activation.request_tracker import RequestTracker
from social_crm.activation.zendesk import Zendesk
from social_crm.errors import ConnectionUnusable, CredentialRefused
from social_crm.orchestration.connections import optional_connection, source_connection
from social_crm.sources.x import X

EXAMPLES = (Path(__file__).parents[3] / ".env.example").read_text()


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


@pytest.mark.parametrize(
    ("connection_id", "target"),
    [
        ("helpdesk_api", Zendesk),
        ("helpdesk_request_tracker_api", RequestTracker),
        ("crm_notes_api", CrmNotes),
        ("mail_smtp", Mail),
        ("chat_webhook", Chat),
    ],
)
def test_what_goes_out_goes_by_the_options_of_the_example_and_by_no_other(
    monkeypatch: pytest.MonkeyPatch, connection_id: str, target: type[Target]
) -> None:
    variable = f"AIRFLOW_CONN_{connection_id.upper()}"
    [example] = re.findall(f"^# {variable}=(.*)$", EXAMPLES, re.M)
    monkeypatch.setenv(variable, example)
    connection = optional_connection(connection_id, target.options)
    assert connection is not None
    assert connection.url == json.loads(example)["host"]
    fields = json.loads(example)
    monkeypatch.setenv(variable, json.dumps({**fields, "extra": {**fields.get("extra", {}), "pre_minute": 600}}))
    with pytest.raises(ConnectionUnusable, match=f"connection {connection_id} has no option 'pre_minute': "):
        optional_connection(connection_id, target.options)
