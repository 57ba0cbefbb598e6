"""Documents that promise something name the test that would fail without it, and each such test exists."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROMISES = ("security.md", "bounds.md")
NAMED = re.compile(r"`(?P<file>test_\w+\.py)::(?P<name>test_\w+)`")


def missing(text: str) -> list[str]:
    return [found[0] for found in NAMED.finditer(text) if found["name"] not in named_in(found["file"])]


def named_in(name: str) -> set[str]:
    return {
        node.name
        for file in (ROOT / "tests").rglob(name)
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def rows(text: str) -> list[str]:
    """Of all tables, without their heads."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [line for n, line in enumerate(lines) if not line.startswith("|--") and not _is_head(lines, n)]


def _is_head(lines: list[str], number: int) -> bool:
    return lines[number + 1 : number + 2] != [] and lines[number + 1].startswith("|--")


@pytest.mark.parametrize("document", PROMISES)
def test_each_named_test_exists(document: str) -> None:
    assert missing((ROOT / "docs" / document).read_text("utf-8")) == []


@pytest.mark.parametrize("document", PROMISES)
def test_no_promise_is_without_a_test(document: str) -> None:
    promises = rows((ROOT / "docs" / document).read_text("utf-8"))
    assert len(promises) > 10
    assert [row for row in promises if not NAMED.search(row)] == []


def test_a_test_that_is_none_would_be_seen() -> None:
    named = "`test_named_tests.py::test_each_named_test_exists`"
    assert missing(f"| a | {named}, `test_named_tests.py::test_of_nothing` |") == [
        "`test_named_tests.py::test_of_nothing`"
    ]
    assert rows(f"| threat | test |\n|---|---|\n| a | {named} |\n| b | nothing |") == [
        f"| a | {named} |",
        "| b | nothing |",
    ]
