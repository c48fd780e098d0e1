"""Environment over file over default; what is wrong is refused in words."""

from pathlib import Path

import pytest

from corpsync_tui.errors import SettingsError
from corpsync_tui.settings import load_settings


def stored(home: Path, text: str) -> dict[str, str]:
    """A home whose settings.toml holds `text`; the environment that points to it."""
    (home / "config").mkdir(parents=True)
    (home / "config/settings.toml").write_text(text, encoding="utf-8")
    return {"CORPSYNC_HOME": str(home)}


def test_everything_lies_below_the_home(tmp_path: Path) -> None:
    settings = load_settings({"CORPSYNC_HOME": str(tmp_path)})

    assert settings.home == tmp_path
    assert settings.data_dir == tmp_path / "data"
    assert settings.config_file == tmp_path / "config/settings.toml"
    assert settings.log_dir == tmp_path / "logs"
    assert settings.cache_dir == tmp_path / "cache"
    assert settings.database == tmp_path / "data/corpsync.db"
    assert list(tmp_path.iterdir()) == []


def test_defaults(tmp_path: Path) -> None:
    settings = load_settings({"CORPSYNC_HOME": str(tmp_path)})

    assert settings.client_id == ""
    assert settings.callback_url == "http://127.0.0.1:8765/callback"
    assert settings.esi_url == "https://esi.evetech.net"
    assert settings.sso_url == "https://login.eveonline.com"
    assert settings.keyring == "system"
    assert (settings.max_running, settings.concurrency) == (3, 4)
    assert settings.intervals["manufacturing"] == 15


def test_environment_over_file_over_default(tmp_path: Path) -> None:
    environ = stored(tmp_path, 'contact = "file"\nclient_id = "file"\nmax_running = 2\n')
    settings = load_settings(
        {**environ, "CORPSYNC_CONTACT": "environment", "CORPSYNC_MAX_RUNNING": "5"}
    )

    assert settings.contact == "environment"
    assert settings.client_id == "file"
    assert settings.max_running == 5
    assert settings.concurrency == 4


def test_an_empty_variable_is_none(tmp_path: Path) -> None:
    environ = stored(tmp_path, 'contact = "file"\n')

    assert load_settings({**environ, "CORPSYNC_CONTACT": ""}).contact == "file"


def test_intervals_are_kept_per_process(tmp_path: Path) -> None:
    settings = load_settings(stored(tmp_path, "[intervals]\nassets = 120\n"))

    assert settings.intervals["assets"] == 120
    assert settings.intervals["members"] == 30


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    assert load_settings(stored(tmp_path, '\ufeffcontact = "x"\n')).contact == "x"


def test_without_a_home_the_system_places_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    settings = load_settings({})

    assert all(
        path.is_absolute() and path.is_relative_to(tmp_path)
        for path in (settings.data_dir, settings.config_file, settings.log_dir, settings.cache_dir)
    )


