"""The sample server in this process, over the committed data, in a throw-away state folder."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from social_crm.local.sample_api.app import Credentials, SampleApi
from social_crm.local.sample_api.company import Company, load_company
from social_crm.local.sample_api.messages import Answer, Call
from social_crm.settings import PROJECT_ROOT

DATA = PROJECT_ROOT / "sample/data"
CREDENTIALS = Credentials("x-secret", "reader@example.com", "zendesk-secret", "networks-secret")
X_LOGIN = {"authorization": "Bearer x-secret"}
ZENDESK_LOGIN = {"authorization": "Basic " + base64.b64encode(b"reader@example.com/token:zendesk-secret").decode()}

Get = Callable[..., Answer]


@pytest.fixture(scope="session")
def company() -> Company:
    return load_company(DATA)


@pytest.fixture
def server(company: Company, tmp_path: Path) -> SampleApi:
    return SampleApi(company, CREDENTIALS, tmp_path / "state")


@pytest.fixture
def get(server: SampleApi) -> Get:
    """Return a function that asks the server with the right login for the path."""

    def ask(path: str, login: dict[str, str] | None = None, **params: Any) -> Answer:
        headers = login if login is not None else X_LOGIN if path.startswith("/2/") else ZENDESK_LOGIN
        named = {name.replace("__", "."): str(value) for name, value in params.items()}
        return server.respond(Call("GET", path, named, {"host": "sample", **headers}))

    return ask


@pytest.fixture
def post(server: SampleApi) -> Callable[[str, dict[str, Any]], Answer]:
    """Return a function that sends a document to a control path."""
    return lambda path, document: server.respond(Call("POST", path, {}, {}, orjson.dumps(document)))
