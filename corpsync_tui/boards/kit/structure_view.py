"""The SQL view of everything in space: what the board of structures says without settings."""

from __future__ import annotations

from corpsync_tui.boards.kit import fuel
from corpsync_tui.boards.kit.board import unix

METENOX = 81826
MOVED_SECONDS = 1_800
"""`fuel_expires` that moved further between two copies was refuelled in between, so that the bay
and the end do not belong together (AAS `FUEL_DATES_EQUAL_THRESHOLD_UPWELL`)."""

BLOCKS = ", ".join(map(str, fuel.FUEL_BLOCKS))
NOW = unix(":now")

_MODIFIED = """julianday(substr(v.last_modified, 13, 4) || '-' || substr('0'
    || (instr('JanFebMarAprMayJunJulAugSepOctNovDec', substr(v.last_modified, 9, 3)) + 2) / 3, -2)
    || '-' || substr(v.last_modified, 6, 2) || 'T' || substr(v.last_modified, 18, 8))"""

COPIED = f"""
SELECT CAST(v.process_id AS INTEGER) AS corporation_id, v.dataset,
    MIN(COALESCE(CAST(round(({_MODIFIED} - 2440587.5) * 86400) AS INTEGER), t.last_success_time))
        AS at
FROM validator v LEFT JOIN sync_status t USING (process_id)
WHERE v.dataset IN ('asset', 'structure', 'starbase_detail') AND v.refused IS NULL
GROUP BY 1, 2
"""
"""When ESI made the oldest copy of a table, in Unix seconds."""

BAY = f"""
SELECT corporation_id, location_id AS structure_id,
    SUM(CASE WHEN type_id IN ({BLOCKS}) THEN quantity ELSE 0 END) AS blocks,
    SUM(CASE WHEN type_id = {fuel.GAS} THEN quantity ELSE 0 END) AS gas
FROM asset WHERE location_flag = '{fuel.FUEL_BAY}' GROUP BY corporation_id, location_id
"""


def left(amount: str, rate: str, since: str) -> str:
    """The SQL for the hours that `amount`, counted at `since`, lasts from now on."""
    return f"MAX(0.0, {amount} / {rate} - ({NOW} - CAST({since} AS INTEGER)) / 3600.0)"


# The plus signs leave the changes to the index by row.
UPWELL = f"""
SELECT corporation_id, structure_id, name, 'structure', type_id, system_id, state,
    iif(gas_first, gas_hours, fuel_hours),
    CASE WHEN gas_first THEN 'bay' WHEN fuel_hours IS NOT NULL THEN 'esi' END,
    iif(gas_first, gas, blocks), iif(gas_first, {fuel.METENOX_GAS}, burn), timer_end, offline
FROM (
    SELECT *, IFNULL(gas_hours < fuel_hours, 0) AS gas_first FROM (
        SELECT s.*, MAX(0.0, (expires - {NOW}) / 3600.0) AS fuel_hours,
            iif(s.type_id = {METENOX}, {left("gas", str(fuel.METENOX_GAS), "counted")}, NULL)
                AS gas_hours,
            CASE WHEN blocks > 0 AND expires > counted AND NOT refuelled
                THEN blocks * 3600.0 / (expires - counted) END AS burn
        FROM (
            SELECT s.corporation_id, s.structure_id, s.type_id, s.system_id, s.state,
                IFNULL(s.name, 'Structure ' || s.structure_id) AS name,
                {unix("s.fuel_expires")} AS expires, a.at AS counted,
                iif(a.at IS NULL, NULL, IFNULL(b.blocks, 0)) AS blocks, IFNULL(b.gas, 0) AS gas,
                COALESCE({unix("s.state_timer_end")}, {unix("s.unanchors_at")}) AS timer_end,
                (SELECT COUNT(*) FROM json_each(s.services)
                    WHERE json_extract(value, '$.state') = 'offline') AS offline,
                EXISTS (SELECT 1 FROM change x WHERE x.table_name = 'structure'
                    AND x.row_key = json_object('structure_id', s.structure_id)
                    AND +x.corporation_id = s.corporation_id AND x.kind = 'changed'
                    AND +x.time >= MIN(IFNULL(a.at, {NOW}), IFNULL(l.at, {NOW}))
                    AND ABS(IFNULL({unix("json_extract(x.after, '$.fuel_expires')")}, 0)
                        - IFNULL({unix("json_extract(x.before, '$.fuel_expires')")}, 0))
                        > {MOVED_SECONDS}) AS refuelled
            FROM structure s LEFT JOIN ({BAY}) b USING (corporation_id, structure_id)
            LEFT JOIN ({COPIED}) a ON a.corporation_id = s.corporation_id AND a.dataset = 'asset'
            LEFT JOIN ({COPIED}) l
                ON l.corporation_id = s.corporation_id AND l.dataset = 'structure') s))
"""

_SIZES = " ".join(
    f"WHEN instr(n.name, '{size}') THEN {rate}" for size, rate in fuel.TOWER_SIZES if size
)


def _begins(names: tuple[str, ...]) -> str:
    return " OR ".join(f"substr(n.name, 1, {len(name)}) = '{name}'" for name in names)


