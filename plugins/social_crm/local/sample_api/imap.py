"""A mailbox over IMAP as far as the warehouse reads it: an inbox and sent mail, read-only."""

import re
import shlex
import socketserver
from datetime import date, datetime
from typing import cast

from social_crm.local.sample_api.company import Clock, Company, Record

USER = "help.sg@acmebank.example"
_FOLDERS = {"INBOX": "", "Sent": " \\Sent"}
_DAYS = re.compile(r"SINCE (\S+) BEFORE (\S+)")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


class MailboxServer(socketserver.ThreadingTCPServer):
    """Listens on one port for sessions of one account."""

    daemon_threads = allow_reuse_address = True

    def __init__(self, address: tuple[str, int], company: Company, clock: Clock, secret: str) -> None:
        """Keep the mails, numbered in the order in which each folder received them."""
        super().__init__(address, _Session)
        self.clock, self.secret = clock, secret
        self._mails = {name: [mail for mail in company.mails if mail["mailbox"] == name] for name in _FOLDERS}

    def received(self, folder: str) -> dict[int, Record]:
        """Return the mails that a folder contains by now, by number."""
        mails = enumerate(self._mails[folder], 1)
        return {number: mail for number, mail in mails if mail["at"] <= self.clock.now}


class _Session(socketserver.StreamRequestHandler):
    """One client, from greeting to logout."""

    _folder, _is_known = "INBOX", False

    @property
    def _server(self) -> MailboxServer:
        return cast(MailboxServer, self.server)

    def handle(self) -> None:
        """Answer commands until the client leaves."""
        self._say("* OK at your service")
        while line := self.rfile.readline().decode().strip():
            tag, _, command = line.partition(" ")
            name, _, rest = command.partition(" ")
            if name.upper() == "UID":
                name, _, rest = rest.partition(" ")
            known = {
                "CAPABILITY": self._capability, "LOGIN": self._login, "LIST": self._list, "EXAMINE": self._examine,
                "SEARCH": self._search, "FETCH": self._fetch, "LOGOUT": self._logout,
            }  # fmt: skip
            act = known.get(name.upper())
            is_free = name.upper() in ("CAPABILITY", "LOGIN", "LOGOUT")
            self._say(f"{tag} {act(rest) if act and (is_free or self._is_known) else 'BAD unknown here'}")
            if name.upper() == "LOGOUT":
                return

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def _capability(self, _: str) -> str:
        self._say("* CAPABILITY IMAP4rev1 SPECIAL-USE")
        return "OK done"

    def _login(self, given: str) -> str:
        self._is_known = shlex.split(given) == [USER, self._server.secret]
        return "OK logged in" if self._is_known else "NO [AUTHENTICATIONFAILED] Authentication failed."

    def _list(self, _: str) -> str:
        for name, flag in _FOLDERS.items():
            self._say(f'* LIST (\\HasNoChildren{flag}) "/" "{name}"')
        return "OK done"

    def _examine(self, given: str) -> str:
        [name] = shlex.split(given)
        if name not in _FOLDERS:
            return "NO [NONEXISTENT] Mailbox does not exist"
        self._folder = name
        self._say("* FLAGS (\\Seen)")
        self._say(f"* {len(self._server.received(name))} EXISTS")
        self._say("* 0 RECENT")
        self._say("* OK [UIDVALIDITY 1793000000] valid")
        return "OK [READ-ONLY] examined"

    def _search(self, given: str) -> str:
        asked = _DAYS.fullmatch(given)
        if not asked:
            return "BAD search by SINCE and BEFORE"
        since, before = map(_day, asked.groups())
        mails = self._server.received(self._folder).items()
        found = [str(number) for number, mail in mails if since <= _received(mail).date() < before]
        self._say(" ".join(["* SEARCH", *found]))
        return "OK done"

    def _fetch(self, given: str) -> str:
        numbers, _, wanted = given.partition(" ")
        mails = self._server.received(self._folder)
        for number in (number for number in _numbers(numbers) if number in mails):
            content = mails[number]["raw"].encode()
            if "BODY.PEEK[]" in wanted:
                self._say(f"* {number} FETCH (UID {number} BODY[]<0> {{{len(content)}}}")
                self.wfile.write(content)
                self._say(")")
            else:
                at = f"{_received(mails[number]):%d-%b-%Y %H:%M:%S +0000}"
                self._say(f'* {number} FETCH (UID {number} INTERNALDATE "{at}" RFC822.SIZE {len(content)})')
        return "OK done"

    def _logout(self, _: str) -> str:
        self._say("* BYE")
        return "OK done"


def _received(mail: Record) -> datetime:
    return datetime.fromisoformat(mail["at"])


def _day(text: str) -> date:
    """Return a date in IMAP's format, whatever the language of this machine."""
    day, month, year = text.split("-")
    return date(int(year), _MONTHS.index(month) + 1, int(day))


def _numbers(text: str) -> list[int]:
    """Return the numbers of a set such as 1,3:5."""
    spans = [part.partition(":") for part in text.split(",")]
    return [number for first, _, last in spans for number in range(int(first), int(last or first) + 1)]
