"""The OpenAPI files of the three APIs, and their one reader.

The files are ``openapi/*.yaml`` in a checkout; a wheel has them in this package.
"""

from benchwire_specs.document import (
    APIS,
    METHODS,
    Document,
    SpecError,
    follow_pointer,
    holds_secret,
    pointer_token,
)
from benchwire_specs.files import (
    check_version,
    load_document,
    parse_document,
    parse_yaml,
    spec_path,
)
from benchwire_specs.paths import matches_template, most_literal

__all__ = [
    "APIS", "METHODS", "Document", "SpecError", "check_version", "follow_pointer", "holds_secret", "load_document",
    "matches_template", "most_literal", "parse_document", "parse_yaml", "pointer_token", "spec_path",
]  # fmt: skip
