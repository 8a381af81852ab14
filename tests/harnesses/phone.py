"""Call logs in a folder."""

from acceptance import Entry
from social_crm.sources.phone import CONTRACT, PHONE
from worlds.dropped_files import DroppedFiles


class Harness(DroppedFiles):
    """The calls of one PBX."""

    source, resource, headers = PHONE, PHONE.resource("calls"), tuple(CONTRACT.required)

    def cells(self, entry: Entry, text: str) -> dict[str, str]:
        return {
            "call_id": f"{entry.number:04}", "pbx": "pbx-us", "started_at": f"{entry.at:%FT%T}+00:00", "summary": text,
        }  # fmt: skip

    def key(self, entry: Entry) -> str:
        return f"pbx-us/{entry.number:04}"
