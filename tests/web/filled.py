"""What a browser would send of a form as the page has drawn it."""

from html.parser import HTMLParser


class _Form(HTMLParser):
    """The successful controls of one form, those that name it by ``form=`` included; buttons are not pressed."""

    def __init__(self, ident):
        super().__init__()
        self.ident, self.fields, self.depth = ident, {}, 0
        self.select, self.area, self.options = None, None, []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.depth = 1 if given.get("id") == self.ident else 0
        if not ((self.depth and "form" not in given) or given.get("form") == self.ident):
            return
        name = given.get("name")
        if tag == "input" and name and self._is_sent(given):
            self._add(name, given.get("value", "on" if given.get("type") in {"checkbox", "radio"} else ""))
        elif tag == "textarea" and name:
            self.area = [name, ""]
        elif tag == "select" and name:
            self.select, self.options = name, []
        elif tag == "option" and self.select:
            self.options.append((given.get("value", ""), "selected" in given))

    def _is_sent(self, given):
        kind = given.get("type", "text")
        if "disabled" in given or kind in {"submit", "button", "file", "reset"}:
            return False
        return kind not in {"checkbox", "radio"} or "checked" in given

    def handle_data(self, data):
        if self.area:
            self.area[1] += data

    def handle_endtag(self, tag):
        if tag == "form":
            self.depth = 0
        elif tag == "textarea" and self.area:
            # HTML drops the line end behind the opening tag.
            self._add(self.area[0], self.area[1].removeprefix("\n"))
            self.area = None
        elif tag == "select" and self.select:
            chosen = [value for value, is_chosen in self.options if is_chosen] or [v for v, _ in self.options[:1]]
            for value in chosen[-1:]:
                self._add(self.select, value)
            self.select = None

    def _add(self, name, value):
        self.fields.setdefault(name, []).append(value)


def filled(response, ident):
    """Name -> values of the form with that id."""
    form = _Form(ident)
    form.feed(response.content.decode())
    return {name: values for name, values in form.fields.items() if name != "csrfmiddlewaretoken"}
