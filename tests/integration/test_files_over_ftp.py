"""Dropped files on a real FTP server: who may enter, which folder there is, and which file has rested."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyftpdlib import authorizers, handlers, ioloop, servers

from servers.fake_sources import read
from social_crm.errors import CredentialRefused, SourceUnavailable
from social_crm.sources.model import Connection, Window
from social_crm.sources.phone import PHONE

FIXTURE = next((Path(__file__).parents[1] / "fixtures/phone").glob("calls_*.csv"))
MONDAY = Window(datetime(2026, 10, 5, tzinfo=UTC), datetime(2026, 10, 6, tzinfo=UTC))
MINUTES = timedelta(minutes=5).total_seconds()


@pytest.fixture
def drops(tmp_path: Path) -> Path:
    """Return the folder that the server shows as `/drops`, with a call log that has rested."""
    folder = tmp_path / "drops"
    folder.mkdir()
    shutil.copy(FIXTURE, folder)
    os.utime(folder / FIXTURE.name, (time.time() - MINUTES,) * 2)
    return folder


@pytest.fixture
def server(drops: Path) -> Iterator[str]:
    known = authorizers.DummyAuthorizer()
    known.add_user("bob", "pw", str(drops.parent), perm="elr")
    handler = type("Handler", (handlers.FTPHandler,), {"authorizer": known, "auth_failed_timeout": 0})
    running = servers.FTPServer(("127.0.0.1", 0), handler, ioloop=ioloop.IOLoop())
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"ftp://127.0.0.1:{running.address[1]}"
    running.close()


def test_files_are_read_with_the_login_of_the_connection(server: str) -> None:
    connection = Connection(f"{server}/drops", "bob", "pw")
    PHONE.check(connection)
    [page] = read(PHONE.resource("calls"), connection, window=MONDAY)
    assert page.file
    assert (len(page.records), page.file[0]) == (3, FIXTURE.name)


def test_a_file_that_was_changed_just_now_may_still_be_written(server: str, drops: Path) -> None:
    os.utime(drops / FIXTURE.name)
    assert read(PHONE.resource("calls"), Connection(f"{server}/drops", "bob", "pw"), window=MONDAY) == []


def test_a_login_that_is_not_taken_is_no_outage(server: str) -> None:
    with pytest.raises(CredentialRefused, match="login and secret"):
        PHONE.check(Connection(f"{server}/drops", "bob", "not"))


def test_a_folder_that_is_not_there_is_no_empty_day(server: str) -> None:
    with pytest.raises(SourceUnavailable, match="no such folder"):
        read(PHONE.resource("calls"), Connection(f"{server}/nowhere", "bob", "pw"), window=MONDAY)
