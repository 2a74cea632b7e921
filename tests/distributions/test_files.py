from __future__ import annotations

import os
import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gan_viz.distributions import columns, from_file, target
from gan_viz.errors import DataError, GanVizError, UnknownNameError, UsageError

VALUES = [1.5, -2.0, 3e-1, 4.0]


def ordered(path, column=None):
    found = from_file(path, column)
    return list(found.ppf(np.linspace(0, 1, len(found.describe()["values"])))), found.label


READABLE = {
    "one a line": ("1.5\n-2\n3e-1\n4\n", None, ""),
    "no newline at the end": ("1.5\n-2\n3e-1\n4", None, ""),
    "header": ("height\n1.5\n-2\n3e-1\n4\n", None, ": height"),
    "byte order mark, CRLF": ("\ufeffheight\r\n1.5\r\n-2\r\n3e-1\r\n4\r\n", None, ": height"),
    "old Mac": ("1.5\r-2\r3e-1\r4\r", None, ""),
    "blank lines and comments": ("# made by hand\n\n1.5\n  \n-2\n#x\n3e-1\n4\n\n\n", None, ""),
    "commas": ("name,height\nann,1.5\nbob,-2\ncid,3e-1\ndan,4\n", "height", ": height"),
    "by number": ("name,height\nann,1.5\nbob,-2\ncid,3e-1\ndan,4\n", 1, ": height"),
    "by number as text": ("name,height\nann,1.5\nbob,-2\ncid,3e-1\ndan,4\n", "1", ": height"),
    "no header": ("9,1.5\n9,-2\n9,3e-1\n9,4\n", 1, ""),
    "spaces after commas": ('a, "b c"\n9, 1.5\n9, -2\n9, 3e-1\n9, 4\n', "b c", ": b c"),
    "semicolons": ("a;b, in cm\n9;1.5\n9;-2\n9;3e-1\n9;4\n", "b, in cm", ": b, in cm"),
    "tabs": ("a b\tc d\nx y\t1.5\nx\t-2\nx\t3e-1\nx\t4\n", "c d", ": c d"),
    "spaces": ("  a    b\n  9  1.5\n 10   -2\n  9 3e-1\n  9    4\n", "b", ": b"),
    "quoted": ('"a","b"\n"x, y","1.5"\n"x","-2"\n"x","3e-1"\n"x","4"\n', "b", ": b"),
    "quoted lines": ('a,b\n"x\ny",1.5\nx,-2\nx,3e-1\nx,4\n', "b", ": b"),
    "header with spaces": ("body height\n1.5\n-2\n3e-1\n4\n", None, ": body height"),
    "header with a comma": ("height, cm\n1.5\n-2\n3e-1\n4\n", None, ": height, cm"),
    "ragged elsewhere": ("a,b,c\n1.5,1,1\n-2,1\n3e-1\n4,1,1\n", "a", ": a"),
}


@pytest.mark.parametrize("name", READABLE)
def test_reads(tmp_path, name):
    text, column, label = READABLE[name]
    path = tmp_path / "data.csv"
    path.write_bytes(text.encode())
    assert ordered(path, column) == (sorted(VALUES), f"data.csv{label}")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8", "utf-8-sig", "latin-1"])
def test_encodings(tmp_path, encoding):
    path = tmp_path / "data.csv"
    path.write_bytes("größe,b\n1.5,0\n-2,0\n3e-1,0\n4,0\n".encode(encoding))
    assert ordered(path, "größe") == (sorted(VALUES), "data.csv: größe")


def test_years_may_be_names_too(tmp_path):
    path = tmp_path / "years.csv"
    path.write_text("name,value,1990\nx,1,4\ny,2,5\n")
    assert ordered(path, "value") == ([1, 2], "years.csv: value")
    assert ordered(path, 1) == ([1, 2], "years.csv: value")


def test_numpy_files(tmp_path):
    path = tmp_path / "data.npy"
    np.save(path, np.array(VALUES))
    assert ordered(path) == (sorted(VALUES), "data.npy")
    np.save(path, np.array([VALUES, VALUES], ">f4").T)
    assert ordered(path, 1)[0] == pytest.approx(sorted(VALUES))
    np.save(path, np.asfortranarray(np.array([[1, 2, 3]], np.int16).T))
    assert ordered(path)[0] == [1, 2, 3]
    np.save(path, np.array([(1, 2.0), (3, 5.0)], [("a", int), ("größe", float)]))
    assert ordered(path, "größe") == ([2, 5], "data.npy: größe")
    renamed = path.rename(tmp_path / "data.txt")
    assert ordered(renamed, "a")[0] == [1, 3]


