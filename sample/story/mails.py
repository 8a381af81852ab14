"""Mails of one exchange; each quotes the mail that it answers."""

from datetime import datetime
from email.utils import format_datetime
from typing import Any

from story.people import Person
from story.timeline import END, stamp

OURS = "help.sg@acmebank.example"


class Exchange:
    """Mails that answer each other; the story stores `mails`."""

    def __init__(self, name: str, person: Person, subject: str) -> None:
        """Start empty."""
        self.mails = list[dict[str, Any]]()
        self._name, self._person, self._subject = name, person, subject

    def writes(self, at: datetime, text: str, **headers: str) -> None:
        """Let the customer write; `headers` are additional or replace the default ones."""
        self._send(at, self._person.name, self._person.email, text, "INBOX", headers)

    def answers(self, at: datetime, text: str) -> None:
        """Let a member of staff answer, from the shared address."""
        self._send(at, "Acme Bank", OURS, text, "Sent", {})

    def _send(self, at: datetime, name: str, address: str, text: str, folder: str, headers: dict[str, str]) -> None:
        to, told = (self._person.email if folder == "Sent" else OURS), [mail["message_id"] for mail in self.mails]
        usual = {
            "Message-ID": f"<{self._name}.{len(told)}@{address.partition('@')[2]}>", "From": f"{name} <{address}>",
            "To": to, "Date": format_datetime(at), "Subject": f"Re: {self._subject}" if told else self._subject,
            "In-Reply-To": told[-1] if told else "", "References": " ".join(told),
            "MIME-Version": "1.0", "Content-Type": "text/plain; charset=utf-8", "Content-Transfer-Encoding": "8bit",
        }  # fmt: skip
        written = {**usual, **{header.replace("_", "-"): value for header, value in headers.items()}}
        lines = [f"{header}: {value}" for header, value in written.items() if value]
        quoted = self._quoted() if told and not headers else []
        mail = {"message_id": written["Message-ID"], "at": stamp(at), "mailbox": folder, "by": address, "text": text}
        mail |= {"is_automatic": "Auto-Submitted" in written}
        mail["raw"] = "".join(f"{line}\r\n" for line in [*lines, "", *text.split("\n"), *quoted])
        if at < END:
            self.mails.append(mail)

    def _quoted(self) -> list[str]:
        last = self.mails[-1]
        return ["", f"On {last['at'][:10]}, {last['by']} wrote:", *(f"> {line}" for line in last["text"].split("\n"))]

    def record(self) -> list[dict[str, Any]]:
        """Return the mails, each with the first one of its exchange."""
        return [{**mail, "root": self.mails[0]["message_id"]} for mail in self.mails]
