"""How Bluesky's lists go on: by a cursor that only the server understands, or by a moment alone.

The list of notifications is one of the latter kind, seen on a real server: whatever else is of the moment at which a
page ends would be in none. So it goes on a millisecond before.
"""

from datetime import timedelta
from typing import Any

from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator
from requests import Response

from social_crm.sources.moments import moment_of

_MILLISECOND = timedelta(milliseconds=1)


class ServersCursor(JSONResponseCursorPaginator):
    """Follows `cursor`, which no page but the last is without."""

    is_cut = False

    def __init__(self) -> None:
        """Use Bluesky's names."""
        super().__init__(cursor_path="cursor", cursor_param="cursor")

    @property
    def onward(self) -> str:
        """Return where the next page begins, "" after the last."""
        return self._next_reference or ""


class Moments(ServersCursor):
    """Goes on with the moment at which a page ended; `is_cut` where one moment fills a page, and more may be of it."""

    def update_state(self, response: Response, data: list[Any] | None = None) -> None:
        """Go on a millisecond before where the page ended, unless that would give the same page again."""
        super().update_state(response, data)
        ended, begun = moment_of(self.onward), moment_of(data[0].get("indexedAt")) if data else None
        is_of_one = ended is not None and ended == begun
        self.is_cut = is_of_one and len(data or []) > 1
        if ended and not is_of_one:
            moment = ended + _MILLISECOND
            self._next_reference = f"{moment:%FT%T}.{moment.microsecond // 1000:03}Z"
