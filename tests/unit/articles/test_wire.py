"""The trade's own formats, on items written for this project after the public specifications."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.articles.markup import parse_xml
from assistant.articles.wirecopy import correction_note, with_dateline
from assistant.types import Article, Rejection
from tests.unit.articles.reading import FIXTURES, articles, load, one, reason, write

WIRE = FIXTURES / "wire"
TODAY = datetime.now(UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def test_newsml_g2_item() -> None:
    item = one(WIRE / "newsitem.xml")
    assert item.title == "Marlow council votes for a new bridge"
    assert item.text == (
        "NAIROBI, May 3 (Harbor Wire) – The council of Marlow voted on Sunday for a new bridge "
        "over the Teal.\n\nIt will cost 41 million crowns, said Mayor Ada Brook & two aides."
    )
    assert item.authors == ("Ada Finch", "Jo Ode")
    assert (item.publisher, item.language) == ("Harbor Wire", "en")
    assert item.source_id == item.url == "urn:newsml:harborwire.example:20260503:bridge-0412"
    assert item.published_at == utc("2026-05-03T08:45:00+03:00")
    assert item.updated_at == utc("2026-05-03T11:20:00+03:00")
    assert item.embargoed_until == utc("2026-05-03T12:00:00+03:00")
    assert item.correction == "Corrects the cost in paragraph 2 to 41 million, not 14 million."
    assert item.usage_terms == (
        "© 2026 Harbor Wire. All rights reserved.\nFor subscribers only. Archive for 30 days."
    )
    assert not item.date_only


def test_news_message_gives_each_item_or_says_why_not() -> None:
    ferry, mill, photo, weather = load(WIRE / "newsmessage.xml")
    assert isinstance(ferry, Article)
    assert ferry.text.startswith("TEALPORT, May 4 (Harbor Wire) — Ferry crews")
    assert ferry.authors == ("Lin Marsh",)
    assert isinstance(mill, Rejection)
    assert "canceled" in mill.reason
    assert "urn:newsml:harborwire.example:20260504:mill" in mill.reason
    assert isinstance(photo, Rejection)
    assert "picture" in photo.reason
    assert isinstance(weather, Article)
    assert weather.text == "Rain is due in Marlow by evening.\n\nWinds will be light."


def test_nitf() -> None:
    item = one(WIRE / "story.nitf.xml")
    assert item.title == "Orchard fire near Café Road is out"
    assert item.text == (
        "TEALPORT, May 2 (Harbor Wire) - A fire in an orchard near Café Road was put out on "
        "Saturday, officials said.\n\nDry spring\n\nThe spring has been the driest since 1976."
        "\n\nYear Rain\n\n1976 41 mm"
    )
    assert item.authors == ("Sam Reed", "Uma Vale")
    assert item.publisher == "The Teal Courier"
    assert item.url == "https://courier.example/2026/orchard-fire"
    assert (item.source_id, item.language) == ("hw-777", "en")
    assert item.published_at == datetime(2026, 5, 2, tzinfo=UTC)
    assert item.date_only
    assert item.updated_at == datetime(2026, 5, 3, 7, tzinfo=UTC)
    assert item.correction == "CORRECTION: The fire began on Friday, not Saturday."
    assert item.usage_terms == (
        "Not for resale.\n© 2026 Harbor Wire\nHarbor Wire; not in Tealport; print"
    )
    assert item.embargoed_until is None


def nitf(status: str, release: str = "") -> str:
    return (
        f'<nitf><head><docdata management-status="{status}"><doc-id id-string="1" regsrc="HW"/>'
        f"{release}</docdata></head><body><body.head><hedline><hl1>Vote</hl1></hedline></body.head>"
        "<body.content><p>The council voted.</p></body.content></body></nitf>"
    )


def test_nitf_under_embargo(tmp_path: Path) -> None:
    moment = TODAY + timedelta(days=40)
    release = f'<date.release norm="{moment:%Y%m%dT%H%M%SZ}"/>'
    item = one(write(tmp_path / "a.xml", nitf("embargoed", release)))
    assert item.embargoed_until == moment.replace(microsecond=0)
    assert item.published_at == item.embargoed_until
    assert item.url == "urn:x-nitf:HW:1"
    assert "until when" in reason(write(tmp_path / "b.xml", nitf("embargoed")))
    assert "withheld" in reason(write(tmp_path / "c.xml", nitf("withheld")))


def test_ninjs_1() -> None:
    item = one(WIRE / "ninjs1.json")
    assert item.title == "Lake level falls for a third year"
    assert item.text == (
        "MARLOW, May 5 (Harbor Wire) – The lake fell again.\n\nThe level is 3.2 metres."
    )
    assert item.url == item.source_id == "https://harborwire.example/items/20260505-lake"
    assert (item.authors, item.publisher) == (("Ada Finch",), "Harbor Wire")
    assert item.published_at == datetime(2026, 5, 5, 7, tzinfo=UTC)
    assert item.updated_at == datetime(2026, 5, 5, 9, 30, tzinfo=UTC)
    assert item.embargoed_until == datetime(2026, 5, 5, 10, tzinfo=UTC)
    assert item.correction == "UPDATES with level measured on Tuesday"
    assert item.usage_terms == "© 2026 Harbor Wire\nNot for training of models."


def test_ninjs_2_and_3() -> None:
    german, withheld, photo, camel = load(WIRE / "ninjs2.json")
    assert isinstance(german, Article)
    assert (german.title, german.language) == ("Der See sinkt weiter", "de")
    assert german.text == "MARLOW – Der See sinkt weiter.\n\nDer Pegel steht bei 3,2 Metern."
    assert german.authors == ("Uma Vale",)
    assert isinstance(withheld, Rejection)
    assert "withheld" in withheld.reason
    assert isinstance(photo, Rejection)
    assert "picture" in photo.reason
    assert isinstance(camel, Article)
    assert camel.text == "Version three writes its names in camel case."
    assert camel.usage_terms == "Credit the wire."
    assert camel.updated_at == datetime(2026, 5, 6, 10, tzinfo=UTC)


def test_ninjs_in_lines_under_the_name_of_a_value(tmp_path: Path) -> None:
    items = json.loads((WIRE / "ninjs2.json").read_text("utf-8"))
    path = write(tmp_path / "a.json", "\n".join(json.dumps(item) for item in items))
    assert [type(item).__name__ for item in load(path)] == [
        "Article", "Rejection", "Rejection", "Article",
    ]  # fmt: skip


def test_wire_files_are_known_by_what_they_hold(tmp_path: Path) -> None:
    raw = (WIRE / "newsitem.xml").read_bytes()
    for name in ("a.txt", "a.json", "a.html", "a.nitf"):
        assert one(write(tmp_path / name, raw)).title == "Marlow council votes for a new bridge"
    page = (
        "<?xml version='1.0'?><html><body><p>" + "The council voted. " * 20 + "</p></body></html>"
    )
    assert "council" in one(write(tmp_path / "a.xml", page)).text


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        ("<rss><channel/></rss>", "names articles"),
        ("<svg/>", "<svg>"),
        ("<newsItem><contentMeta>", "Not valid XML"),
        ("<newsItem guid='u'/>", "no content"),
        ("<packageItem guid='u'/>", "references"),
        ("<nitf/>", "No text"),
        ("<newsItem guid='u'><contentSet><remoteContent href='https://e.example/1'/></contentSet>"
         "</newsItem>", "https://e.example/1"),
        ("<!DOCTYPE nitf [<!ENTITY a 'b'>]><nitf><body>&a;</body></nitf>", "entities"),
        ("<!DOCTYPE nitf [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><nitf>&a;</nitf>", "entities"),
        ("<nitf>" + "<p>" * 300 + "</p>" * 300 + "</nitf>", "Not valid XML"),
    ],
)  # fmt: skip
def test_what_xml_is_not_taken_and_why(tmp_path: Path, xml: str, words: str) -> None:
    assert words in reason(write(tmp_path / "a.xml", xml))


@pytest.mark.timeout(20)
def test_entity_bombs_do_not_go_off(tmp_path: Path) -> None:
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE nitf [<!ENTITY l0 "lol">{lines}]><nitf><body>&l11;</body></nitf>'
    assert "amplification" in reason(write(tmp_path / "a.xml", bomb))
    attribute = f'<!DOCTYPE nitf [<!ENTITY l0 "lol">{lines}]><nitf a="&l11;"/>'
    assert "XML" in reason(write(tmp_path / "b.xml", attribute))


def test_markup_two_hundred_levels_deep_is_read(tmp_path: Path) -> None:
    deep = "<block>" * 200 + "<p>The council voted.</p>" + "</block>" * 200
    path = write(tmp_path / "a.xml", nitf("usable").replace("<p>The council voted.</p>", deep))
    assert one(path).text == "The council voted."


def test_nothing_is_fetched_for_a_document_type() -> None:
    root = parse_xml(b'<!DOCTYPE nitf SYSTEM "http://127.0.0.1:9/x.dtd"><nitf>a&nbsp;b</nitf>')
    assert root.tag == "nitf"


@pytest.mark.parametrize(
    ("dateline", "first", "expected"),
    [
        (
            "NAIROBI, May 3 (Agency)",
            "The court ruled.",
            "NAIROBI, May 3 (Agency) – The court ruled.",
        ),
        ("NAIROBI, May 3 –", "The court ruled.", "NAIROBI, May 3 – The court ruled."),
        ("NAIROBI, May 3", "(Agency) - The court.", "NAIROBI, May 3 (Agency) - The court."),
        ("NAIROBI, May 3", "NAIROBI, May 3 - The court.", "NAIROBI, May 3 - The court."),
        ("", "The court ruled.", "The court ruled."),
    ],
)
def test_datelines_lead_in_the_text_once(dateline: str, first: str, expected: str) -> None:
    assert with_dateline(dateline, [first, "More."]) == [expected, "More."]


@pytest.mark.parametrize(
    ("notes", "signal", "expected"),
    [
        (("Corrects name in paragraph 2",), None, "Corrects name in paragraph 2"),
        (("Photos to follow", "ADDS reaction"), None, "ADDS reaction"),
        (("Story will be updated",), None, None),
        (("Photos to follow",), None, None),
        (("Name in paragraph 2",), "sig:correction", "Name in paragraph 2"),
        ((), "sig:correction", "Correction"),
    ],
)
def test_notes_that_tell_of_a_correction(
    notes: tuple[str, ...], signal: str | None, expected: str | None
) -> None:
    assert correction_note(*notes, signal=signal) == expected


def test_a_day_of_embargo_has_begun_everywhere(tmp_path: Path) -> None:
    record = {"text": "The council voted.", "embargoed_until": "2026-05-03"}
    (item,) = articles(write(tmp_path / "a.json", json.dumps(record)))
    assert item.embargoed_until == datetime(2026, 5, 3, 12, tzinfo=UTC)
    assert item.published_at is None
