"""Posts, threads and first replies on X."""

import re
from collections import defaultdict

from oracle.reading import read, read_of, seconds

OURS = {
    "acmebank": "us", "acmebankin": "in", "acmebanksg": "sg", "acmepay": "us", "acmepayin": "in", "acmepaysg": "sg",
}  # fmt: skip


def seen_posts(data):
    """Return {first id: first version} of every post that a step met, and {id: first id}; a gone post is not met."""
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
    """Return the market of the account that wrote a post, or that it names first."""
    if post["by"] in handles:
        return OURS[handles[post["by"]]]
    for name in re.findall(r"@(\w+)", post["text"]):
        if name.lower() in OURS:
            return OURS[name.lower()]
    return None


def x_threads(posts, first_ids, ours):
    """Return {post id: root id}: climb until a post has no parent, or a customer answers what is nobody's thread."""
    roots = {}

    def root_of(identifier):
        if identifier not in roots:
            post = posts[identifier]
            parent = first_ids.get(post.get("reply_to"))
            if parent not in posts:
                roots[identifier] = identifier
            else:
                above = root_of(parent)
                opens = post["by"] not in ours and posts[above]["by"] in ours
                roots[identifier] = identifier if opens else above
        return roots[identifier]

    for identifier in sorted(posts, key=int):
        root_of(identifier)
    return roots


def addressee_of(post, posts, first_ids, ours):
    """Return who wrote the customer's post above one of ours; None if we answer nobody."""
    while post and post["by"] in ours:
        post = posts.get(first_ids.get(post.get("reply_to")))
    return post and post["by"]


def x_answers(data):
    """Return interactions and conversations of X, these with the seconds to the first reply and when it was asked."""
    handles = {u["id"]: u["username"].lower() for u in read(data / "x_users.jsonl") if u.get("ours")}
    posts, first_ids = seen_posts(data)
    roots = x_threads(posts, first_ids, handles)
    interactions, threads = [], defaultdict(list)
    for identifier, post in posts.items():
        direction = "outbound" if post["by"] in handles else "inbound"
        interactions.append(("x", "x/post", x_market(post, handles), direction))
        threads[roots[identifier]].append(post)
    conversations, peers = {}, 0
    for root, members in threads.items():
        opener = posts[root]
        first_reply = None
        for post in sorted(members, key=lambda post: (post["at"], int(post["id"]))):
            is_ours = post["by"] in handles
            answers_opener = is_ours and addressee_of(post, posts, first_ids, handles) == opener["by"]
            if answers_opener and post["at"] > opener["at"] and first_reply is None:
                first_reply = seconds(opener["at"], post["at"])
            peers += not is_ours and post["by"] != opener["by"]
        kind = "opened_by_us" if opener["by"] in handles else "opened_by_customer"
        conversations[f"x:{root}"] = ("x", "social", x_market(opener, handles), kind, first_reply, opener["at"])
    authors = {post["by"] for post in posts.values() if post["by"] not in handles}
    return interactions, conversations, {"distinct_authors": len(authors), "posts_by_peers": peers}
