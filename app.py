"""The chat as one command: settings → assistant → page. `news-assistant serve` does the same."""

import logging
import sys
from pathlib import Path

from assistant.answering.assistant import Assistant
from assistant.errors import NewsAssistantError
from assistant.settings import load_settings
from assistant.web.serving import read_examples
from assistant.web.ui import launch

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        settings = load_settings()
        with Assistant.open(settings) as assistant:
            launch(assistant, settings, read_examples(Path("corpus/examples.json")))
    except NewsAssistantError as error:
        logging.error("%s", error)  # noqa: TRY400  (its message is all a user needs)
        sys.exit(error.exit_code)