def test_bad_rows_are_counted_and_shown(tmp_path):
    rows = ["name,height", *(f"x,{i}" for i in range(120))]
    rows[3], rows[16], rows[79], rows[99] = "x,n/a", "x,", "x,nan", "x"
    path = tmp_path / "measurements.csv"
    path.write_text("# from the field\n" + "\n".join(rows))
    with pytest.raises(DataError) as caught:
        from_file(path, "height")
    assert str(caught.value) == (
        "measurements.csv, column 'height': 4 of 120 rows are not finite numbers "
        "(line 5: 'n/a', line 18: '', line 81: 'nan', ...); remove or repair them"
    )
    rows[3], rows[16], rows[79] = "x,1", "x,1", "x,inf"
    path.write_text("\n".join(rows))
    with pytest.raises(DataError, match=r"2 of 120 rows .*\(line 80: 'inf', line 100: missing\)"):
        from_file(path, 1)


def npy(shape: str, descr: str = "<f8") -> bytes:
    """Return the file of an array that claims to have `shape`, and holds nothing."""
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode()


@pytest.mark.parametrize(
    ("content", "column", "error", "message"),
    [
        (b"", None, DataError, "data.csv is empty"),
        (b"# only\n\n# comments\n", None, DataError, "holds no values"),
        (b"height\n", None, DataError, "no value: at least 2"),
        (b"height\n3\n", None, DataError, "1 value: at least 2"),
        (b"3\n", None, DataError, "1 value: at least 2"),
        (b"height\n3\n3.0\n3\n", None, DataError, "data.csv: height: all 3 values are 3"),
        (b"n/a\n1\n2\n", None, DataError, r"1 of 3 rows .*line 1: 'n/a'"),
        (b"one\ntwo\nthree\n", None, DataError, r"2 of 2 rows .*line 2: 'two'"),
        (b"a,b\n1,2\n3,4\n", None, UsageError, "several columns, choose one: 'a', 'b'"),
        (b"1,2\n3,4\n", None, UsageError, "several columns, choose one: 0 to 1"),
        (b"weight,height\n1,2\n3,4\n", "hieght", UnknownNameError, "did you mean 'height'"),
        (b"weight,height\n1,2\n3,4\n", 2, UsageError, "no column 2: 'weight', 'height'"),
        (b"weight,height\n1,2\n3,4\n", "-1", UsageError, "no column -1"),
        (b"1,2\n3,4\n", "height", UsageError, "no line of names to find 'height' in"),
        (b"1\n2\n", "height", UsageError, "no line of names"),
        (b"1\n2\n", 1, UsageError, "no column 1: only 0"),
        (b"a,a\n1,2\n3,4\n", "a", UsageError, "several columns 'a': choose by number, 0 or 1"),
        (b"1,5\n2,5\n3,5\n", 0, None, ""),
        (b"1;2\n\x00\x01", None, DataError, "neither text nor a NumPy file"),
        (bytes(range(1, 256)) * 20, None, DataError, "neither text nor a NumPy file"),
        (b"1," * 600_000, None, DataError, "line 1 of data.csv is too long"),
        (b'a\n"' + b"1\n" * 200_000, None, DataError, "data.csv: a quote opens after line"),
        (b"\xff\xfe1\x00\n\x00\x00\xd8", None, DataError, "data.csv"),
        (b"\x93NUMPY", None, DataError, "cannot read data.csv"),
        (npy("(99999999999,)"), None, DataError, "cannot read data.csv"),
        (npy("(10**9,)"), None, DataError, "cannot read data.csv"),
        (npy("(1 << 70, 1 << 70)"), None, DataError, "cannot read data.csv"),
        (npy("(-1,)"), None, DataError, "data.csv"),
        (npy("(" * 300 + ")" * 300), None, DataError, "cannot read data.csv"),
        (npy("-" * 9000 + "1"), None, DataError, "cannot read data.csv"),
        (npy("(1,"), None, DataError, "cannot read data.csv"),
    ],
)  # fmt: skip
def test_refuses(tmp_path, content, column, error, message):
    path = tmp_path / "data.csv"
    path.write_bytes(content)
    if error is None:
        assert from_file(path, column).mean == 2
        return
    with pytest.raises(error, match=message) as caught:
        from_file(path, column)
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < 300


def test_nothing_is_unpickled(tmp_path):
    class Harmful:
        def __reduce__(self):
            return os._exit, (3,)

    path = tmp_path / "data.npy"
    np.save(path, np.array([Harmful(), 1.0], object))
    with pytest.raises(DataError, match=r"cannot read data\.npy"):
        from_file(path)
    np.save(path, np.array(1.0))
    with pytest.raises(DataError, match="0 dimensions"):
        from_file(path)
    np.save(path, np.array([1.0, np.nan]))
    with pytest.raises(DataError, match=r"data\.npy: 1 of 2 rows .*row 1: nan"):
        from_file(path)
    np.save(path, np.array([]))
    with pytest.raises(DataError, match=r"data\.npy"):
        from_file(path)


