"""A test's own Request Tracker on loopback: its own server over SQLite in a folder, stopped by number."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from servers.fake_sources import HASTE
from social_crm.local.processes import free_port
from social_crm.sources.model import Connection

PROGRAM = Path("/usr/share/request-tracker5/libexec/rt-server")
EMPTY_DATABASE = Path("/var/lib/dbconfig-common/sqlite3/request-tracker5/rtdb")  # as the package creates it
PASSWORD = "password"
PREAMBLE = "use lib '/usr/share/request-tracker5/lib'; use RT; RT->LoadConfig; RT->Init;"
# Neither the server's address nor UTC, so that no link can be followed and no local time looks like UTC.
CONFIGURATION = """
Set($rtname, 'acme.example'); Set($Organization, 'acme.example');
Set($WebDomain, 'support.acme.example'); Set($WebPort, 80); Set($WebPath, '');
Set($Timezone, 'Europe/Berlin'); Set($RestrictReferrer, 0); Set($MailCommand, 'testfile');
Set($DatabaseType, 'SQLite'); Set($DatabaseName, '{folder}/rtdb');
Set($BcryptCost, 4); Set($LogToSyslog, undef); Set($LogToSTDERR, 'error');
1;
"""
# An agent who sees one of two queues, a sender who may only open tickets there, and a customer with a password.
INSTALLATION = f"""
sub made {{ my ($object, %values) = @_; my ($is_made, $why) = $object->Create(%values); $is_made or die $why; $object }}
my $queue = made(RT::Queue->new(RT->SystemUser), Name => 'Cards');
my %rights = (
    agent => [qw(SeeQueue ShowTicket ShowTicketComments CreateTicket ReplyToTicket CommentOnTicket ModifyTicket
                 OwnTicket TakeTicket DeleteTicket)],
    sender => [qw(SeeQueue CreateTicket)],
    customer => [],
);
for my $name (sort keys %rights) {{
    my $user = made(RT::User->new(RT->SystemUser), Name => $name, RealName => ucfirst $name, Password => '{PASSWORD}',
        EmailAddress => "$name\\@acme.example", Privileged => $name ne 'customer');
    $user->PrincipalObj->GrantRight(Right => $_, Object => $queue) for @{{ $rights{{$name}} }};
}}
my $root = RT::User->new(RT->SystemUser); $root->Load('root'); $root->SetPassword('{PASSWORD}');
my $token = RT::AuthToken->new(RT->SystemUser);
my ($is_made, $why, $words) = $token->Create(Owner => $root->Id, Description => 'test');
print "token $words\\n";
"""


class RequestTracker:
    """A server with two queues, General and Cards, reached by several users with one password."""

    def __init__(self, folder: Path) -> None:
        """Create the database; nothing runs yet."""
        self.folder, self.port, self.token = folder, free_port(), ""
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        shutil.copyfile(EMPTY_DATABASE, folder / "rtdb")
        (folder / "site.pm").write_text(CONFIGURATION.format(folder=folder))
        # The machine's own settings, in their own folder, would come after ours.
        settings = {"RT_SITE_CONFIG": str(folder / "site.pm"), "RT_SITE_CONFIG_DIR": str(folder / "none")}
        self._environment = {**os.environ, **settings}

    def start(self) -> None:
        """Create queues and users, and serve."""
        self.token = self.perl(INSTALLATION).rpartition("token ")[2].strip()
        command = ["perl", str(PROGRAM), "--server", "Standalone", "--host", "127.0.0.1", "--port", str(self.port)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, env=self._environment)
        for _ in range(300):
            try:
                self.ask("GET", "rt")
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError(f"no answer: {(self.folder / 'log').read_text()[-2000:]}")

    def stop(self) -> None:
        """Stop the server and wait until it has ended."""
        if self._process:
            self._process.kill()  # its data is thrown away
            self._process.wait(timeout=30)

    def ask(self, method: str, path: str, user: str = "root", body: Any = None, **params: Any) -> Any:
        """Query the API with another client than the connector's."""
        url, login = f"{self.url}/REST/2.0/{path}", (user, PASSWORD)
        answer = requests.request(method, url, params=params, json=body, auth=login, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def open_ticket(self, subject: str = "Card lost", user: str = "root", **fields: Any) -> int:
        """Open a ticket in the queue that the agent sees, and return its number."""
        body = {"Queue": "Cards", "Subject": subject, "Content": "Where is my card?", **fields}
        return int(self.ask("POST", "ticket", user, body)["id"])

    def sql(self, statement: str) -> None:
        """Change the database below the server, as a plugin or a shredder would."""
        subprocess.run(
            [
                "perl",
                "-MDBI",
                "-e",
                "DBI->connect('dbi:SQLite:'.shift)->do(shift) or die",
                self.folder / "rtdb",
                statement,
            ],
            check=True,
            capture_output=True,
        )

    def connection(self, login: str = "agent", **options: Any) -> Connection:
        """Return a connector's connection to the server."""
        return Connection(
            self.url, login, PASSWORD, {**HASTE, "read_timeout_seconds": 30, "body_seconds": 30, **options}
        )

    def perl(self, script: str) -> str:
        """Run a script beside the server, with RT loaded."""
        command = ["perl", "-e", f"{PREAMBLE}{script}"]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=self._environment).stdout


@contextmanager
def running() -> Iterator[RequestTracker]:
    """Run a server while the context lasts; skip the test if none is installed."""
    if not PROGRAM.exists() or not os.access(EMPTY_DATABASE, os.R_OK):
        pytest.skip("no Request Tracker here: apt-get install request-tracker5 rt5-db-sqlite rt5-standalone")
    with tempfile.TemporaryDirectory(prefix="rt-tests-", ignore_cleanup_errors=True) as folder:
        server = RequestTracker(Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.stop()
