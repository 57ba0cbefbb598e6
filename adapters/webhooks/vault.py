"""Secrets of receivers: made here, and kept so that the database alone does not give them away.

Whoever has the database and the service's own secret can read them; a service given another secret cannot.
"""

import hmac
import secrets
from base64 import b64encode, urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken

from schema.webhooks import SealedSecret

PREFIX = "whsec_"
SECRET_BYTES = 24
SHOWN = 4
_PURPOSE = b"posegen webhook secrets v1"


class SecretUnreadable(Exception):
    """It was sealed with another secret of the service: the user has to make a new one."""


class Vault:
    def __init__(self, service_secret: str) -> None:
        # A key of its own: nothing sealed with it helps against tokens signed with the same secret.
        key = hmac.digest(service_secret.encode(), _PURPOSE, "sha256")
        self._fernet = Fernet(urlsafe_b64encode(key))

    def seal(self, secret: str) -> SealedSecret:
        return SealedSecret(self._fernet.encrypt(secret.encode()).decode(), f"{PREFIX}…{secret[-SHOWN:]}")

    def open(self, sealed: str) -> str:
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise SecretUnreadable from None

    def opens(self, sealed: str) -> bool:
        try:
            self.open(sealed)
        except SecretUnreadable:
            return False
        return True


def new_secret() -> str:
    return PREFIX + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