def test_home_in_the_file_moves_all_but_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "etc"))
    (tmp_path / "etc/corpsync").mkdir(parents=True)
    (tmp_path / "etc/corpsync/settings.toml").write_text('home = "~/eve"\n')
    settings = load_settings({})

    assert settings.database == tmp_path / "eve/data/corpsync.db"
    assert settings.config_file == tmp_path / "etc/corpsync/settings.toml"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("contact = \nkeyring", ["TOML", "line 1"]),
        ("max_runing = 3", ["max_runing", "no setting", "max_running"]),
        ("max_running = 0", ["max_running", "0", "from 1 to 8"]),
        ('max_running = "3"', ["max_running", '"3"', "whole number"]),
        ("concurrency = true", ["concurrency", "true", "whole number"]),
        ("client_id = 12", ["client_id", "12", "Client ID"]),
        ('keyring = "disk"', ["keyring", '"disk"', '"system" or "file"']),
        ('contact = "a\\nb"', ["contact", "ASCII"]),
        ('home = "corpsync"', ["home", "absolute"]),
        ("intervals = 5", ["intervals", "[intervals]"]),
        ("[intervals]\nassets = 0", ["intervals.assets", "0", "from 1 to 525,600"]),
        ("[intervals]\nassets = 1000000000", ["intervals.assets", "1000000000"]),
        ("[intervals]\nasset = 5", ["intervals.asset", "no setting", "assets"]),
        ('esi_url = "http://esi.evetech.net"', ["esi_url", "must be an https"]),
    ],
)
def test_a_wrong_file_names_file_key_value_and_what_is_right(
    tmp_path: Path, text: str, words: list[str]
) -> None:
    environ = stored(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load_settings(environ)

    assert str(tmp_path / "config/settings.toml") in caught.value.message
    assert all(word in caught.value.message for word in words), caught.value.message
    assert (tmp_path / "config/settings.toml").read_text() == text


def test_a_wrong_value_in_the_file_is_told_though_overruled(tmp_path: Path) -> None:
    environ = stored(tmp_path, 'keyring = "disk"')
    with pytest.raises(SettingsError):
        load_settings({**environ, "CORPSYNC_KEYRING": "file"})


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    environ = stored(tmp_path, "")
    (tmp_path / "config/settings.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="UTF-8"):
        load_settings(environ)


@pytest.mark.parametrize(
    "address",
    [
        "http://esi.evetech.net",
        "http://127.0.0.1.x.example",
        "http://localhost@x",
        "http://localhost.example",
        "https://user@esi.evetech.net",
        "https://esi.evetech.net?x=1",
        "https://esi.evetech.net#x",
        "ftp://127.0.0.1",
        "https://",
        "esi.evetech.net",
        "https://esi.evetech.net:99999",
        "https://esi.evetech.net:0",
        "https://esi evetech.net",
        "https://esi.evetech.net\\@x",
        "http://127.1",
        "//127.0.0.1",
    ],
)
@pytest.mark.parametrize("variable", ["CORPSYNC_ESI_URL", "CORPSYNC_SSO_URL"])
def test_addresses_refused(tmp_path: Path, variable: str, address: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        load_settings({"CORPSYNC_HOME": str(tmp_path), variable: address})


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://esi.example/", "https://esi.example"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:1/esi/", "http://localhost:1/esi"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_addresses_taken(tmp_path: Path, address: str, kept: str) -> None:
    settings = load_settings({"CORPSYNC_HOME": str(tmp_path), "CORPSYNC_ESI_URL": address})

    assert settings.esi_url == kept


@pytest.mark.parametrize(
    "address",
    ["https://127.0.0.1:1/callback", "http://127.0.0.1/callback", "http://eve.example:80/x"],
)
def test_callbacks_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(SettingsError, match="CORPSYNC_CALLBACK_URL"):
        load_settings({"CORPSYNC_HOME": str(tmp_path), "CORPSYNC_CALLBACK_URL": address})


def test_attention_is_switched_and_measured(tmp_path: Path) -> None:
    environ = stored(
        tmp_path,
        "[attention]\nmember = false\nabsent = 30\norder = true\nbell = true\n"
        "[wallet_floors]\n3 = 5\n[changes]\nkept_days = 7\n",
    )
    settings = load_settings(environ)

    assert settings.attention["member"] is False
    assert (settings.attention["absent"], settings.attention["order"]) == (30, 24)
    assert (settings.attention["bell"], settings.attention["login"]) == (True, True)
    assert settings.wallet_floors == {3: 5}
    assert (settings.kept_days, settings.kept_rows, settings.bulk_rows) == (7, 200_000, 10_000)


def test_what_boards_reckon_with(tmp_path: Path) -> None:
    text = (
        "[moons]\ntax = 12.5\n[[moons.rules]]\nore_class = 'R64'\ntax = 20\n"
        "[fuel]\nbands = [2, 9]\n"
        "[prices]\n34 = 5.5\n[[stock]]\nitem = 'Tritanium'\nwant = 100\n"
    )
    boards = load_settings(stored(tmp_path, text)).boards

    assert (boards["moons"]["yield"], boards["moons"]["tax"]) == (0.85, 12.5)
    assert boards["moons"]["rules"] == ({"ore_class": "R64", "tax": 20.0},)
    assert boards["fuel"]["bands"] == (9.0, 2.0)
    assert boards["prices"] == {34: 5.5}
    anywhere = {"place": None, "division": None, "orders": True}
    assert boards["stock"] == ({"item": "Tritanium", "want": 100, **anywhere},)


def test_rules_and_single_facts_are_muted(tmp_path: Path) -> None:
    mute = ["fuel", "order:7", "database", "unwritten"]
    settings = load_settings(stored(tmp_path, f"[alerts]\nmute = {mute}\n"))

    assert settings.alerts.mute == tuple(mute)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[attention]\nnothing = 1", "attention.nothing is no setting"),
        ("[attention]\nmember = 5", "attention.member is 5; it must be true or false"),
        ('[attention]\nabsent = "90"', "attention.absent"),
        ("[attention]\nabsent = -1", "false or a whole number"),
        ("[wallet_floors]\n8 = 1", "wallet_floors.8 is no setting"),
        ("[changes]\nkept_days = 0", "changes.kept_days is 0"),
        ("changes = 5", "it must be a table [changes]"),
        ("[alerts]\nmute = 3", 'a list of rules such as ["fuel", "order:7"]'),
        (
            '[alerts]\nmute = ["fuel", "nosuchrule"]',
            "nosuchrule, which is no rule; there are error, ",
        ),
        ('[alerts]\nmute = ["bell"]', "alerts.mute has bell, which is no rule"),
        ("[moons]\nmoon_only = 1.0", "moons.moon_only must be true or false"),
        ("[[moons.rules]]\ntax = 5\nguests = 1", "guests must be true or false"),
        ("[[stock]]\nitem = 34\nwant = 1\ndivision = true", "from 1 to 7"),
        ("[[stock]]\nitem = 34\nwant = 1\norders = 0", "orders must be true or false"),
        ("[moons]\nyield = 2", "moons.yield must be a number from 0 to 1"),
        ("[[moons.rules]]\nmoon = 5", "needs a `tax`"),
        ('[moons]\nprice = "x"', 'must be "refined" or "ore"'),
        ("[fuel]\nbands = 3", "must be a list of days"),
        ("[prices]\ntrit = 5", "must be a type id"),
        (f"[prices]\n{2**63} = 5", "must be a type id"),
        (f"[[stock]]\nitem = {2**63}\nwant = 1", "item must be a name or an id"),
        (f"[[stock]]\nitem = 34\nwant = 1\nplace = {2**64}", "place must be a name or an id"),
        (f"[[moons.rules]]\ntax = 5\nmoon = {-(2**64)}", "moon must be a name or an id"),
        ("[[stock]]\nitem = 34", "needs `want`"),
        ("[[stock]]\nitem = 34\nwant = 1\ndivision = 8", "from 1 to 7"),
    ],
)
def test_wrong_tables_are_refused_in_words(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SettingsError) as error:
        load_settings(stored(tmp_path, text))

    assert words in str(error.value)
