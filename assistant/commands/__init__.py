"""The subcommands of news-assistant, one module each.

In: arguments. Out: text or JSON on standard output. Refuses to know: how anything is done.
"""
