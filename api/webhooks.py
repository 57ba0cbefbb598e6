"""A user's own messages: a test that is sent while they wait, one sent again, and how each went."""

from adapters.webhooks.vault import Vault, new_secret
from api.auth import Caller
from api.services import Services
from schema.errors import ValidationFailed
from schema.models.webhooks import DeliveryAnswer, DeliveryDetail, SecretAnswer, SecretView
from schema.queries.webhooks import deliveries, messages, secrets
from schema.queries.webhooks import settings as webhook_settings


class Webhooks:
    def __init__(self, parts: Services, caller: Caller) -> None:
        self._parts = parts
        self._caller = caller

    async def rotate(self, *, revoke_previous: bool) -> SecretAnswer:
        """The only time that a secret leaves us."""
        secret = new_secret()
        sealed = Vault(self._parts.settings.jwt_secret.get_secret_value()).seal(secret)
        async with self._parts.database.transaction() as session:
            valid = await secrets.rotate(session, self._caller.id, sealed, revoke_previous=revoke_previous)
        shown = SecretView.of(valid)
        assert shown
        return SecretAnswer(secret=secret, hint=shown.hint, previous_valid_until=shown.previous_valid_until)

    async def test(self, url: str | None) -> DeliveryAnswer:
        async with self._parts.database.transaction() as session:
            settings = await webhook_settings.read(session, self._caller.id)
            receiver = url or settings.url
            if receiver is None:
                raise ValidationFailed("Say where to: give a url, or set one for all your generations.")
            message = await messages.write_ping(session, self._caller.id, receiver)
        await self._parts.webhooks.test(message)
        return await self.one(message.id)

    async def redeliver(self, delivery_id: str) -> DeliveryAnswer:
        async with self._parts.database.transaction() as session:
            row = await deliveries.for_redelivery(session, delivery_id, self._caller.id)
        await self._parts.webhooks.redeliver(messages.message(row, once=True), row.attempts)
        return await self.one(delivery_id)

    async def one(self, delivery_id: str) -> DeliveryAnswer:
        async with self._parts.database.transaction() as session:
            row = await deliveries.owned(session, delivery_id, self._caller.id)
            return DeliveryAnswer(
                delivery=DeliveryDetail.whole(row, await deliveries.attempts(session, row.id))
            )
