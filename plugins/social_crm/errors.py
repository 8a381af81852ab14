"""Everything that can go wrong, with what to do about it."""

from datetime import datetime


class WarehouseError(Exception):
    """Base of every error of ours; the message says what failed, why, and what to do next."""

    kind = "error"
    # What the person on call does first.
    next_step = "read the traceback in its log, then clear this task"
    # Another attempt would get the same answer: a person must act first.
    is_hopeless = False
    # Names of files and words of a source are in messages: they begin no line of a log, unless ours has lines itself.
    is_of_lines = False

    def __str__(self) -> str:
        """Return the message with what is not to be seen, or steers a terminal, written out."""
        kept = "\n" if self.is_of_lines else ""
        message = super().__str__()
        return "".join(
            sign if sign.isprintable() or sign in kept else sign.encode("unicode_escape").decode() for sign in message
        )


def kind_of(error: BaseException) -> str:
    """Return what an error is counted as: the kind of one of ours, the type of any other."""
    return error.kind if isinstance(error, WarehouseError) else type(error).__name__


class CredentialRefused(WarehouseError):
    """The source refused the credential: retrying cannot help, someone must re-authorise."""

    kind = "credential_refused"
    next_step = "renew the connection, then clear this task"
    is_hopeless = True


class ContractBroken(WarehouseError):
    """The source answered something that is not what it promises: a person must look."""

    kind = "contract_broken"
    next_step = "compare the answer with the source module; correct it, then clear this task"
    is_hopeless = True


class ConnectionUnusable(ContractBroken):
    """The Airflow connection is invalid; the message says where, and never shows a secret."""

    kind = "connection_unusable"
    next_step = "correct the connection as the message says (its example is in .env.example), then clear this task"


class CursorRejected(ContractBroken):
    """The source no longer takes a cursor it gave out: the window is read from its start again."""

    kind = "cursor_rejected"
    next_step = "clear this task, which restarts the window; if that fails too, the API has changed"
    is_hopeless = False


class SourceUnavailable(WarehouseError):
    """The source did not answer properly for now: a retry may help."""

    kind = "source_unavailable"
    next_step = "look at the source's status page, then clear this task"


class FileRefused(ContractBroken):
    """A dropped file is unusable as a whole; the message names the file and the damage."""

    kind = "file_refused"
    next_step = "replace the file under the same name; the next run takes it"


class WindowMissing(WarehouseError):
    """A run was triggered without a date, and so reads nothing."""

    kind = "window_missing"
    next_step = "delete this run and backfill the days to read, with from = to for one (docs/runbooks/backfill.md)"
    is_hopeless = True


class WindowUnavailable(WarehouseError):
    """The source can no longer give (part of) the window: recorded as a gap, never silently."""

    kind = "window_unavailable"
    next_step = "fill the gap in raw.load_gaps from an export if it matters; clear this task to accept it"
    is_hopeless = True

    def __init__(self, message: str, gap_start: datetime, gap_end: datetime) -> None:
        """Keep the missing span, half-open in UTC."""
        super().__init__(message)
        self.gap_start, self.gap_end = gap_start, gap_end


class RateLimited(WarehouseError):
    """The source asks to wait longer than a worker slot should be held."""

    kind = "rate_limited"
    next_step = "wait until the moment that the source named; this task comes back by itself"

    def __init__(self, message: str, resume_at: datetime) -> None:
        """Keep the moment (UTC) from which a next attempt makes sense."""
        super().__init__(message)
        self.resume_at = resume_at


class WindowRefused(WarehouseError):
    """The window asked for cannot be read: nothing was attempted."""

    kind = "window_refused"
    next_step = "run this window once it is over"
    is_hopeless = True


class WarehouseFailed(WarehouseError):
    """Postgres refused or lost a statement; the message carries its SQLSTATE and never a row."""

    kind = "warehouse_failed"
    next_step = "look at the warehouse's own log, then clear this task"


class WarehouseUnreachable(WarehouseFailed):
    """No session with the warehouse could be opened; the message names server and role, and never a password."""

    next_step = "do what the message says, then clear this task"


class LoadInProgress(WarehouseError):
    """Another process holds this load: the loser stops and changes nothing."""

    kind = "load_in_progress"
    next_step = "wait for the run that holds this window, then clear this task"


class FrontDoorRefused(WarehouseError):
    """A critical expectation on what was just landed failed; the load stays out of the transform."""

    kind = "front_door_refused"
    next_step = "see Data Docs; fix the rule and clear validate, or the source and clear extract_and_load"
    is_hopeless = True


