"""Posts, threads and first replies on X."""

import re
from collections import defaultdict

from oracle.reading import read, read_of
from oracle.threads import first_reply, threads_of

OURS = {
    "acmebank": "us", "acmebankin": "in", "acmebanksg": "sg", "acmepay": "us", "acmepayin": "in", "acmepaysg": "sg",
}  # fmt: skip


def seen_posts(data):
    """Return {first id: first version} of every post that a step read, and {id: first id}; without deleted posts."""
    versions = defaultdict(list)
    for post in read(data / "x_posts.jsonl"):
        versions[post.get("edit_of", post["id"])].append(post)
    posts, first_ids = {}, {}
    for first, edits in versions.items():
        for number, post in enumerate(edits):
            first_ids[post["id"]] = first
            read_at = read_of(post["at"])
            is_replaced = number + 1 < len(edits) and edits[number + 1]["at"] <= read_at
            if post.get("gone_at", "9") > read_at and not is_replaced:
                posts[first] = edits[0]
    return posts, first_ids


def x_market(post, handles):
    """Return the market of the account that wrote a post, or that it mentions first."""
    if post["by"] in handles:
        return OURS[handles[post["by"]]]
    for name in re.findall(r"@(\w+)", post["text"]):
        if name.lower() in OURS:
            return OURS[name.lower()]
    return None


def x_parents(posts, first_ids):
    """Return {post id: id of the post that it answers}, as far as that is known."""
    return {identifier: first_ids.get(post.get("reply_to")) for identifier, post in posts.items()}


def x_answers(data):
    """Return interactions and conversations of X, the latter with seconds to the first reply and question time."""
    handles = {u["id"]: u["username"].lower() for u in read(data / "x_users.jsonl") if u.get("ours")}
    posts, first_ids = seen_posts(data)
    parents, interactions, conversations, peers = x_parents(posts, first_ids), [], {}, 0
    for post in posts.values():
        direction = "outbound" if post["by"] in handles else "inbound"
        interactions.append(("x", "x/post", x_market(post, handles), direction))
    for root, members in threads_of(posts, parents, handles).items():
        opener, wait = posts[root], first_reply(root, members, posts, parents, handles)
        peers += sum(posts[member]["by"] not in (*handles, opener["by"]) for member in members)
        kind = "opened_by_us" if opener["by"] in handles else "opened_by_customer"
        conversations[f"x:{root}"] = ("x", "social", x_market(opener, handles), kind, wait, opener["at"])
    authors = {post["by"] for post in posts.values() if post["by"] not in handles}
    return interactions, conversations, {"distinct_authors": len(authors), "posts_by_peers": peers}
