"""How Bluesky's lists are paged: by a cursor that only the server understands, or by a time.

A real server pages notifications by time: the next page holds only what is older than the last entry of this one. Other
notifications of that same moment would be on no page, so the next page starts a millisecond earlier in the list.
"""

from datetime import timedelta
from typing import Any

from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator
from requests import Response

from social_crm.sources.moments import moment_of

_MILLISECOND = timedelta(milliseconds=1)


class ServersCursor(JSONResponseCursorPaginator):
    """Follows `cursor`, which only the last page lacks."""

    is_cut = False

    def __init__(self) -> None:
        """Use Bluesky's names."""
        super().__init__(cursor_path="cursor", cursor_param="cursor")

    @property
    def onward(self) -> str:
        """Return where the next page begins, "" after the last."""
        return self._next_reference or ""


class Moments(ServersCursor):
    """Pages by the time of the last entry; `is_cut` if one moment fills a page, so that more of it may be unread."""

    def update_state(self, response: Response, data: list[Any] | None = None) -> None:
        """Start the next page a millisecond earlier in the list, unless that would give the same page again."""
        super().update_state(response, data)
        ended, begun = moment_of(self.onward), moment_of(data[0].get("indexedAt")) if data else None
        is_of_one = ended is not None and ended == begun
        self.is_cut = is_of_one and len(data or []) > 1
        if ended and not is_of_one:
            moment = ended + _MILLISECOND
            self._next_reference = f"{moment:%FT%T}.{moment.microsecond // 1000:03}Z"
