"""Whether a page is well-formed, whole in itself, and runs nothing."""

from html.parser import HTMLParser

VOID = {"meta", "br", "img", "link", "input", "hr", "base", "wbr", "source", "area", "col", "embed", "track"}
_TAGS = """
html head meta title style body main header nav section article a p h1 h2 h3 h4 ul li dl dt dd table caption thead tbody
tr th td div span b i bdi br strong code pre details summary blockquote figure figcaption svg desc defs pattern path
rect text
"""
ALLOWED = set(_TAGS.split())


class Page(HTMLParser):
    """What a page holds and what is wrong with it."""

    def __init__(self, text):
        super().__init__()
        self.problems, self.stack, self.ids, self.links, self.text, self.language = [], [], [], [], "", ""
        self.hidden, self.headings, self.policy, self.title = 0, [], "", ""
        self.feed(text)
        self.close()
        self.problems += [f"<{tag}> is not closed" for tag in self.stack]
        self.problems += [f"id {name} twice" for name in set(self.ids) if self.ids.count(name) > 1]
        self.problems += [
            f"#{link} leads nowhere" for link in self.links if link[0] == "#" and link[1:] not in self.ids
        ]
        self.problems += [f"{link} leads out" for link in self.links if ":" in link or link.startswith("/")]
        levels = [int(tag[1]) for tag in self.headings]
        self.problems += [f"h{b} after h{a}" for a, b in zip([0, *levels], levels, strict=False) if b > a + 1]

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if len(given) < len(attrs):
            self.problems.append(f"<{tag}> has an attribute twice")
        self.text += " " if tag in ("td", "th") else ""
        if tag not in ALLOWED:
            self.problems.append(f"<{tag}>")
        self.problems += [f"<{tag} {name}>" for name in given if name.startswith("on") or name in ("src", "action")]
        if tag not in VOID:
            self.stack.append(tag)
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if "href" in given else []
        self.headings += [tag] if tag in ("h1", "h2", "h3", "h4") else []
        self.language = given.get("lang", self.language) if tag == "html" else self.language
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"]
        if tag == "th" and "scope" not in given:
            self.problems.append("<th> without scope")
        if tag == "svg" and given.get("aria-labelledby") is None:
            self.problems.append("<svg> without words")

    def handle_endtag(self, tag):
        if not self.stack or self.stack.pop() != tag:
            self.problems.append(f"</{tag}> closes something else")

    def handle_data(self, data):
        if "style" not in self.stack:
            self.text += data
        if "title" in self.stack:
            self.title += data

    def words(self):
        """All that can be read, with single blanks."""
        return " ".join(self.text.split())


def checked(text):
    """The page, if nothing is wrong with it."""
    page = Page(text)
    assert page.problems == [], page.problems
    assert page.language == "en"
    assert page.title.strip()
    assert page.policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert text.index("Content-Security-Policy") < text.index("<title>")
    assert "url(" not in text.replace("url(#", "")
    assert "@import" not in text
    assert [sign for sign in "\x00\x1b\x7f\u202e\u202c\u2028" if sign in text] == []
    return page
