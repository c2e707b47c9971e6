"""Every way this service says no: one error, one table of reasons.

A reason is stable: callers branch on its `code`. Its sentences are fixed text, so that no error
can carry a value from a payload; what varies travels in `details`, which hold only identifiers
that the caller or the contract supplied (partner, contract id, limit name, position).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final


class Kind(Enum):
    """What kind of no it is. `rpc/` maps each kind to one gRPC status code."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    DENIED = "denied"
    NOT_FOUND = "not found"
    CONFLICT = "conflict"
    CHANGED = "changed since"
    PRECONDITION = "precondition"
    EXHAUSTED = "exhausted"
    UNAVAILABLE = "unavailable"
    DEADLINE = "deadline"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One stable reason: its code, what kind of no, what happened, and what to do next."""

    code: str
    kind: Kind
    says: str
    remedy: str


REASONS: Final[dict[str, Reason]] = {}


def _reason(code: str, kind: Kind, says: str, remedy: str) -> Reason:
    reason = Reason(code=code, kind=kind, says=says, remedy=remedy)
    if code in REASONS:
        raise ValueError(f"reason {code} is declared twice")
    REASONS[code] = reason
    return reason


class PrivacyError(Exception):
    """A refusal with a stable reason. `details` carry identifiers and positions, never values."""

    def __init__(self, reason: Reason, /, **details: str | int) -> None:
        super().__init__(reason.code)
        self.reason = reason
        self.details = details

    def __str__(self) -> str:
        where = ", ".join(f"{name}={value}" for name, value in self.details.items())
        return f"{self.reason.says}{f' ({where})' if where else ''} {self.reason.remedy}"


# -- Gateway ----------------------------------------------------------------------------------

ROUTE_INVALID = _reason(
    "ROUTE_INVALID",
    Kind.INVALID,
    "The route of this Envoy does not say what is to be done, so nothing passes.",
    "Mend the key that is named in its grpc_initial_metadata; `privacy-service gateway check FILE` "
    "finds it.",
)
BODY_NOT_SHOWN = _reason(
    "BODY_NOT_SHOWN",
    Kind.PRECONDITION,
    "This Envoy would not show the whole of what is to be treated, or not wait for the answer.",
    "Set the mode that is named to BUFFERED or FULL_DUPLEX_STREAMED, without observability_mode; "
    "`privacy-service gateway check FILE` looks at the configuration.",
)
EXCHANGE_NOT_COVERED = _reason(
    "EXCHANGE_NOT_COVERED",
    Kind.INVALID,
    "What is sent can't be looked at as a whole, so it does not pass.",
    "Send whole requests and take whole answers, one gRPC message each; or let the route pass it.",
)
QUERY_NOT_PERMITTED = _reason(
    "QUERY_NOT_PERMITTED",
    Kind.INVALID,
    "The request has a query, and the route does not say what becomes of it.",
    "Send it in the body, or let the route say privacy-query: transfer; or pass, where the query "
    "never holds personal data.",
)
BODY_ENCODING_UNKNOWN = _reason(
    "BODY_ENCODING_UNKNOWN",
    Kind.INVALID,
    "The body is compressed in a way that is not read.",
    "Send it with gzip or deflate, or not compressed.",
)
BODY_INCOMPLETE = _reason(
    "BODY_INCOMPLETE",
    Kind.INVALID,
    "The body is not as long as its headers, its frame or its compression say.",
    "Send it again, whole.",
)
NOT_RELEASED = _reason(
    "NOT_RELEASED",
    Kind.DENIED,
    "The contract did not release what was to pass through the gateway.",
    "The answer that was given in its place says why.",
)

# -- Reviews ----------------------------------------------------------------------------------

REVIEW_NOT_FOUND = _reason(
    "REVIEW_NOT_FOUND",
    Kind.NOT_FOUND,
    "There is no review of this id that you may see.",
    "Check the id; `privacy-service reviews list` has those that wait.",
)
REVIEW_DECIDED = _reason(
    "REVIEW_DECIDED",
    Kind.PRECONDITION,
    "The review has been decided, or its time was over; a decision stands.",
    "Look at its state. The sender can send the payload anew.",
)
REVIEW_WAITS = _reason(
    "REVIEW_WAITS",
    Kind.PRECONDITION,
    "The review has not been decided yet, so there is nothing to collect.",
    "Ask again later, at the latest when its time is over.",
)
REVIEW_REFUSED = _reason(
    "REVIEW_REFUSED",
    Kind.DENIED,
    "The review was decided against release, or nobody decided it in time.",
    "Leave out what it was held for, and send the payload anew.",
)
REVIEW_SEEN_DIFFERS = _reason(
    "REVIEW_SEEN_DIFFERS",
    Kind.CHANGED,
    "What you have seen is not what waits now: it was edited meanwhile.",
    "Open the review again, look at it, and decide with the digest that you are given.",
)
REVIEW_OUTDATED = _reason(
    "REVIEW_OUTDATED",
    Kind.PRECONDITION,
    "Data of a person in it was corrected since it began to wait.",
    "Edit it with `reviews edit`, also where nothing in it has to change, or reject it.",
)
REVIEW_SAME_PERSON = _reason(
    "REVIEW_SAME_PERSON",
    Kind.DENIED,
    "You have approved it already; the contract asks for a second person.",
    "Ask another officer to look at it.",
)
REVIEW_ASSIGNED = _reason(
    "REVIEW_ASSIGNED",
    Kind.PRECONDITION,
    "The review is given to somebody else, who is to decide it.",
    "Leave it to them, or take it over: `privacy-service reviews assign REVIEW --to` yourself.",
)
REVIEW_EDIT_REFUSED = _reason(
    "REVIEW_EDIT_REFUSED",
    Kind.PRECONDITION,
    "The contract refuses what waits as you edited it.",
    "Mend it and try again, or reject the review.",
)
REVIEW_OTHER_KIND = _reason(
    "REVIEW_OTHER_KIND",
    Kind.PRECONDITION,
    "What waits is of another kind than what you want to do with it.",
    "Payloads are collected with CollectReview, held checks with CollectCheck; samples are judged.",
)
SAMPLE_LABEL_UNKNOWN = _reason(
    "SAMPLE_LABEL_UNKNOWN",
    Kind.INVALID,
    "The contract lists what may be said of a sample, and this is none of it.",
    "Say one of `sampling.labels` in the behavior contract.",
)
TRAINING_MISSING = _reason(
    "TRAINING_MISSING",
    Kind.DENIED,
    "The contract asks for a training of whoever decides, and you have not acknowledged it lately.",
    "Take it, then `privacy-service reviews acknowledge`; or have somebody decide who did.",
)
TRAINING_NOT_FOUND = _reason(
    "TRAINING_NOT_FOUND",
    Kind.NOT_FOUND,
    "The behavior contract asks for no training of this id.",
    "Its `review.training` lists those that it asks for.",
)
REVIEW_REASON_UNKNOWN = _reason(
    "REVIEW_REASON_UNKNOWN",
    Kind.INVALID,
    "The contract lists the reasons that a decision may name, and this is none of them.",
    "Name one of `review.reasons` in the behavior contract; a sharing contract has none.",
)
CHECK_NOT_FOUND = _reason(
    "CHECK_NOT_FOUND",
    Kind.NOT_FOUND,
    "There is no check of this id that you may see.",
    "Give the request id with which the check was made, and its party.",
)
FAILURE_MODE_NOT_FOUND = _reason(
    "FAILURE_MODE_NOT_FOUND",
    Kind.NOT_FOUND,
    "The behavior contract has no failure mode of this id.",
    "`privacy-service failures` lists those that there are.",
)

# -- Payloads ---------------------------------------------------------------------------------

CONTENT_TYPE_UNKNOWN = _reason(
    "CONTENT_TYPE_UNKNOWN",
    Kind.INVALID,
    "The content type is not one that can be read.",
    "Send one of the types in docs/payloads.md, for example application/json.",
)
PAYLOAD_MALFORMED = _reason(
    "PAYLOAD_MALFORMED",
    Kind.INVALID,
    "The payload does not parse as its content type.",
    "Mend it at the position given, or send the content type that it really has.",
)
PAYLOAD_NOT_UTF8 = _reason(
    "PAYLOAD_NOT_UTF8",
    Kind.INVALID,
    "The payload is not valid UTF-8.",
    "Encode it as UTF-8; the position given is the first byte that does not decode.",
)
DUPLICATE_KEY = _reason(
    "DUPLICATE_KEY",
    Kind.INVALID,
    "The payload names a key twice in one object, so that two readers could see two payloads.",
    "Send each key once.",
)
PAYLOAD_TOO_LARGE = _reason(
    "PAYLOAD_TOO_LARGE",
    Kind.EXHAUSTED,
    "The payload is larger than the limit.",
    "Split it, use TransferStream, or ask the operator to raise the limit named.",
)
PAYLOAD_TOO_DEEP = _reason(
    "PAYLOAD_TOO_DEEP",
    Kind.EXHAUSTED,
    "The payload nests deeper than the limit.",
    "Flatten it, or ask the operator to raise the limit named.",
)
PAYLOAD_TOO_MANY_VALUES = _reason(
    "PAYLOAD_TOO_MANY_VALUES",
    Kind.EXHAUSTED,
    "The payload holds more values than the limit.",
    "Split it, use TransferStream, or ask the operator to raise the limit named.",
)
PAYLOAD_TOO_MANY_FINDINGS = _reason(
    "PAYLOAD_TOO_MANY_FINDINGS",
    Kind.EXHAUSTED,
    "The payload holds more findings than the limit.",
    "Split it, use TransferStream, or ask the operator to raise the limit named.",
)
PAYLOAD_TOO_MANY_SUBJECTS = _reason(
    "PAYLOAD_TOO_MANY_SUBJECTS",
    Kind.EXHAUSTED,
    "The payload is about more people than the limit.",
    "Split it: each of them is named, by a digest, in the audit log's entry.",
)
PROTOBUF_TYPE_UNKNOWN = _reason(
    "PROTOBUF_TYPE_UNKNOWN",
    Kind.INVALID,
    "The protobuf message type is not in the descriptor set that is known for it.",
    "Name the type in the content type (messageType=...) and register its descriptor set.",
)

# -- Contracts --------------------------------------------------------------------------------

CONTRACT_INVALID = _reason(
    "CONTRACT_INVALID",
    Kind.INVALID,
    "The sharing contract does not hold up.",
    "Run `privacy-service contract lint FILE`; it names each fault with its line and column.",
)
CONTRACT_NOT_FOUND = _reason(
    "CONTRACT_NOT_FOUND",
    Kind.NOT_FOUND,
    "There is no such sharing contract, or it is not yours to see.",
    "List the ones that you may see with ContractService.ListContracts.",
)
NO_CONTRACT_IN_FORCE = _reason(
    "NO_CONTRACT_IN_FORCE",
    Kind.PRECONDITION,
    "No sharing contract covers this sender, recipient and purpose.",
    "Agree one with the partner and put it: `privacy-service contract put FILE`.",
)
NO_BEHAVIOR_CONTRACT = _reason(
    "NO_BEHAVIOR_CONTRACT",
    Kind.PRECONDITION,
    "No behavior contract stands between this party and this provider.",
    "Write one and put it: `privacy-service behavior put FILE`.",
)
USE_CASE_NOT_COVERED = _reason(
    "USE_CASE_NOT_COVERED",
    Kind.PRECONDITION,
    "The partners have a behavior contract, but not for this use case.",
    "Name one of the use cases in `use_cases`; none where that says (none).",
)
PURPOSE_NOT_COVERED = _reason(
    "PURPOSE_NOT_COVERED",
    Kind.PRECONDITION,
    "The partners have a sharing contract, but not for this purpose.",
    "Send for a purpose that the contract names, or agree the new purpose with the partner.",
)
CONTRACT_LAPSED = _reason(
    "CONTRACT_LAPSED",
    Kind.PRECONDITION,
    "The sharing contract is no longer in force.",
    "Agree its renewal with the partner and put the new version.",
)
CONTRACT_NOT_YET_IN_FORCE = _reason(
    "CONTRACT_NOT_YET_IN_FORCE",
    Kind.PRECONDITION,
    "The sharing contract is not in force yet.",
    "Wait for the date from which it is effective, or put a version that starts earlier.",
)
CONTRACT_SUSPENDED = _reason(
    "CONTRACT_SUSPENDED",
    Kind.PRECONDITION,
    "The contract is suspended.",
    "Nothing passes under it. Ask who suspended it (`privacy-service contract course ID`); another "
    "person resumes it, or its party puts a version with the status active.",
)
CONTRACT_NOT_SUSPENDED = _reason(
    "CONTRACT_NOT_SUSPENDED",
    Kind.PRECONDITION,
    "The contract is not suspended.",
    "Look at how it stands with `privacy-service contract course ID`; one whose own status says "
    "suspended goes on with a version that says active.",
)
CONTRACT_NEEDS_PROPOSAL = _reason(
    "CONTRACT_NEEDS_PROPOSAL",
    Kind.PRECONDITION,
    "This change can't just be put: the contract asks for approval, or for notice, before it.",
    "Propose it with `privacy-service contract propose FILE --reason WHY`; once it is approved and "
    "announced for long enough it can be activated.",
)
CONTRACT_NOT_RECERTIFIED = _reason(
    "CONTRACT_NOT_RECERTIFIED",
    Kind.PRECONDITION,
    "Nobody has looked at the contract again since it was due, and its grace is over.",
    "Have an officer look at it (`privacy-service contract packet ID`) and recertify it.",
)
CONTRACT_RETIRED = _reason(
    "CONTRACT_RETIRED",
    Kind.PRECONDITION,
    "The contract is at its end: nothing passes under it any more.",
    "Agree another contract, under another id.",
)
PACKET_DIFFERS = _reason(
    "PACKET_DIFFERS",
    Kind.CHANGED,
    "The contract's packet is not the one that was looked at.",
    "Get it again (`privacy-service contract packet ID`), look at it, and recertify by its digest.",
)
CONTRACT_NOT_READY = _reason(
    "CONTRACT_NOT_READY",
    Kind.PRECONDITION,
    "This version can't be in force yet.",
    "The details say what it lacks; `privacy-service contract proposal ID VERSION` shows it.",
)
CONTRACT_IN_FORCE = _reason(
    "CONTRACT_IN_FORCE",
    Kind.PRECONDITION,
    "This is the version in force: there is nothing to propose.",
    "Change the contract first; `privacy-service contract show FILE` prints its digest.",
)
PROPOSAL_NOT_FOUND = _reason(
    "PROPOSAL_NOT_FOUND",
    Kind.NOT_FOUND,
    "This version was not proposed.",
    "Look at the contract's versions with `privacy-service contract course ID`.",
)
PROPOSAL_DIFFERS = _reason(
    "PROPOSAL_DIFFERS",
    Kind.CHANGED,
    "The proposed version is not the one that was looked at.",
    "Look at it again (`privacy-service contract proposal ID VERSION`), and decide by its digest.",
)
PROPOSAL_NOT_OPEN = _reason(
    "PROPOSAL_NOT_OPEN",
    Kind.PRECONDITION,
    "Nothing is to be decided about this version: it is a draft, rejected, or was in force.",
    "Have its author propose it: `privacy-service contract propose FILE --reason WHY`.",
)
SHADOW_NOT_FOUND = _reason(
    "SHADOW_NOT_FOUND",
    Kind.NOT_FOUND,
    "No version of this contract, or not this one, has judged beside the one in force.",
    "Begin one: `privacy-service contract shadow start ID VERSION --until TIME --reason WHY`.",
)
DECOMMISSIONING_NOT_DONE = _reason(
    "DECOMMISSIONING_NOT_DONE",
    Kind.PRECONDITION,
    "The contract is not at its end: it is not retired, or something is left of what passed.",
    "See what is left: `privacy-service contract receipts ID`. Ask again once that is nothing.",
)
NOTHING_TO_ROLL_BACK = _reason(
    "NOTHING_TO_ROLL_BACK",
    Kind.PRECONDITION,
    "There is no version before the one in force, no canary and no plan.",
    "Suspend the contract if nothing may pass: `privacy-service contract suspend ID`.",
)
OFFICER_NEEDED = _reason(
    "OFFICER_NEEDED",
    Kind.DENIED,
    "The way back weakens a contract that asks for approval: a data-protection officer rolls back.",
    "Ask an officer; suspending the contract needs none.",
)
CONTRACT_AMBIGUOUS = _reason(
    "CONTRACT_AMBIGUOUS",
    Kind.PRECONDITION,
    "One party has several contracts in force here: for this sender, recipient and purpose, or for "
    "this AI partner and use case.",
    "Suspend or narrow all but one, so that it is clear which one holds.",
)
CONTRACT_ID_TAKEN = _reason(
    "CONTRACT_ID_TAKEN",
    Kind.CONFLICT,
    "A contract with this id is there already: another party's, or one of the other kind.",
    "Choose another id; begin it with your own name.",
)
CONTRACTS_CONTRADICT = _reason(
    "CONTRACTS_CONTRADICT",
    Kind.PRECONDITION,
    "The sender's and the recipient's sharing contracts contradict each other.",
    "Agree the term named with the partner, and put the contracts again.",
)
CONTRACT_VERSION_CONFLICT = _reason(
    "CONTRACT_VERSION_CONFLICT",
    Kind.CHANGED,
    "The sharing contract has changed since the version that you built on.",
    "Read the newest version, apply your change to it, and put it again.",
)
CONTRACT_SUPERSEDED = _reason(
    "CONTRACT_SUPERSEDED",
    Kind.UNAVAILABLE,
    "The sharing contract was changed while the payload was worked on, so nothing was released.",
    "Retry with the same request id: the payload is then treated as the new version says.",
)

# -- Playbooks --------------------------------------------------------------------------------

PROVIDER_HALTED = _reason(
    "PROVIDER_HALTED",
    Kind.PRECONDITION,
    "A playbook or a person has halted what this provider's model is asked and answers.",
    "Nothing was released. Do without the model for now. Where a retry delay is given, some checks "
    "are let through again after it; `privacy-service playbooks curbs` says who can resume it.",
)
CHECKS_THROTTLED = _reason(
    "CHECKS_THROTTLED",
    Kind.EXHAUSTED,
    "A playbook lets fewer checks through for now, and those of this time are used up.",
    "Retry after the delay that is given, with the same request id.",
)
ASK_ANOTHER_PARTNER = _reason(
    "ASK_ANOTHER_PARTNER",
    Kind.PRECONDITION,
    "A playbook has put another partner in this provider's place.",
    "Ask the provider that the details name, under the behavior contract with it.",
)
COLLECTION_HALTED = _reason(
    "COLLECTION_HALTED",
    Kind.PRECONDITION,
    "A playbook has stopped what goes to this provider, so that it is given nothing more.",
    "The prompt did not go. Answers to what was asked before can still be checked.",
)
RUN_NOT_FOUND = _reason(
    "RUN_NOT_FOUND",
    Kind.NOT_FOUND,
    "There is no run of a playbook of this id that you may see.",
    "List them with `privacy-service playbooks list`.",
)
RUN_RESOLVED = _reason(
    "RUN_RESOLVED",
    Kind.PRECONDITION,
    "The run is resolved.",
    "Start the playbook again if it is needed again.",
)
RUN_NOT_SETTLED = _reason(
    "RUN_NOT_SETTLED",
    Kind.PRECONDITION,
    "Something of the run is still open: a step, a task, or a curb that it has put in place.",
    "See `privacy-service playbooks show RUN`: finish the tasks, resume what is halted.",
)
RUN_TASK_NOT_FOUND = _reason(
    "RUN_TASK_NOT_FOUND",
    Kind.NOT_FOUND,
    "The run has no task at this step.",
    "`privacy-service playbooks show RUN` has its tasks.",
)
RUN_TASK_DONE = _reason(
    "RUN_TASK_DONE",
    Kind.PRECONDITION,
    "The task was done; what was said of it stands.",
    "Look at it with `privacy-service playbooks show RUN`.",
)
PLAYBOOK_NOT_FOUND = _reason(
    "PLAYBOOK_NOT_FOUND",
    Kind.NOT_FOUND,
    "The contract in force has no playbook of this id.",
    "See the contract's `playbooks`.",
)
PLAYBOOK_RUNS = _reason(
    "PLAYBOOK_RUNS",
    Kind.PRECONDITION,
    "A run of this playbook that a person started is open.",
    "Resolve it first, or go on with it.",
)
CURB_NOT_FOUND = _reason(
    "CURB_NOT_FOUND",
    Kind.NOT_FOUND,
    "There is no curb of this id that you may see.",
    "List them with `privacy-service playbooks curbs`.",
)
CURB_LIFTED = _reason(
    "CURB_LIFTED",
    Kind.PRECONDITION,
    "The curb was lifted.",
    "Place a new one if it is needed again.",
)

# -- The gate ---------------------------------------------------------------------------------

CONSENT_MISSING = _reason(
    "CONSENT_MISSING",
    Kind.PRECONDITION,
    "The sharing contract asks for the subject's consent, and the request carries none.",
    "Send `consent` with the subject reference and the consent record's id.",
)
CONSENT_STALE = _reason(
    "CONSENT_STALE",
    Kind.PRECONDITION,
    "It is too long ago, or not said, when the sender looked whether the consent still holds.",
    "Look again, and send `consent.check_time`; the contract says how old it may be.",
)
CONSENT_NOT_IN_FORCE = _reason(
    "CONSENT_NOT_IN_FORCE",
    Kind.PRECONDITION,
    "The consent ledger has no consent in force of each subject to this purpose and recipient.",
    "Ask the person, and record what they say with ConsentService.RecordConsent.",
)
PURPOSE_OBJECTED = _reason(
    "PURPOSE_OBJECTED",
    Kind.PRECONDITION,
    "The person has objected to sale and sharing, and the purpose is one of these.",
    "Leave this person out; docs/consent.md says which purposes the signal covers.",
)
SUBJECT_REQUIRED = _reason(
    "SUBJECT_REQUIRED",
    Kind.PRECONDITION,
    "A term of the sharing contract works per subject, and no subject is named.",
    "Send a subject reference, or name the subject's field in the contract (`subjects`).",
)
REGION_NOT_PERMITTED = _reason(
    "REGION_NOT_PERMITTED",
    Kind.PRECONDITION,
    "The recipient's region is not one that the sharing contract permits.",
    "Send to a region that the contract lists, or agree the new region with the partner.",
)
QUOTA_EXCEEDED = _reason(
    "QUOTA_EXCEEDED",
    Kind.EXHAUSTED,
    "The sharing contract's quota for this period is used up.",
    "Wait until the time given, or agree a larger quota with the partner.",
)
REQUEST_ID_REUSED = _reason(
    "REQUEST_ID_REUSED",
    Kind.CONFLICT,
    "This request id was used before with another request.",
    "Use a fresh request id for each new request; repeat an id only with the same body.",
)

# -- Streamed outputs -------------------------------------------------------------------------

OUTPUT_INCOMPLETE = _reason(
    "OUTPUT_INCOMPLETE",
    Kind.PRECONDITION,
    "The stream ended before anybody said that this was all of the output.",
    "Send `end` behind the last chunk. Nothing more of this output is released; send it anew.",
)

# -- Identity ---------------------------------------------------------------------------------

CALLER_UNKNOWN = _reason(
    "CALLER_UNKNOWN",
    Kind.UNAUTHENTICATED,
    "The caller could not be identified.",
    "Present a client certificate with a known SPIFFE or DNS name, or a valid bearer token.",
)
TOKEN_INVALID = _reason(
    "TOKEN_INVALID",
    Kind.UNAUTHENTICATED,
    "The bearer token is not valid.",
    "Get a fresh token from the issuer that this service trusts, for this audience.",
)
NOT_YOUR_PARTNER = _reason(
    "NOT_YOUR_PARTNER",
    Kind.DENIED,
    "A caller may act only for its own partner.",
    "Call with the identity of the partner that the request names.",
)
ROLE_MISSING = _reason(
    "ROLE_MISSING",
    Kind.DENIED,
    "The caller's roles do not permit this call.",
    "See docs/access.md for who may call what, and ask the operator for the role.",
)

# -- Records, tokens, evidence ----------------------------------------------------------------

RECORD_NOT_FOUND = _reason(
    "RECORD_NOT_FOUND",
    Kind.NOT_FOUND,
    "There is no such record, or it is not yours to see.",
    "List your records with RecordService.ListRecords.",
)
RECORD_EXISTS = _reason(
    "RECORD_EXISTS",
    Kind.CONFLICT,
    "A record with this id exists.",
    "Choose another id, or delete the record first.",
)
RECORD_UNREADABLE = _reason(
    "RECORD_UNREADABLE",
    Kind.PRECONDITION,
    "The record cannot be opened: its key is gone, or its bytes were changed.",
    "If the subject was erased this is final; otherwise run `privacy-service keys verify`.",
)
SUBJECT_SHREDDED = _reason(
    "SUBJECT_SHREDDED",
    Kind.PRECONDITION,
    "The subject's key was shredded, and no new one may be made while its tombstone stands.",
    "Nothing can be kept about this subject; send without a sealed copy and without tokens.",
)
KEYRING_EXPOSED = _reason(
    "KEYRING_EXPOSED",
    Kind.PRECONDITION,
    "The keyring, or the directory that it is in, is open to others, so it is not used.",
    "Make the file yours alone (`chmod 600`), and its directory writable by you alone; "
    "if others could have read it, rotate its keys.",
)
KEYRING_INVALID = _reason(
    "KEYRING_INVALID",
    Kind.PRECONDITION,
    "The keyring is not one that can be read with what was given.",
    "Check the path and the passphrase, or restore the keyring from its backup.",
)
KEYRING_EXISTS = _reason(
    "KEYRING_EXISTS",
    Kind.CONFLICT,
    "There is a file where the keyring is to be made.",
    "Use that keyring, or make the new one elsewhere; a keyring is never written over.",
)
KEY_NOT_RETIRABLE = _reason(
    "KEY_NOT_RETIRABLE",
    Kind.PRECONDITION,
    "The key version is the current one, or there is none of that number.",
    "See `privacy-service keys status`; rotate before you retire, and rewrap in between.",
)
KEYS_NOT_SET_UP = _reason(
    "KEYS_NOT_SET_UP",
    Kind.PRECONDITION,
    "The service has no secrets under this key provider yet.",
    "Run `privacy-service keys init` for a new service, or `keys move` to bring the secrets of "
    "the provider that it had before.",
)
KEY_PROVIDER_MISSING = _reason(
    "KEY_PROVIDER_MISSING",
    Kind.PRECONDITION,
    "What the key provider needs is not installed.",
    "Install the extra named: pip install 'privacy-service[EXTRA]'.",
)
KEY_IN_USE = _reason(
    "KEY_IN_USE",
    Kind.PRECONDITION,
    "Data keys are still wrapped by what is to be retired, and would be lost with it.",
    "Run `privacy-service keys rewrap` to its end; `keys verify` names keys that no longer open.",
)
KEY_SETTLING = _reason(
    "KEY_SETTLING",
    Kind.PRECONDITION,
    "The key was rotated a moment ago, and calls under way may still wrap by the older version.",
    "Retire it after the time given.",
)
VALUE_UNREADABLE = _reason(
    "VALUE_UNREADABLE",
    Kind.PRECONDITION,
    "The encrypted value cannot be opened.",
    "Use the private key that belongs to the contract's `recipient_key`, and the contract id and "
    "path that the value was sent under.",
)
TOKEN_UNKNOWN = _reason(
    "TOKEN_UNKNOWN",
    Kind.NOT_FOUND,
    "This is not a token that was minted for this pair of partners and purpose.",
    "Reveal only tokens that this service minted, under the purpose they were minted for.",
)
REVEAL_NOT_PERMITTED = _reason(
    "REVEAL_NOT_PERMITTED",
    Kind.PRECONDITION,
    "No sharing contract in force permits revealing tokens of this pair and purpose.",
    "Agree it with the partner (`reveal: true` for the entity or field) and put the new version.",
)
LOG_CONTRADICTS_CHECKPOINT = _reason(
    "LOG_CONTRADICTS_CHECKPOINT",
    Kind.PRECONDITION,
    "The audit log does not continue what was signed and published of it before: it was cut, "
    "rewritten, or restored from an older copy. Nothing was signed.",
    "Keep the database and the published checkpoints as they are, and see docs/evidence.md, "
    "`When the log contradicts a checkpoint`.",
)
PUBLICATION_UNAVAILABLE = _reason(
    "PUBLICATION_UNAVAILABLE",
    Kind.UNAVAILABLE,
    "The place where checkpoints are published did not answer, so none was signed.",
    "Try again after a pause; `PRIVACY_EVIDENCE__PUBLISH_TO` names the place.",
)
EVIDENCE_NOT_FOUND = _reason(
    "EVIDENCE_NOT_FOUND",
    Kind.NOT_FOUND,
    "The audit log holds nothing of what was asked for.",
    "Check the id, the partner, the contract or the period; all that is asked must hold.",
)
EVIDENCE_TOO_LARGE = _reason(
    "EVIDENCE_TOO_LARGE",
    Kind.EXHAUSTED,
    "What was asked for is more than one archive takes.",
    "Ask for a shorter period or for more that must hold; `audit export` exports the whole log.",
)
REVEAL_LIMITED = _reason(
    "REVEAL_LIMITED",
    Kind.EXHAUSTED,
    "You have revealed as much as is permitted in this time.",
    "Repeat it after the time given, or ask the operator to raise the limit; without a time, ask "
    "for fewer at once.",
)
AUDIT_RANGE_INVALID = _reason(
    "AUDIT_RANGE_INVALID",
    Kind.INVALID,
    "The audit position or tree size asked for is not in the log.",
    "Ask for the checkpoint first; positions start at 0 and lie below its size.",
)

# -- Legal holds ------------------------------------------------------------------------------

UNDER_LEGAL_HOLD = _reason(
    "UNDER_LEGAL_HOLD",
    Kind.PRECONDITION,
    "A legal hold covers it, so it may not be deleted.",
    "Nothing was deleted. Ask the data-protection officer; deletion is possible once it is lifted.",
)
USE_RESTRICTED = _reason(
    "USE_RESTRICTED",
    Kind.PRECONDITION,
    "The use of this is restricted, by a legal hold or because the time of its use is over: it is "
    "stored, and used for legal claims alone.",
    "Wait until the hold is lifted. If it is used for the claim, send the hold's id (`hold_id`), "
    "which the data-protection officer has. A token that several people share may be revealed for "
    "one of them by name (`subjects`).",
)
HOLD_NOT_FOUND = _reason(
    "HOLD_NOT_FOUND",
    Kind.NOT_FOUND,
    "There is no such legal hold.",
    "List them with `privacy-service holds list`.",
)
HOLD_LIFTED = _reason(
    "HOLD_LIFTED",
    Kind.PRECONDITION,
    "The legal hold was lifted.",
    "Place a new hold if it is needed again.",
)
LIFT_NOT_PROPOSED = _reason(
    "LIFT_NOT_PROPOSED",
    Kind.PRECONDITION,
    "Nobody has proposed to lift this legal hold or quarantine.",
    "Propose it first, with a reason; another person then confirms.",
)
SECOND_PERSON_NEEDED = _reason(
    "SECOND_PERSON_NEEDED",
    Kind.PRECONDITION,
    "This needs a second person: not who placed it, and not who proposed it.",
    "Ask another data-protection officer to confirm.",
)
RECORD_QUERY_INVALID = _reason(
    "RECORD_QUERY_INVALID",
    Kind.INVALID,
    "The record query does not hold up.",
    "Mend it at the column given; docs/holds.md has the language, and "
    "`privacy-service holds lint QUERY` checks it.",
)

# -- Law --------------------------------------------------------------------------------------

RULE_PACK_INVALID = _reason(
    "RULE_PACK_INVALID",
    Kind.INVALID,
    "The rule pack does not hold up.",
    "Run `privacy-service law lint FILE`; it names each fault with its line and column.",
)
RULE_NOT_FOUND = _reason(
    "RULE_NOT_FOUND",
    Kind.NOT_FOUND,
    "There is no such rule in the rule packs.",
    "List them with `privacy-service law list --all`.",
)
PLACE_UNKNOWN = _reason(
    "PLACE_UNKNOWN",
    Kind.INVALID,
    "There is no such jurisdiction in the rule packs, or the rule is not one of its law.",
    "Name one that `privacy-service law places` lists, or add it under `places` in a pack.",
)

# -- Retention --------------------------------------------------------------------------------

SCHEDULE_INVALID = _reason(
    "SCHEDULE_INVALID",
    Kind.INVALID,
    "The retention schedule does not hold up.",
    "Run `privacy-service retention lint FILE`; it names each fault with its line and column.",
)
SCHEDULE_NOT_FOUND = _reason(
    "SCHEDULE_NOT_FOUND",
    Kind.NOT_FOUND,
    "There is no such retention schedule.",
    "List them with `privacy-service retention schedules`.",
)
SWEEP_NOT_FOUND = _reason(
    "SWEEP_NOT_FOUND",
    Kind.NOT_FOUND,
    "There is no such sweep.",
    "List them with `privacy-service retention status`.",
)
SWEEP_STATE = _reason(
    "SWEEP_STATE",
    Kind.PRECONDITION,
    "The sweep is not in a state in which this can be done.",
    "See the state named; docs/retention.md shows what leads where.",
)
CERTIFICATE_NOT_READY = _reason(
    "CERTIFICATE_NOT_READY",
    Kind.PRECONDITION,
    "The sweep has not ended, so that there is no certificate of it.",
    "Wait until `privacy-service retention status` says that it is done.",
)
CRON_INVALID = _reason(
    "CRON_INVALID",
    Kind.INVALID,
    "This is no cron expression.",
    "Write five fields, for example `17 3 * * *`: at 03:17 UTC on every day.",
)

# -- Consent ----------------------------------------------------------------------------------

CONSENT_NOT_FOUND = _reason(
    "CONSENT_NOT_FOUND",
    Kind.NOT_FOUND,
    "There is no such consent record, or it is not yours to see.",
    "List them with `privacy-service consent list`.",
)
CONSENT_RECORD_DIFFERS = _reason(
    "CONSENT_RECORD_DIFFERS",
    Kind.CONFLICT,
    "There is a consent record with this id for another person, or with other terms.",
    "Choose another id: what a person was told and asked does not change afterwards.",
)
CONSENT_STATE = _reason(
    "CONSENT_STATE",
    Kind.PRECONDITION,
    "This cannot follow what was said last.",
    "See the state named; docs/consent.md shows which follows which.",
)

# -- Breaches ---------------------------------------------------------------------------------

BREACH_NOT_FOUND = _reason(
    "BREACH_NOT_FOUND",
    Kind.NOT_FOUND,
    "There is no such breach.",
    "List them with `privacy-service breach list`.",
)
BREACH_CLOSED = _reason(
    "BREACH_CLOSED",
    Kind.PRECONDITION,
    "The breach is closed.",
    "Reopen it with a reason, if there is more to say.",
)
BREACH_CHANGED = _reason(
    "BREACH_CHANGED",
    Kind.CHANGED,
    "Something was said of the breach since the entry that you built on.",
    "Read it again, and say what still has to be said.",
)
BREACH_NOT_SETTLED = _reason(
    "BREACH_NOT_SETTLED",
    Kind.PRECONDITION,
    "The breach cannot be closed: something that is asked for is neither done nor decided.",
    "See `privacy-service breach due`: file what is open, assess what is to decide, "
    "and finish the tasks.",
)
PARTNER_QUARANTINED = _reason(
    "PARTNER_QUARANTINED",
    Kind.PRECONDITION,
    "A data-protection officer has stopped what passes between these partners.",
    "Nothing was released. Ask the data-protection officer; it is possible again, with the same "
    "request, once the quarantine is lifted.",
)
PARTNER_NOT_KNOWN = _reason(
    "PARTNER_NOT_KNOWN",
    Kind.NOT_FOUND,
    "No contract names this partner, so that there is nothing to stop: nothing was changed.",
    "Look at the spelling: `known` has the partners' names, those most like it first. For one "
    "that comes later, send `not_known_yet` (`breach contain --force`).",
)
KEY_NOT_KNOWN = _reason(
    "KEY_NOT_KNOWN",
    Kind.NOT_FOUND,
    "There is no key of this name: nothing was changed.",
    "`privacy-service keys status` has the names: `partner/NAME`, with `#VERSION` for one version; "
    "or give a data key's id.",
)
DISCLOSURE_NOT_FOUND = _reason(
    "DISCLOSURE_NOT_FOUND",
    Kind.NOT_FOUND,
    "There is no such disclosure.",
    "List them with `privacy-service audit disclosures`.",
)
COPY_NOT_KEPT = _reason(
    "COPY_NOT_KEPT",
    Kind.PRECONDITION,
    "No copy of what was released is kept, so that it cannot be looked at again.",
    "A contract with `storage: sealed-copy` has one kept, as long as `retention` says.",
)
CERTIFICATE_REVOKED = _reason(
    "CERTIFICATE_REVOKED",
    Kind.UNAUTHENTICATED,
    "The client certificate was revoked by a data-protection officer.",
    "Present a certificate with a new key that is valid from an instant after the revocation, or "
    "ask the data-protection officer.",
)
QUARANTINE_NOT_FOUND = _reason(
    "QUARANTINE_NOT_FOUND",
    Kind.NOT_FOUND,
    "There is no such quarantine.",
    "List them with `privacy-service breach quarantines`.",
)
QUARANTINE_LIFTED = _reason(
    "QUARANTINE_LIFTED",
    Kind.PRECONDITION,
    "The quarantine was lifted.",
    "Place a new one if it is needed again.",
)
BREACH_NOTICE_NOT_FOUND = _reason(
    "BREACH_NOTICE_NOT_FOUND",
    Kind.NOT_FOUND,
    "There is no such notice.",
    "List the breach's notices with `privacy-service breach notice list BREACH`.",
)
NOTICE_CHANGED = _reason(
    "NOTICE_CHANGED",
    Kind.CHANGED,
    "This is not the notice that you saw: its digest is another one.",
    "Read it again, and decide about what it says now.",
)
NOTICE_NOT_READY = _reason(
    "NOTICE_NOT_READY",
    Kind.PRECONDITION,
    "The notice is not in a state in which that can be done.",
    "See its state: it is reviewed, approved, sent, and then received or bounced, in this order; "
    "and only what has an address is sent.",
)
NOTICE_INCOMPLETE = _reason(
    "NOTICE_INCOMPLETE",
    Kind.PRECONDITION,
    "The final notice lacks contents that the law asks for.",
    "Draft it again with the contents named, or approve it as a follow-up.",
)
NOTICE_FORBIDS = _reason(
    "NOTICE_FORBIDS",
    Kind.INVALID,
    "The law forbids that the notice says this.",
    "Leave out the contents named.",
)
MAILING_NOT_FOUND = _reason(
    "MAILING_NOT_FOUND",
    Kind.NOT_FOUND,
    "There is no such mailing, or no such letter of it.",
    "Name the notice that was mailed; of a letter that came back, its Message-ID.",
)
MAILING_STATE = _reason(
    "MAILING_STATE",
    Kind.PRECONDITION,
    "The mailing is not in a state in which that can be done.",
    "See its state: a running one is paused, a paused one resumed, both are cancelled.",
)
MAILING_NOT_READY = _reason(
    "MAILING_NOT_READY",
    Kind.PRECONDITION,
    "The notice can't be mailed to people: see what is named.",
    "Keep the breach's scope, draft the notice under a rule that people are told by, without an "
    "address, and have it approved.",
)
FONT_MISSING = _reason(
    "FONT_MISSING",
    Kind.PRECONDITION,
    "The notice has letters that no font has, so it was not printed.",
    "Name a font file that has them in `PRIVACY_NOTICES__FONTS`, or print it as HTML.",
)
TEMPLATE_NOT_FOUND = _reason(
    "TEMPLATE_NOT_FOUND",
    Kind.NOT_FOUND,
    "There is no template for this rule in this language.",
    "Use en or de, or put `RULE.LANGUAGE.txt.j2` into `PRIVACY_NOTICES__TEMPLATES`.",
)
TEMPLATE_INVALID = _reason(
    "TEMPLATE_INVALID",
    Kind.PRECONDITION,
    "The notice's template cannot be filled.",
    "Mend it: docs/breaches.md says which values it may use.",
)
DELAY_NOT_EXPLAINED = _reason(
    "DELAY_NOT_EXPLAINED",
    Kind.INVALID,
    "The filing is later than the law allows, and the law asks for the reasons.",
    "Send `reasons_for_delay`.",
)

# -- Requests ---------------------------------------------------------------------------------

REQUEST_INVALID = _reason(
    "REQUEST_INVALID",
    Kind.INVALID,
    "The request breaks a rule of the API.",
    "Mend the field named; the rules stand beside each field in the .proto files.",
)
PAGE_TOKEN_INVALID = _reason(
    "PAGE_TOKEN_INVALID",
    Kind.INVALID,
    "The page token is not one that this list gave out.",
    "Start again without a page token, and send the other fields unchanged.",
)
RESPONSE_TOO_LARGE = _reason(
    "RESPONSE_TOO_LARGE",
    Kind.EXHAUSTED,
    "The answer is larger than the message limit.",
    "Split the payload, or use TransferStream.",
)

SERVER_BUSY = _reason(
    "SERVER_BUSY",
    Kind.EXHAUSTED,
    "The service works on as many calls as it takes at a time, so this one was not begun.",
    "Retry with the same request id after a pause.",
)

# -- Faults -----------------------------------------------------------------------------------

DETECTOR_UNAVAILABLE = _reason(
    "DETECTOR_UNAVAILABLE",
    Kind.UNAVAILABLE,
    "The detector did not answer, so nothing was released.",
    "Retry with the same request id after a pause; the operator sees the cause in the log.",
)
DETECTOR_BUSY = _reason(
    "DETECTOR_BUSY",
    Kind.EXHAUSTED,
    "The detector's queue is full, so nothing was released.",
    "Retry with the same request id after a pause.",
)
DEADLINE_PASSED = _reason(
    "DEADLINE_PASSED",
    Kind.DEADLINE,
    "The deadline passed before the payload was inspected whole, so nothing was released.",
    "Retry with the same request id and a longer deadline.",
)
DETECTOR_FILE_INVALID = _reason(
    "DETECTOR_FILE_INVALID",
    Kind.INVALID,
    "A file of detector rules or of listed values does not hold up.",
    "Mend what is named; `privacy-service detectors lint FILE` lists every fault of a rule file.",
)
LABELLED_FILE_INVALID = _reason(
    "LABELLED_FILE_INVALID",
    Kind.INVALID,
    "The file of labelled texts cannot be read.",
    "Mend what is named; `privacy-service evaluate --help` says which formats there are.",
)
MODEL_NOT_LOADED = _reason(
    "MODEL_NOT_LOADED",
    Kind.PRECONDITION,
    "The language model that the settings name cannot be loaded.",
    "Install it (where the command is known, it is named), give the directory it lies in, or name "
    "another: `PRIVACY_DETECTION__MODEL=rampart`, or `none` for patterns only.",
)
STORE_UNAVAILABLE = _reason(
    "STORE_UNAVAILABLE",
    Kind.UNAVAILABLE,
    "The database did not answer, so nothing was released.",
    "Retry with the same request id after a pause: it has one effect however often it is sent.",
)
JOBS_NOT_STARTED = _reason(
    "JOBS_NOT_STARTED",
    Kind.UNAVAILABLE,
    "The database was lost while the jobs were being started, so this process has ended; nothing "
    "was begun.",
    "Start it again once the database answers, as a supervisor does by itself.",
)
STORE_BUSY = _reason(
    "STORE_BUSY",
    Kind.EXHAUSTED,
    "Too much waits to be written, so nothing was released.",
    "Retry with the same request id after a pause, or ask the operator to raise the limit named.",
)
REINSPECTION_NOT_FOUND = _reason(
    "REINSPECTION_NOT_FOUND",
    Kind.NOT_FOUND,
    "There is no such reinspection.",
    "List them with `privacy-service breach reinspections`.",
)
REINSPECTION_OVER = _reason(
    "REINSPECTION_OVER",
    Kind.PRECONDITION,
    "The reinspection is over already.",
    "Start another one.",
)
MAILBOX_UNAVAILABLE = _reason(
    "MAILBOX_UNAVAILABLE",
    Kind.UNAVAILABLE,
    "The mailbox that undeliverable mail comes back to did not answer, or does not let us in.",
    "Check PRIVACY_NOTICES__IMAP_ADDRESS and what goes with it; what came back waits there.",
)
KEYS_UNAVAILABLE = _reason(
    "KEYS_UNAVAILABLE",
    Kind.UNAVAILABLE,
    "The key provider did not answer, so nothing was released.",
    "Retry with the same request id after a pause.",
)
TREATMENT_FAILED = _reason(
    "TREATMENT_FAILED",
    Kind.PRECONDITION,
    "A treatment could not be applied as the sharing contract asks.",
    "See the path and treatment named; `privacy-service contract lint` explains the term.",
)
SETTINGS_INVALID = _reason(
    "SETTINGS_INVALID",
    Kind.INVALID,
    "The settings do not hold up.",
    "Mend the setting named; docs/operating.md lists them all.",
)
DATABASE_RESTORED = _reason(
    "DATABASE_RESTORED",
    Kind.UNAVAILABLE,
    "The database is older than it was: something in it was deleted already, or acknowledged since "
    "and is not in it.",
    "Run `privacy-service tombstones replay`, then start the service; docs/operating.md says more.",
)
RESTORE_UNSAFE = _reason(
    "RESTORE_UNSAFE",
    Kind.PRECONDITION,
    "A file that is there would be written over, or a backup restored without what was deleted "
    "since.",
    "Move the file away, and name the tombstone journal (or say --without-tombstones).",
)
DECISIONS_LOST = _reason(
    "DECISIONS_LOST",
    Kind.PRECONDITION,
    "The restored database does not have decisions that were taken since: holds, quarantines, "
    "requests, contracts.",
    "Restore a newer backup, or say --without-decisions and have an officer take each of those "
    "listed again.",
)
TOMBSTONES_INVALID = _reason(
    "TOMBSTONES_INVALID",
    Kind.PRECONDITION,
    "The tombstone journal is not this log's, or a part of it is missing or was changed.",
    "Name the place that it was written to; docs/operating.md says what to do where it is lost.",
)
TOMBSTONES_UNAVAILABLE = _reason(
    "TOMBSTONES_UNAVAILABLE",
    Kind.UNAVAILABLE,
    "The tombstone journal did not answer, so a deletion could not be written down there.",
    "Retry with the same request id: what was deleted stays deleted, and is acknowledged then.",
)
SCHEMA_TOO_OLD = _reason(
    "SCHEMA_TOO_OLD",
    Kind.PRECONDITION,
    "The database was not migrated to this release yet.",
    "Run `privacy-service migrate` once; it is safe to run while the older release serves.",
)
SCHEMA_TOO_NEW = _reason(
    "SCHEMA_TOO_NEW",
    Kind.PRECONDITION,
    "The database was migrated by a newer release than this one.",
    "Run the newer release, or restore a backup from before the migration.",
)
INTERNAL = _reason(
    "INTERNAL",
    Kind.INTERNAL,
    "Something went wrong on our side, so nothing was released.",
    "Retry with the same request id; if it stays, give the operator the call id.",
)

# -- Jobs -------------------------------------------------------------------------------------

JOB_NOT_FOUND = _reason(
    "JOB_NOT_FOUND",
    Kind.NOT_FOUND,
    "There is no such job.",
    "See `privacy-service jobs list`.",
)

# -- Subject requests -------------------------------------------------------------------------

SUBJECT_REQUEST_NOT_FOUND = _reason(
    "SUBJECT_REQUEST_NOT_FOUND",
    Kind.NOT_FOUND,
    "There is no such subject request.",
    "List the open ones with `privacy-service requests list`.",
)
REQUEST_STATE = _reason(
    "REQUEST_STATE",
    Kind.PRECONDITION,
    "The subject request is not in a state in which this can be done.",
    "See its state with `privacy-service requests show`; docs/requests.md says what may be done.",
)
TOO_LATE_TO_EXTEND = _reason(
    "TOO_LATE_TO_EXTEND",
    Kind.PRECONDITION,
    "The first deadline has passed: it can't be extended any more.",
    "Answer the request now, and tell the person why it is late.",
)
NO_EXTENSION = _reason(
    "NO_EXTENSION",
    Kind.PRECONDITION,
    "The law that governs the subject request knows no longer period.",
    "Answer it by its deadline; `privacy-service law show RULE` has the rule.",
)
JUSTIFICATION_UNKNOWN = _reason(
    "JUSTIFICATION_UNKNOWN",
    Kind.INVALID,
    "The reason given is not one of the coded reasons for this.",
    "Take one of the codes in docs/requests.md; it names the article that each rests on.",
)
SUBJECT_OBJECTS = _reason(
    "SUBJECT_OBJECTS",
    Kind.PRECONDITION,
    "The payload is about a person who objects to this purpose.",
    "Stop sending data about this person for this purpose.",
)
OBJECTION_ABSOLUTE = _reason(
    "OBJECTION_ABSOLUTE",
    Kind.PRECONDITION,
    "An objection to marketing can't be refused for this reason.",
    "Start it. It may be refused only where it is unknown who asks, or the request is abusive.",
)
LIFT_NOT_ANNOUNCED = _reason(
    "LIFT_NOT_ANNOUNCED",
    Kind.PRECONDITION,
    "The person wasn't told that the restriction ends.",
    "Tell the person, take the step `announce_lift`, and then lift it.",
)
HOLD_OF_REQUEST = _reason(
    "HOLD_OF_REQUEST",
    Kind.PRECONDITION,
    "A person has asked for this hold: it is lifted with their request.",
    "Take the steps `announce_lift` and `lift` of the subject request.",
)
SUBJECT_ERASED = _reason(
    "SUBJECT_ERASED",
    Kind.PRECONDITION,
    "The payload is about a person whose data was erased.",
    "Stop sending data about this person, and take what you hold out of what you send.",
)
RECEIPT_NOT_READY = _reason(
    "RECEIPT_NOT_READY",
    Kind.PRECONDITION,
    "The subject request has no receipt yet.",
    "Ask again once its deletion has ended; `privacy-service requests show` has its state.",
)
BUNDLE_NOT_READY = _reason(
    "BUNDLE_NOT_READY",
    Kind.PRECONDITION,
    "The subject request has no such part of a bundle, not yet, or not any more.",
    "Ask again once the request is completed; bundles can be fetched for some weeks.",
)
BUNDLE_INCOMPLETE = _reason(
    "BUNDLE_INCOMPLETE",
    Kind.PRECONDITION,
    "The file does not have every part of the bundle.",
    "Fetch it again: `privacy-service requests bundle REQUEST FILE`.",
)
LINK_INVALID = _reason(
    "LINK_INVALID",
    Kind.NOT_FOUND,
    "The link is not one of ours, or not whole.",
    "Copy it from the e-mail again, with all of its letters.",
)
LINK_EXPIRED = _reason(
    "LINK_EXPIRED",
    Kind.PRECONDITION,
    "The time in which the link confirms is over.",
    "Confirm with `NoticeService.ConfirmNotice`, or ask who wrote to you.",
)
NOTICE_NOT_FOUND = _reason(
    "NOTICE_NOT_FOUND",
    Kind.NOT_FOUND,
    "There is no such notice, or it is not yours to see.",
    "List the ones for your partner with `privacy-service notices list`.",
)
CASE_UNDECIDED = _reason(
    "CASE_UNDECIDED",
    Kind.PRECONDITION,
    "A person would have to look at this, so that nothing is decided that could be replayed.",
    "Leave it out; once it is held for real and decided, the review is a recorded case.",
)
