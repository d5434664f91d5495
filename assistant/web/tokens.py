"""How many tokens a text has, as OpenAI's models of the cl100k_base family count.

In: text. Out: a number. Refuses to know: why it is counted. Reaches no network.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from assistant.offline import go_offline

if TYPE_CHECKING:
    import tiktoken

_ENCODING = "cl100k_base"


@cache
def _encoding() -> tiktoken.Encoding:
    go_offline()  # names the folder that the encoding lies in
    import tiktoken

    return tiktoken.get_encoding(_ENCODING)


def count_tokens(text: str) -> int:
    """The number of tokens; special tokens in the text count as the plain text they are."""
    return len(_encoding().encode(text, disallowed_special=()))
