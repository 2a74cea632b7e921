"""Tables as programs and people write them: each is read right, or refused with the line."""

from __future__ import annotations

import numpy as np
import pytest

from gan_viz.distributions import from_file
from gan_viz.errors import DataError, UsageError

HEIGHTS = [171.3, 168.7, 176.4]

READ = {
    "decimal commas, one column": ("height\n171,3\n168,7\n176,4", None, HEIGHTS),
    "the same without a name": ("171,3\n168,7\n176,45", None, None),
    "and whole numbers among them": ("height\n171,3\n168\n176,4", None, [171.3, 168, 176.4]),
    "decimal commas with powers": ("h\n1,5E+02\n1,7E+02", None, [150, 170]),
    "negative decimal commas": ("h\n-1,5\n2,75", None, [-1.5, 2.75]),
    "no digit before the comma": ("h;\n,5;\n,25;", None, [0.5, 0.25]),
    "quoted decimal commas": ('id,h\n1,"171,3"\n2,"168,75"', "h", [171.3, 168.75]),
    "semicolons": ("id;h\n1;171,3\n2;168,7", "h", [171.3, 168.7]),
    "semicolons, three decimals": ("id;h\n1;0,125\n2;0,250", "h", [0.125, 0.25]),
    "semicolons, points and commas": ("id;h\n1;1.713,5\n2;687,25", "h", [1713.5, 687.25]),
    "tabs": ("id\th\n1\t171,3\n2\t168,7", "h", [171.3, 168.7]),
    "spaces": ("w h\n60,1 171,3\n70,2 168,7", "h", [171.3, 168.7]),
    "thousands, commas": ("pay\n1,713\n1,687", None, [1713, 1687]),
    "thousands, commas and points": ("pay\n1,713.5\n687.25", None, [1713.5, 687.25]),
    "thousands, quoted": ('id,pay\n1,"1,713"\n2,"687"', "pay", [1713, 687]),
    "millions": ("pay\n1,713,000\n687,000", None, [1713000, 687000]),
    "thousands, spaces": ("pay\n1 713\n1 687", None, [1713, 1687]),
    "thousands, narrow spaces": ("pay\n1\u202f713\n1\u202f687", None, [1713, 1687]),
    "thousands, no-break spaces": ("pay;x\n1\u00a0713,5;1\n687,25;1", "pay", [1713.5, 687.25]),
    "thousands, apostrophes": ("pay\n1'713.5\n1'687.5", None, [1713.5, 1687.5]),
    "thousands, points": ("pay;x\n1.713.000;1\n2.687.000;1", "pay", [1713000, 2687000]),
    "row names of R": ('"h"\n"1" 171.3\n"2" 168.7', None, [171.3, 168.7]),
    "row names of R, words": ('"h" "w"\n"ann b" 171.3 60\n"bob" 168.7 70', "h", [171.3, 168.7]),
    "row names of R, commas": ('"h","w"\n"ann",171.3,60.5\n"bob",168.7,70.5', "w", [60.5, 70.5]),
    "row numbers of R, commas": ('"h","w"\n"1",171,60\n"2",168,70', "h", [171, 168]),
    "a named corner": ('"","h"\n"1",171.3\n"2",168.7', None, [171.3, 168.7]),
    "a data frame": (
        "   height  weight\n0   171.3    60.1\n1   168.7    70.0", "height", [171.3, 168.7]
    ),
    "a series from 1": ("h\n1  171.3\n2  168.7\n3  176.4", None, HEIGHTS),
    "numbered semicolons": ("h;w\n1;171;60\n2;168;70", "h", [171, 168]),
    "empty cells at the end": ("a,b\n1,2,\n3,4,,\n5,6", "b", [2, 4, 6]),
    "an unnamed empty column": ("h,\n171.3,\n168.7,", None, [171.3, 168.7]),
    "an unnamed end that is decimals": ("height,\n171,3\n168,7", None, [171.3, 168.7]),
    "sep=;": ("sep=;\nid;h\n1;171,3\n2;168,7", "h", [171.3, 168.7]),
    "sep=,": ("sep=,\nid,h\n1,171.3\n2,168.7", "h", [171.3, 168.7]),
    "bars": ("id|h\n1|171.3\n2|168.7", "h", [171.3, 168.7]),
    "bars and commas": ("id|h\n1|171,3\n2|168,7", "h", [171.3, 168.7]),
    "Markdown": ("| id | h |\n|---|---:|\n| 1 | 171.3 |\n| 2 | 168.7 |", "h", [171.3, 168.7]),
    "a table of SQL": (" id | h\n----+-----\n 1 | 171.3\n 2 | 168.7", "h", [171.3, 168.7]),
    "a title": ("Weather at Kew\nid,h\n1,171.3\n2,168.7", "h", [171.3, 168.7]),
    "several lines of remarks": (
        "Station: Kew\nExported, 2024\n\nid;h;w\n1;171,3;1\n2;168,7;2", "h", [171.3, 168.7]
    ),
    "remarks above one column": ("Exported: 2024\nheight\n171.3\n168.7", None, [171.3, 168.7]),
    "years": ("1990,1991\n5,6\n7,8", "1991", [6, 8]),
    "years by number": ("1990,1991\n5,6\n7,8", 1, [6, 8]),
    "a country and years": ("country,1990,1991\nFR,5,6\nDE,7,8", "1990", [5, 7]),
    "a country and years, by number": ("country,1990,1991\nFR,5,6\nDE,7,8", 1, [5, 7]),
    "years as values": ("FR,1990\nDE,1991\nJP,1993", 1, [1990, 1991, 1993]),
    "a numeric name": ("0.5,1.5\n5,6\n7,8", "1.5", [6, 8]),
    "bars and empty ends": ('a|h|b\n"x"|1|2\n""|3|""\n|5|', "h", [1, 3, 5]),
    "remarks beside numbers": ("171.3 # tall\n168.7\t#small", None, [171.3, 168.7]),
    "long cells elsewhere": ("a,b\n1,2\n" + "x" * 140_000 + ",3", "b", [2, 3]),
    "long quoted cells": ('a,b\n1,2\n"' + "x,\n" * 50_000 + '",3', "b", [2, 3]),
    "missing cells elsewhere": ("a,b\n1,\n2,n/a\n3,5", "a", [1, 2, 3]),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_read(tmp_path, name):
    text, column, expected = READ[name]
    path = tmp_path / "data.csv"
    path.write_text(text, encoding="utf-8")
    if expected is None:  # without names they could be two columns
        with pytest.raises(UsageError, match="several columns"):
            from_file(path, column)
        return
    found = from_file(path, column)
    assert found.ppf(np.linspace(0, 1, len(expected))) == pytest.approx(sorted(expected))
    commas = "," in text.replace("sep=,", "") and ";" in text
    assert not commas or found.notes


REFUSED = {
    "an empty cell above a word": ("1,5\t7\ta\t\n2,5\tx\t3\tb", 0, "line 2 has 4 .* has 3"),
    "thousands in a table of commas": ("id,pay\n1,1,713\n2,1,687", "pay", "line 2 has 3 .* has 2"),
    "one wide row": ("id,note,h\n1,x,170\n3,1,5,171.3", "h", "line 3 has 4 cells, but line 1 .* 3"),
    "a late wide row": (
        "id,h\n" + "".join(f"{i},{i}.5\n" for i in range(5000)) + "7,8,9\n", "h",
        "line 5002 has 3 cells, but line 1 of names has 2",
    ),
    "wide rows without a reason": ("a,b\n1,2,3\n4,5,6", "a", "line 2 has 3 cells, but line 1"),
    "a narrow row of spaces": ("a b c\n1 2 3\n4 6\n7 8 9", "b", "line 3 has 2 cells, but .* 3"),
    "a footer": ("   h  w\n0  1  2\n1  3  4\n[2 rows x 2 columns]\n", "h", "line 2 has 3 cells"),
    "numbered or thousands": ("pay\n1 713\n2 687\n3 120", None, "a name of their own"),
    "numbered or decimals": ("pay\n1,713\n2,687\n3,120", None, "a name of their own"),
    "mixed marks": ("a;b\n1,5;1\n2.5;1", "a", r"1 of 2 rows .*line 2: '1,5'"),
    "two points": ("a;b\n1.5;1\n2.5.5;1", "a", r"1 of 2 rows .*line 3: '2\.5\.5'"),
    "bad groups": ("a;b\n1,71,3;1\n2,5;1", "a", "1 of 2 rows .*line 2: '1,71,3'"),
    "units below the names": ("a,b\ncm,kg\n1,2\n3,4", "a", "1 of 3 rows .*line 2: 'cm'"),
    "a word in one column": ("height\nabc\n1\n2", None, "1 of 3 rows .*line 2: 'abc'"),
    "a missing mark": ("height\n171,3\nn/a\n168,7", None, "1 of 3 rows .*line 3: 'n/a'"),
    "years with a year": ("a,b\n1,2\nx,y", "a", "1 of 2 rows .*line 3: 'x'"),
    "an open quote": ('a,b\n1,2\n2,"3\n' + "4,5\n" * 99, "a", "opens after line 2 and is not clos"),
    "an open quote alone": ("#\t\n\"", None, "opens in the first row and is not closed"),
    "an open quote at the end": ('a,b\n1,2\n"', "a", "opens after line 2 and is not closed"),
    "a late open quote": (
        "a,b\n" + "1,2\n2,3\n" * 999 + '3,"4\n5,6\n', "a", "opens after line 1999 and is not clos"
    ),
    "a cell without end": (
        'a,b\n1,2\n3,"4\n' + "5,6\n" * 400_000, "a", "a cell of more than 1,000,000 characters"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused(tmp_path, name):
    text, column, message = REFUSED[name]
    path = tmp_path / "data.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=message) as caught:
        from_file(path, column)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "column", "encoding"),
    [
        ("id;prix (€)\n1;171,3\n2;168,7\n", "prix (€)", "cp1252"),
        ("Année;Größe\n1;171,3\n2;168,7\n", "Größe", "cp1252"),
        ("it’s,h\n1,171.3\n2,168.7\n", "h", "cp1252"),
        ("名前,身長\n1,171.3\n2,168.7\n", "身長", "cp932"),
        ("x,重さ (kg)\n1,171.3\n2,168.7\n", "重さ (kg)", "cp932"),
        ("名前,身長\n1,171.3\n2,168.7\n", "身長", "utf-8"),
        ("ﾅﾏｴ,身長\n1,171.3\n2,168.7\n", "身長", "cp932"),
        ("ÉTÉ;Ñandú\n1;171,3\n2;168,7\n", "Ñandú", "cp1252"),
        ("id,size\n1,171.3\n2,168.7\n", "size", "utf-32"),
        ("id,size\n1,171.3\n2,168.7\n", "size", "utf-16"),
        ("id,size\n1,171.3\n2,168.7\n", "size", "utf-16-le"),
        ("id,size\n1,171.3\n2,168.7\n", "size", "utf-16-be"),
    ],
)
def test_encodings(tmp_path, text, column, encoding):
    path = tmp_path / "data.csv"
    path.write_bytes(text.encode(encoding))
    found = from_file(path, column)
    assert list(found.ppf([0, 1])) == [168.7, 171.3]
    assert found.label == f"data.csv: {column}"


def noted(tmp_path, text, column=None):
    path = tmp_path / "data.csv"
    path.write_text(text)
    return from_file(path, column).notes


def test_notes_tell_how_numbers_were_read(tmp_path):
    assert noted(tmp_path, "h\n171,3\n168,7") == ("numbers like '171,3' are read as 171.3",)
    assert noted(tmp_path, "h\n1,713\n1,687") == ("numbers like '1,713' are read as 1713",)
    assert noted(tmp_path, "h;w\n1,713;1\n1,687;1", "h") == (
        "numbers like '1,713' are read as 1.713",
    )
    assert noted(tmp_path, 'x\n"1" 3\n"2" 4') == (
        "data.csv: the first cell of each row taken for its name",
    )
    assert noted(tmp_path, "At Kew\n\nof 2024\na,b\n1,2\n3,4", "a") == (
        "data.csv: 2 lines above the names skipped",
    )
    assert noted(tmp_path, "h\n171.3\n168.7") == ()
