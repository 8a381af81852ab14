"""Posts of Bluesky that were known by addresses, which name their authors, are known by hashes of them ever after."""

from hashlib import md5

from social_crm.database import connect
from social_crm.database.preparation import prepare
from social_crm.settings import Settings
from social_crm.sources import SOURCES

ADDRESS = "at://did:plc:ann/app.bsky.feed.post/1"
HASH = md5(ADDRESS.encode(), usedforsecurity=False).hexdigest()
KNOWN_BY_ADDRESSES = f"""
insert into raw_bluesky.posts (_record_key, _extracted_at, _load_id, _record_hash, payload)
values ('{ADDRESS}', now(), 1, gen_random_uuid(), '{{"uri": "{ADDRESS}"}}');
insert into ops.human_labels (interaction_id, decision, value, labelled_by)
values ('bluesky:{ADDRESS}', 'is_serviceable', 'true', 'ann'), ('x:1', 'is_serviceable', 'true', 'ann');
insert into ops.cleared_words values ('bluesky:{ADDRESS}', now(), 'k', '[]');
insert into bi.activations (activation_id, kind, target, state, item_id, conversation_id) values
    ('helpdesk_case:zendesk:bluesky:{ADDRESS}:t', 'helpdesk_case', 'zendesk', 'planned', 'bluesky:{ADDRESS}:t', 'bluesky:{ADDRESS}'),
    ('helpdesk_case:zendesk:x:1:t', 'helpdesk_case', 'zendesk', 'planned', 'x:1:t', 'x:1');
"""  # noqa: E501 -- a value of ours, as long as it is


def test_what_was_kept_under_addresses_is_found_under_their_hashes(warehouse: Settings) -> None:
    with connect(warehouse.warehouse_admin_url) as admin:
        admin.execute(KNOWN_BY_ADDRESSES.encode())
    prepare(warehouse, SOURCES)
    # And once more, for whoever prepares at each start.
    prepare(warehouse, SOURCES)
    with connect(warehouse.warehouse_admin_url) as admin:

        def kept(query: bytes) -> list[tuple]:
            return admin.execute(query).fetchall()

        assert kept(b"select _record_key from raw_bluesky.posts") == [(HASH,)]
        assert kept(b"select interaction_id from ops.human_labels order by 1") == [(f"bluesky:{HASH}",), ("x:1",)]
        assert kept(b"select interaction_id from ops.cleared_words") == [(f"bluesky:{HASH}",)]
        assert kept(b"select activation_id, item_id, conversation_id from bi.activations order by 1") == [
            (f"helpdesk_case:zendesk:bluesky:{HASH}:t", f"bluesky:{HASH}:t", f"bluesky:{HASH}"),
            ("helpdesk_case:zendesk:x:1:t", "x:1:t", "x:1"),
        ]
