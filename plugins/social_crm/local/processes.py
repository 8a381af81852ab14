"""Background processes that outlive the command that started them, and that are stopped together."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import httpx
import psutil

STOP_SECONDS = 8


class ProcessStopped(RuntimeError):
    """Raised when a process that others need has ended; the message names it and its log."""

    def __init__(self, name: str, log: Path) -> None:
        """Build the message, with what to do next."""
        self.name, self.log = name, log
        super().__init__(f"{name} has stopped; its log is {log}: `make demo` again continues")


def free_port(wanted: int = 0) -> int:
    """Return the wanted loopback port if it is free, else any free port."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise RuntimeError("no loopback port is free")


def start(run_dir: Path, name: str, command: list[str], environment: Mapping[str, str], log: Path) -> None:
    """Start a command as the leader of a new session, unless it is already running."""
    if is_running(run_dir, name):
        return
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    run_dir.mkdir(parents=True, exist_ok=True)
    born = psutil.Process(process.pid).create_time()
    (run_dir / f"{name}.pid").write_text(f"{process.pid} {born}")


def is_running(run_dir: Path, name: str) -> bool:
    """Tell whether the process started under this name is still running."""
    return _leader(run_dir / f"{name}.pid") is not None


def listens(run_dir: Path, name: str, port: int) -> bool:
    """Tell whether the process started under this name, or a descendant, listens on a port."""
    return any(_listens(member, port) for member in _members([run_dir / f"{name}.pid"]))


def stop(run_dir: Path, name: str) -> None:
    """End the process started under this name, with all its descendants, and forget it; do nothing if there is none."""
    _end([file for file in (run_dir / f"{name}.pid",) if file.exists()])


def stop_all(run_dir: Path) -> None:
    """End every process started from `run_dir`, with all its descendants, and forget them."""
    _end(sorted(run_dir.glob("*.pid")))


def _end(files: list[Path]) -> None:
    for number, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, STOP_SECONDS)):
        for member in _members(files):
            with suppress(psutil.NoSuchProcess):
                member.send_signal(number)
        with suppress(TimeoutError):
            wait_until("processes end", lambda: not _members(files), seconds)
    for file in files:
        file.unlink()


def wait_until_it_serves(run_dir: Path, name: str, url: str, seconds: float, log: Path) -> None:
    """Wait until a started process itself answers at an address; raises ProcessStopped if it ended instead."""
    port = httpx.URL(url).port or 80

    def is_serving() -> bool:
        if not is_running(run_dir, name):
            raise ProcessStopped(name, log)
        # If somebody else holds the port, that process answers until ours ends because of it.
        return listens(run_dir, name, port) and answers(url)

    wait_until(f"{name} answers", is_serving, seconds)


def answers(url: str) -> bool:
    """Tell whether a page is served."""
    try:
        return httpx.get(url, timeout=5).is_success
    except httpx.TransportError:
        return False


def wait_until(condition: str, is_true: Callable[[], object], seconds: float, pause: float = 0.3) -> None:
    """Call a function until it returns something true; raises TimeoutError naming the condition."""
    deadline = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{condition}: not within {seconds:.0f} s")
        time.sleep(pause)


def _leader(pid_file: Path) -> psutil.Process | None:
    """Return the running process that a pid file names; a reused number is somebody else's process."""
    if not pid_file.exists():
        return None
    pid, born = pid_file.read_text().split()
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(int(pid))
        if abs(process.create_time() - float(born)) < 1 and process.status() != psutil.STATUS_ZOMBIE:
            return process
    return None


def _members(pid_files: list[Path]) -> list[psutil.Process]:
    """Return the leaders and all their descendants: Airflow puts some children into their own process groups."""
    sessions = {int(file.read_text().split()[0]) for file in pid_files if file.exists() and not _is_stale(file)}
    members = []
    for process in psutil.process_iter():
        with suppress(ProcessLookupError, PermissionError, psutil.NoSuchProcess):
            if os.getsid(process.pid) in sessions and process.status() != psutil.STATUS_ZOMBIE:
                members.append(process)
    return members


def _listens(process: psutil.Process, port: int) -> bool:
    with suppress(psutil.Error):
        found = process.net_connections("tcp")
        return any(one.status == psutil.CONN_LISTEN and one.laddr.port == port for one in found)
    return False


def _is_stale(pid_file: Path) -> bool:
    """Tell whether the number may be somebody else's: a session keeps its leader's number while any member runs."""
    pid, born = pid_file.read_text().split()
    with suppress(psutil.NoSuchProcess):
        return bool(abs(psutil.Process(int(pid)).create_time() - float(born)) >= 1)
    return bool(psutil.boot_time() > float(born))
