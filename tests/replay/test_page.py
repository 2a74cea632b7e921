"""The page: its script, its content policy, and that nothing of a recording becomes markup."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from gan_viz.api.pages import page_of
from gan_viz.replay import page
from gan_viz.replay.page import FOLLOWING, MODULES, script

WEB = Path(page.__code__.co_filename).with_name("web")
HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]></style><img src=x onerror=alert(1)>",
    "\u2028\u2029 line",
    "&lt;b&gt; &amp;",
    "\"'`${alert(1)}",
    "javascript:alert(1)",
    "</title><svg onload=alert(1)>",
    "</textarea></noscript><iframe srcdoc=x>",
    "\u202etxt\u0000",
    "half a pair: \ud800",
]


class Tags(HTMLParser):
    """Counts tags and notes attributes that could run something."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.risky: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.risky += [name for name, _ in attrs if name.startswith("on") or name == "style"]


def parsed(text: str) -> Tags:
    tags = Tags()
    tags.feed(text)
    return tags


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_title_is_a_title(text: str) -> None:
    made = parsed(page(b"data", text, text))
    assert made.tags == parsed(page(b"data", "harmless")).tags
    assert not made.risky


@pytest.mark.parametrize("text", HOSTILE[:3])
def test_a_hostile_recording_is_data(
    text: str, write_recording: Callable[..., Path], tmp_path: Path, unpack_page: Callable[..., Any]
) -> None:
    one = write_recording(tmp_path / "a.ganviz", label=text, classes=[text] * 4)
    made = page_of(one, caption=text, subtitle=text, label={"data": text})
    assert text not in made.replace(f"<title>{html.escape(text)}", "")
    assert parsed(made).tags == parsed(page(b"data", "harmless")).tags
    held = unpack_page(made)
    assert text in held["title"]
    assert held["words"]["en"]["data"] == text


def test_the_policy_allows_the_script_and_the_style_of_the_page_alone() -> None:
    text = page(b"data", "title")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None
    for tag in ("script", "style"):
        inside = re.search(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert inside is not None
        digest = base64.b64encode(hashlib.sha256(inside[1].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy[1]
    assert policy[1].startswith("default-src 'none'; ")
    assert "unsafe" not in policy[1]
    assert "connect-src" not in policy[1]


def test_nothing_is_asked_of_a_network() -> None:
    text = page(b"data", "title")
    addresses = set(re.findall(r"https?://[^\"'\s)]+", text))
    assert addresses == {"http://www.w3.org/2000/svg"}  # a name, not a place
    assert not re.search(r"\beval\b|new Function|innerHTML|insertAdjacent|document\.write", text)


def test_the_script_is_all_modules_each_after_what_it_needs() -> None:
    assert sorted([*MODULES, *FOLLOWING]) == sorted(path.stem for path in WEB.glob("*.js"))
    for number, name in enumerate(MODULES):
        source = (WEB / f"{name}.js").read_text("utf-8")
        needed = re.findall(r'^import [^;]+ from "\./(\w+)\.js";', source, re.MULTILINE)
        assert {*needed} <= {*MODULES[:number]}
    assert not re.search(r"^(import|export)\b", script(), re.MULTILINE)
    assert "</script" not in script().lower()
    assert "<!--" not in script()


def test_no_two_modules_have_a_name_in_common() -> None:
    form = re.compile(r"^(?:async function|function|class|const|let) (\w+)", re.MULTILINE)
    names = Counter(form.findall(script()))
    assert [name for name, times in names.items() if times > 1] == []
