"""Reddit's format: a few kinds of things in listings, and trees of comments that are shown only in part."""

from social_crm.local.sample_api.company import Record, epoch

COMMENT, SUBMISSION = "t1", "t3"
# How many comments are shown side by side, and how deep, before the rest is folded away.
SHOWN_BESIDE, SHOWN_DEEP = 3, 3
NOTES = ("[deleted]", "[removed]")


def listing(things: list[Record], after: str | None = None) -> Record:
    """Return things as a listing."""
    return {"kind": "Listing", "data": {"modhash": None, "children": things, "after": after, "before": None}}


def thing_of(line: Record, said: list[Record]) -> Record:
    """Return a post or comment, without the comments below it; removing something is not an edit."""
    edited_at = line.get("edited_at") if line["text"] not in NOTES else None
    data: Record = {
        "name": line["id"],
        "id": line["id"][3:],
        "author": line["name"],
        "subreddit": line["subreddit"],
        "created_utc": float(epoch(line["at"])),
        "edited": float(epoch(edited_at)) if edited_at else False,
        "score": 1 + line["likes"],
        **({"author_fullname": line["by"]} if line["by"] else {}),
    }
    post = (line["on"] if "on" in line else line["id"])[3:]
    path = f"/r/{line['subreddit']}/comments/{post}/_/"
    if line["kind"] == "submission":
        count = sum(one.get("on") == line["id"] for one in said)
        words = {"title": line["title"], "selftext": line["text"], "num_comments": count, "num_crossposts": 0}
        return {"kind": SUBMISSION, "data": {**data, **words, "permalink": path}}
    place = {"link_id": line["on"], "parent_id": line.get("reply_to", line["on"]), "replies": ""}
    return {"kind": COMMENT, "data": {**data, **place, "body": line["text"], "permalink": f"{path}{line['id'][3:]}/"}}


def things_below(above: str, said: list[Record], depth: int = 0, *, is_shown: bool = False) -> list[Record]:
    """Return the tree below something, oldest first, as far as it is shown; `is_shown` starts with the thing itself."""
    names = {line["id"] for line in said}
    below = [
        line
        for line in reversed(said)
        if (line["id"] == above if is_shown else "on" in line and _parent(line, names) == above)
    ]
    if below and depth == SHOWN_DEEP:
        return [_fold(above, [])]  # the thread continues elsewhere
    things = [thing_of(line, said) for line in below[:SHOWN_BESIDE]]
    for thing in things:
        if replies := things_below(thing["data"]["name"], said, depth + 1):
            thing["data"]["replies"] = listing(replies)
    return things + ([_fold(above, below[SHOWN_BESIDE:])] if below[SHOWN_BESIDE:] else [])


def _parent(line: Record, names: set[str]) -> str:
    parent = line.get("reply_to", line["on"])
    return str(parent if parent in names else line["on"])


def _fold(above: str, lines: list[Record]) -> Record:
    """Return the placeholder for comments that are not shown: their ids, or none."""
    ids = [line["id"][3:] for line in lines]
    named = ids[0] if ids else "_"
    return {"kind": "more", "data": {"name": f"t1_{named}", "id": named, "parent_id": above, "count": len(ids),
                                     "children": ids}}  # fmt: skip