RATE = f"""CASE {_SIZES} ELSE {fuel.TOWER_SIZES[-1][1]} END
    * CASE WHEN {_begins(fuel.OFFICER_TOWERS)} THEN 0.8
        WHEN {_begins(fuel.FACTION_TOWERS)} THEN 0.9 ELSE 1.0 END
    * iif(EXISTS (SELECT 1 FROM sovereignty_hub h WHERE h.corporation_id = s.corporation_id
        AND h.solar_system_id = s.system_id), {fuel.SOVEREIGNTY}, 1.0)"""

TOWERS = f"""
SELECT corporation_id, starbase_id, name, 'starbase', type_id, system_id, state,
    iif(burns, {left("blocks", "rate", "counted")}, NULL), iif(burns, 'bay', NULL), blocks,
    iif(burns, rate, NULL), timer_end, 0
FROM (
    SELECT s.corporation_id, s.starbase_id, s.type_id, s.system_id, s.state, d.at AS counted,
        COALESCE(m.name, IFNULL(n.name, 'Starbase') || ' ' || s.starbase_id) AS name,
        {RATE} AS rate, iif(f.fuels IS NULL, NULL, (SELECT IFNULL(SUM(json_extract(value,
            '$.quantity')), 0) FROM json_each(f.fuels)
            WHERE json_extract(value, '$.type_id') IN ({BLOCKS}))) AS blocks,
        f.fuels IS NOT NULL AND s.state IN ('online', 'reinforced') AND d.at IS NOT NULL AS burns,
        COALESCE({unix("s.reinforced_until")}, {unix("s.unanchor_at")}) AS timer_end
    FROM starbase s LEFT JOIN starbase_detail f USING (corporation_id, starbase_id)
    LEFT JOIN eve_name n ON n.id = s.type_id LEFT JOIN eve_name m ON m.id = s.moon_id
    LEFT JOIN ({COPIED}) d
        ON d.corporation_id = s.corporation_id AND d.dataset = 'starbase_detail')
"""

OFFICES = """
SELECT o.corporation_id, o.office_id, 'Customs office, ' || IFNULL(n.name, o.system_id),
    'customs_office', o.type_id, o.system_id,
    printf('%02d–%02d', o.reinforce_exit_start, o.reinforce_exit_end),
    NULL, NULL, NULL, NULL, NULL, 0
FROM customs_office o LEFT JOIN eve_name n ON n.id = o.system_id
"""


def coming(window: str, key: str) -> str:
    """The SQL for a moment of a window, in Unix seconds; NULL once it has passed."""
    moment = unix(f"json_extract({window}, '$.{key}')")
    return f"iif({moment} > {NOW}, {moment}, NULL)"


HOOKS = f"""
SELECT s.corporation_id, s.id, 'Skyhook, ' || IFNULL(n.name, s.planet_id), 'skyhook', NULL, NULL,
    d.state, NULL, NULL, NULL, NULL, COALESCE({coming("d.reinforcement_timer", "end")},
        {coming("d.theft_vulnerability", "start")}, {coming("d.theft_vulnerability", "end")}), 0
FROM skyhook s LEFT JOIN skyhook_detail d USING (corporation_id, id)
LEFT JOIN eve_name n ON n.id = s.planet_id
"""

REAGENTS = f"""
SELECT corporation_id, id, MIN(hours) AS hours, amount, burn FROM (
    SELECT d.corporation_id, d.id, json_extract(r.value, '$.amount') AS amount,
        json_extract(r.value, '$.burning_per_hour') AS burn,
        {
    left(
        "json_extract(r.value, '$.amount')",
        "CAST(json_extract(r.value, '$.burning_per_hour') AS REAL)",
        "IFNULL(" + unix("json_extract(d.reagent_bay, '$.last_updated')") + f", {NOW})",
    )
} AS hours
    FROM sovereignty_hub_detail d JOIN json_each(d.reagent_bay, '$.reagents') r
    WHERE json_extract(r.value, '$.burning_per_hour') > 0)
GROUP BY corporation_id, id
"""

HUBS = f"""
SELECT h.corporation_id, h.id, 'Sovereignty hub, ' || IFNULL(n.name, h.solar_system_id),
    'sovereignty_hub', NULL, h.solar_system_id, NULL, r.hours, iif(r.id IS NULL, NULL, 'bay'),
    r.amount, r.burn, COALESCE({coming("d.vulnerability_window", "start")},
        {coming("d.vulnerability_window", "end")}), 0
FROM sovereignty_hub h LEFT JOIN sovereignty_hub_detail d USING (corporation_id, id)
LEFT JOIN ({REAGENTS}) r USING (corporation_id, id)
LEFT JOIN eve_name n ON n.id = h.solar_system_id
"""

COLUMNS = (
    "corporation_id",
    "id",
    "name",
    "kind",
    "type_id",
    "system_id",
    "state",
    "fuel_hours",
    "fuel_source",
    "in_bay",
    "burn_per_hour",
    "timer_end",
    "services_offline",
)

VIEW = f"""
SELECT * FROM (
WITH space ({", ".join(COLUMNS)}) AS (
{" UNION ALL ".join((UPWELL, TOWERS, OFFICES, HOOKS, HUBS))})
SELECT * FROM space)
"""
