"""What was released, looked at again: by the contracts that it was released under, with the
detector as it is now.

What a treatment wrote is not known any more by its place, so the look is milder than the one before
release: fields that are treated whole are not judged, nor are entities of which a treatment leaves
something that reads like them (masks, bands, shifted dates), nor placeholders and words of ours.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from privacy_service.clock import Clock
from privacy_service.contracts.compile import compile_terms
from privacy_service.contracts.merge import stricter
from privacy_service.contracts.model import ContractVersion, FreeText, TreatmentKind
from privacy_service.contracts.terms import Terms
from privacy_service.enforcement.answer import LocatedFinding
from privacy_service.enforcement.deadline import Deadline
from privacy_service.enforcement.examine import Decode
from privacy_service.enforcement.findings import Detector, Place
from privacy_service.enforcement.letters import tells
from privacy_service.enforcement.survey import survey
from privacy_service.enforcement.transform import treated_whole
from privacy_service.payloads.document import Document, Limits, Node, pointer

_READS_ALIKE: Final = frozenset(
    {
        TreatmentKind.KEEP,
        TreatmentKind.MASK,
        TreatmentKind.GENERALIZE,
        TreatmentKind.SHIFT_DATE,
    }
)
_OURS: Final = re.compile(
    r"<[A-Z][A-Z0-9_]{0,60}>|\btok_[a-z2-7]{26}\b|\b[0-9a-f]{64}\b|hpke:v1:[\w+/=.-]+"
)


def leftover(
    document: Document, terms: Terms, *, detector: Detector, deadline: Deadline, limits: Limits
) -> Mapping[str, int]:
    """How many findings of which entity should not have left. Raises what inspection raises."""
    (found,) = survey(
        [document],
        threshold=0.0,
        detector=detector,
        deadline=deadline,
        limits=limits,
        prose=terms.free_text is FreeText.MODEL,
    )
    nodes = {pointer(node.path): node for node in document.nodes}
    wrong = (one.entity for one in found.findings if _is_wrong(one, nodes[one.path], terms))
    return dict(sorted(Counter(wrong).items()))


def _is_wrong(finding: LocatedFinding, node: Node, terms: Terms) -> bool:
    is_key = finding.place is Place.KEY
    name = node.key.text if is_key and node.key is not None else None
    stated = terms.field(node.path)
    if name is not None and name in terms.literal_names:
        return False
    if name is None and stated is not None and treated_whole(stated):
        return False
    term = terms.entity(finding.entity) if is_key else terms.finding(node.path, finding.entity)
    if finding.score < term.threshold or term.treatment.kind in _READS_ALIKE:
        return False
    text = (node.text if name is None else name)[finding.start : finding.end]
    return any(map(tells, _OURS.sub("", text)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftovers:
    """What of payloads should not have left, as the detector finds it now. Thread-safe."""

    decode: Decode
    detector: Detector
    limits: Limits
    clock: Clock

    def __call__(
        self,
        versions: Sequence[ContractVersion],
        *,
        sender: str,
        content_type: str,
        payload: bytes,
        seconds: float | None,
    ) -> Mapping[str, int]:
        """How many of which entity, of a payload that was released under these versions. Raises
        what decoding and inspection raise.
        """
        sides = {version.contract.party.partner == sender: version for version in versions}
        compiled = {ours: compile_terms(version) for ours, version in sides.items()}
        return leftover(
            self.decode(content_type, payload),
            stricter(compiled.get(True), compiled.get(False)),
            detector=self.detector,
            deadline=Deadline.after(seconds, self.clock),
            limits=self.limits,
        )
