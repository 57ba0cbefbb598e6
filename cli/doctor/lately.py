"""What the books tell of: whether pictures arrive lately, and whether receivers' secrets can be opened.

A call that costs nothing says little of an account without money; what paid calls came to says all.
"""

from datetime import timedelta
from typing import Final

from adapters.webhooks.vault import Vault
from cli.doctor.books import Books
from cli.doctor.examination import Broken, Doubtful
from cli.doctor.pictures import ACCOUNT
from schema.errors import ProviderAccount
from schema.queries import lately
from schema.queries.lately import Outcome
from schema.queries.webhooks import secrets
from schema.settings import Settings

WITHIN: Final = timedelta(minutes=30)
LATELY: Final = "in the last 30 minutes"
ENOUGH: Final = 10
TOO_MANY: Final = 0.1
AGAIN: Final = "The next picture that comes ends this."
MOST_SECRETS: Final = 1000


class Lately:
    def __init__(self, settings: Settings, books: Books) -> None:
        self._settings = settings
        self._books = books

    async def pictures_arrive(self) -> str:
        async with self._books.database.transaction() as session:
            found = await lately.outcomes(session, WITHIN)
        delivered = next((each for each in found if each.code is None), None)
        failed = [each for each in found if each.code is not None]
        if refused := _refused(delivered, failed):
            told = f"our account was refused {refused.pictures} pictures {LATELY}, and none has come since"
            raise Broken(
                f"{told} {refused.last_at:%H:%M:%S} UTC.", f"{ACCOUNT[self._settings.flux_provider]} {AGAIN}"
            )
        missing, total = sum(each.pictures for each in failed), sum(each.pictures for each in found)
        codes = ", ".join(f"{each.code} {each.pictures}" for each in failed)
        if total >= ENOUGH and missing > TOO_MANY * total:
            told = f"{missing} of {total} pictures failed {LATELY}: {codes}."
            kind = Doubtful if delivered else Broken
            raise kind(told, "docs/runbooks/provider-down.md says what each code means.")
        return f"{total - missing} came and {missing} failed {LATELY}"

    async def secrets_open(self) -> str:
        async with self._books.database.transaction() as session:
            sealed = await secrets.newest(session, MOST_SECRETS)
        vault = Vault(self._settings.jwt_secret.get_secret_value())
        unreadable = sum(not vault.opens(each) for each in sealed)
        if unreadable:
            found = f"{unreadable} of {len(sealed)} webhook secrets were sealed with another JWT_SECRET."
            raise Doubtful(found, "OLD_JWT_SECRET=… posegen reseal, with the one that they were sealed with.")
        return f"{len(sealed)} webhook secrets open"


def _refused(delivered: Outcome | None, failed: list[Outcome]) -> Outcome | None:
    """Unless a picture has come since."""
    refused = next((each for each in failed if each.code == ProviderAccount.code), None)
    return refused if refused and (delivered is None or delivered.last_at < refused.last_at) else None
