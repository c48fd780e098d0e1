"""What ESI cannot give back, kept at each sync: who was online when, what lay where."""

from typing import Any

import pytest

from tests.support.house import House

pytestmark = pytest.mark.anyio


async def ask(house: House, sql: str) -> list[Any]:
    return await house.workspace.store.read(lambda db: db.execute(sql).fetchall())


async def test_a_sync_of_the_members_keeps_who_is_online(house: House) -> None:
    house.simulator.mutate("member", set={"index": 4, "fields": {"logoff_date": None}})
    await house.sync_data("members")
    members = house.served("member")
    on = {m["character_id"]: m["logon_date"] for m in members if m.get("logon_date")}
    off = {m["character_id"]: m["logoff_date"] for m in members if m.get("logoff_date")}
    online = sum(moment > off.get(member, "") for member, moment in on.items())

    ((count,),) = await ask(house, "SELECT count FROM presence")
    seen = {row[0] for row in await ask(house, "SELECT character_id FROM member_seen")}

    assert count == online > 0
    assert seen == on.keys() | off.keys()
    house.advance(3_700)
    await house.sync_data("members")
    assert len(await ask(house, "SELECT * FROM presence")) == 2
