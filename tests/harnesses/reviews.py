"""Reviews in a folder."""

from acceptance import Entry
from social_crm.sources.reviews import CONTRACT, REVIEWS
from worlds.dropped_files import DroppedFiles


class Harness(DroppedFiles):
    """Reviews that nobody has replied to yet."""

    source, resource, headers = REVIEWS, REVIEWS.resource("reviews"), tuple(CONTRACT.required)

    def cells(self, entry: Entry, text: str) -> dict[str, str]:
        return {
            "review_id": str(entry.number), "channel": "app", "account": "acme", "score": "4", "scale_min": "1",
            "scale_max": "5", "text": text, "reviewed_at": f"{entry.at:%FT%T}+00:00",
        }  # fmt: skip

    def key(self, entry: Entry) -> str:
        return f"acme/{entry.number}"
