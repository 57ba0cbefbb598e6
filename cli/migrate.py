"""`posegen migrate`: the database's schema, as this version of the code needs it."""

from cli.context import DataDir, application, settings
from schema import migrate

app = application()


@app.command()
def upgrade(data: DataDir = None) -> None:
    """Bring the database to the newest schema."""
    migrate.upgrade(settings(data).database_url.get_secret_value())
