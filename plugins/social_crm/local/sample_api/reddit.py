"""Reddit's API as far as the warehouse reads it: lists of posts, trees of comments, and things by their names."""

import secrets
from collections.abc import Callable

from social_crm.local.sample_api.company import Clock, Company, Record, said_by
from social_crm.local.sample_api.messages import Answer, Call, answer_json
from social_crm.local.sample_api.reddit_wire import SUBMISSION, listing, thing_of, things_below

APPLICATION = "acme-warehouse"
DOOR = "/reddit/api/v1/access_token"
LARGEST_PAGE = 5  # whatever size is requested, so that a small story has more than one page


class RedditApi:
    """Answers like oauth.reddit.com and, for tokens, www.reddit.com, below /reddit/."""

    def __init__(self, company: Company, clock: Clock, secret: str) -> None:
        """Keep the story, and a token for clients that know the application's secret."""
        self._lines, self._clock, self._token = company.networks.get("reddit", []), clock, secrets.token_urlsafe(18)
        self._secret = secret

    def answer(self, call: Call) -> Answer:
        """Answer any call; throttle clients that do not say on whose behalf they read."""
        if "(by /u/" not in call.headers.get("user-agent", ""):
            return Answer(429, b"<title>Too Many Requests</title>", {"retry-after": "3600"}, "text/html")
        if call.path == DOOR:
            return self._authorise(call)
        if not call.bears(self._token):
            return _refused(401, "Unauthorized")
        said = said_by(self._lines, self._clock.now)
        names = {line["id"]: line for line in said}
        match call.path.removeprefix("/reddit/").split("/"):
            case ["search"]:
                words = call.params.get("q", "").strip('"').casefold()
                return _list(call, said, lambda post: words in f"{post['title']}\n{post['text']}".casefold())
            case ["r", subreddit, "new"]:
                return _list(call, said, lambda post: post["subreddit"] == subreddit.casefold())
            case ["api", "info"]:
                wanted = call.params.get("id", "").split(",")
                return answer_json(listing([thing_of(names[name], said) for name in wanted if name in names]))
            case ["api", "morechildren"]:
                return _unfolded(call, said)
            case ["comments", post, *below] if f"{SUBMISSION}_{post}" in names:
                above = f"t1_{below[-1]}" if below else f"{SUBMISSION}_{post}"
                first = listing([thing_of(names[f"{SUBMISSION}_{post}"], said)])
                return answer_json([first, listing(things_below(above, said, is_shown=bool(below)))])
        return _refused(404, "Not Found")

    def _authorise(self, call: Call) -> Answer:
        if not call.logs_in(APPLICATION, self._secret):
            return _refused(401, "Unauthorized")
        if call.method != "POST" or call.body != b"grant_type=client_credentials":
            return answer_json({"error": "unsupported_grant_type"})
        return answer_json({"access_token": self._token, "token_type": "bearer", "expires_in": 86400, "scope": "*"})


def _list(call: Call, said: list[Record], is_wanted: Callable[[Record], bool]) -> Answer:
    """Return a page of posts, newest first; nothing follows a post that is not in the list."""
    posts = [line for line in said if line["kind"] == "submission" and is_wanted(line)]
    names, after = [post["id"] for post in posts], call.params.get("after")
    if after and after not in names:
        return answer_json(listing([]))
    first = names.index(after) + 1 if after else 0
    end = first + min(LARGEST_PAGE, call.integer("limit", 25, 1, 100) or LARGEST_PAGE)
    return answer_json(
        listing([thing_of(post, said) for post in posts[first:end]], names[end - 1] if end < len(posts) else None)
    )


def _unfolded(call: Call, said: list[Record]) -> Answer:
    """Return comments that were folded away, each with the comments below it, as a flat list."""
    found, wanted = [], [f"t1_{name}" for name in call.params.get("children", "").split(",")]
    while wanted:
        below = [line for line in reversed(said) if line["id"] in wanted]
        found += [thing_of(line, said) for line in below]
        wanted = [line["id"] for line in said if line.get("reply_to") in wanted]
    return answer_json({"json": {"errors": [], "data": {"things": found}}})


def _refused(status: int, message: str) -> Answer:
    return answer_json({"message": message, "error": status}, status)
