"""The sheets a designer looks at: every pose of a category is on its sheet, with figure and map."""

from pathlib import Path

import numpy as np
from typer.testing import CliRunner

from cli.sheets import app
from imaging import contact_sheet, library


def test_every_pose_has_a_card_with_figure_and_map() -> None:
    poses = library.load().poses[:7]
    page = contact_sheet.sheet(poses, columns=3)
    side, width, caption = contact_sheet.SIDE, contact_sheet.WIDTH, contact_sheet.CAPTION
    assert page.size == (3 * width, 3 * (side + caption))
    pixels = np.asarray(page)
    for place in range(9):
        row, column = divmod(place, 3)
        card = pixels[row * (side + caption) :, column * width :][:side, :width]
        assert (card.min() < 200) == (place < len(poses)), "drawn where there is a pose, paper elsewhere"
        corner = card[: contact_sheet.MAP_SIDE, -contact_sheet.MAP_SIDE :]
        assert ((corner == 0).all(axis=2).mean() > 0.5) == (place < len(poses)), "the map is black"


def test_the_command_draws_a_category(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, [str(tmp_path), "--category", "kneeling"])
    assert done.exit_code == 0, done.output
    assert [file.name for file in tmp_path.iterdir()] == ["kneeling.png"]
