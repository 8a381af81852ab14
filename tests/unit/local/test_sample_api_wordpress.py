"""The sample server as WordPress: lists by offset and local time, states, and who may read."""

from base64 import b64encode
from typing import Any

import orjson

from social_crm.local.sample_api.company import Company
from social_crm.local.sample_api.wordpress import USER

LOGIN = {"authorization": "Basic " + b64encode(f"{USER}:networks-secret".encode()).decode()}
FIELDS = "id,status,parent,modified_gmt,author_email,content.rendered"
EVERYTHING = {"status": "any", "per_page": 100, "_fields": FIELDS}
HELD, RUDE, ANSWER, ADVERT, WRONG = 70200002, 70560003, 70710004, 70920006, 71280007


def listed(get: Any, kind: str, **params: Any) -> dict[int, dict[str, Any]]:
    answer = get("/wordpress/", LOGIN, rest_route=f"/wp/v2/{kind}", **{**EVERYTHING, **params})
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


def test_filters_compare_local_times_without_their_own_second(get: Any) -> None:
    # 02:30:00 in UTC is 10:30:00 on the site.
    found = listed(get, "posts", modified_after="2026-11-03T10:29:59Z", modified_before="2026-11-03T10:30:01Z")
    assert [record["modified_gmt"] for record in found.values()] == ["2026-11-03T02:30:00"]
    assert listed(get, "posts", modified_after="2026-11-03T10:30:00Z", modified_before="2026-11-03T10:30:01Z") == {}


def test_only_an_editor_reads(get: Any) -> None:
    assert get("/wordpress/", {}, rest_route="/wp/v2/posts").status == 401
    assert orjson.loads(get("/wordpress/", LOGIN, rest_route="/wp/v2/users/me").body)["capabilities"]
    assert get("/wordpress/", LOGIN, rest_route="/wp/v2/pages").status == 404
