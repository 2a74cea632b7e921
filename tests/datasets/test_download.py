"""Downloads from servers as they are: slow, broken, lying, or not there."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from gan_viz.datasets.source import FILES, Source, load_source
from gan_viz.errors import DataError, UsageError

Make = Callable[..., Source]
Behave = Callable[[BaseHTTPRequestHandler, bytes], None]
PATIENT, IMPATIENT = 30.0, 1.0  # of which other tests on the same cores may take a part
NAMES = FILES["train"]


def send(
    handler: BaseHTTPRequestHandler, content: bytes, length: int | None = None, status: int = 200
) -> None:
    handler.send_response(status)
    if length != 0:
        handler.send_header("Content-Length", str(length or len(content)))
    handler.end_headers()
    handler.wfile.write(content)


def well(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    send(handler, content)


def without_length(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    send(handler, content, length=0)


def not_found(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    send(handler, b"<html>404</html>", status=404)


def rubbish(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    send(handler, b"<html>Log in to use this network.</html>")


def rubbish_of_the_right_size(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    send(handler, bytes(len(content)))


def too_much(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    send(handler, content + bytes(5000), length=0)


def breaks_off(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    send(handler, content[: len(content) // 2], length=len(content))


def breaks_off_without_length(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    send(handler, content[: len(content) // 2], length=0)


def resets(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    linger = b"\1\0\0\0\0\0\0\0"  # on, 0 seconds: closing resets
    send(handler, content[: len(content) // 2], length=len(content))
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


def no_answer(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    time.sleep(5 * IMPATIENT)


def stalls(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    send(handler, content[:2000], length=len(content))
    time.sleep(5 * IMPATIENT)


def drips(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    """Never silent for long, and never done."""
    send(handler, content[:200], length=len(content))
    for start in range(200, 4200, 50):
        handler.wfile.write(content[start : start + 50])
        time.sleep(IMPATIENT / 10)


def slow_headers(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    """One byte now and then, so that no single wait is long."""
    for byte in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1000:
        handler.wfile.write(bytes([byte]))
        time.sleep(IMPATIENT / 5)


def drips_late(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    """Fast at first: on average over all, this is fast enough for a long time."""
    send(handler, content[:-100], length=len(content))
    for byte in content[-100:]:
        handler.wfile.write(bytes([byte]))
        time.sleep(IMPATIENT / 5)


def redirects_for_ever(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    handler.send_response(302)
    handler.send_header("Location", handler.path)
    handler.send_header("Content-Length", "0")
    handler.end_headers()


REASONS = {
    not_found: "status 404",
    rubbish: "a file of 40 bytes, not",
    rubbish_of_the_right_size: "another file",
    too_much: "more than",
    breaks_off: "broke off after",
    breaks_off_without_length: "broke off after",
    resets: "broke off after",
    no_answer: "no answer in time",
    stalls: "no answer in time|too slow",
    drips: "too slow",
    drips_late: "too slow",
    slow_headers: "no answer in time",
    redirects_for_ever: "redirects without end",
}


def timeout_for(behave: Behave) -> float:
    return IMPATIENT if behave in (no_answer, stalls, drips, drips_late, slow_headers) else PATIENT


class Mirror:
    """A server of the published files that behaves in a way of its own."""

    def __init__(self, files: dict[str, bytes], behave: Behave) -> None:
        self.asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(handler) -> None:  # noqa: N805
                name = handler.path.rpartition("/")[2]
                self.asked.append(name)
                with contextlib.suppress(OSError):
                    behave(handler, files[name])

            def log_message(handler, *args: object) -> None:  # noqa: N805
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/some/where/"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def mirror(published: dict[str, bytes]) -> Iterator[Callable[[Behave], Mirror]]:
    with contextlib.ExitStack() as stack:

        def start(behave: Behave) -> Mirror:
            started = Mirror(published, behave)
            stack.callback(started.close)
            return started

        yield start


@pytest.fixture
def nobody() -> str:
    """An address where no server is."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{unused.getsockname()[1]}/"


Start = Callable[[Behave], Mirror]


