"""`posegen settings`: what this process would run with; secrets never show."""

import json

from cli.context import AsJson, DataDir, application, settings

app = application()


@app.command()
def show(data: DataDir = None, *, as_json: AsJson = False) -> None:
    """Print the settings, secrets masked, under the names of their environment variables."""
    values = {name.upper(): value for name, value in settings(data).model_dump(mode="json").items()}
    if as_json:
        print(json.dumps(values, indent=2))
        return
    for name, value in values.items():
        print(f"{name}={'' if value is None else value}")
