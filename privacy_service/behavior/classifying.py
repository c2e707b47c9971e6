"""What a classifier of somebody else's says of a text: it is asked by name, and where it does not
say, or not in time, the expectation could not be judged, which counts as broken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from privacy_service.behavior.judgement import Judgement, broken, kept, undetermined

if TYPE_CHECKING:
    from privacy_service.behavior.model import Classified
    from privacy_service.behavior.subject import Subject


class ClassifierFault(Exception):  # noqa: N818 - it says what is so
    """There is no classifier of this name, or it did not answer as it should, in time."""


Classify = Callable[[str, str, float | None], Mapping[str, float]]
"""The scores, from 0 to 1 and by label, that the classifier of a name gives a text within so many
seconds. Raises ClassifierFault.
"""


def no_classifier(name: str, _text: str, _seconds: float | None) -> Mapping[str, float]:
    """Where none is set up."""
    raise ClassifierFault(name)


def classified(subject: Subject, must: Classified) -> Judgement:
    """Broken where a score is more than the contract bears; the worst of them is named."""
    try:
        scores = subject.scores(must.name)
    except ClassifierFault:
        return undetermined("The classifier did not say, or not in time.")
    if not scores.keys() >= must.most.keys():
        return undetermined("The classifier does not know a label that the contract names.")
    over = {label: scores[label] - most for label, most in must.most.items()}
    worst = max(over, key=lambda label: over[label])
    score, most = round(scores[worst], 4), must.most[worst]
    if over[worst] > 0:
        return broken("A classifier finds too much of it.", count=score, bound=most, name=worst)
    return kept(score, most)
