"""Starts the sample server: `python -m social_crm.local.sample_api --port 0 --state var/sample`."""

import argparse
import os
import socket
from pathlib import Path
from threading import Thread

import uvicorn

from social_crm.command import parser_of
from social_crm.local.sample_api.app import Credentials, SampleApi
from social_crm.local.sample_api.company import load_company
from social_crm.local.sample_api.imap import MailboxServer
from social_crm.settings import PROJECT_ROOT

LOOPBACK = "127.0.0.1"


def _arguments() -> argparse.Namespace:
    parser = parser_of("local.sample_api", __doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--imap-port", type=int, default=0, help="of the mailbox; 0 takes a free one")
    parser.add_argument("--data", type=Path, default=PROJECT_ROOT / "sample/data", help="the story to tell")
    parser.add_argument(
        "--state", type=Path, default=PROJECT_ROOT / "var/sample", help="drop folders, CRM and URL go here"
    )
    parser.add_argument("--x-posts", type=Path, help="JSON lines of posts and users to serve as X instead")
    parser.add_argument("--now", help="where the clock starts (default: the end of the sample)")
    # Secrets of a demo come by environment, so that no process list shows them.
    parser.add_argument("--token", default=os.environ.get("SAMPLE_X_TOKEN", "sample-x-token"))
    parser.add_argument(
        "--zendesk-email", default=os.environ.get("SAMPLE_ZENDESK_EMAIL", "warehouse@acmebank.example.com")
    )
    parser.add_argument("--zendesk-token", default=os.environ.get("SAMPLE_ZENDESK_TOKEN", "sample-zendesk-token"))
    parser.add_argument("--networks-secret", default=os.environ.get("SAMPLE_NETWORKS_SECRET", "sample-networks-secret"))
    return parser.parse_args()


def main() -> None:
    """Serve until stopped; the URL is printed and written to `<state>/url`, the mailbox's to `<state>/imap`."""
    arguments = _arguments()
    company = load_company(arguments.data, arguments.x_posts)
    credentials = Credentials(
        arguments.token, arguments.zendesk_email, arguments.zendesk_token, arguments.networks_secret
    )
    app = SampleApi(company, credentials, arguments.state, arguments.now)
    listener = socket.create_server((LOOPBACK, arguments.port))
    url = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
    (arguments.state / "url").write_text(url + "\n")
    mailbox = MailboxServer((LOOPBACK, arguments.imap_port), company, app.clock, credentials.networks_secret)
    (arguments.state / "imap").write_text(f"imap://{LOOPBACK}:{mailbox.server_address[1]}\n")
    Thread(target=mailbox.serve_forever, daemon=True).start()
    print(url, flush=True)
    config = uvicorn.Config(app, log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
