"""`python -m simulator`: serves the simulator until it is told to stop."""

import argparse

from pydantic import ValidationError

from schema.settings import LogSettings
from simulator.server import serve
from simulator.settings import SimulatorSettings
from telemetry import logs


def main() -> None:
    parser = argparse.ArgumentParser(prog="simulator", description="Speaks the image providers' protocols.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8190)
    for name, field in SimulatorSettings.model_fields.items():
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, default=field.default, help=f"{field.description} ({field.default})")
    options = vars(parser.parse_args())
    host, port = options.pop("host"), options.pop("port")
    try:
        settings = SimulatorSettings(**options)
    except ValidationError as error:
        parser.error(str(error))
    said = LogSettings()
    logs.install(said.log_format, said.log_level)
    serve(settings, host, port)


if __name__ == "__main__":
    main()
