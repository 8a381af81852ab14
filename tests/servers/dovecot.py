"""A test's own Dovecot on loopback, with configuration and mail in a folder and its process stopped by number."""

import imaplib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import psutil
import pytest

from servers.fake_sources import SECRET
from social_crm.local.processes import free_port
from social_crm.sources.model import Connection

PROGRAM = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail/%u
mail_uid = {user}
mail_gid = {user}
first_valid_uid = 1
default_login_user = {user}
default_internal_user = {user}
default_internal_group = {group}
passdb {{
  driver = static
  args = password={password}
}}
{tokens}
userdb {{
  driver = static
  args = uid={user} gid={user} home={folder}/home/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
namespace inbox {{
  inbox = yes
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
}}
"""

TOKENS = """
auth_mechanisms = plain {mechanisms}
passdb {{
  driver = oauth2
  mechanisms = {mechanisms}
  args = {folder}/oauth2.conf
}}
"""
INTROSPECTION = """
introspection_mode = auth
introspection_url = {url}
username_attribute = username
active_attribute = active
active_value = true
"""


class Dovecot:
    """A server on which everybody has an account with the same password; one may also accept tokens."""

    def __init__(self, folder: Path, user: str, group: str, introspection_url: str, mechanisms: str) -> None:
        """Write the configuration; the server runs as a user who owns the folder."""
        self.folder, self._configuration = folder, folder / "dovecot.conf"
        self.port = free_port()
        settings = {"folder": folder, "user": user, "group": group, "port": self.port, "password": SECRET}
        tokens = TOKENS.format(folder=folder, mechanisms=mechanisms) if introspection_url else ""
        (folder / "oauth2.conf").write_text(INTROSPECTION.format(url=introspection_url))
        self._configuration.write_text(CONFIGURATION.format(**settings, tokens=tokens))
        (folder / "mail").mkdir()
        shutil.chown(folder / "mail", user, group)

    def start(self) -> None:
        """Start the server and wait until it greets."""
        command = [str(PROGRAM), "-F", "-c", str(self._configuration)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        for _ in range(100):
            try:
                imaplib.IMAP4("127.0.0.1", self.port, timeout=5).logout()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError(f"Dovecot does not answer: {(self.folder / 'log').read_text()}")

    def stop(self) -> None:
        """End the server with its sessions, and wait until they have ended."""
        self.end_sessions()
        self._process.terminate()
        self._process.wait(timeout=20)

    def end_sessions(self) -> None:
        """End the sessions of everybody who is logged in."""
        for child in psutil.Process(self._process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                if child.name() == "imap":
                    child.kill()

    def number_anew(self) -> None:
        """Delete the server's index of its mailboxes, as after a restore or a move: every UID changes."""
        self.stop()
        for path in (self.folder / "mail").rglob("dovecot*"):
            path.unlink()
        self.start()

    def connection(self, user: str = "support") -> Connection:
        """Return a connector's connection to an account."""
        return Connection(f"imap://127.0.0.1:{self.port}", user, SECRET)

    def put(self, content: bytes, received_at: datetime, mailbox: str = "INBOX", user: str = "support") -> None:
        """File a mail as received at a moment."""
        with self.client(user) as client:
            stamp = imaplib.Time2Internaldate(received_at)
            assert client.append(mailbox, "", stamp, content)[0] == "OK"

    def expunge(self, uids: Sequence[int]) -> None:
        """Remove mails from the inbox for good."""
        with self.client() as client:
            client.select("INBOX")
            client.uid("STORE", ",".join(map(str, uids)), "+FLAGS", "(\\Deleted)")
            client.expunge()

    def client(self, user: str = "support") -> imaplib.IMAP4:
        """Log in with the standard library's client, which the connector does not use."""
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=20)
        client.login(user, SECRET)
        return client


@contextmanager
def running(introspection_url: str = "", mechanisms: str = "xoauth2 oauthbearer") -> Iterator[Dovecot]:
    """Run a server while the context lasts; skip the test if none is installed.

    It takes tokens of OAuth 2 where there is a URL that knows whose they are.
    """
    if PROGRAM is None:
        pytest.skip("no dovecot here: apt-get install dovecot-imapd")
    try:
        owner = pwd.getpwnam("dovecot").pw_name
    except KeyError:
        pytest.skip("no user dovecot here, whom the package makes")
    # Not below pytest's own folder, which other users cannot enter; as root, the server is another user.
    with tempfile.TemporaryDirectory(prefix="dovecot-tests-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        office = Dovecot(Path(folder), owner, owner, introspection_url, mechanisms)
        try:
            office.start()
            yield office
        finally:
            office.stop()
