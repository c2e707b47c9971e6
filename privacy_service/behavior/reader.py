"""Reads a prompt or an output, so that it can be judged."""

from __future__ import annotations

from dataclasses import dataclass

from privacy_service.behavior.check import Reread
from privacy_service.behavior.classifying import Classify, no_classifier
from privacy_service.behavior.model import Side
from privacy_service.behavior.subject import Company, LanguageOf, Subject
from privacy_service.behavior.tokens import CountTokens, no_tokenizer
from privacy_service.enforcement.deadline import Deadline
from privacy_service.enforcement.examine import Decode
from privacy_service.enforcement.findings import Detector
from privacy_service.enforcement.inspect import Inspector
from privacy_service.payloads.document import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What texts are read and looked into with. Thread-safe."""

    detector: Detector
    decode: Decode
    language_of: LanguageOf
    limits: Limits
    classify: Classify = no_classifier
    count_tokens: CountTokens = no_tokenizer

    def of(self, *, side: Side, content_type: str, company: Company, deadline: Deadline) -> Reread:
        """What reads contents of this type in this company. It raises what reading raises."""
        inspector = Inspector(self.detector, deadline, self.limits)

        def read(content: bytes) -> Subject:
            return Subject(
                side=side,
                content=content,
                document=self.decode(content_type, content),
                company=company,
                inspector=inspector,
                language_of=self.language_of,
                classify=lambda name, text: self.classify(name, text, deadline.left()),
                count_tokens=self.count_tokens,
            )

        return read
