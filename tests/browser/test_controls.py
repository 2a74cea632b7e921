"""Every control by mouse, keyboard and touch."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gan_viz.api.pages import page_of

Open = Callable[..., Any]
SETTLED = """() => new Promise((done) => requestAnimationFrame(() =>
    requestAnimationFrame(() => requestAnimationFrame(done))))"""
LAST = 39


def frame(page: Any) -> int:
    return int(page.evaluate("replay.frame"))


def time(page: Any) -> float:
    return float(page.evaluate("replay.clock.time"))


def playing(page: Any) -> bool:
    return bool(page.evaluate("replay.clock.playing"))


def test_it_plays_by_itself_and_stops_at_a_press(open_page: Open, toy: Path) -> None:
    page = open_page(toy)
    assert playing(page)
    page.evaluate("""() => new Promise((done) => {
        const look = () => (replay.frame > 0 ? done() : requestAnimationFrame(look));
        look();
    })""")
    page.click("#play")
    assert not playing(page)
    assert page.get_attribute("#play", "aria-label") == "Play"
    page.click("#play")
    assert page.get_attribute("#play", "aria-label") == "Pause"


def test_who_wants_no_motion_gets_none(open_page: Open, toy: Path) -> None:
    page = open_page(toy, reduced_motion="reduce")
    assert not playing(page)
    assert frame(page) == 0


def test_keys_are_those_of_video_players(open_page: Open, toy: Path) -> None:
    page = open_page(toy, "#step=0")
    end = float(page.evaluate("replay.clock.end"))
    for key, expected in {
        ".": 1,
        "End": LAST,
        ",": LAST - 1,
        "Home": 0,
    }.items():
        page.keyboard.press(key)
        assert frame(page) == expected, key
    for key, seconds in {
        "5": end / 2,
        "ArrowRight": end / 2 + 1,
        "ArrowLeft": end / 2 - 1,
        "Shift+ArrowRight": 0.6 * end,
        "Shift+ArrowLeft": 0.4 * end,
        "0": 0.0,
        "9": 0.9 * end,
    }.items():
        page.evaluate("replay.seek(replay.clock.end / 2)")
        page.keyboard.press(key)
        assert time(page) == pytest.approx(min(max(seconds, 0), end), abs=1e-6), key
    page.keyboard.press("Space")
    assert playing(page)
    page.keyboard.press("Space")
    assert not playing(page)
    page.keyboard.press("?")
    assert page.is_visible("#keys")
    page.keyboard.press("Escape")
    assert not page.is_visible("#keys")


def test_marks_lead_to_verdicts(open_page: Open, toy: Path) -> None:
    page = open_page(toy, "#step=0")
    steps = page.evaluate("replay.marks.map((mark) => mark.step)")
    assert steps
    page.keyboard.press("]")
    assert page.evaluate("replay.step") >= steps[0]
    page.keyboard.press("End")
    page.keyboard.press("[")
    assert page.evaluate("replay.step") >= [one for one in steps if one < 3000][-1]
    mark = page.locator("#marks button").first
    assert mark.get_attribute("title") == page.evaluate("replay.marks[0].text")
    mark.click()
    assert not playing(page)


def test_a_focused_button_keeps_its_own_keys(open_page: Open, toy: Path) -> None:
    page = open_page(toy, "#step=0")
    page.focus('[data-curve="data"]')
    page.keyboard.press("Space")
    assert not playing(page)
    assert page.get_attribute('[data-curve="data"]', "aria-pressed") == "false"
    assert page.evaluate("document.activeElement.dataset.curve") == "data"
    page.focus("#speed")
    page.keyboard.press("End")
    assert frame(page) == 0
    assert page.evaluate("replay.clock.speed") == 4


def test_keys_off_leaves_the_keys_to_the_page_around(open_page: Open, toy: Path) -> None:
    page = open_page(toy, "?keys=off#step=0")
    page.keyboard.press("End")
    assert frame(page) == 0
    page.focus("#strip")
    page.keyboard.press("End")
    assert frame(page) == LAST
    page.keyboard.press("Escape")
    page.keyboard.press("Home")
    assert frame(page) == LAST


@pytest.mark.parametrize("touch", [False, True])
def test_the_bar_goes_where_it_is_pressed(open_page: Open, toy: Path, touch: bool) -> None:
    page = open_page(toy, has_touch=touch)
    box = page.locator("#strip").bounding_box()
    place = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.touchscreen.tap(*place) if touch else page.mouse.click(*place)
    assert not playing(page)
    assert time(page) == pytest.approx(page.evaluate("replay.clock.end") / 2, abs=0.02)
    page.evaluate(SETTLED)
    assert page.get_attribute("#strip", "aria-valuenow") == str(frame(page))
    if not touch:
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] + 50, place[1])
        page.mouse.up()
        assert frame(page) == LAST


def test_the_bar_tells_of_the_step_under_the_pointer(open_page: Open, toy: Path) -> None:
    page = open_page(toy, "#step=0")
    box = page.locator("#strip").bounding_box()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + 20)
    cells = page.locator("#tip td").all_text_contents()
    assert cells[:2] == ["step", "3,000"]
    assert "D's loss" in cells
    assert frame(page) == 0


def test_speed_and_repeat(open_page: Open, toy: Path) -> None:
    page = open_page(toy, "#step=0")
    assert page.locator("#speed option").all_text_contents() == ["¼×", "½×", "1×", "2×", "4×"]
    page.select_option("#speed", "0.25")
    page.select_option("#repeat", "boomerang")
    assert page.evaluate("[replay.clock.speed, replay.clock.repeat]") == [0.25, "boomerang"]


def test_jumps(open_page: Open, toy: Path) -> None:
    page = open_page(toy, "#step=0")
    page.click('[data-jump="0"]')
    values = page.evaluate("Array.from({length: 40}, (_, i) => replay.run.metrics.values.at(i, 0))")
    assert frame(page) == min(range(40), key=values.__getitem__)


def test_every_setting_changes_the_picture(open_page: Open, toy: Path) -> None:
    page = open_page(toy, "#step=700")
    page.click("#more")

    def picture() -> str:
        page.evaluate(SETTLED)
        return str(page.evaluate("document.querySelector('canvas[role=img]').toDataURL()"))

    shown = {picture()}
    for name, value in [
        ("density", "kde"),
        ("density", "histogram"),
        ("density", "recorded"),
        ("arrows", "map"),
        ("arrows", "gradient"),
        ("theme", "dark"),
        ("theme", "classic"),
    ]:
        before = picture()
        page.select_option(f'[data-choice="{name}"]', value)
        assert picture() != before, (name, value)
        shown.add(picture())
    assert len(shown) == 7
    page.select_option('[data-choice="language"]', "de")
    assert page.text_content("#more") == "Einstellungen"
    page.select_option('[data-choice="labels"]', "symbols")
    assert page.text_content('[data-curve="generated"]') == "pg"
    page.select_option('[data-choice="clock"]', "linear")
    seconds = page.evaluate("[...replay.clock.seconds]")
    gaps = [b - a for a, b in itertools.pairwise(seconds)]
    assert max(gaps) < 1.1 * min(gaps)
    page.keyboard.press("Escape")
    assert not page.is_visible("#settings")
    assert page.evaluate("document.activeElement.id") == "more"


def test_what_the_look_asks_for_is_shown_first(open_page: Open, run: Path, tmp_path: Path) -> None:
    made = tmp_path / "out.html"
    look = {"at": [1500], "scalars": "g_loss,d_loss", "theme": "classic", "language": "fr"}
    made.write_text(page_of([run] * 2, columns=2, show=["dstar"], arrows="map", **look), "utf-8")
    page = open_page(made)
    assert not playing(page)
    assert page.evaluate("replay.step") == 1538
    shown = "[replay.panes.columns, replay.view.theme, replay.view.arrows, [...replay.view.shown]]"
    assert page.evaluate(shown) == [2, "classic", "map", ["optimal"]]
    assert page.text_content("#step-word") == "étape"


def test_a_finger_on_the_picture_asks_for_values(open_page: Open, toy: Path) -> None:
    page = open_page(toy, "#step=0", has_touch=True, viewport={"width": 390, "height": 844})
    box = page.locator(".picture").bounding_box()
    page.touchscreen.tap(box["x"] + 200, box["y"] + 100)
    assert page.locator("#tip tr").count() == 5


def test_kernels_can_be_made_wider(open_page: Open, toy: Path) -> None:
    page = open_page(toy, "#step=700&density=kde")
    peak = "Math.max(...replay.panes.all[0].view.known.generated(replay.frame, replay.view))"
    before = page.evaluate(peak)
    page.click("#more")
    page.locator('[data-choice="bandwidth"]').fill("2")
    assert page.evaluate("replay.view.bandwidth") == 4
    assert page.evaluate(peak) < 0.7 * before


def test_pins_stay_in_sight(open_page: Open, toy: Path) -> None:
    page = open_page(toy, "#step=0")
    picture = "document.querySelector('canvas[role=img]').toDataURL()"
    page.keyboard.press("End")
    page.evaluate(SETTLED)
    bare = page.evaluate(picture)
    page.keyboard.press("Home")
    page.click("#pin")
    page.keyboard.press("End")
    page.evaluate(SETTLED)
    assert page.evaluate(picture) != bare
    page.keyboard.press("p")
    assert page.evaluate("replay.view.pins") == [0, 3000]
    page.keyboard.press("p")
    assert page.evaluate("replay.view.pins") == [0]


def test_zooming_and_moving_x(open_page: Open, toy: Path) -> None:
    page = open_page(toy, "#step=0")
    whole = page.evaluate("replay.panes.all[0].run.density.x")
    page.keyboard.press("+")
    low, high = page.evaluate("replay.view.x")
    assert high - low == pytest.approx((whole[1] - whole[0]) / 1.25)
    box = page.locator(".picture").bounding_box()
    page.mouse.move(box["x"] + 900, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 950, box["y"] + 200)
    page.mouse.up()
    assert page.evaluate("replay.view.x[0]") < low
    page.keyboard.press("-")
    assert page.evaluate("replay.view.x") is None


def test_a_link_leads_to_the_moment_it_was_taken(open_page: Open, toy: Path) -> None:
    page = open_page(toy, "#step=1000")
    page.click('[data-curve="optimal"]')
    page.click('[data-curve="data"]')
    link = page.evaluate("replay.link")
    assert link.startswith("#step=1000&")
    again = open_page(toy, link)
    assert again.evaluate("replay.link") == link
    assert again.evaluate("replay.step") == 1000
    assert again.get_attribute('[data-curve="optimal"]', "aria-pressed") == "true"
    assert not playing(again)


def test_a_link_that_says_nonsense_is_not_followed(open_page: Open, toy: Path) -> None:
    wrong = "#step=9e99&theme=none&group=none&lang=constructor&show=a&hide=b&x=1e9:2e9&pin=-1,1e9"
    page = open_page(toy, wrong)
    assert frame(page) == LAST
    assert page.evaluate("[replay.view.theme, replay.view.language]") == ["system", "en"]
    assert page.evaluate("replay.view.pins") == [0, 3000]


def test_a_frame_is_saved_as_picture_drawing_and_table(
    open_page: Open, toy: Path, tmp_path: Path
) -> None:
    page = open_page(toy, "#step=1000&show=dstar")
    page.click("#more")
    saved = {}
    for name in ("png", "svg", "csv"):
        with page.expect_download() as waiting:
            page.click(f'[data-choice="{name}"]')
        saved[name] = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(saved[name])
        assert saved[name].name.endswith(f"-1000.{name}")
    assert saved["png"].read_bytes()[:4] == b"\x89PNG"
    assert saved["svg"].read_text("utf-8").startswith("<svg ")
    with saved["csv"].open(encoding="utf-8") as file:
        rows = [*csv.DictReader(file)]
    assert list(rows[0]) == ["step", "x", "p_data", "p_g", "D", "D*"]
    assert len(rows) == 401


def test_a_sample_is_followed_through_time(open_page: Open, all_panels: Path) -> None:
    page = open_page(all_panels, "#step=1000", viewport={"width": 1600, "height": 2000})
    grid = page.locator(".picture").nth(1)
    place = page.evaluate(
        """() => { const {left, top, factor} = replay.panes.all[1].view.placed;
        return [left + 2 * factor, top + 2 * factor]; }"""
    )
    grid.click(position={"x": place[0], "y": place[1]})
    assert page.evaluate("replay.view.sample") == 0
    page.keyboard.press("Escape")
    assert page.evaluate("replay.view.sample") == -1


def test_a_name_without_room_keeps_its_end(open_page: Open, several: Path) -> None:
    page = open_page(several, viewport={"width": 700, "height": 500})
    parts = "[...[...document.querySelectorAll('figcaption button')].at(-1).children]"
    cut = page.evaluate(f"{parts}.map((span) => span.scrollWidth > span.clientWidth)")
    assert cut == [True, False]


def test_runs_are_on_one_clock_and_one_can_be_looked_at_alone(
    open_page: Open, several: Path
) -> None:
    page = open_page(several, "#step=1500")
    assert page.evaluate("replay.panes.all.map((pane) => pane.frame(replay.step))") == [19, 14, 9]
    assert page.locator("figcaption").all_text_contents()[0].startswith("first")
    page.click("figcaption button >> nth=1")
    assert page.locator("figure:visible").count() == 1
    page.keyboard.press("Escape")
    assert page.locator("figure:visible").count() == 3
    page.click("#more")
    before = page.evaluate("document.querySelector('canvas[role=img]').toDataURL()")
    page.select_option('[data-choice="scales"]', "own")
    page.evaluate(SETTLED)
    assert page.evaluate("document.querySelector('canvas[role=img]').toDataURL()") != before or (
        page.evaluate("replay.view.scales") == "own"
    )
