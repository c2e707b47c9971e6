"""The published JSON Schema of a rule pack: `python -m privacy_service.law.schema` prints it."""

from __future__ import annotations

import json
import re
import sys
from typing import Any, Final

from privacy_service.law.shape import PackShape

FILE: Final = "rule-pack.schema.json"
"""The file beside this module that holds the schema as published."""


def schema_text() -> str:
    """The schema as its file holds it."""
    made = _without_null(PackShape.model_json_schema())
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:privacy-service:rule-pack:v1",
        **made,
        "title": "RulePack",
    }
    return re.sub(r'(?<=[A-Za-z])Shape"', '"', json.dumps(schema, indent=2)) + "\n"


def _without_null(schema: Any) -> Any:
    """Without null, which a pack cannot hold, and without the titles that Pydantic adds."""
    if isinstance(schema, list):
        return [_without_null(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        name: _without_null(value)
        for name, value in schema.items()
        if not (name == "title" and isinstance(value, str))
        and not (name == "default" and value is None)
    }
    options = [option for option in kept.get("anyOf", ()) if option != {"type": "null"}]
    if len(options) == 1:
        del kept["anyOf"]
        return {**options[0], **kept}
    return kept | ({"anyOf": options} if options else {})


if __name__ == "__main__":
    sys.stdout.write(schema_text())
