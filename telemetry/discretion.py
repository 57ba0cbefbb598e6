"""What no log may tell: secrets that open something by themselves, and what users have written.

By form, so that it holds for lines of libraries too, and by value for the secrets we are configured with.
"""

import re
from collections.abc import Iterable
from typing import Final

PARAMETERS: Final = (
    r"ticket|sig|token|access_token|api_key|key|Signature|AWSAccessKeyId"
    r"|X-Amz-(?:Signature|Credential|Security-Token)"
)
END: Final = r"[^/?&\s\"'\\<>)]+"
FORMS: Final = re.compile(
    rf"(?P<said>/shared/|[?&#](?:{PARAMETERS})=){END}"
    r"|(?P<scheme>\b(?:Bearer|Key) )(?=[^\s\"']*[\d:])[^\s\"'()]{12,}"
    r"|(?P<database>://)[^/\s:@]+:[^/\s@]+(?=@)"
    r"|(?P<jwt>\beyJ)[\w-]+\.[\w-]+\.[\w-]*"
    r"|(?P<known>\b(?:whsec_|hf_))[\w+/=-]{8,}"
    r"|(?P<row>Failing row contains \().*(?=\))"
    r"|(?P<input>input_value=).*?(?=, input_type=)",
    re.DOTALL,
)
SHORTEST_SECRET: Final = 8
"""Whatever is shorter is found in ordinary words."""


def discreet(text: str) -> str:
    return FORMS.sub(lambda found: f"{found[found.lastgroup or 0]}…", text)


class Discretion:
    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._values = sorted({value for value in secrets if len(value) >= SHORTEST_SECRET}, key=len)[::-1]

    def __call__(self, text: str) -> str:
        for value in self._values:
            text = text.replace(value, "…")
        return discreet(text)
