"""`posegen sheets`: a contact sheet of each category, for whoever draws or judges poses."""

from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Annotated

import typer

from cli.context import application
from imaging import contact_sheet, library

app = application()


@app.command()
def sheets(
    folder: Annotated[Path, typer.Argument(help="Where the pictures go.")],
    category: Annotated[str | None, typer.Option(help="Only this one.")] = None,
) -> None:
    """Draw the library's poses with their maps, a picture for each category."""
    folder.mkdir(parents=True, exist_ok=True)
    by_category = attrgetter("category")
    for slug, poses in groupby(sorted(library.load().poses, key=by_category), by_category):
        if category in {None, slug}:
            contact_sheet.sheet(list(poses)).save(folder / f"{slug}.png")
            print(folder / f"{slug}.png")