@pytest.mark.parametrize("behave", [well, without_length])
def test_downloaded_once(
    behave: Behave, mirror: Start, make_source: Make, published: dict[str, bytes], cache: Path
) -> None:
    good = mirror(behave)
    source = make_source(good.address)
    first = load_source(source, "train")
    assert good.asked == list(NAMES)
    assert {path.name: path.read_bytes() for path in cache.iterdir()} == {
        name: published[name] for name in NAMES
    }
    good.close()
    again = load_source(source, "train")
    assert again.images.tobytes() == first.images.tobytes()


@pytest.mark.parametrize("behave", REASONS, ids=lambda behave: behave.__name__)
def test_a_bad_mirror_is_followed_by_a_good_one(
    behave: Behave, mirror: Start, make_source: Make, cache: Path
) -> None:
    bad, good = mirror(behave), mirror(well)
    source = make_source(bad.address, good.address)
    assert len(load_source(source, "train", timeout=timeout_for(behave))) == 100
    assert set(bad.asked) == {NAMES[0]}  # and is not asked for the second file
    assert good.asked == list(NAMES)
    assert {path.name for path in cache.iterdir()} == set(NAMES)


@pytest.mark.parametrize("behave", REASONS, ids=lambda behave: behave.__name__)
def test_nothing_is_left_of_a_broken_download(
    behave: Behave, mirror: Start, make_source: Make, cache: Path
) -> None:
    bad, start = mirror(behave), time.monotonic()
    with pytest.raises(DataError, match=REASONS[behave]):
        load_source(make_source(bad.address), "train", timeout=timeout_for(behave))
    assert time.monotonic() - start < 10 * IMPATIENT
    assert not list(cache.iterdir())


def test_without_any_server(nobody: str, make_source: Make, cache: Path) -> None:
    with pytest.raises(DataError) as caught:
        load_source(make_source(nobody, nobody), "train")
    message = str(caught.value)
    assert message.startswith(
        "noise is not on this machine and cannot be downloaded "
        f"({nobody[7:-1]}: no connection; {nobody[7:-1]}: no connection)"
    )
    assert "\n" not in message
    for way_out in ("connect to the internet", "--data-dir or GAN_VIZ_DATA", "--dataset digits"):
        assert way_out in message
    assert "pip install 'gan-viz[digits]'" in message
    assert all(name in message for name in NAMES)
    assert not list(cache.iterdir())


def test_a_server_that_speaks_no_tls(mirror: Start, make_source: Make, cache: Path) -> None:
    address = mirror(well).address.replace("http:", "https:")
    with pytest.raises(DataError, match="no secure connection"):
        load_source(make_source(address), "train")
    assert not list(cache.iterdir())


