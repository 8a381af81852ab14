"""Answers to surveys in a folder."""

from acceptance import Entry
from social_crm.sources.surveys import CONTRACT, SURVEYS
from worlds.dropped_files import DroppedFiles


class Harness(DroppedFiles):
    """Answers to one question."""

    source, resource, headers = SURVEYS, SURVEYS.resource("answers"), tuple(CONTRACT.required)

    def cells(self, entry: Entry, text: str) -> dict[str, str]:
        return {
            "response_id": f"R-{entry.number}", "metric": "csat", "score": "4", "scale_min": "1", "scale_max": "5",
            "comment": text, "answered_at": f"{entry.at:%FT%T}+00:00",
        }  # fmt: skip

    def key(self, entry: Entry) -> str:
        return f"R-{entry.number}/csat"
