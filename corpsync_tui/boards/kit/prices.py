"""What a type is worth, and how one knows.

The client's estimate (`average_price` of /markets/prices) comes first; CCP's `adjusted_price` is
made for the costs of jobs and stands in only where the other is missing; then the corporation's
own last trade. `[prices]` of settings.toml overrules all of them.
"""

from __future__ import annotations

from corpsync_tui.boards.kit.board import BoardContext

PRICE = "price"
"""The temporary table `price(type_id, price, source)` that boards join."""


def ranked_prices(own: str) -> str:
    """The SQL for `type_id`, `price`, `source`: of each type the best price that there is.

    `own`: the condition for the corporation's own trades.
    """
    return f"""
SELECT type_id, price, source, MIN(place) FROM (
    SELECT type_id, average_price AS price, 'average' AS source, 1 AS place
    FROM market_price WHERE average_price IS NOT NULL
    UNION ALL
    SELECT type_id, adjusted_price, 'adjusted', 2
    FROM market_price WHERE adjusted_price IS NOT NULL
    UNION ALL
    SELECT type_id, unit_price, 'own', 3 FROM (
        SELECT type_id, unit_price, MAX(transaction_id) FROM wallet_transaction
        WHERE {own} GROUP BY type_id)
) GROUP BY type_id"""


def make_prices(context: BoardContext) -> None:
    """Fill the temporary table `price`; a type that nobody has a price for is not in it."""
    db = context.db
    db.execute(
        f"CREATE TEMP TABLE IF NOT EXISTS {PRICE} "
        "(type_id INTEGER PRIMARY KEY, price REAL NOT NULL, source TEXT NOT NULL)"
    )
    db.execute(f"DELETE FROM temp.{PRICE}")
    own = [(type_id, price, "own") for type_id, price in fixed_prices(context).items()]
    db.executemany(f"INSERT INTO temp.{PRICE} VALUES (?, ?, ?)", own)
    found = ranked_prices("corporation_id = :c")
    db.execute(
        f"INSERT INTO temp.{PRICE} SELECT type_id, price, source FROM ({found}) WHERE true "
        "ON CONFLICT (type_id) DO NOTHING",
        {"c": context.corporation_id},
    )


def fixed_prices(context: BoardContext) -> dict[int, float]:
    """ISK by type as the settings say, whatever the market says."""
    return {int(type_id): float(p) for type_id, p in context.settings.get("prices", {}).items()}
