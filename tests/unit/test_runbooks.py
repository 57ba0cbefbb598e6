"""Whoever is woken finds a page that is there, with commands that `posegen` takes."""

import importlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
import typer
import yaml

from cli.main import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
DOCS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
RUNBOOKS = sorted((ROOT / "docs/runbooks").glob("*.md"))
INDEX = ROOT / "docs/runbooks/README.md"
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")


def alerts() -> dict[str, str]:
    """With the page of each."""
    groups = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())["groups"]
    return {rule["alert"]: rule["annotations"]["runbook_url"] for group in groups for rule in group["rules"]}


def sections(page: Path) -> set[str]:
    """As they are linked to: lower case, spaces for hyphens, without signs."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def commands(page: Path) -> Iterator[list[str]]:
    """What its blocks say to type, whoever answers."""
    for block in re.findall(r"^ *```\n(.*?)^ *```$", page.read_text(), re.MULTILINE | re.DOTALL):
        for line in re.findall(r"^ *(?:\$ )?(?:[A-Z_]+=\S* )*posegen (.*?)(?: +#.*)?$", block, re.MULTILINE):
            for one in f"posegen {line}".split(" && "):
                yield shlex.split(one.split(" > ")[0].split(" | ")[0].rstrip(" &"))[1:]


@pytest.mark.parametrize("alert", alerts())
def test_each_alert_leads_to_a_page_that_speaks_of_it(alert: str) -> None:
    page, _, section = alerts()[alert].partition("#")
    assert alert in (ROOT / page).read_text()
    assert not section or section in sections(ROOT / page)
    assert f"| {alert} |" in INDEX.read_text()


def test_the_index_leads_to_every_page() -> None:
    assert {target for target, _ in LINK.findall(INDEX.read_text())} >= {
        page.name for page in RUNBOOKS if page != INDEX
    }


@pytest.mark.parametrize("page", DOCS, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target, section in LINK.findall(page.read_text()):
        there = page.parent / target if target else page
        assert there.exists(), target
        assert not section or section in sections(there), f"{target}#{section}"


def test_what_doctor_refers_to_is_there() -> None:
    said = [
        name
        for file in (ROOT / "cli").rglob("*.py")
        for name in re.findall(r"docs/[\w/-]+\.md", file.read_text())
    ]
    assert "docs/runbooks/temporal-lost.md" in said
    assert [name for name in said if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("page", RUNBOOKS, ids=lambda page: page.name)
def test_commands_are_taken_by_posegen(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLD_JWT_SECRET", "not asked for")
    for name, *words in commands(page):
        app = cast("typer.Typer", importlib.import_module(COMMANDS[name][0]).app)
        typer.main.get_command(app).make_context(name, words)
