"""Logs of visits in a folder."""

from zoneinfo import ZoneInfo

from acceptance import Entry
from social_crm.sources.stores import CONTRACT, STORES
from worlds.dropped_files import DroppedFiles


class Harness(DroppedFiles):
    """The visits to one store, on its own clock."""

    source, resource, headers = STORES, STORES.resource("visits"), tuple(CONTRACT.required)

    def cells(self, entry: Entry, text: str) -> dict[str, str]:
        local = entry.at.astimezone(ZoneInfo("Asia/Kolkata"))
        return {
            "store": "in-pune-01", "visit_id": str(entry.number), "visited_at": f"{local:%F %T}",
            "time_zone": "Asia/Kolkata", "note": text,
        }  # fmt: skip

    def key(self, entry: Entry) -> str:
        return f"in-pune-01/{entry.number}"
