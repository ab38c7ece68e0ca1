"""Questions that tests ask of a page."""

import re
from html.parser import HTMLParser

INLINE = re.compile(r"<style\b|\sstyle\s*=|<script\b(?![^>]*\ssrc=)|\son\w+\s*=|\bhx-on\b|javascript:", re.IGNORECASE)


class _Text(HTMLParser):
    def __init__(self):
        super().__init__()
        self.parts, self.hidden = [], 0

    def handle_starttag(self, tag, attrs):
        self.hidden += tag in {"script", "style", "template", "title"}

    def handle_endtag(self, tag):
        self.hidden -= tag in {"script", "style", "template", "title"}

    def handle_data(self, data):
        if not self.hidden:
            self.parts.append(data)


def text(response):
    """What a reader sees, in one line."""
    parser = _Text()
    parser.feed(response.content.decode() if hasattr(response, "content") else str(response))
    return " ".join(" ".join(parser.parts).split())


def inline_code(response):
    """The first things in the page that the content policy would refuse."""
    return INLINE.findall(response.content.decode())


def links(response, css):
    """Address and text of the links of a class, in their order."""
    found = re.findall(rf'<a class="{css}" href="([^"]*)"[^>]*>(.*?)</a>', response.content.decode(), re.DOTALL)
    return [(address, re.sub(r"<[^>]+>", "", inside).strip()) for address, inside in found]
