"""The chat as one command: settings → assistant → page. `news-assistant serve` does the same."""

import sys
from pathlib import Path

from assistant.answering.assistant import Assistant
from assistant.errors import NewsAssistantError
from assistant.settings import load_settings
from assistant.web.launch import launch
from assistant.web.logs import configure_logs
from assistant.web.serving import read_examples

if __name__ == "__main__":
    configure_logs()
    try:
        settings = load_settings()
        with Assistant.open(settings) as assistant:
            launch(assistant, settings, read_examples(Path("corpus/examples.json")))
    except NewsAssistantError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
