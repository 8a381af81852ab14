"""Complaints in a folder, in one of the bureau's layouts."""

from acceptance import Entry
from social_crm.sources.complaints import COMPLAINTS
from worlds.dropped_files import DroppedFiles


class Harness(DroppedFiles):
    """Complaints about one company."""

    source, resource = COMPLAINTS, COMPLAINTS.resource("complaints")
    headers = ("Date received", "Product", "Issue", "Company", "Submitted via", "Complaint ID", "Consumer complaint narrative")  # fmt: skip  # noqa: E501

    def cells(self, entry: Entry, text: str) -> dict[str, str]:
        return {
            "Date received": f"{entry.at:%F}", "Product": "Loan", "Issue": "Fee", "Company": "ACME",
            "Submitted via": "Web", "Complaint ID": self.key(entry), "Consumer complaint narrative": text,
        }  # fmt: skip

    def key(self, entry: Entry) -> str:
        return str(7_000_000 + entry.number)
