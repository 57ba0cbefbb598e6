"""temporal-dev.yml is the one source of the Temporal server's arguments."""

from pathlib import Path

import pytest
import yaml
from temporalio.common import SearchAttributeKey

from cli.up import temporal
from schema.errors import Unavailable
from workflows import names


def test_every_argument_is_one_word_so_that_it_can_be_replaced() -> None:
    command, subcommand, *options = temporal.arguments()
    assert (command, subcommand) == ("server", "start-dev")
    assert all(option.startswith("--") and " " not in option for option in options)


def test_it_registers_exactly_the_search_attributes_that_workflows_use() -> None:
    prefix = "--search-attribute="
    registered = {word.removeprefix(prefix) for word in temporal.arguments() if word.startswith(prefix)}
    types = {"KEYWORD": "Keyword", "INT": "Int", "BOOL": "Bool"}
    used = {
        f"{key.name}={types[key.indexed_value_type.name]}"
        for key in vars(names).values()
        if isinstance(key, SearchAttributeKey)
    }
    assert registered == used
    assert len(used) == 8


@pytest.mark.parametrize(
    "argument",
    [
        "--namespace=default",
        "--ui-disable-news-fetch",
        "--sqlite-pragma=journal_mode=wal",
        "--sqlite-pragma=synchronous=normal",
        "--dynamic-config-value=matching.enableFairness=true",
        "--dynamic-config-value=history.transferProcessorMaxPollRPS=2000",
    ],
)
def test_what_was_found_by_measurement_reaches_the_embedded_server(argument: str, tmp_path: Path) -> None:
    assert argument in temporal.argv(tmp_path / "t.db", 1, 2)


def test_only_file_addresses_and_log_options_are_replaced(tmp_path: Path) -> None:
    theirs, ours = set(temporal.arguments()), set(temporal.argv(tmp_path / "t.db", 17233, 18233)[1:])
    assert ours - theirs == {
        f"--db-filename={tmp_path}/t.db",
        "--ip=127.0.0.1",
        "--port=17233",
        "--ui-port=18233",
        "--log-format=text",
    }
    assert {word.partition("=")[0] for word in theirs - ours} == {
        "--db-filename",
        "--ip",
        "--port",
        "--ui-port",
    }


def test_an_option_is_never_said_twice() -> None:
    assert temporal.replaced(["a", "--port=1", "--portal=2"], {"--port": "9"}) == [
        "a",
        "--portal=2",
        "--port=9",
    ]


def test_without_the_file_the_error_names_it(tmp_path: Path) -> None:
    missing = tmp_path / "temporal-dev.yml"
    with pytest.raises(Unavailable, match=f"{missing} is missing"):
        temporal.arguments(missing)


def test_containers_are_reachable_from_this_machine_only() -> None:
    services = yaml.safe_load(temporal.COMPOSE_FILE.read_text())["services"]
    assert set(services) == {"temporal", "postgres", "s3"}
    ports = [port for service in services.values() for port in service["ports"]]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
