"""How HubSpot is read: searches that never request a second page, and the list of archived records."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator, SinglePagePaginator

from social_crm.errors import ContractBroken, SourceUnavailable
from social_crm.sources.fields import field
from social_crm.sources.model import Record, Window
from social_crm.sources.moments import moment_of
from social_crm.sources.web.rest import Api

OBJECTS = "crm/v3/objects"
PER_PAGE = 100
ARCHIVED = "archived"
# Only contacts use this name for their timestamp; every other object has the longer name.
STAMPS = {"contacts": "lastmodifieddate", "companies": "hs_lastmodifieddate"}
_AFTER = field("paging.next.after")
_Records = list[Record]


def changed(
    api: Api, name: str, window: Window, properties: tuple[str, ...], stamp: int, last_id: str
) -> Iterator[tuple[_Records, str]]:
    """Yield records by timestamp; with a `last_id`, those of one timestamp by id."""
    by_time, end = STAMPS[name], milliseconds(window.end)
    for _ in api.page_numbers():
        if stamp >= end:
            return
        if last_id:
            filters = [(by_time, "EQ", stamp), ("hs_object_id", "GT", last_id)]
            found, has_more = search(api, name, properties, filters, "hs_object_id")
        else:
            filters = [(by_time, "GTE", stamp), (by_time, "LT", end)]
            found, has_more = search(api, name, properties, filters, by_time)
            if not found:
                return
        stamps = [record["properties"].get(by_time) for record in found]
        api.require_inside(window, stamps)
        # A record that moved since the search index saw it has its new timestamp; what follows it was not read.
        known = (milliseconds(moment) for moment in map(moment_of, stamps) if moment)
        newest = max((moved for moved in known if moved < end), default=stamp)
        if last_id:
            following = str(found[-1]["id"]) if has_more else ""
            if following == last_id:
                raise ContractBroken(f"{api.context}: HubSpot ignores the filter on hs_object_id; nothing would end")
            stamp, last_id = (stamp, following) if following else (stamp + 1, "")
        elif not has_more:
            stamp = end
        elif newest > stamp:
            stamp = newest
        else:
            last_id = "0"
        yield found, f"{stamp}:{last_id}"


def archived(
    api: Api, name: str, window: Window, properties: tuple[str, ...], position: str
) -> Iterator[tuple[_Records, str]]:
    """Yield the records archived in the window, from all pages of archived ones."""
    params = {"archived": "true", "limit": PER_PAGE, "properties": ",".join(properties)}
    params |= {"after": position} if position else {}
    paginator = JSONResponseCursorPaginator(cursor_path="paging.next.after", cursor_param="after")
    for page in api.pages(f"{OBJECTS}/{name}", params, "results", paginator, is_resumed=bool(position)):
        api.require_fields(page, ("id", "properties"))
        following = _AFTER(page.response.json()) or ""
        inside = [record for record in page if window.may_hold(moment_of(record.get("archivedAt")))]
        yield inside, f"{ARCHIVED}:{following}"


def search(
    api: Api, name: str, properties: tuple[str, ...], filters: list[tuple[str, str, Any]], order: str
) -> tuple[_Records, bool]:
    """Return the first page that matches all filters, and whether there is more: a page may be short before the last.

    Raises SourceUnavailable for an empty page that is not the last.
    """
    chosen = [{"propertyName": asked, "operator": operator, "value": str(value)} for asked, operator, value in filters]
    query = {
        "filterGroups": [{"filters": chosen}], "properties": list(properties), "sorts": [order], "limit": PER_PAGE,
        "after": "0",
    }  # fmt: skip
    (page,) = api.pages(f"{OBJECTS}/{name}/search", {}, "results", SinglePagePaginator(), query=query)
    api.require_fields(page, ("id", "properties", "updatedAt"))
    has_more = _AFTER(page.response.json()) is not None
    if not page and (has_more or page.response.json().get("total")):
        raise SourceUnavailable(f"{api.context}: HubSpot shows nothing of what it says there is; try again later")
    return list(page), has_more


def property_names(api: Api, name: str) -> set[str]:
    """Return the names of all properties of an object; this list has no pages."""
    (page,) = api.pages(f"crm/v3/properties/{name}", {}, "results", SinglePagePaginator())
    api.require_fields(page, ("name",))
    return {str(one["name"]) for one in page if "name" in one}


def milliseconds(moment: datetime) -> int:
    """Return a moment as a filter writes it."""
    return (moment - datetime.fromtimestamp(0, UTC)) // timedelta(milliseconds=1)