class GateRefused(WarehouseError):
    """A critical expectation on the built star failed; `bi` keeps its previous version."""

    kind = "gate_refused"
    next_step = "bi keeps its last version; follow the keys back to raw, fix, then run transform again"
    is_hopeless = True


class TransformInProgress(WarehouseError):
    """Another process begins, builds or publishes a transform at this moment: a retry will tell."""

    kind = "transform_in_progress"
    next_step = "wait for the transform that runs, then clear this task"


class TransformRefused(WarehouseError):
    """The transform may not go on: it has ended, is another version's, or a step was marked instead of run."""

    kind = "transform_refused"
    next_step = "clear the task that was marked, or run transform again, as the message says"
    is_hopeless = True


class PseudonymKeyChanged(WarehouseError):
    """The pseudonym key is not the one that the warehouse's pseudonyms were made with: nothing was built or landed."""

    kind = "pseudonym_key_changed"
    next_step = "give every worker the former key, then clear this task; a new one needs a full refresh"
    is_hopeless = True


class PublicationRefused(WarehouseError):
    """The transform may not be published: it has ended, nothing was built, or the gate did not pass it."""

    kind = "publication_refused"
    next_step = "run transform again"
    is_hopeless = True


class PublicationPostponed(WarehouseError):
    """Readers hold tables of `bi` that must be replaced; `bi` keeps its previous version."""

    kind = "publication_postponed"
    next_step = "end the sessions that read bi or wait for them, then clear this task"


class PublicationDamaged(WarehouseError):
    """Tables of `bi` no longer hold what was published; the next publication restores them."""

    kind = "publication_damaged"
    next_step = "find out who changed bi, then wait for the next publication, or trigger transform as the message says"
    is_hopeless = True


class LinkingFailed(WarehouseError):
    """Comparing authors with customers failed; the message names the kind of error and never a value."""

    kind = "linking_failed"
    next_step = "look at the memory and disk of the worker, then clear this task"


class SuiteUnusable(WarehouseError):
    """A suite of expectations is missing, empty, wrong, or for a table that is not there: nothing was checked."""

    kind = "suite_unusable"
    next_step = "fix the suite under expectations/, then clear this task"
    is_hopeless = True


class EntitlementRefused(WarehouseError):
    """A row of the seed of entitlements names no role that may be made, or no market."""

    kind = "entitlement_refused"
    next_step = "fix the seed market_entitlements as the message says, then clear this task"


class MatchingForbidden(WarehouseError):
    """The seed of policies lets authors be matched with customers whose source's terms forbid that."""

    kind = "matching_forbidden"
    next_step = "fix the seed source_policies as the message says, then run transform"
    is_hopeless = True


class PolicyUnenforceable(WarehouseError):
    """The seed of policies limits how long words are kept, but where a source's records have them is not declared."""

    kind = "policy_unenforceable"
    next_step = "fix the seed source_policies or the source module, then clear this task"
    is_hopeless = True


class ErasureUnenforceable(WarehouseError):
    """Somebody who was erased cannot be recognised: a source does not say by what, or the key is another one."""

    kind = "erasure_unenforceable"
    next_step = "declare what the message names, or erase the named requests once more; clear this task"
    is_hopeless = True


class RetentionOverdue(WarehouseError):
    """Words that should be gone are still there, because no transform has published what they say."""

    kind = "retention_overdue"
    next_step = "read windows that were never finished again, run transform, then clear this task"
    is_hopeless = True


class ActivationInProgress(WarehouseError):
    """Another process sends things out at this moment: the loser stops and sends nothing."""

    kind = "activation_in_progress"
    next_step = "wait for the activation that runs, then clear this task"


class Unexpected(WarehouseError):
    """An error that is not ours stopped a task; the message names its type and place, and never its text."""

    kind = "unexpected"
    next_step = "read in its log from where it came, fix that or what its worker is short of, then clear this task"


class TaskKilled(WarehouseError):
    """A task's process was killed: no code raises this, but people are told."""

    kind = "killed"
    next_step = "look whether its worker had memory and disk left, then clear this task"


class RunLate(WarehouseError):
    """A run is not done when it should be; it may still end well."""

    kind = "late"
    next_step = "look at which task it waits for; it goes on by itself unless it hangs"


class RunTimedOut(WarehouseError):
    """A run took so long that Airflow ended it, its tasks included."""

    kind = "timed_out"
    next_step = "look at which of its tasks waited, and for what; then clear them"
