"""Articles from files: found, decoded, parsed and cleaned of what is not the report.

`load_articles` yields an Article or a Rejection for everything it meets and never stops at a bad
file; `clean_text` takes newsroom furniture out of text saved from a web page.
"""

from assistant.articles.clean import clean_text
from assistant.articles.load import KNOWN_SUFFIXES, load_articles

__all__ = ["KNOWN_SUFFIXES", "clean_text", "load_articles"]
