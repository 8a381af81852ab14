"""The comments below one post of Reddit: a tree; its collapsed parts are requested one after another."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from social_crm.errors import ContractBroken
from social_crm.sources.model import Record, Rejected
from social_crm.sources.reddit_api import COMMENT, IDS_PER_CALL, things_of, without_replies
from social_crm.sources.web.answers import ITEMS, unless_gone
from social_crm.sources.web.rest import Api

MOST_AT_ONCE = 500
ORDER = {"sort": "old", "raw_json": 1}


def comments_below(api: Api, post: Record, lost: list[Rejected]) -> Iterator[Record]:
    """Yield each comment of a post once, without its replies; a deleted post is counted as lost."""
    if not post.get("num_comments"):
        return
    things = deque[dict[str, Any]]()
    with unless_gone(lost, str(post["name"])):
        things = deque(_thread(api, str(post["id"])))
    seen: set[str] = set()
    unfolded: set[tuple[Any, ...]] = set()
    while things:
        thing = things.popleft()
        kind, comment = thing["kind"], thing["data"]
        if kind == COMMENT and comment["name"] not in seen:
            seen.add(comment["name"])
            yield without_replies(comment)
        if kind == COMMENT and comment.get("replies"):  # "" if there are none
            things.extend(things_of(api, comment["replies"]))
        if kind == "more":
            fold = (comment["parent_id"], *comment["children"])
            if fold in unfolded:
                raise ContractBroken(f"{api.context}: comments that were folded away come folded again")
            unfolded.add(fold)
            things.extend(_unfolded(api, post, comment))


def _thread(api: Api, path: str) -> list[Record]:
    body = api.fetch(f"comments/{path}", {**ORDER, "limit": MOST_AT_ONCE})
    listings = body.get(ITEMS)  # the post, and what is below
    return things_of(api, listings[1] if isinstance(listings, list) and len(listings) == 2 else None)


def _unfolded(api: Api, post: Record, fold: Record) -> Iterable[Record]:
    """Return the collapsed parts: comments by their ids or, without ids, the thread that continues elsewhere."""
    if not fold["children"]:
        yield from _thread(api, f"{post['id']}/_/{fold['parent_id'].removeprefix(f'{COMMENT}_')}")
    for start in range(0, len(fold["children"]), IDS_PER_CALL):
        ids = ",".join(fold["children"][start : start + IDS_PER_CALL])
        body = api.fetch("api/morechildren", {**ORDER, "api_type": "json", "link_id": post["name"], "children": ids})
        things = body.get("json", {}).get("data", {}).get("things")
        if not isinstance(things, list):
            raise ContractBroken(f"{api.context}: what is folded away is not answered: has the API changed?")
        yield from things
