"""The published JSON Schema of a behavior contract, made from the reading models.

This module, run, prints it: `python -m privacy_service.behavior.schema`.
"""

from __future__ import annotations

import json
import re
import sys
from typing import Final

from privacy_service.behavior.shape import BehaviorShape
from privacy_service.contracts.schema import purpose_terms, tidied

FILE: Final = "behavior-contract.schema.json"
"""The file beside this module that holds the schema as published."""


def schema_text() -> str:
    """The schema as its file holds it."""
    made = BehaviorShape.model_json_schema()
    definitions = made.pop("$defs") | {"Purpose": purpose_terms()}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:privacy-service:behavior-contract:v1",
        **made,
        "title": "BehaviorContract",
        "$defs": dict(sorted(definitions.items())),
    }
    tidy = tidied(schema, title="BehaviorContract")
    text = json.dumps(tidy, indent=2, ensure_ascii=False) + "\n"
    return re.sub(r'(?<=[A-Za-z])Shape"', '"', text)


if __name__ == "__main__":
    sys.stdout.write(schema_text())
