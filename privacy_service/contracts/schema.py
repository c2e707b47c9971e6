"""The published JSON Schema of a contract, made from the reading models.

An editor that knows YAML schemas completes and explains a contract with it. This module, run,
prints it: `python -m privacy_service.contracts.schema`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, TypeVar

from privacy_service.contracts import dpv, regions
from privacy_service.contracts.entities import Entity, catalogue
from privacy_service.contracts.model import FieldType, TreatmentKind
from privacy_service.contracts.shape import ContractShape
from privacy_service.contracts.values import OTHER_ENTITIES

FILE: Final = "sharing-contract.schema.json"
"""The file beside this module that holds the schema as published."""

_Schema = dict[str, Any]
W = TypeVar("W", bound=StrEnum)

_TYPES: Final = {
    FieldType.TEXT: "Free text: inspected whole, names and places in it too.",
    FieldType.IDENTIFIER: "An opaque id: one word of letters, digits and . _ : / -.",
    FieldType.CODE: "One of a small vocabulary (`paid`, `EUR`): one short word.",
    FieldType.NUMBER: "A number.",
    FieldType.BOOLEAN: "True or false.",
    FieldType.DATE: "An ISO 8601 date or date-time.",
}
_TREATMENTS: Final = {
    TreatmentKind.KEEP: "Leaves it as it is.",
    TreatmentKind.REMOVE: "Takes it out, with its key.",
    TreatmentKind.REDACT: "Puts a placeholder that names the entity.",
    TreatmentKind.MASK: "Puts stars. {mask: {keep_last: 4}} leaves the end.",
    TreatmentKind.HASH: "Puts a keyed digest: equal values are equal, and none can be turned back.",
    TreatmentKind.TOKENIZE: "Puts a token that this pair of partners knows, and no other.",
    TreatmentKind.ENCRYPT: "Encrypts it to the recipient's key.",
    TreatmentKind.REFUSE: "Refuses the whole payload if it is there.",
}


def schema_text() -> str:
    """The schema as its file holds it."""
    text = json.dumps(_schema(), indent=2, ensure_ascii=False) + "\n"
    return re.sub(r'(?<=[A-Za-z])Shape"', '"', text)


def _schema() -> _Schema:
    made = ContractShape.model_json_schema()
    definitions = made.pop("$defs") | _vocabularies()
    definitions["EntityTerm"] = made["properties"]["entities"].pop("additionalProperties")
    made["properties"]["entities"] |= _entities()
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:privacy-service:sharing-contract:v1",
        **made,
        "title": "SharingContract",
        "$defs": dict(sorted(definitions.items())),
    }
    return tidied(schema, title="SharingContract")


def _vocabularies() -> _Schema:
    bases = sorted(dpv.legal_bases())
    return {
        "Purpose": purpose_terms(),
        "LegalBasis": _terms("A legal basis of the Data Privacy Vocabulary.", bases, "dpv"),
        "Region": {
            "description": "A country (ISO 3166-1 alpha-2), EU or EEA.",
            "enum": [*sorted(regions.unions()), *sorted(regions.countries())],
        },
        "TreatmentWord": {"anyOf": _words(_TREATMENTS)},
        "FieldType": {
            "anyOf": [
                *_words(_TYPES),
                {"enum": sorted(catalogue()), "description": "An entity: such values are treated."},
            ]
        },
    }


def purpose_terms() -> _Schema:
    """The purposes, to complete."""
    return _terms("A purpose of the Data Privacy Vocabulary.", sorted(dpv.purposes()), "dpv#")


def _words(words: Mapping[W, str]) -> list[_Schema]:
    return [{"const": word.value, "description": says} for word, says in words.items()]


def _terms(says: str, terms: list[str], iri: str) -> _Schema:
    """A list of terms to complete; their short names and IRIs are terms too."""
    short = [term.removeprefix("dpv:") for term in terms if term.startswith("dpv:")]
    return {
        "description": says,
        "anyOf": [
            {"enum": terms},
            {"enum": short},
            {"type": "string", "pattern": f"^https://w3id\\.org/{iri}"},
        ],
    }


def _entities() -> _Schema:
    """Each entity as a key to complete."""
    default = "All entities that are not named. Left out: redact."
    named = {name: _says(name, entity) for name, entity in sorted(catalogue().items())}
    return {
        "properties": {
            name: {"$ref": "#/$defs/EntityTerm", "description": says}
            for name, says in {OTHER_ENTITIES: default, **named}.items()
        },
        "additionalProperties": False,
    }


def _says(name: str, entity: Entity) -> str:
    if name != entity.name:
        return f"Another word for {entity.name}."
    return f"{entity.says} ({entity.category})"


def tidied(schema: _Schema, *, title: str) -> _Schema:
    """Without null, which hand-written YAML cannot hold, and without the titles that Pydantic adds,
    but for the document's own.
    """
    made: _Schema = _tidied(schema, title)
    return made


def _tidied(schema: Any, title: str) -> Any:
    if isinstance(schema, list):
        return [_tidied(item, title) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        name: _tidied(value, title)
        for name, value in schema.items()
        if _is_kept(name, value, title)
    }
    if "$comment" in kept:
        kept["$ref"] = "#/$defs/" + kept.pop("$comment")
    options = [option for option in kept.get("anyOf", ()) if option != {"type": "null"}]
    if len(options) == 1:
        del kept["anyOf"]
        return {**options[0], **kept}
    return kept | ({"anyOf": options} if options else {})


def _is_kept(name: str, value: object, title: str) -> bool:
    if name == "title":
        return not isinstance(value, str) or value == title
    return not (name == "default" and value is None)


if __name__ == "__main__":
    sys.stdout.write(schema_text())
