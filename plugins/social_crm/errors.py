"""What can go wrong between a source and the warehouse, by what is to be done about it."""

from datetime import datetime


class WarehouseError(Exception):
    """Base of every error of ours; the message says what failed, why, and what to do next."""

    kind = "error"


class CredentialRefused(WarehouseError):
    """The source refused the credential: retrying cannot help, someone must re-authorise."""

    kind = "credential_refused"


class ContractBroken(WarehouseError):
    """The source answered something that is not what it promises: a person must look."""

    kind = "contract_broken"


class CursorRejected(ContractBroken):
    """The source no longer takes a cursor it gave out: the window is read from its start again."""

    kind = "cursor_rejected"


class SourceUnavailable(WarehouseError):
    """The source did not answer properly for now: a retry may help."""

    kind = "source_unavailable"


class FileRefused(ContractBroken):
    """A dropped file is unusable as a whole; the message names the file and the damage."""

    kind = "file_refused"


class WindowUnavailable(WarehouseError):
    """The source can no longer give (part of) the window: recorded as a gap, never silently."""

    kind = "window_unavailable"

    def __init__(self, message: str, gap_start: datetime, gap_end: datetime) -> None:
        """Keep the missing span, half-open in UTC."""
        super().__init__(message)
        self.gap_start, self.gap_end = gap_start, gap_end


class RateLimited(WarehouseError):
    """The source asks to wait longer than a worker slot should be held."""

    kind = "rate_limited"

    def __init__(self, message: str, resume_at: datetime) -> None:
        """Keep the moment (UTC) from which a next attempt makes sense."""
        super().__init__(message)
        self.resume_at = resume_at


class WindowRefused(WarehouseError):
    """The window asked for cannot be read: nothing was attempted."""

    kind = "window_refused"


class WarehouseFailed(WarehouseError):
    """Postgres refused or lost a statement; the message carries its SQLSTATE and never a row."""

    kind = "warehouse_failed"


class LoadInProgress(WarehouseError):
    """Another process holds this load: the loser stops and changes nothing."""

    kind = "load_in_progress"


class FrontDoorRefused(WarehouseError):
    """A critical expectation on what was just landed failed; the load stays out of the transform."""

    kind = "front_door_refused"


class GateRefused(WarehouseError):
    """A critical expectation on the built star failed; `bi` keeps its previous version."""

    kind = "gate_refused"


class TransformInProgress(WarehouseError):
    """Another process begins, builds or publishes a transform at this moment: a retry will tell."""

    kind = "transform_in_progress"


class TransformRefused(WarehouseError):
    """The transform may not go on: it has ended, is another version's, or a step was marked instead of run."""

    kind = "transform_refused"


class PseudonymKeyChanged(WarehouseError):
    """The key of pseudonyms is not the one that the warehouse's authors have theirs by: nothing was built."""

    kind = "pseudonym_key_changed"


class PublicationRefused(WarehouseError):
    """The transform may not be published: it has ended, or a later one took its place."""

    kind = "publication_refused"


class PublicationPostponed(WarehouseError):
    """Readers hold tables of `bi` that must be replaced; `bi` keeps its previous version."""

    kind = "publication_postponed"


class LinkingFailed(WarehouseError):
    """Comparing authors with customers failed; the message names the kind of error and never a value."""

    kind = "linking_failed"


class SuiteUnusable(WarehouseError):
    """A suite of expectations is missing, empty, wrong, or for a table that is not there: nothing was checked."""

    kind = "suite_unusable"


class EntitlementRefused(WarehouseError):
    """A row of the seed of entitlements names no role that may be made, or no market."""

    kind = "entitlement_refused"


class MatchingForbidden(WarehouseError):
    """The seed of policies lets authors be matched with customers whose source's terms forbid that."""

    kind = "matching_forbidden"


class PolicyUnenforceable(WarehouseError):
    """The seed of policies limits how long words are kept that nobody can find in the records of their source."""

    kind = "policy_unenforceable"


class ErasureUnenforceable(WarehouseError):
    """Somebody who was erased cannot be recognised: a source does not say by what, or the key is another one."""

    kind = "erasure_unenforceable"


class RetentionOverdue(WarehouseError):
    """Words that should be gone are still there, because no transform has published what they say."""

    kind = "retention_overdue"


class ActivationInProgress(WarehouseError):
    """Another process sends things out at this moment: the loser stops and sends nothing."""

    kind = "activation_in_progress"
