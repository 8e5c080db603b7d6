"""Markup: whatever a text says, it stays a text."""

from html import unescape
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from rbac.audit.report.markup import Markup, joined, tag, text
from rbac.errors import printable
from tests.strategies import examples


class Reader(HTMLParser):
    """Reads a page: its elements, and what it says."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said.append(data)


@examples(200)
@given(st.text(), st.text())
def test_a_text_is_never_markup(inside: str, attribute: str) -> None:
    """An element with any text and any attribute is one element, and says just that."""
    page = Reader(tag("td", inside, title=attribute))
    assert page.elements == [("td", {"title": printable(attribute)})]
    assert "".join(page.said) == printable(inside)


def test_marks_that_turn_the_direction_are_written_out() -> None:
    """A right-to-left override is shown as what it is, and turns nothing."""
    assert text("abc\u202edcba") == "abc\\u202edcba"


def test_markup_is_put_in_as_it_stands() -> None:
    """What is markup already is not escaped again; what is not is."""
    assert joined([Markup("<b>"), "<b>"]) == "<b>&lt;b&gt;"
    assert unescape(tag("p", "it's", class_="x")) == '<p class="x">it\'s</p>'


def test_an_attribute_without_a_value_is_left_out() -> None:
    """None says that there is no such attribute; underscores are hyphens."""
    assert tag("th", "a", id=None, aria_label="b") == '<th aria-label="b">a</th>'
