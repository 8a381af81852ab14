"""The Graph API's format: posts, comments and messages of Facebook, media and comments of Instagram."""

import re

from social_crm.local.sample_api.company import Record


def fields_of(text: str) -> set[str]:
    """Return the top-level names of a list of fields, which may have nested fields in braces and arguments."""
    while "{" in text:
        text = re.sub(r"\{[^{}]*\}", "", text)
    return {name.partition(".")[0] for name in re.sub(r"\([^()]*\)", "", text).split(",")}


def _stamp(at: str) -> str:
    return at.removesuffix("Z") + "+0000"


def _from(line: Record, name: str = "name") -> Record | None:
    return {"id": line["by"], name: line["name"]} if line["by"] else None


def write_post(post: Record, said: list[Record]) -> Record:
    """Return a post; its newest comment has changed `updated_time`."""
    newest = max(line["at"] for line in said if post["id"] in (line["id"], line.get("on")))
    return {
        "id": post["id"],
        "message": post["text"],
        "created_time": _stamp(post["at"]),
        "updated_time": _stamp(newest),
        "from": _from(post),
        "permalink_url": f"https://www.facebook.com/{post['id'].replace('_', '/posts/')}",
        "shares": {"count": post["shares"]} if "shares" in post else None,
        "reactions": {"data": [], "summary": {"total_count": post["likes"]}},
    }


def write_comment(line: Record) -> Record:
    """Return a comment; its author may be hidden."""
    post = line["on"].replace("_", "/posts/")
    return {
        "id": line["id"],
        "message": line["text"],
        "created_time": _stamp(line["at"]),
        "from": _from(line),
        "parent": {"id": line["reply_to"]} if "reply_to" in line else None,
        "permalink_url": f"https://www.facebook.com/{post}?comment_id={line['id'].partition('_')[2]}",
        "like_count": line["likes"],
        "is_hidden": line.get("hidden", False),
    }


def write_thread(newest: Record) -> Record:
    """Return a conversation, starting with its last message."""
    return {"id": newest["on"], "updated_time": _stamp(newest["at"])}


def write_message(line: Record) -> Record:
    """Return a message."""
    people = [(line["by"], line["name"]), (line["to"], line["to_name"])]
    sender, addressee = ({"id": by, "name": name, "email": f"{by}@facebook.example"} for by, name in people)
    stamps = {"created_time": _stamp(line["at"])}
    return {"id": line["id"], "message": line["text"], **stamps, "from": sender, "to": {"data": [addressee]}}


def write_media(line: Record, said: list[Record]) -> Record:
    """Return a medium, ours or one in which we are tagged."""
    return {
        "id": line["id"],
        "caption": line["text"],
        "timestamp": _stamp(line["at"]),
        "username": line["name"],
        "permalink": f"https://www.instagram.com/p/{line['id']}/",
        "media_type": "IMAGE",
        "like_count": line["likes"],
        "comments_count": sum(one.get("on") == line["id"] for one in said),
    }


def write_reply(line: Record) -> Record:
    """Return a comment or reply of Instagram; for some, only the author's name is given."""
    return {
        "id": line["id"],
        "text": line["text"],
        "timestamp": _stamp(line["at"]),
        "from": _from(line, "username"),
        "username": line["name"],
        "like_count": line["likes"],
        "hidden": line.get("hidden", False),
        "parent_id": line.get("reply_to"),
        "replies": None,
    }
