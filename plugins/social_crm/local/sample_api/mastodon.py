"""Mastodon as far as the warehouse reads it: mentions, statuses of ours, of a hashtag and by id, and threads."""

import re
from html import escape
from urllib.parse import urlencode

from social_crm.local.sample_api.company import Clock, Company, Record, said_by, with_milliseconds
from social_crm.local.sample_api.messages import Answer, Call, answer_json

ACCOUNT_ID, ACCOUNT, HASHTAG = "109300000000000001", "acmepay", "acmepaydown"
MOST_STATUSES = 20
LARGEST_PAGE = 5  # whatever size is requested, so that a small story has more than one page
_API = "/mastodon/api/v1/"


class MastodonApi:
    """Answers like a Mastodon server, below /mastodon/."""

    def __init__(self, company: Company, clock: Clock, token: str) -> None:
        """Keep the story."""
        self._lines, self._clock, self._token = company.networks.get("mastodon", []), clock, token

    def answer(self, call: Call) -> Answer:
        """Answer any call; statuses are sorted by id, and ids are made from times."""
        if not call.bears(self._token):
            return answer_json({"error": "The access token is invalid"}, 401)
        said = {int(line["id"]): line for line in sorted(said_by(self._lines, self._clock.now), key=_number)}
        match call.path.removeprefix(_API).split("/"):
            case ["accounts", "verify_credentials"]:
                return answer_json({"id": ACCOUNT_ID, "username": ACCOUNT, "acct": ACCOUNT})
            case ["accounts", account, "statuses"]:
                return _page(call, {key: _status(line) for key, line in said.items() if line["by"] == account})
            case ["statuses"]:
                wanted = [said[int(name)] for name in call.repeated("id[]") if name.isdigit() and int(name) in said]
                too_many = len(call.repeated("id[]")) > MOST_STATUSES
                return answer_json({"error": "Too many ids"}, 422) if too_many else answer_json([*map(_status, wanted)])
            case ["statuses", status] if status.isdigit() and int(status) in said:
                return answer_json(_status(said[int(status)]))
            case ["timelines", "tag", tag]:
                return _page(call, {key: _status(line) for key, line in said.items() if tag in _tags(line)})
            case ["notifications"]:
                mentions = [line for line in said.values() if ACCOUNT in _mentioned(line)]
                return _page(call, {number: _mention(number, line) for number, line in enumerate(mentions, 1)})
            case ["statuses", status, "context"] if status.isdigit() and int(status) in said:
                ancestors = list(map(_status, _above(said, said[int(status)])))
                return answer_json({"ancestors": ancestors, "descendants": []})
        return answer_json({"error": "Record not found"}, 404)


def _page(call: Call, items: dict[int, Record]) -> Answer:
    """Return a page, newest first: after `min_id`, before `max_id`, or else the newest."""
    size = min(LARGEST_PAGE, call.integer("limit", 20, 1, 80) or LARGEST_PAGE)
    if "min_id" in call.params:
        found = [key for key in items if key > int(call.params["min_id"])][:size]
    else:
        found = [key for key in items if key < int(call.params.get("max_id", 10**30))][-size:]
    links: dict[str, str] = {}
    if found:
        kept = {name: value for name, value in call.params.items() if name not in ("min_id", "max_id")}
        ends = {"next": {"max_id": found[0]}, "prev": {"min_id": found[-1]}}
        urls = {rel: f"{call.base_url}{call.path}?{urlencode({**kept, **end})}" for rel, end in ends.items()}
        links = {"link": ", ".join(f'<{url}>; rel="{rel}"' for rel, url in urls.items())}
    return answer_json([items[key] for key in reversed(found)], headers=links)


def _number(line: Record) -> int:
    return int(line["id"])


def _above(said: dict[int, Record], line: Record) -> list[Record]:
    """Return the statuses that lead to a status, the first of the thread first."""
    above: list[Record] = []
    while "reply_to" in line and int(line["reply_to"]) in said:
        line = said[int(line["reply_to"])]
        above.insert(0, line)
    return above


def _tags(line: Record) -> list[str]:
    return [tag.lower() for tag in re.findall(r"#(\w+)", line["text"])]


def _mentioned(line: Record) -> list[str]:
    return re.findall(r"@([\w@.]*\w)", line["text"])


def _mention(number: int, line: Record) -> Record:
    return {"id": str(number), "type": "mention", "created_at": with_milliseconds(line["at"]), "status": _status(line)}


def _status(line: Record) -> Record:
    edited_at = line.get("edited_at")
    return {
        "id": line["id"],
        "created_at": with_milliseconds(line["at"]),
        "edited_at": with_milliseconds(edited_at) if edited_at else None,
        "in_reply_to_id": line.get("reply_to"),
        "visibility": line.get("visibility", "public"),
        "language": "en",
        "spoiler_text": "",
        "content": f"<p>{escape(line['text'], quote=False).replace(chr(10), '<br>')}</p>",
        "account": {"id": line["by"], "acct": line["name"], "username": line["name"].partition("@")[0],
                    "display_name": line["name"].partition("@")[0], "bot": False, "followers_count": 12},
        "mentions": [{"acct": name, "username": name.partition("@")[0]} for name in _mentioned(line)],
        "tags": [{"name": tag} for tag in _tags(line)],
        "favourites_count": line["likes"],
        "reblogs_count": 0,
        "url": f"https://social.example/@{line['name']}/{line['id']}",
    }  # fmt: skip
