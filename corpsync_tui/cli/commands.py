"""All commands, in the order of the help."""

from __future__ import annotations

from corpsync_tui.cli import arguments
from corpsync_tui.cli.command import Command

APP = Command(
    name="app",
    summary="open the app",
    examples=("corpsync",),
    works=True,
)
"""What runs where no command is named."""

COMMANDS: tuple[Command, ...] = (
    Command(
        name="demo",
        summary="look around on a made-up corporation, without an EVE account",
        about="It has a data folder of its own. Needs the extra `demo`: pip install '.[demo]'.",
        examples=("corpsync demo",),
        works=True,
    ),
    Command(
        name="login",
        summary="log a character in",
        about="Its corporation's processes are then scheduled. A further login adds a character; "
        "one of a known character takes the place of its login before.",
        examples=(
            "corpsync login",
            "corpsync login --no-browser",
            "corpsync login --for members,wallet",
        ),
        arguments=arguments.login,
        works=True,
    ),
    Command(
        name="logout",
        summary="revoke and forget a character's login",
        about="The data stays.",
        examples=("corpsync logout", "corpsync logout 'Aldra Vex'"),
        arguments=arguments.logout,
        works=True,
    ),
    Command(
        name="sync",
        summary="sync once, now, and end",
        about="Asks nothing of ESI where the copy in hand is still current.",
        examples=(
            "corpsync sync",
            "corpsync sync members assets",
            "corpsync sync 98000001/wallet --json",
        ),
        arguments=arguments.sync,
        works=True,
    ),
    Command(
        name="run",
        summary="keep everything current, without a screen",
        about="For a terminal, a systemd unit or a container. SIGTERM or SIGINT ends it.",
        examples=("corpsync run", "corpsync run --quiet"),
        works=True,
    ),
    Command(
        name="pause",
        summary="start nothing by itself until resume, over restarts too",
        about="What runs ends normally. Works beside the app or corpsync run, and without them.",
        examples=("corpsync pause",),
        works=True,
        module="steer",
    ),
    Command(
        name="resume",
        summary="follow the schedule again after pause",
        examples=("corpsync resume",),
        works=True,
        module="steer",
    ),
    Command(
        name="on",
        summary="switch a process on",
        examples=("corpsync on members", "corpsync on 98000001/wallet"),
        arguments=arguments.one_process,
        works=True,
        module="steer",
    ),
    Command(
        name="off",
        summary="switch a process off: it no longer runs by itself",
        examples=("corpsync off killmails", "corpsync off 98000001/wallet"),
        arguments=arguments.one_process,
        works=True,
        module="steer",
    ),
    Command(
        name="every",
        summary="give a process another interval",
        examples=("corpsync every assets 120",),
        arguments=arguments.every,
        works=True,
        module="steer",
    ),
    Command(
        name="cancel",
        summary="end a process's run, or take it out of the queue",
        examples=("corpsync cancel assets",),
        arguments=arguments.one_process,
        works=True,
        module="steer",
    ),
    Command(
        name="status",
        summary="print where every process stands",
        examples=(
            "corpsync status",
            "corpsync status --json | jq '.processes[] | select(.error_count > 0)'",
            "corpsync status --check --quiet || echo 'corpsync needs you'",
        ),
        arguments=arguments.status,
    ),
    Command(
        name="history",
        summary="print what ran, newest first",
        examples=(
            "corpsync history --limit 20",
            "corpsync history --process assets",
            "corpsync history --json | jq '.runs[] | select(.result == \"error\")'",
        ),
        arguments=arguments.history,
    ),
    Command(
        name="changes",
        summary="print what happened to the corporation, newest first",
        about="Rows that came, went or read differently, since their table was first loaded.",
        examples=(
            "corpsync changes --since 12h",
            "corpsync changes --table member",
            "corpsync changes --since 7d --json | jq '.changes[].sentence'",
        ),
        arguments=arguments.changes,
    ),
    Command(
        name="diff",
        summary="print what a table gained, changed and lost between two moments",
        about="Exact since the table was first loaded, as long as changes are kept.",
        examples=(
            "corpsync diff asset --from 'tue 20:00'",
            "corpsync diff member --from 30d --to 7d",
            "corpsync diff asset --from 7d --json | jq '.removed | length'",
        ),
        arguments=arguments.diff,
    ),
    Command(
        name="attention",
        summary="print what needs attention now, the most urgent first",
        about="Exit 1 when something does. Rules and thresholds are in settings.toml.",
        examples=(
            "corpsync attention",
            "corpsync attention --json | jq '.items[] | select(.level == \"high\")'",
        ),
        arguments=arguments.only_json,
    ),
    Command(
        name="alert",
        summary="print where alerts are sent; add or remove a webhook, or test them",
        about="NAME is discord or webhook; its URL is kept as logins are. From which level on\n"
        "alerts are sent, and all the rest, is in settings.toml below [alerts].",
        examples=(
            "corpsync alert list",
            "corpsync alert add discord - < url.txt",
            "corpsync alert test",
            "corpsync alert remove discord",
        ),
        arguments=arguments.alert,
        works=True,
    ),
    Command(
        name="board",
        summary="answer one of a director's questions: structures, moons, wallet and more",
        about="Without a name: the list of boards. Amounts are ISK, times of --json Unix seconds.",
        examples=(
            "corpsync board",
            "corpsync board wallet",
            "corpsync board wallet --json | jq .summary",
        ),
        arguments=arguments.board,
    ),
    Command(
        name="stock",
        summary="set what should be in stock, from a multibuy list or a fit (EFT)",
        about="Writes [[stock]] of settings.toml, and leaves its other targets as they are.",
        examples=(
            "corpsync stock shopping.txt",
            "corpsync stock rifter.txt --times 20 --place 'Jita IV - Moon 4' --division 4",
            "corpsync board stock --missing",
        ),
        arguments=arguments.stock,
        works=True,
    ),
    Command(
        name="report",
        summary="print what a month brought, beside the month before",
        about="Cost is below zero. What makes the sums doubtful stands under them.",
        examples=(
            "corpsync report month",
            "corpsync report month 2026-10 --format markdown",
            "corpsync report month --format json | jq .net",
        ),
        arguments=arguments.report,
    ),
    Command(
        name="calendar",
        summary="write what is to come as iCalendar",
        about="Fuel that ends, moon chunks, timers, jobs, orders and contracts; times in UTC.",
        examples=("corpsync calendar -o corpsync.ics",),
        arguments=arguments.calendar,
    ),
    Command(
        name="export",
        summary="write a table as CSV, JSON or lines of JSON",
        about="Tables hold ids; the views named TABLE_named hold the names beside them.",
        examples=(
            "corpsync export asset_named -o assets.csv",
            "corpsync export wallet_journal --format ndjson | jq .amount",
            "corpsync export member --format json",
            "corpsync export asset_named --at 'tue 20:00' -o tuesday.csv",
        ),
        arguments=arguments.export,
    ),
    Command(
        name="reference",
        summary="print what is known of items, places and prices; update brings it",
        about="CCP's static data tell what things are: volumes, materials, names of moons. Of the\n"
        "archive (about 100 MB) only the parts that are needed are read.",
        examples=(
            "corpsync reference",
            "corpsync reference update",
            "corpsync reference update --file eve-online-static-data-3081406-jsonl.zip",
            "corpsync reference --json | jq .tables",
        ),
        arguments=arguments.reference,
        works=True,
    ),
    Command(
        name="backup",
        summary="make a checked copy of the database, also while it is in use",
        about="To restore: close corpsync and put the copy in the place of corpsync.db.",
        examples=("corpsync backup", "corpsync backup /media/usb/corpsync-monday.db"),
        arguments=arguments.backup,
    ),
    Command(
        name="doctor",
        summary="check settings, folders, database, keyring, network and logins",
        examples=("corpsync doctor", "corpsync doctor --json | jq '.checks[] | select(.ok | not)'"),
        arguments=arguments.only_json,
        works=True,
    ),
    Command(
        name="mcp",
        summary="let an assistant ask the database over stdio; it can change nothing",
        about="Speaks the Model Context Protocol. Needs the extra: corpsync-tui[mcp].",
        examples=("corpsync mcp",),
    ),
    Command(
        name="paths",
        summary="print where data, settings and log lie",
        examples=("corpsync paths", 'sqlite3 "$(corpsync paths --json | jq -r .database)"'),
        arguments=arguments.only_json,
    ),
    Command(
        name="completion",
        summary="print a script that completes commands in your shell",
        examples=(
            'eval "$(corpsync completion bash)"',
            "corpsync completion fish > ~/.config/fish/completions/corpsync.fish",
        ),
        arguments=arguments.completion,
    ),
)
