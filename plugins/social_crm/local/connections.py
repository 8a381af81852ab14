"""How the demo reaches the bundled company: the connection of each source, and which sources are read only once."""

from typing import TYPE_CHECKING, Any

from social_crm.local.sample_api import (
    bluesky_wire,
    discourse,
    feeds,
    graph,
    hubspot,
    imap,
    linkedin,
    mastodon,
    reddit,
    request_tracker,
    salesforce,
    wordpress,
    youtube,
)
from social_crm.local.sample_api.company import CRMS, DESKS, NETWORKS
from social_crm.local.sample_api.drops import DROPS
from social_crm.sources import SOURCES

if TYPE_CHECKING:
    from social_crm.local.environment import Demo

X_ACCOUNTS = ("AcmeBank", "AcmeBankIN", "AcmeBankSG", "AcmePay", "AcmePayIN", "AcmePaySG")
# Sources that the demo reads once, on its last day, in one window that covers all days.
READ_ONCE = (
    *("surveys", "analytics", "stores", "reviews", "stackexchange", "forms", "mail"),
    *NETWORKS,
    *DESKS,
    *CRMS,
)
ZENDESK_LOGIN = "warehouse@acmebank.example.com"


def company_connections(demo: "Demo") -> dict[str, dict[str, Any]]:
    """Return Airflow's connections to the bundled company, by id."""
    folder, values = demo.company_dir, demo.values
    drop = {"conn_type": "generic", "extra": {"settle_seconds": 0}}
    x = {"host": demo.sample_url, "password": values["SAMPLE_X_TOKEN"], "extra": {"accounts": list(X_ACCOUNTS)}}
    zendesk = {"host": demo.sample_url, "login": ZENDESK_LOGIN, "password": values["SAMPLE_ZENDESK_TOKEN"]}
    crm = {"host": f"sqlite:///{folder / 'crm.sqlite'}", "extra": {"customers": "customers", "accounts": "accounts"}}
    site = {"host": f"sqlite:///{folder / 'site.sqlite'}", "extra": {"messages": "messages"}}
    secret = values["SAMPLE_NETWORKS_SECRET"]
    mailbox = {"host": f"imap://127.0.0.1:{values['SAMPLE_IMAP_PORT']}", "login": imap.USER, "password": secret}
    opened = networks(demo.sample_url, secret)
    return {
        "x_api": {"conn_type": "http", **x},
        "zendesk_api": {"conn_type": "http", **zendesk},
        **{f"{name}_api": {**drop, "host": str(folder / name)} for name in DROPS},
        "crm_api": {"conn_type": "generic", **crm},
        "forms_api": {"conn_type": "generic", **site},
        "mail_api": {"conn_type": "generic", **mailbox},
        **{f"{name}_api": {"conn_type": "http", **fields} for name, fields in opened.items()},
        "helpdesk_api": {"conn_type": "http", **zendesk, "extra": {"per_minute": 600}},
        # Not in the CRM's own file, which the sample server rewrites when its clock moves.
        "crm_notes_api": {"conn_type": "generic", "host": f"sqlite:///{folder / 'crm_notes.sqlite'}"},
    }


def networks(url: str, secret: str) -> dict[str, dict[str, Any]]:
    """Return the connections, by source, to those sources that the sample server at a URL serves with one secret."""
    return {**_social(url, secret), **_forums_and_sites(url, secret), **_desks_and_crms(url, secret)}


def _social(url: str, secret: str) -> dict[str, dict[str, Any]]:
    """Return the connections to social networks other than X."""
    lists = {"searches": ['"Acme Bank"', '"Acme Pay"'], "subreddits": ["acmebank"]}
    return {
        "facebook": {"host": f"{url}/graph", "password": graph.token_of(secret, graph.PAGE)},
        "instagram": {"host": f"{url}/graph", "password": graph.token_of(secret, graph.ACCOUNTS_PAGE)},
        "youtube": {"host": url, "password": secret, "extra": {"channels": [youtube.CHANNEL]}},
        "mastodon": {"host": f"{url}/mastodon", "password": secret, "extra": {"hashtags": [mastodon.HASHTAG]}},
        "bluesky": {
            "host": f"{url}/bluesky",
            "login": bluesky_wire.HANDLE,
            "password": secret,
            "extra": {"searches": ["acme bank"]},
        },
        "linkedin": {
            "host": f"{url}/linkedin",
            "password": secret,
            "extra": {"organizations": [linkedin.ORGANIZATION]},
        },
        "reddit": {
            "host": f"{url}/reddit",
            "login": reddit.APPLICATION,
            "password": secret,
            "extra": {"account": "acmebank", "login_host": f"{url}/reddit", **lists},
        },
    }


def _forums_and_sites(url: str, secret: str) -> dict[str, dict[str, Any]]:
    """Return the connections to a forum, a blog and feeds."""
    return {
        "discourse": {
            "host": f"{url}/discourse",
            "login": discourse.USER,
            "password": secret,
            "extra": {"site": discourse.SITE},
        },
        "wordpress": {"host": f"{url}/wordpress", "login": wordpress.USER, "password": secret},
        "feeds": {"host": url, "extra": {"feeds": list(feeds.FEEDS)}},
    }


def _desks_and_crms(url: str, secret: str) -> dict[str, dict[str, Any]]:
    """Return the connections to helpdesks other than Zendesk, and to CRMs with an API."""
    return {
        "intercom": {"host": f"{url}/intercom", "password": secret},
        "request_tracker": {"host": f"{url}/request_tracker", "login": request_tracker.USER, "password": secret},
        "hubspot": {"host": f"{url}/hubspot", "password": secret, "extra": {"contact_fields": hubspot.FIELDS}},
        "salesforce": {
            "host": f"{url}/salesforce",
            "login": salesforce.CLIENT,
            "password": secret,
            "extra": {"contact_fields": salesforce.FIELDS},
        },
    }


def company_sources(demo: "Demo") -> list[str]:
    """Return the sources of the bundled company; the other registered sources are not configured."""
    connections = company_connections(demo)
    return [source.name for source in SOURCES if f"{source.name}_api" in connections]