def test_what_is_no_file(tmp_path):
    with pytest.raises(DataError, match="is a folder"):
        from_file(tmp_path)
    with pytest.raises(DataError, match="no such file"):
        from_file(tmp_path / "missing.csv")
    with pytest.raises(DataError, match="no such file"):
        from_file("/nowhere/at/all.csv")
    with pytest.raises(DataError, match="cannot read"):
        from_file("x" * 300 + ".csv")
    with pytest.raises(DataError, match=r"no such file|cannot read"):
        from_file("a\0b.csv")
    with pytest.raises(DataError, match=r"no such file: two lines\.csv"):
        from_file("two\nlines.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(DataError, match="no regular file"):
        from_file(tmp_path / "pipe.csv")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("1\n2\n")
    path.chmod(0)
    with pytest.raises(DataError, match="Permission denied"):
        from_file(path)


def test_endless_files_are_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(columns, "MOST_VALUES", 1000)
    path = tmp_path / "data.csv"
    path.write_text("1\n2\n" * 500)
    assert from_file(path).mean == 1.5
    path.write_text("1\n2\n" * 501)
    with pytest.raises(DataError, match="more than 1,000 values: a sample will do"):
        from_file(path)


def test_paths_and_texts_name_files(tmp_path):
    path = tmp_path / "my data"
    path.write_text("1\n2\n4\n")
    assert target(path).label == target(str(path)).label == "my data"
    assert target(str(path)).is_estimate


def test_wide_tables_are_listed_briefly(tmp_path):
    path = tmp_path / "wide.csv"
    path.write_text(",".join(f"c{i}" for i in range(900)) + "\n" + ",".join("1" * 900) + "\n")
    with pytest.raises(UsageError, match=r"'c29', \.\.\.") as caught:
        from_file(path)
    assert len(str(caught.value)) < 400
    with pytest.raises(UnknownNameError, match="did you mean 'c899'"):
        from_file(path, "cc899")


@given(
    st.lists(st.integers(-(10**6), 10**6), min_size=3, max_size=30, unique=True),
    st.sampled_from([",", ";", "\t", " ", " | "]),
    st.booleans(),
    st.booleans(),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_written_is_read(tmp_path, thousandths, delimiter, header, crlf):
    values = [number / 1000 for number in thousandths]
    if delimiter == " | ":
        rows, column = [repr(value) for value in values], None
        names = ["v"]
    else:
        rows = [delimiter.join(["7", repr(value), "x"]) for value in values]
        column, names = 1, [delimiter.join(["u", "v", "w"])]
    path = tmp_path / "any.txt"
    path.write_text(
        ("\r\n" if crlf else "\n").join([*(names if header else []), *rows]), newline=""
    )
    found, label = ordered(path, column)
    assert found == sorted(values)
    assert label == ("any.txt: v" if header else "any.txt")


@given(
    st.binary(max_size=300) | st.text(max_size=200).map(str.encode),
    st.sampled_from(["", "\x93NUMPY\x01\x00"]),
)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_rubbish_is_refused_or_read(tmp_path, content, magic):
    path = tmp_path / "any.csv"
    path.write_bytes(magic.encode("latin-1") + content)
    try:
        found = from_file(path, None)
    except GanVizError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017
        assert str(error).isprintable()  # noqa: PT017
    else:
        assert np.isfinite(found.window).all()


@pytest.mark.parametrize(
    ("descr", "shape", "message"),
    [
        ("<f8", (10**9,), "more than 10,000,000 values"),
        ("<f8", (10**6, 1000), "takes 8.0 GB, more than 0.5 GB"),
        ("|S800", (10**7,), "takes 8.0 GB, more than 0.5 GB"),
        ("<U500000000", (4,), "takes 8.0 GB, more than 0.5 GB"),
        ("<U50000", (4,), "texts of 200,000 bytes"),
    ],
)
def test_sparse_files_of_8_gigabytes_take_no_memory(tmp_path, descr, shape, message):
    path = tmp_path / "data.npy"
    path.write_bytes(npy(str(shape), descr))
    with path.open("r+b") as file:
        file.truncate(128 + 8 * 10**9)
    tracemalloc.start()
    with pytest.raises(DataError, match=message):
        from_file(path, 0)
    assert tracemalloc.get_traced_memory()[1] < 1e7
    tracemalloc.stop()


def test_a_column_far_apart_is_read(tmp_path):
    path = tmp_path / "data.npy"
    path.write_bytes(npy("(9, 10000000)"))
    with path.open("r+b") as file:
        file.truncate(128 + 8 * 9 * 10**7)
        file.seek(128 + 8 * 8 * 10**7)  # the last row
        file.write(np.float64(7).tobytes())
    assert from_file(path, 0).ppf([0, 1]).tolist() == [0, 7]
