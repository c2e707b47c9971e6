"""The shape of a treatment as a contract writes it: a word, or a mapping with parameters."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    model_validator,
)

from privacy_service.contracts import values
from privacy_service.contracts.model import USUAL_THRESHOLD, Generalization


class Shape(BaseModel):
    """A mapping of a contract: no key but those it names, and no value of another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def in_vocabulary(name: str) -> WithJsonSchema:
    """Stands for a definition that `schema.py` writes from a vocabulary."""
    return WithJsonSchema({"$comment": name})


TreatmentWord = Annotated[
    Literal["keep", "remove", "redact", "mask", "hash", "tokenize", "encrypt", "refuse"],
    in_vocabulary("TreatmentWord"),
]


class Mask(Shape):
    """Puts a star for each character, but for the last ones."""

    keep_last: int = Field(
        default=0, ge=0, le=8, description="How many characters stay at the end.", examples=[4]
    )


class Generalize(Shape):
    """Makes the value coarser."""

    to: Generalization = Field(
        strict=False,
        description="What is left: the year or month of a date, the ten-year band of an age, the "
        "first three digits of a ZIP code (45 CFR 164.514), the lower edge of a number's bucket, "
        "the /24 or /48 network of an IP address.",
        examples=["year", "zip3"],
    )
    size: int | None = Field(
        default=None, ge=2, le=10**9, description="How wide a bucket is.", examples=[10]
    )

    @model_validator(mode="after")
    def _has_size_for_buckets(self) -> Generalize:
        if (self.size is not None) != (self.to is Generalization.BUCKET):
            raise values.wrong(
                "`size` belongs to `to: bucket`, and only there", "write {to: bucket, size: 10}"
            )
        return self


class ShiftDate(Shape):
    """Moves dates by a number of days that is fixed for each subject and pair of partners."""

    days: int = Field(
        ge=1, le=3650, description="The largest shift, either way, in days.", examples=[30]
    )


class TreatmentMapping(Shape):
    """A treatment with its parameters: one key."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    mask: Mask | None = Field(
        default=None, description="Stars, but for the last characters.", examples=[{"keep_last": 4}]
    )
    generalize: Generalize | None = Field(
        default=None, description="A coarser value.", examples=[{"to": "year"}]
    )
    shift_date: ShiftDate | None = Field(
        default=None, description="A date, moved per subject.", examples=[{"days": 30}]
    )

    @model_validator(mode="after")
    def _is_one(self) -> TreatmentMapping:
        if len(self.model_fields_set) != 1:
            raise values.wrong("a treatment is one thing", "leave one of the keys")
        return self


PARAMETERS = frozenset(TreatmentMapping.model_fields)


def _treatment_form(written: object) -> str:
    return "mapping" if isinstance(written, dict) else "word"


def _entity_form(written: object) -> str:
    if not isinstance(written, dict):
        return "word"
    return "mapping" if PARAMETERS & written.keys() else "term"


Treated = Annotated[
    Annotated[TreatmentWord, Tag("word")] | Annotated[TreatmentMapping, Tag("mapping")],
    Discriminator(_treatment_form),
]


class Entity(Shape):
    """What happens to findings of an entity, in full."""

    treatment: Treated = Field(description="What happens to a finding.", examples=["redact"])
    threshold: float = Field(
        default=USUAL_THRESHOLD,
        gt=0,
        le=1,
        description="The least score of a finding that is treated. Lower finds more.",
        examples=[0.4],
    )
    reveal: bool = Field(
        default=False, description="Whether a token may be turned back (`Reveal`), with a reason."
    )


EntityTreated = Annotated[
    Annotated[TreatmentWord, Tag("word")]
    | Annotated[TreatmentMapping, Tag("mapping")]
    | Annotated[Entity, Tag("term")],
    Discriminator(_entity_form),
]
