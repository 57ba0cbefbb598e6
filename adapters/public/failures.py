"""What may go wrong at an address that a user gave. Both are that user's to mend, so they answer 400.

Neither says what lies behind a name or an address: a stranger must not map our network with our answers.
"""

from schema.errors import ValidationFailed


class AddressRefused(ValidationFailed):
    """Never to be tried again: nothing was sent, and nothing will be."""


class FetchFailed(ValidationFailed):
    """The other side was slow, gone or wrong; it may be better later."""


class TookTooLong(FetchFailed):
    """Whether the request arrived is not known."""


def not_public() -> AddressRefused:
    """The same for a private address and a name that leads nowhere."""
    return AddressRefused("This address does not lead to a public server. Give an https URL that does.")
