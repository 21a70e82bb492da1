import asyncio

import pytest

from workers.host.gate import Gate, HeldTooLongError


def test_held_requests_wait_and_then_pass():
    async def story():
        gate, passed = Gate(), []

        async def pass_through(writes):
            async with gate.passing(writes, patience=5):
                passed.append(writes)

        gate.hold_writes()
        waiting = asyncio.create_task(pass_through(True))
        await pass_through(False)
        assert passed == [False]
        gate.open()
        await waiting
        assert passed == [False, True]

    asyncio.run(story())


def test_nobody_waits_for_ever():
    async def story():
        gate = Gate()
        gate.hold_all()
        for writes in (True, False):
            with pytest.raises(HeldTooLongError):
                async with gate.passing(writes, patience=0.01):
                    pass

    asyncio.run(story())


def test_draining_waits_for_those_inside_but_not_for_settled_streams():
    async def story():
        gate = Gate()
        async with gate.passing(writes=False, patience=1) as reading:
            assert await gate.drained(0, reads=False)
            assert not await gate.drained(0.02, reads=True)
            reading.settle()
            assert await gate.drained(0, reads=True)
        assert await gate.drained(0, reads=True)
        async with gate.passing(writes=True, patience=1):
            assert not await gate.drained(0.02, reads=False)

    asyncio.run(story())


def test_a_request_that_fails_leaves_as_well():
    async def story():
        gate = Gate()
        with pytest.raises(ZeroDivisionError):
            async with gate.passing(writes=True, patience=1):
                raise ZeroDivisionError
        assert await gate.drained(0, reads=True)

    asyncio.run(story())
