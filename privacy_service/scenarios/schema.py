"""The published JSON Schema of scenario files: `python -m privacy_service.scenarios.schema`."""

from __future__ import annotations

import json
import re
import sys
from typing import Final

from privacy_service.contracts.schema import tidied
from privacy_service.scenarios.shape import PlayShape

FILE: Final = "scenarios.schema.json"
"""The file beside this module that holds the schema as published."""


def schema_text() -> str:
    """The schema as its file holds it."""
    made = PlayShape.model_json_schema()
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:privacy-service:scenarios:v1",
        **made,
        "title": "Scenarios",
    }
    tidy = tidied(schema, title="Scenarios")
    text = json.dumps(tidy, indent=2, ensure_ascii=False) + "\n"
    return re.sub(r'(?<=[A-Za-z])Shape"', '"', text)


if __name__ == "__main__":
    sys.stdout.write(schema_text())