def test_a_server_that_drips_its_greeting(make_source: Make, cache: Path) -> None:
    """The handshake of TLS, of which each byte comes in time."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection, contextlib.suppress(OSError):
                for byte in b"\x16\x03\x03\x40\x00" + bytes(200):
                    connection.send(bytes([byte]))
                    time.sleep(0.2)

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        source = make_source(f"https://127.0.0.1:{server.getsockname()[1]}/")
        start = time.monotonic()
        with pytest.raises(DataError, match="no answer in time"):
            load_source(source, "train", timeout=IMPATIENT)
        assert time.monotonic() - start < 15
        thread.join()


def test_a_pipe_in_the_cache(nobody: str, make_source: Make, cache: Path) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    os.mkfifo(cache / NAMES[0])
    with pytest.raises(DataError, match="no ordinary file: remove it"):
        load_source(make_source(nobody), "train")


@pytest.mark.parametrize("variable", ["GAN_VIZ_CACHE", "GAN_VIZ_DATA"])
def test_the_home_of_nobody(nobody, make_source, monkeypatch, variable) -> None:
    monkeypatch.setenv(variable, "~nobody-of-this-name/data")
    with pytest.raises(UsageError, match=f"{variable}=~nobody-of-this-name/data: there is no such"):
        load_source(make_source(nobody), "train")


def test_the_first_file_is_kept_when_the_second_fails(
    mirror: Start, make_source: Make, cache: Path
) -> None:
    def images_only(handler: BaseHTTPRequestHandler, content: bytes) -> None:
        (well if "images" in handler.path else not_found)(handler, content)

    some, good = mirror(images_only), mirror(well)
    with pytest.raises(DataError, match="status 404"):
        load_source(make_source(some.address), "train")
    assert [path.name for path in cache.iterdir()] == [NAMES[0]]
    load_source(make_source(good.address), "train")
    assert good.asked == [NAMES[1]]


def test_a_damaged_file_in_the_cache_is_replaced(
    mirror: Start, make_source: Make, published: dict[str, bytes], cache: Path
) -> None:
    good = mirror(well)
    source = make_source(good.address)
    load_source(source, "train")
    damaged = published[NAMES[0]][:-1] + b"x"
    (cache / NAMES[0]).write_bytes(damaged)
    load_source(source, "train")
    assert good.asked == [*NAMES, NAMES[0]]
    assert (cache / NAMES[0]).read_bytes() == published[NAMES[0]]


def test_what_a_killed_process_has_left_is_cleared_away(
    mirror: Start, make_source: Make, cache: Path
) -> None:
    cache.mkdir(parents=True)
    for name, age in (("tmpold", 10_000), ("tmpnew", 1)):
        (cache / name).touch()
        os.utime(cache / name, (time.time() - age,) * 2)
    load_source(make_source(mirror(well).address), "train")
    assert {path.name for path in cache.iterdir()} == {*NAMES, "tmpnew"}


def test_interrupted(mirror: Start, make_source: Make, cache: Path) -> None:
    def interrupt(task: str, done: int, total: int, figures: object) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_source(make_source(mirror(well).address), "train", progress=interrupt)
    assert not list(cache.iterdir())


def test_progress(
    mirror: Start, make_source: Make, published: dict[str, bytes], capfd: pytest.CaptureFixture[str]
) -> None:
    seen = []

    def note(task: str, done: int, total: int, figures: object) -> None:
        seen.append((task, done, total, figures))

    source = make_source(mirror(breaks_off).address, mirror(well).address)
    load_source(source, "train", progress=note)
    total = sum(len(published[name]) for name in NAMES)
    assert {(task, n) for task, _, n, _ in seen} == {("downloading", total)}
    assert all(figures == {} for *_, figures in seen)
    done = [d for _, d, _, _ in seen]
    assert done[0] == 0
    assert done[-1] == total
    assert any(0 < d < len(published[NAMES[0]]) for d in done)
    seen.clear()
    load_source(source, "train", progress=note)
    assert not seen
    assert capfd.readouterr() == ("", "")


def test_a_cache_that_cannot_be_written(mirror: Start, make_source: Make, cache: Path) -> None:
    cache.parent.write_text("a file, not a folder")
    with pytest.raises(DataError, match=r"cannot write into the cache .*noise: .*GAN_VIZ_CACHE"):
        load_source(make_source(mirror(well).address), "train")


def test_a_redirect_is_followed(mirror: Start, make_source: Make) -> None:
    good = mirror(well)

    def elsewhere(handler: BaseHTTPRequestHandler, content: bytes) -> None:
        handler.send_response(302)
        handler.send_header("Location", good.address + handler.path.rpartition("/")[2])
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    assert len(load_source(make_source(mirror(elsewhere).address), "train")) == 100


def test_downloads_at_once_do_not_disturb_each_other(mirror: Start, make_source: Make) -> None:
    source = make_source(mirror(well).address)
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: load_source(source, "train"), range(6)))
    assert len({each.images.tobytes() for each in found}) == 1


def test_a_named_folder_that_lacks_the_set_is_told_of(
    mirror: Start, make_source: Make, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = make_source(mirror(well).address)
    assert load_source(source, "train").notes == ()
    monkeypatch.setenv("GAN_VIZ_DATA", str(tmp_path))
    assert load_source(source, "train").notes == (
        f"GAN_VIZ_DATA={tmp_path} does not hold noise: it is read from {cache}",
    )
