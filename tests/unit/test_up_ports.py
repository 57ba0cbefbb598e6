"""A port that is kept over restarts, for as long as nobody else takes it."""

import socket
from pathlib import Path

from cli.up import ports


def test_a_kept_port_is_the_same_again_until_another_program_takes_it(tmp_path: Path) -> None:
    note = tmp_path / "port"
    first = ports.kept(note)
    assert ports.kept(note) == first
    with socket.create_server((ports.HOST, first)):
        second = ports.kept(note)
        assert second != first
    assert ports.kept(note) == second
