"""What of a refusal is told: the names that its source has for it, and nothing that the request said."""

from urllib.parse import quote

import pytest
import requests

from servers.fake_api import Answer, FakeApi
from social_crm.sources.web.answers import RequestRefused, read_answer

SECRET = "canary7f+/=pw31"


@pytest.mark.parametrize(
    "sent",
    [
        {"headers": {"Authorization": f"Bearer {SECRET}"}},
        {"auth": ("warehouse", SECRET)},
        {"params": {"key": SECRET}},
        {"data": {"refresh_token": SECRET}},
        {"json": {"refresh_token": SECRET}},
    ],
    ids=["header", "basic", "query", "form", "JSON"],
)
@pytest.mark.parametrize(
    "said",
    [
        SECRET, SECRET.upper(), quote(SECRET, safe=""), f"No key '{SECRET}'.", f"key={SECRET[:12]}",
        f"{SECRET} is {'no key that anybody knows, ' * 2} {SECRET}",
    ],
)  # fmt: skip
def test_a_secret_that_a_source_repeats_in_its_refusal_is_not_told(sent: dict, said: str, fake_api: FakeApi) -> None:
    fake_api.faults.append(Answer({"error": said, "errors": [{"title": said}]}, status=400))
    method = "POST" if sent.keys() & {"data", "json"} else "GET"
    with pytest.raises(RequestRefused, match=r"^x\.posts: the request was refused \(400: ") as refused:
        read_answer(requests.request(method, f"{fake_api.url}/2/posts", timeout=5, **sent), "x.posts")
    assert "canary" not in str(refused.value).casefold()


def test_a_secret_that_json_writes_with_escapes_is_not_told(fake_api: FakeApi) -> None:
    secret = 'ca"nary\\wörd99'
    fake_api.faults.append(Answer({"error": f"No key {secret}"}, status=400))
    with pytest.raises(RequestRefused) as refused:
        read_answer(requests.post(f"{fake_api.url}/2/posts", json={"keys": [secret]}, timeout=5), "x.posts")
    assert str(refused.value) == "x.posts: the request was refused (400: No key…)"


def test_names_of_errors_are_told_without_addresses(fake_api: FakeApi) -> None:
    body = {"error": "No user erika.canary@mail.example here", "code": "rest_no_route", "title": "Invalid Request"}
    fake_api.faults.append(Answer(body, status=422))
    with pytest.raises(RequestRefused) as refused:
        read_answer(requests.get(f"{fake_api.url}/2/posts", timeout=5), "x.posts")
    told = "x.posts: the request was refused (422: Invalid Request, No user … here, rest_no_route)"
    assert str(refused.value) == told


def test_the_kind_of_grant_is_no_secret(fake_api: FakeApi) -> None:
    fake_api.faults.append(Answer({"error": "invalid_refresh_token"}, status=422))
    sent = {"grant_type": "refresh_token"}
    with pytest.raises(RequestRefused, match="invalid_refresh_token"):
        read_answer(requests.post(f"{fake_api.url}/2/token", data=sent, timeout=5), "x.posts")
