"""YouTube Data API v3 as far as the warehouse reads it: threads below a channel's videos, replies, comments by id."""

from social_crm.local.sample_api.company import Clock, Company, Record, said_by
from social_crm.local.sample_api.messages import Answer, Call, answer_json

CHANNEL = "UCacmebankussample000001"
LARGEST_PAGE, LARGEST_PAGE_OF_REPLIES = 20, 5  # whatever is requested: a small story has more than one page
SHOWN_REPLIES = 2


class YoutubeApi:
    """Answers like youtube.googleapis.com, below /youtube/."""

    def __init__(self, company: Company, clock: Clock, key: str) -> None:
        """Keep the story."""
        self._lines, self._clock, self._key = company.networks.get("youtube", []), clock, key

    def answer(self, call: Call) -> Answer:
        """Answer a list of threads, of replies, or of comments by id."""
        if call.headers.get("x-goog-api-key") != self._key:
            return _refused(400, "API_KEY_INVALID", "API key not valid. Please pass a valid API key.")
        said = said_by(self._lines, self._clock.now)
        if call.path.endswith("/commentThreads"):
            if call.params.get("allThreadsRelatedToChannelId") != CHANNEL:
                return _refused(404, "channelNotFound", "The channel could not be found.")
            threads = [line for line in said if "reply_to" not in line]
            items = [_thread(line, [one for one in said if one.get("reply_to") == line["id"]]) for line in threads]
            return _page(call, items, LARGEST_PAGE)
        if call.path.endswith("/comments"):
            if "id" in call.params:
                wanted = call.params["id"].split(",")
                return _page(call, [_comment(line) for line in said if line["id"] in wanted], LARGEST_PAGE)
            parent = call.params.get("parentId")
            if not any(line["id"] == parent for line in said):
                return _refused(404, "commentNotFound", "The comment could not be found.")
            replies = [line for line in reversed(said) if line.get("reply_to") == parent]
            return _page(call, list(map(_comment, replies)), LARGEST_PAGE_OF_REPLIES)
        return _refused(404, "notFound", "Not Found")


def _page(call: Call, items: list[Record], largest: int) -> Answer:
    first, size = call.integer("pageToken", 0, 0, len(items)), call.integer("maxResults", 20, 1, 100)
    if first is None or size is None:
        return _refused(400, "invalidPageToken", "The request specifies an invalid page token.")
    end = first + min(size, largest)
    names = {"kind", "id", *call.params.get("part", "").split(",")}
    page = [{name: value for name, value in item.items() if name in names} for item in items[first:end]]
    more = {"nextPageToken": str(end)} if end < len(items) else {}
    return answer_json({"items": page, "pageInfo": {"totalResults": len(page), "resultsPerPage": size}, **more})


def _thread(first: Record, replies: list[Record]) -> Record:
    where = {"channelId": CHANNEL, "videoId": first["on"]}
    counts = {"canReply": True, "totalReplyCount": len(replies), "isPublic": True}
    shown = {"comments": list(map(_comment, replies[:SHOWN_REPLIES]))}
    snippet = {**where, "topLevelComment": _comment(first), **counts}
    return {"kind": "youtube#commentThread", "id": first["id"], "snippet": snippet, "replies": shown}


def _comment(line: Record) -> Record:
    """Return a comment; for a closed account, only the name is given."""
    # As at YouTube, a reply has neither channel nor video.
    snippet = {} if "reply_to" in line else {"channelId": CHANNEL, "videoId": line["on"]}
    snippet |= {"textDisplay": line["text"], "textOriginal": line["text"]}
    snippet |= {"authorDisplayName": line["name"], "likeCount": line["likes"], "canRate": True}
    snippet |= {"authorChannelId": {"value": line["by"]}} if line["by"] else {}
    snippet |= {"parentId": line["reply_to"]} if "reply_to" in line else {}
    snippet |= {"publishedAt": line["at"], "updatedAt": line.get("edited_at", line["at"])}
    return {"kind": "youtube#comment", "id": line["id"], "snippet": snippet}


def _refused(status: int, reason: str, message: str) -> Answer:
    reasons = {"errors": [{"message": message, "reason": reason}], "details": [{"reason": reason}]}
    return answer_json({"error": {"code": status, "message": message, **reasons}}, status)
