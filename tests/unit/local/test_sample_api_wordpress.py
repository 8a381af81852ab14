"""The sample server as WordPress: lists by offset and local time, states, and who may read."""

from base64 import b64encode
from typing import Any

import orjson
import pytest

from social_crm.local.sample_api.company import Company
from social_crm.local.sample_api.wordpress import USER

LOGIN = {"authorization": "Basic " + b64encode(f"{USER}:networks-secret".encode()).decode()}
FIELDS = "id,status,parent,date_gmt,modified_gmt,author_email,content"
EVERYTHING = {"status": "any", "context": "edit", "orderby": "id", "order": "asc", "per_page": 100, "_fields": FIELDS}
HELD, RUDE, ANSWER, ADVERT, WRONG = 70200002, 70560003, 70710004, 70920006, 71280007


def listed(get: Any, kind: str, **params: Any) -> dict[int, dict[str, Any]]:
    return asked(get, kind, **{**EVERYTHING, **params})


def asked(get: Any, kind: str, **params: Any) -> dict[int, dict[str, Any]]:
    answer = get("/wordpress/", LOGIN, rest_route=f"/wp/v2/{kind}", **params)
    records = orjson.loads(answer.body)
    assert len(records) <= int(answer.headers["x-wp-total"])
    return {record["id"]: record for record in records}


def test_comments_are_listed_in_order_of_id_from_an_offset(get: Any, company: Company) -> None:
    lines = [line for line in company.networks["wordpress"] if line["kind"] == "comment" and "gone_at" not in line]
    found = listed(get, "comments")
    assert list(found) == sorted(int(line["id"].partition("/")[2]) for line in lines)
    assert list(listed(get, "comments", offset=5, per_page=3)) == list(found)[5:8]
    assert WRONG not in found
    assert found[ANSWER]["parent"] == RUDE
    assert found[HELD]["author_email"].startswith("faizal.sim")


def test_a_comment_has_the_state_that_moderators_gave_it(get: Any, post: Any) -> None:
    assert [listed(get, "comments")[number]["status"] for number in (HELD, ADVERT, RUDE)] == ["hold", "spam", "trash"]
    assert list(listed(get, "comments", status="trash")) == [RUDE]
    post("/_sample/clock", {"now": "2026-11-08T02:59:59Z"})
    assert listed(get, "comments")[RUDE]["status"] == "approved"


def test_who_asks_for_no_state_sees_what_everybody_sees(get: Any) -> None:
    found = asked(get, "comments", per_page=100)
    assert {record["status"] for record in found.values()} == {"approved"}
    assert asked(get, "comments", per_page=100, status="approve") == found
    assert set(listed(get, "comments")) - set(found) == {HELD, RUDE, ADVERT}
    assert set(listed(get, "comments", status="all")) - set(found) == {HELD}
    # It is told as `approved` and asked for as `approve`; only posts understand several states.
    assert asked(get, "comments", status="approved") == asked(get, "comments", status="approve,hold") == {}


def test_posts_in_the_trash_are_not_any(company: Company, get: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    [*_, last] = [line for line in company.networks["wordpress"] if line["kind"] == "post"]
    monkeypatch.setitem(last, "status", "trash")
    number = int(last["id"].partition("/")[2])
    assert number not in asked(get, "posts", per_page=100)
    assert number not in listed(get, "posts")
    assert number in listed(get, "posts", status="publish,trash")
    assert get("/wordpress/", LOGIN, rest_route="/wp/v2/posts", status="nonsense").status == 400


@pytest.mark.parametrize("kind", ["posts", "comments"])
def test_a_list_is_newest_first_unless_another_order_is_asked_for(kind: str, get: Any) -> None:
    moments = [record["date_gmt"] for record in asked(get, kind, per_page=100).values()]
    assert moments == sorted(moments, reverse=True) != sorted(moments)
    assert [*listed(get, kind, order="desc")] == [*listed(get, kind)][::-1]
    for wrong in ({"order": "up"}, {"orderby": "nonsense"}, {"after": "nonsense"}, {"context": "nonsense"}):
        assert get("/wordpress/", LOGIN, rest_route=f"/wp/v2/{kind}", **wrong).status == 400


def test_posts_can_be_ordered_by_their_changes(company: Company, get: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    first = next(line for line in company.networks["wordpress"] if line["kind"] == "post")
    monkeypatch.setitem(first, "edits", [{"at": "2026-11-08T20:00:00Z"}])
    number = int(first["id"].partition("/")[2])
    assert [[*asked(get, "posts", orderby=order)].index(number) for order in ("modified", "date", "id")] == [0, 6, 6]


def test_comments_ignore_filters_of_changes(get: Any) -> None:
    assert listed(get, "comments", modified_after="2030-01-01T00:00:00Z") == listed(get, "comments")
    assert listed(get, "comments", after="2030-01-01T00:00:00Z") == {}


def test_addresses_and_rights_are_for_editing_and_comments_know_no_part_of_a_field(get: Any) -> None:
    assert all("author_email" in record for record in listed(get, "comments").values())
    for params in ({}, {"context": "view"}, {"_fields": "id,author_email"}):
        assert not any("author_email" in record for record in asked(get, "comments", **params).values())
    assert [*next(iter(asked(get, "comments", _fields="id,content.rendered").values()))] == ["id"]
    assert [*next(iter(asked(get, "posts", _fields="id,content.rendered").values()))] == ["id", "content"]
    assert "capabilities" not in orjson.loads(get("/wordpress/", LOGIN, rest_route="/wp/v2/users/me").body)


def test_filters_compare_local_times_without_their_own_second(get: Any) -> None:
    # 02:30:00 in UTC is 10:30:00 on the site.
    found = listed(get, "posts", modified_after="2026-11-03T10:29:59Z", modified_before="2026-11-03T10:30:01Z")
    assert [record["modified_gmt"] for record in found.values()] == ["2026-11-03T02:30:00"]
    assert listed(get, "posts", modified_after="2026-11-03T10:30:00Z", modified_before="2026-11-03T10:30:01Z") == {}


def test_only_an_editor_reads(get: Any) -> None:
    assert get("/wordpress/", {}, rest_route="/wp/v2/posts").status == 401
    assert orjson.loads(get("/wordpress/", LOGIN, rest_route="/wp/v2/users/me", context="edit").body)["capabilities"]
    assert get("/wordpress/", LOGIN, rest_route="/wp/v2/pages").status == 404
