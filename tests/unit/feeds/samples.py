"""Sample feeds and pages, written for these tests."""

from __future__ import annotations

import html

PARAGRAPHS = (
    "The council of Marlow voted on Tuesday to rebuild the old harbour bridge, nine votes to four, "
    "after a debate that lasted until midnight and filled the public gallery.",
    "Mayor Ada Finch said the work would cost 12 million crowns and take two winters. “We have "
    "patched this bridge for thirty years,” she said. “Patching is over.”",
    "Opponents promised to go to court. Their speaker, Bram Oller, said the town had never asked "
    "the fishermen whose boats must pass beneath the scaffolding.",
    "The contract will be put out to tender in September, and the first piles are to be driven "
    "before the ice comes, according to the harbour office.",
)


def page(
    title: str = "Marlow votes for a new bridge",
    *,
    extra: str = "",
    canonical: str = "",
    site: str = "",
    date: str = "",
) -> bytes:
    """A page with an article; `extra` is one more paragraph."""
    body = "".join(f"<p>{html.escape(text)}</p>" for text in (*PARAGRAPHS, *filter(None, [extra])))
    head = f'<link rel="canonical" href="{canonical}">' if canonical else ""
    head += f'<meta property="og:site_name" content="{site}">' if site else ""
    head += f'<meta property="article:published_time" content="{date}">' if date else ""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>{head}'
        f"</head><body><main><article><h1>{title}</h1>{body}</article></main></body></html>"
    ).encode()


def item(
    link: str,
    *,
    guid: str = "",
    title: str = "Marlow votes for a new bridge",
    date: str = "Tue, 14 May 2024 10:30:00 GMT",
    content: str = "",
) -> str:
    parts = [f"<title>{html.escape(title)}</title>"]
    parts += [f"<link>{html.escape(link)}</link>"] if link else []
    parts += [f"<guid isPermaLink='false'>{html.escape(guid)}</guid>"] if guid else []
    parts += [f"<pubDate>{date}</pubDate>"] if date else []
    parts += [f"<content:encoded><![CDATA[{content}]]></content:encoded>"] if content else []
    return f"<item>{''.join(parts)}</item>"


def rss(*items: str, title: str = "Marlow Gazette") -> bytes:
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<channel><title>{title}</title><link>http://gazette.example/</link>"
        f"<language>en-gb</language>{''.join(items)}</channel></rss>"
    ).encode()
