"""Read the settings: environment over settings.toml over default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from corpsync_tui.catalog_index import entries
from corpsync_tui.errors import SettingsError
from corpsync_tui.settings.alerts import AlertSettings, check_alerts
from corpsync_tui.settings.attention import (
    CHANGES_DEFAULTS,
    CHANGES_RANGES,
    MOST,
    OF_THE_DATABASE,
    Setting,
    attention_keys,
    attention_value,
    rule_names,
)
from corpsync_tui.settings.boards import BOARD_TABLES, check_boards
from corpsync_tui.settings.keys import KEYS, Key, interval, whole

APP = "corpsync"
TABLES = ("intervals", "attention", "alerts", "wallet_floors", "changes", *BOARD_TABLES)
"""The keys of the file that hold further keys."""

MOST_DIGITS = 20
"""More than any number of the environment may have; Python refuses to read thousands."""
RETIRED = {
    "division_names": "The setting division_names has no use any more: divisions are read with "
    "the corporation. Delete it from settings.toml.",
}
"""Keys of older versions, which are still accepted, and what to say of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that is set, checked. The paths are absolute; nothing says that they exist."""

    home: Path
    """The folder that holds the others; the data folder where each has its own place."""
    data_dir: Path
    config_file: Path
    log_dir: Path
    cache_dir: Path
    database: Path
    reference: Path
    """What things are, made of CCP's static data; it can be rebuilt at any time."""

    client_id: str
    """Empty until the director has registered an application."""
    callback_url: str
    esi_url: str
    """Without a slash at its end, as `sso_url`."""
    sso_url: str
    static_url: str
    contact: str
    keyring: Literal["system", "file"]
    max_running: int
    concurrency: int
    """Requests that one run keeps open."""
    log_level: str
    intervals: Mapping[str, int]
    """Minutes per process type, for corporations that are scheduled from now on."""
    attention: Mapping[str, Setting]
    """What needs attention: per rule False, True, or its threshold."""
    alerts: AlertSettings
    """Where alerts are sent."""
    wallet_floors: Mapping[int, int]
    """The least ISK in wallet divisions other than the first."""
    kept_days: int
    """Days for which a change stays in the change log."""
    kept_rows: int
    """The newest changes, which the change log keeps one by one."""
    bulk_rows: int
    """Changed rows in one run above which the change log shows them as one line."""
    packed_rows: int
    """Changed rows in one run above which the change log only counts them."""
    boards: Mapping[str, Any]
    """The tables that boards read, see `settings/boards.py`."""
    retired: Sequence[str]
    """A sentence for each key of the file that has no use any more."""

    @property
    def log_file(self) -> Path:
        """The log that is written to; older ones lie beside it."""
        return self.log_dir / "corpsync.log"


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read and check everything that is set.

    Raises:
        SettingsError: Something is unknown or wrong; the sentence names where, what, and what
            would be right. The file is left as it is.
    """
    home = _from_environ(KEYS[0], environ)
    config_file = Path(str(home), "config") if home else _platform_folder("config")
    config_file /= "settings.toml"
    stored = _read(config_file)
    values = {key.name: _value(key, environ, stored, config_file) for key in KEYS}
    values.update(
        intervals=_intervals(stored, config_file),
        attention=_attention(stored, config_file),
        alerts=_alerts(stored, config_file),
        wallet_floors=_floors(stored, config_file),
        boards=_boards(stored, config_file),
        **_changes(stored, config_file),
    )
    values["retired"] = [sentence for name, sentence in RETIRED.items() if name in stored]
    _refuse_unknown(stored, (*(key.name for key in KEYS), *TABLES, *RETIRED), config_file)
    folders = _folders(str(values.pop("home")))
    values.update(folders, config_file=config_file)
    return Settings(**values)


def _platform_folder(kind: str) -> Path:
    import platformdirs  # late: CORPSYNC_HOME does without

    return Path(getattr(platformdirs, f"user_{kind}_dir")(APP, appauthor=False)).absolute()


def _folders(home: str) -> dict[str, Path]:
    if home:
        data, log, cache = (Path(home, name) for name in ("data", "logs", "cache"))
    else:
        data, log, cache = (_platform_folder(kind) for kind in ("data", "log", "cache"))
    return {
        "home": Path(home) if home else data,
        "data_dir": data,
        "log_dir": log,
        "cache_dir": cache,
        "database": data / "corpsync.db",
        "reference": cache / "reference.db",
    }


def _read(file: Path) -> dict[str, Any]:
    """Read the file; no file is an empty one."""
    try:
        text = file.read_bytes().decode("utf-8-sig")  # editors on Windows add a byte order mark
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except UnicodeDecodeError:
        raise SettingsError(f"{file} is not UTF-8 text: save it as UTF-8.") from None
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}.") from None
    import tomllib

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # numbers and brackets without an end are these
        raise SettingsError(
            f'{file} is not valid TOML: {error}. A line must read like: contact = "me@example.com"'
        ) from None


def _value(key: Key, environ: Mapping[str, str], stored: Mapping[str, Any], file: Path) -> Any:
    value = _from_environ(key, environ)
    if key.name in stored:  # checked even where overruled: a wrong file is refused at once
        from_file = _checked(key.check, stored[key.name], f"{file}: {key.name}")
        value = from_file if value is None else value
    return key.default if value is None else value


def _from_environ(key: Key, environ: Mapping[str, str]) -> object:
    """The checked value of the environment; None where it is unset or empty."""
    text = environ.get(key.variable, "")
    if not text:
        return None
    is_number = key.number and text.isdecimal() and len(text) <= MOST_DIGITS
    return _checked(key.check, int(text) if is_number else text, f"Environment: {key.variable}")


def _checked(check: Any, value: object, where: str) -> Any:
    try:
        return check(value)
    except ValueError as error:
        raise SettingsError(f"{where} is {_shown(value)}; {error}.") from None


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    try:
        text = f'"{value}"' if isinstance(value, str) else str(value)
    except ValueError:  # as 0x and thousands of digits is
        text = "a number without an end"
    return text if len(text) <= 80 else text[:79] + "…"


def _intervals(stored: Mapping[str, Any], file: Path) -> dict[str, int]:
    defaults = {entry.type: entry.interval_minutes for entry in entries().values()}
    table = _table(stored, "intervals", tuple(defaults), file)
    return defaults | {
        name: _checked(interval, value, f"{file}: intervals.{name}")
        for name, value in table.items()
    }


def _attention(stored: Mapping[str, Any], file: Path) -> dict[str, Setting]:
    keys = attention_keys()
    table = _table(stored, "attention", tuple(keys), file)
    values = {
        name: _checked(lambda v, key=keys[name]: attention_value(key, v), value, where)
        for name, value in table.items()
        for where in (f"{file}: attention.{name}",)
    }
    return {name: values.get(name, key.default) for name, key in keys.items()}


def _alerts(stored: Mapping[str, Any], file: Path) -> AlertSettings:
    try:
        alerts = check_alerts(stored)
    except ValueError as error:
        raise SettingsError(f"{file}: {error}.") from None
    rules = rule_names() if alerts.mute else []
    for word in alerts.mute:
        rule = word.partition(":")[0]
        if rule not in (*rules, *OF_THE_DATABASE):
            raise SettingsError(
                f"{file}: alerts.mute has {rule}, which is no rule; there are {', '.join(rules)}."
            )
    return alerts


def _floors(stored: Mapping[str, Any], file: Path) -> dict[int, int]:
    table = _table(stored, "wallet_floors", tuple("234567"), file)
    check = whole(0, MOST)
    return {
        int(name): _checked(check, value, f"{file}: wallet_floors.{name}")
        for name, value in table.items()
    }


def _changes(stored: Mapping[str, Any], file: Path) -> dict[str, int]:
    table = _table(stored, "changes", tuple(CHANGES_DEFAULTS), file)
    values = {
        name: _checked(whole(*CHANGES_RANGES[name]), value, f"{file}: changes.{name}")
        for name, value in table.items()
    }
    return {**CHANGES_DEFAULTS, **values}


def _boards(stored: Mapping[str, Any], file: Path) -> dict[str, Any]:
    try:
        return check_boards(stored)
    except ValueError as error:
        raise SettingsError(f"{file}: {error}.") from None


def _table(
    stored: Mapping[str, Any], name: str, known: tuple[str, ...], file: Path
) -> dict[str, Any]:
    """A table of the file, whose keys are all known; no table is an empty one."""
    table = stored.get(name, {})
    if not isinstance(table, dict):
        raise SettingsError(f"{file}: {name} is {_shown(table)}; it must be a table [{name}].")
    _refuse_unknown(table, known, file, f"{name}.")
    return table


def _refuse_unknown(
    table: Mapping[str, object], known: tuple[str, ...], file: Path, prefix: str = ""
) -> None:
    for name in table:
        if name not in known:
            raise SettingsError(
                f"{file}: {prefix}{name} is no setting; there are {', '.join(known)}."
            )
