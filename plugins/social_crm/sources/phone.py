"""The phone system's call log: one CSV file per PBX and day, `calls_<YYYY-MM-DD>_<pbx>.csv`.

Quirks: times have the PBX's own offset, so the repeated hour at the end of daylight saving time is unambiguous (for
another vendor's log, a layout gives the time zone). A call id is unique only within its PBX. An abandoned call has no
`answered_at`. The day in the name is the PBX's local day.
"""

from datetime import timedelta

from social_crm.sources.dropped import extraction
from social_crm.sources.dropped.contract import FileContract, column, joined
from social_crm.sources.model import Source
from social_crm.sources.people import People

CONTRACT = FileContract(
    required={
        "call_id": "the call's id on its PBX; never empty",
        "pbx": "the PBX, an account of seed `source_accounts`; never empty",
        "queue": "the line the caller chose",
        "brand": "a code of seed `brands`; empty: the PBX's",
        "market": "a code of seed `markets`; empty: the PBX's",
        "caller_number": "the caller's number, best as +4930123456; empty if withheld",
        "customer_ref": "the customer's reference; empty if unknown",
        "agent_id": "the agent's id, the same in every file; empty if none took the call",
        "agent_name": "the agent's name",
        "started_at": "when the call began, with its offset, as 2026-10-05T09:00:00+02:00",
        "answered_at": "when an agent took it, likewise; empty if none did",
        "ended_at": "when the line closed, likewise",
        "disposition": "`answered`, `abandoned` or `voicemail`",
        "resolved": "`yes` or `no`; empty if nobody said",
        "csat": "`1`, `2`, `3`, `4` or `5`; empty if not asked or not answered",
        "summary": "what it was about, in the agent's words",
    },
    ids=("call_id", "caller_number", "customer_ref", "agent_id"),
    footer="total",
    moments=("started_at", "answered_at", "ended_at"),
)
TRANSCRIPT = FileContract(
    required={
        "call_id": "the call's id, as in the log; never empty",
        "pbx": "the PBX, as in the log; never empty",
        "turn": "the turn's number in the call: 1, 2, …; never empty",
        "speaker": "`customer`, `agent` or `bot`",
        "said_at": "when it was said, with its offset, as 2026-10-05T09:00:00+02:00",
        "text": "what was said; empty if it was not understood",
    },
    ids=("call_id",),
    folder="transcripts",
    takes_json=True,
    moments=("said_at",),
)

# The layout of the second vendor's connection: the columns of Asterisk's own log, in its own time zone.
ASTERISK = {
    "columns": {
        "call_id": "uniqueid", "queue": "dst", "caller_number": "src", "started_at": "start", "answered_at": "answer",
        "ended_at": "end", "brand": None, "market": None, "customer_ref": "accountcode", "agent_id": "userfield",
        "agent_name": None, "resolved": None, "csat": None, "summary": None,
    },
    "constants": {"pbx": "pbx-de"},
    "values": {"disposition": dict.fromkeys(("NO ANSWER", "BUSY", "CONGESTION", "FAILED"), "abandoned")},
    "time_zone": "Europe/Berlin",
}  # fmt: skip

PHONE = Source(
    name="phone",
    title="Phone",
    description=(
        "Calls from the phone system's log, dropped as CSV files `calls_<YYYY-MM-DD>_<pbx>.csv` into the folder of"
        " connection `phone_api` (any fsspec URL). A closing row `TOTAL,<calls>` is checked. Option `layouts` describes"
        " other vendors' logs; the connection below has one for Asterisk. Transcripts are CSV or JSON files in its"
        " subfolder `transcripts`, one row per turn."
    ),
    resources=(
        extraction.resource(
            "calls",
            CONTRACT,
            key=joined("pbx", "call_id"),
            event_at=column("started_at"),
            beside=(TRANSCRIPT,),
            description="One call, as the PBX logged it.",
            deletions="never: a call that happened stays in the log",
            people=People(
                persons=({"caller_number": "phone", "customer_ref": "reference"},),
                keeps=(
                    "call_id pbx queue brand market agent_id agent_name started_at answered_at ended_at disposition"
                    " resolved csat"
                ),
                case="pbx/call_id",
            ),
        ),
        extraction.resource(
            "transcripts",
            TRANSCRIPT,
            key=joined("pbx", "call_id", "turn"),
            event_at=column("said_at"),
            beside=(CONTRACT,),
            description="One turn of a call's transcript: what the caller, the agent or a machine said.",
            deletions="never: a withdrawn transcript is missing from later files but stays here",
            people=People(keeps="call_id pbx turn speaker said_at", case="pbx/call_id"),
            is_utterance=False,  # a call is one utterance: its clocks ignore the turns within it
        ),
    ),
    check=extraction.check_of(CONTRACT, TRANSCRIPT),
    connection={
        "conn_type": "generic",
        "host": "s3://acme-drops/phone",
        "extra": {"layouts": {"*_pbx-de.csv": ASTERISK}},
    },
    options=extraction.OPTIONS,
    access=extraction.ACCESS,
    limits=extraction.LIMITS,
    retention="As your telephone contract and the law on call data require.",
    tested_against={"real server": "S3's protocol (moto), FTP (pyftpdlib)"},
    settle=timedelta(hours=6),  # exchanges drop a day's log in the night after it
)
