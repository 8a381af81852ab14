"""A test's own WordPress on loopback: PHP's server over a MariaDB in a folder, both stopped by number."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from servers.fake_sources import HASTE
from social_crm.local.processes import free_port
from social_crm.sources.model import Connection

PROGRAM = Path("/usr/share/wordpress/wp-load.php")
ZONE = "Europe/Berlin"  # so that no local time looks like UTC
CONFIGURATION = """<?php
define('DB_NAME', 'wordpress'); define('DB_USER', 'root'); define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:{folder}/socket'); define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
foreach (['AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY', 'AUTH_SALT', 'SECURE_AUTH_SALT',
          'LOGGED_IN_SALT', 'NONCE_SALT'] as $name) define($name, 'test');
define('WP_SITEURL', '{url}'); define('WP_HOME', '{url}'); define('WP_ENVIRONMENT_TYPE', 'local');
define('WP_HTTP_BLOCK_EXTERNAL', true); define('DISABLE_WP_CRON', true);
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
"""
INSTALLATION = """<?php
define('WP_INSTALLING', true);
require '{site}/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('Acme', 'editor', 'editor@acme.example', true, '', 'password');
update_option('timezone_string', '{zone}');
wp_delete_comment(1, true); wp_delete_post(1, true);
wp_create_user('reader', 'password', 'reader@else.example');
foreach (['editor', 'reader'] as $name)
    echo WP_Application_Passwords::create_new_application_password(get_user_by('login', $name)->ID,
        ['name' => 'test'])[0], "\\n";
"""


class WordPress:
    """A site with an editor and a reader, reached by their application passwords."""

    def __init__(self, folder: Path) -> None:
        """Create the site's files; nothing runs yet."""
        self.folder, self.site = folder, folder / "site"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._processes: list[subprocess.Popen[bytes]] = []
        shutil.copytree(PROGRAM.parent, self.site)
        (self.site / "wp-config.php").write_text(CONFIGURATION.format(folder=folder, url=self.url))

    def start(self) -> None:
        """Start the database, install the site, and serve it."""
        data = [f"--datadir={self.folder / 'data'}", f"--user={pwd.getpwuid(os.getuid()).pw_name}"]
        self._run("mariadb-install-db", "--no-defaults", "--auth-root-authentication-method=normal", *data)
        self._serve("mariadbd", "--no-defaults", *data, "--skip-networking", f"--socket={self.folder / 'socket'}")
        self._await(lambda: self.sql("create database if not exists wordpress"))
        (self.folder / "install.php").write_text(INSTALLATION.format(site=self.site, zone=ZONE))
        self.editor, self.reader = self._run("php", str(self.folder / "install.php")).split()[-2:]
        self._serve("php", "-S", f"127.0.0.1:{self.port}", "-t", str(self.site))
        self._await(lambda: self.ask("GET", "wp/v2/types"))

    def stop(self) -> None:
        """Stop both processes and wait until they have ended."""
        for process in reversed(self._processes):
            process.kill()  # their data is thrown away
            process.wait(timeout=30)

    def sql(self, statement: str) -> str:
        """Run statements in the site's database, as an import or a plugin would."""
        return self._run("mariadb", "--no-defaults", f"--socket={self.folder / 'socket'}", "-N", "-e", statement)

    def ask(self, method: str, route: str, **fields: Any) -> Any:
        """Query the API as the editor, with another client than the connector's."""
        login = b64encode(f"editor:{getattr(self, 'editor', '')}".encode()).decode()
        params = {"rest_route": f"/{route}", **(fields if method == "GET" else {})}
        body = None if method == "GET" else fields
        headers = {"Authorization": f"Basic {login}"}
        answer = requests.request(method, self.url, params=params, json=body, headers=headers, timeout=20)
        answer.raise_for_status()
        return answer.json()

    def connection(self, login: str = "editor", **options: Any) -> Connection:
        """Return a connector's connection to the site."""
        return Connection(self.url, login, getattr(self, login), {**HASTE, "read_timeout_seconds": 20, **options})

    def _run(self, *command: str) -> str:
        return subprocess.run(command, check=True, capture_output=True, text=True, cwd=self.folder).stdout

    def _serve(self, *command: str) -> None:
        with (self.folder / "log").open("ab") as log:
            self._processes.append(subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder))

    def _await(self, act: Any) -> None:
        for _ in range(200):
            try:
                act()
            except (OSError, subprocess.CalledProcessError):
                time.sleep(0.1)
            else:
                return
        raise AssertionError(f"no answer: {(self.folder / 'log').read_text()[-2000:]}")


@contextmanager
def running() -> Iterator[WordPress]:
    """Run a site while the context lasts; skip the test if none is installed."""
    if not PROGRAM.exists() or not all(map(shutil.which, ("php", "mariadbd", "mariadb"))):
        pytest.skip("no WordPress here: apt-get install wordpress php-cli php-mysql mariadb-server")
    with tempfile.TemporaryDirectory(prefix="wordpress-tests-", ignore_cleanup_errors=True) as folder:
        site = WordPress(Path(folder))
        try:
            site.start()
            yield site
        finally:
            site.stop()
