"""What is printed harms no terminal and stays one document."""

import json

import pytest

from corpsync_tui.cli import output


@pytest.mark.parametrize(
    "name", ["Зара", "日本語", "a\x1b[31mb", "\x9b31m", "\u202eevil", "\U000e0001"]
)
def test_a_document_is_equal_in_value_and_harmless(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    output.document({"name": name})
    out = capsys.readouterr().out

    assert json.loads(out) == {"name": name}
    assert out.replace("\n", "").isprintable()


def test_letters_stay_readable(capsys: pytest.CaptureFixture[str]) -> None:
    output.document({"name": "Зара"})

    assert "Зара" in capsys.readouterr().out


def test_a_table_is_aligned_and_harmless() -> None:
    lines = output.table(("Name", "Rank"), [("日本", "1"), ("\x1b]0;x\x07", "22")])

    assert lines == ["Name    Rank", "日本    1", "␛]0;x␇  22"]


def test_quiet_silences_all_but_errors(capsys: pytest.CaptureFixture[str]) -> None:
    output.be_quiet(quiet=True)
    try:
        output.tell("by the way")
        output.complain("it failed")
    finally:
        output.be_quiet(quiet=False)

    assert capsys.readouterr().err == "corpsync: it failed\n"
