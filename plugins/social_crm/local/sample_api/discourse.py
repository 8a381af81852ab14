"""Discourse as far as the warehouse reads it: the newest posts of a forum, and those below an id."""

from html import escape

from social_crm.local.sample_api.company import Clock, Company, Record, said_by, with_milliseconds
from social_crm.local.sample_api.messages import Answer, Call, answer_json

SITE, USER, STAFF = "https://community.acmepay.example", "warehouse", "2"
LARGEST_PAGE = 10  # so that a small story has more than one page
_LIKE = 2  # Discourse's id of this kind of action on a post


class DiscourseApi:
    """Answers like a forum, below /discourse/."""

    def __init__(self, company: Company, clock: Clock, key: str) -> None:
        """Keep the story, and each post's position in its topic, which deleted posts keep too."""
        self._lines, self._clock, self._key = company.networks.get("discourse", []), clock, key
        self._places: dict[str, int] = {}
        lengths: dict[str, int] = {}
        for line in self._lines:
            topic = _topic(line)
            self._places[line["id"]] = lengths[topic] = lengths.get(topic, 0) + 1

    def answer(self, call: Call) -> Answer:
        """Answer with the newest posts; `before` includes the post with that id, as on real servers."""
        if (call.headers.get("api-key"), call.headers.get("api-username")) != (self._key, USER):
            words = "You are not permitted to view the requested resource. The API username or key is invalid."
            return answer_json({"errors": [words], "error_type": "invalid_access"}, 403)
        before = call.integer("before", 10**15, 0, 10**15)
        if call.path != "/discourse/posts.json" or before is None:
            return answer_json({"errors": ["The requested URL or resource could not be found."]}, 404)
        said = {line["id"]: line for line in said_by(self._lines, self._clock.now)}
        found = sorted((number for number in map(int, said) if number <= before), reverse=True)[:LARGEST_PAGE]
        return answer_json({"latest_posts": [self._post(said[str(number)], said) for number in found]})

    def _post(self, line: Record, said: dict[str, Record]) -> Record:
        place, topic, answered = self._places[line["id"]], _topic(line), line.get("reply_to")
        edits = [edit for edit in line.get("edits", []) if edit["at"] <= self._clock.now]
        return {
            "id": int(line["id"]),
            "topic_id": int(topic),
            "topic_title": said[topic]["title"] if topic in said else None,
            "post_number": place,
            "reply_to_post_number": self._places.get(answered) if answered else None,
            "post_url": f"/t/topic/{topic}/{place}",
            "user_id": int(line["by"]),
            "username": line["name"],
            "name": "",
            "primary_group_name": line.get("group"),
            "staff": line["by"] == STAFF,
            "hidden": False,
            "user_deleted": line.get("user_deleted", False),
            "deleted_at": None,
            "accepted_answer": line.get("accepted_at", "9") <= self._clock.now,
            "cooked": f"{_quoted(said.get(line.get('quotes', '')))}<p>{escape(line['text'], quote=False)}</p>",
            "actions_summary": [{"id": _LIKE, "count": line["likes"]}] if line["likes"] else [],
            "reads": 5 + 3 * line["likes"],
            "version": 1 + len(edits),
            "created_at": with_milliseconds(line["at"]),
            "updated_at": with_milliseconds(line.get("edited_at") or line["at"]),
        }


def _topic(line: Record) -> str:
    """Return a post's topic, which is named after its first post here."""
    return str(line.get("on", line["id"]))


def _quoted(line: Record | None) -> str:
    if line is None:
        return ""
    return f'<aside class="quote no-group"><blockquote><p>{escape(line["text"])}</p></blockquote></aside>'
