"""Loaded by schemathesis: real pictures where the document asks for a file's bytes."""

import schemathesis
from hypothesis import strategies

from tests.fuzz.belongings import picture

schemathesis.openapi.format("binary", strategies.sampled_from([picture(), picture()[:-20], b"", b"GIF89a"]))
