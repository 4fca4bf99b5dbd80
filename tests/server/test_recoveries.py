"""Mistakes of models: each is mended and told, or refused so that the next call, made from the text alone, works."""

import pytest

from tests.server.recoveries import MENDS, RECOVERIES, Mend, Recovery, shop_for
from tests.server.sessions import connect, refused, use
from tests.server.world import web_shop

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("recovery", RECOVERIES, ids=lambda one: one.title)
async def test_mistake_is_recovered_by_following_what_the_answer_says(recovery: Recovery) -> None:
    async with connect(shop_for(recovery)) as client:
        first = refused if recovery.is_refused else use
        assert recovery.says in await first(client, recovery.tool, **recovery.arguments)
        tool, arguments = recovery.then
        assert recovery.answers in await use(client, tool, **arguments)


@pytest.mark.parametrize("mend", MENDS, ids=lambda one: one.title)
async def test_near_miss_is_understood_and_told(mend: Mend) -> None:
    async with connect(web_shop()) as client:
        assert mend.says in await use(client, mend.tool, **mend.arguments)


def test_there_are_forty_mistakes_and_more() -> None:
    titles = [one.title for one in (*RECOVERIES, *MENDS)]
    assert len(RECOVERIES) >= 40
    assert len(titles) == len(set(titles))
