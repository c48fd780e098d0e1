"""What the ESI screen says of a login, and what it leaves unsaid."""

from __future__ import annotations

from dataclasses import replace

from corpsync_tui.service.esi_status import CharacterStatus
from corpsync_tui.tui.screens.esi.character_text import access_line, character_line, chart, troubles
from tests.support.cast import CAST
from tests.tui import esi_stage as stage
from tests.tui.stage import NOW, ago


def read(patient: CharacterStatus) -> str:
    return "\n".join(text for text, _ in chart(patient, NOW))


def test_a_well_login_tells_its_age_and_what_it_grants() -> None:
    text = read(stage.well())
    assert "Nothing is missing." in text
    assert "token used 12m ago" in text
    assert "access token until 14:13" in text
    assert "all 4 scopes" in text
    assert "roles: Director" in text


def test_roles_that_esi_never_told_are_not_called_missing() -> None:
    assert "roles: not told by ESI" in read(stage.well(roles=(), roles_until=None))


def test_roles_are_never_said_to_refresh_in_the_past() -> None:
    assert "roles refresh 14:45" in read(stage.well(roles_until=ago(-40)))
    assert "roles refresh at the next run" in read(stage.well(roles_until=ago(1)))


def test_a_login_that_could_not_be_saved_says_what_helps() -> None:
    text = read(stage.well(unsaved=True))
    assert "lost when corpsync closes" in text
    assert "Unlock the keyring" in text


def test_many_blocked_processes_are_counted() -> None:
    lacking = {t: stage.blocked(t, "role:Director") for t in CAST}
    patient = stage.well(missing_roles=("Director",), processes=stage.processes(**lacking))
    (trouble,) = troubles(patient)
    assert trouble.sentence.endswith("blocks Members, Assets, Manufacturing, 5 more")


def test_a_chosen_server_is_marked() -> None:
    duty = replace(stage.processes()[0], chosen=True, parked="role:Director")
    text = "".join(part for part, _ in access_line(duty, 70))
    assert "used (chosen), waits for role Director" in text


def test_lines_keep_to_their_width() -> None:
    for patient in (stage.well(), stage.revoked(), stage.gone(), stage.orphan()):
        for width in (58, 78, 138):
            line = character_line(patient, NOW, width, homes=True)
            assert sum(len(text) for text, _ in line) <= width
