"""What a person finds on a page: its links, its forms and its text."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

# Elements whose text nobody reads.
_UNREAD = {"script", "style", "template", "code"}
_VOID = {"input", "img", "br", "hr", "link", "meta", "use", "path", "source", "col", "wbr"}


@dataclass(frozen=True)
class Button:
    """A button that sends a form; what it does not say is as the form has it."""

    method: str = ""
    action: str = ""
    name: str = ""
    value: str = ""


@dataclass
class PageForm:
    """A form: how and where it is sent ("" is the page itself), and its fields with their values."""

    method: str
    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)

    def ways(self) -> list[Button]:
        """How it can be sent: by each of its buttons, with its method, address and value."""
        own = self.buttons or [Button()]
        return [
            replace(
                button, method=button.method or self.method, action=button.action or self.action
            )
            for button in own
        ]


class Page(HTMLParser):
    """A page that was read: ``links``, ``forms`` and ``words``, what is written on it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[PageForm] = []
        self._texts: list[str] = []
        self._open: list[str] = []
        self._form: PageForm | None = None
        self._by_id: dict[str, PageForm] = {}
        self.feed(html)
        for owner, button in self._outer_buttons:
            if owner in self._by_id:
                self._by_id[owner].buttons.append(button)

    _outer_buttons: list[tuple[str, Button]]

    def reset(self) -> None:
        super().reset()
        self._outer_buttons = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in _VOID:
            self._open.append(tag)
        for name in ("href", "hx-get"):
            if (tag == "a" or name == "hx-get") and name in given:
                self.links.append(given[name])
        for name in ("hx-post", "data-post"):
            if given.get(name) and tag != "form":
                self.forms.append(PageForm("post", given[name]))
        if tag == "form" and "dialog" in self._open:
            return  # a script says where it goes
        if tag == "form":
            method = "dialog" if given.get("method") == "dialog" else given.get("method", "get")
            self._form = PageForm(method.lower(), given.get("action", ""))
            self.forms.append(self._form)
            if given.get("id"):
                self._by_id[given["id"]] = self._form
        elif tag in {"input", "select", "textarea"} and self._form and given.get("name"):
            self._form.fields.append((given["name"], given.get("value", "")))
        elif tag == "button" and given.get("type", "submit") == "submit":
            way = Button(
                given.get("formmethod", "").lower(),
                given.get("formaction", ""),
                given.get("name", ""),
                given.get("value", ""),
            )
            if given.get("form"):
                self._outer_buttons.append((given["form"], way))
            elif self._form:
                self._form.buttons.append(way)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag in self._open:
            while self._open and self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not _UNREAD & set(self._open):
            self._texts.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self._texts).split())
